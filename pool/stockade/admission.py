"""Whose turn it is: a bounded queue with fair turns among tenants. No processes, no clock of its own."""

from __future__ import annotations

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count, islice
from typing import Self

from stockade.checks import at_least, is_number, more_than_zero, of_type
from stockade.errors import PoolClosed, QueueFull, QueueTimeout

# A queue so long is a mistake upstream, and each entry holds its script.
MAX_WAITING = 10_000

# Weights further apart would leave the clock of turns no digits for the lightest.
LEAST_WEIGHT, MOST_WEIGHT = 0.001, 1000.0

# Tenants with nothing here whose share is remembered, so that one which comes back at once has no more than that.
MAX_REMEMBERED = 10_000

# Dead entries a heap may hold beside the living ones before it is made anew: to remove one alone costs as much.
SLACK = 32


@dataclass(frozen=True)
class QueueRules:
    """What may wait and run. None bounds nothing beyond the totals. Raises ValueError for what is no bound.

    More than `max_waiting` runs, or `max_waiting_per_tenant` of one, are QueueFull; `max_running_per_tenant` of one go
    on at once. A run that waits longer than `queue_timeout_seconds` is QueueTimeout. `weights` are the shares of
    tenants in the turns, 1 for those not named.
    """

    max_waiting: int = MAX_WAITING
    max_waiting_per_tenant: int | None = None
    max_running_per_tenant: int | None = None
    queue_timeout_seconds: float | None = None
    weights: Mapping[str | None, float] = field(default_factory=dict[str | None, float])

    def __post_init__(self) -> None:
        for name, least in (("max_waiting", 0), ("max_waiting_per_tenant", 0), ("max_running_per_tenant", 1)):
            at_least(least, getattr(self, name), name, optional=name != "max_waiting")
        if self.queue_timeout_seconds is not None:
            more_than_zero(self.queue_timeout_seconds, "queue_timeout_seconds")
        of_type(Mapping, self.weights, "weights")
        for tenant, weight in self.weights.items():
            of_type(str, tenant, "a tenant among the weights", optional=True)
            if not is_number(weight) or not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
                bounds = f"from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}"
                raise ValueError(f"weights: that of {tenant!r} must be a number {bounds}, not {weight!r}")
        object.__setattr__(self, "weights", dict(self.weights))  # as they were looked at, whatever becomes of theirs


class _Place(Enum):
    WAITING = auto()
    HELD = auto()
    OVER = auto()


class Turn:
    """One run's place in the queue, and then its turn. Leaving it, by `with` or by name, hands it on."""

    __slots__ = ("_admission", "_bound", "due", "name", "place", "timeout_seconds")

    def __init__(self, admission: Admission, name: str | None, timeout_seconds: float | None) -> None:
        self._admission = admission
        self.name = name
        self.timeout_seconds = timeout_seconds
        self.place = _Place.WAITING
        self.due: asyncio.Future[None] | None = None  # only where it had to wait
        self._bound: asyncio.Timeout | None = None  # of a wait that goes on

    async def come(self) -> None:
        """Returns when the turn has come. Raises QueueTimeout or PoolClosed."""
        if self.due is None:
            return
        try:
            async with asyncio.timeout(self.timeout_seconds) as self._bound:
                await self.due
        except TimeoutError:
            self.leave()
            self._admission.gave_up += 1
            raise self._admission.timed_out(self, self.timeout_seconds) from None
        finally:
            self._bound = None

    def has_room_beside(self) -> bool:
        """Whether another run of the same tenant would get a place now."""
        return self._admission.has_room(self.name)

    def be_patient(self) -> None:
        """From now on waits as long as it takes."""
        self.timeout_seconds = None
        if self._bound is not None:
            self._bound.reschedule(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Gives up the place or hands on the turn, whichever it has. May be called again."""
        self._admission.left(self)


@dataclass
class _Tenant:
    """One customer's place: its queue, what it runs, and how far its share of the turns has been used."""

    name: str | None
    used: float = 0.0
    running: int = 0
    waiting: int = 0
    queue: list[tuple[int, int, Turn]] = field(default_factory=list[tuple[int, int, Turn]])  # with some that left
    lined_up: int | None = None  # the number of its one valid entry in the line of tenants


class Admission:
    """Hands out `turns` at a time. Each tenant that waits gets turns in proportion to its weight."""

    def __init__(self, turns: int, rules: QueueRules) -> None:
        self.turns = turns
        self.rules = rules
        self.free = turns
        self.waiting = 0
        self.refused = 0  # by QueueFull, so far
        self.gave_up = 0  # by QueueTimeout
        self._tenants: dict[str | None, _Tenant] = {}
        self._line: list[tuple[float, int, _Tenant]] = []  # tenants by the share they have used; some entries are stale
        self._order = count()
        self._clock = 0.0  # the share used up by whoever had the last turn
        self._entry = 0.0  # where newcomers start: there, and a little further on with each turn
        self._weight = 0.0  # of the tenants in `_tenants` and in `_used`
        # The share used up by those who have nothing here now, and have used more than a newcomer.
        self._used: OrderedDict[str | None, float] = OrderedDict()
        self._closed = False
        self._all_free = asyncio.Event()

    def ask(self, name: str | None, priority: int = 0, *, again: bool = False) -> Turn:
        """A place in the queue, at once; `come()` waits for the turn. Raises QueueFull or PoolClosed.

        `again` is for a run that had a place before: the bounds of the queue were applied to it then, that on time too.
        """
        if self._closed:
            raise self.closed()
        turn = Turn(self, name, None if again else self.rules.queue_timeout_seconds)
        tenant = self._tenants.get(name)
        if tenant is None:
            if name not in self._used:
                self._weight += self._weight_of(name)
            tenant = self._tenants[name] = _Tenant(name, self._used.pop(name, 0.0))
        if not tenant.waiting:
            tenant.used = max(tenant.used, self._entry)
        if self._may_begin(tenant):
            self._take(tenant, turn)
            return turn
        if not again:
            self._check_room(tenant)
        turn.due = asyncio.get_running_loop().create_future()
        heapq.heappush(tenant.queue, (-priority, next(self._order), turn))
        tenant.waiting += 1
        self.waiting += 1
        self._line_up(tenant)
        return turn

    def has_room(self, name: str | None) -> bool:
        """Whether `ask` would not raise QueueFull now."""
        tenant = self._tenants.get(name) or _Tenant(name)
        return self._closed or self._may_begin(tenant) or self._full(tenant) is None

    async def all_free(self) -> None:
        """Returns once nobody has a turn."""
        while self.free < self.turns:
            self._all_free.clear()
            await self._all_free.wait()

    def close(self) -> None:
        """Turns away everybody who waits or comes later; whoever has a turn keeps it."""
        self._closed = True
        for tenant in list(self._tenants.values()):
            for _, _, turn in tenant.queue:
                if turn.place is _Place.WAITING and turn.due is not None and not turn.due.done():
                    turn.due.set_exception(self.closed("the pool was closed while the run was waiting"))
                    turn.due.exception()  # a run that never came to wait for it is no mistake

    def closed(self, message: str = "the pool is closed") -> PoolClosed:
        """What whoever is turned away for good is told."""
        return PoolClosed(message, running=self.turns - self.free, waiting=self.waiting)

    def timed_out(self, turn: Turn, seconds: float | None) -> QueueTimeout:
        """What a run that has waited too long is told."""
        return QueueTimeout(seconds or 0.0, self.waiting, turn.name, self.turns - self.free)

    def by_tenant(self) -> list[tuple[str | None, int, int]]:
        """Each tenant that is here, with how many of its runs wait and how many go on."""
        return [(tenant.name, tenant.waiting, tenant.running) for tenant in self._tenants.values()]

    def left(self, turn: Turn) -> None:
        """A run needs its place no more. Of no effect the second time."""
        was, turn.place = turn.place, _Place.OVER
        if was is _Place.OVER:
            return
        tenant = self._tenants[turn.name]
        if was is _Place.HELD:
            self.free += 1
            tenant.running -= 1
            self._line_up(tenant)  # it may have been at its cap
        else:
            self._one_less(tenant)
            if len(tenant.queue) > 2 * tenant.waiting + SLACK:
                tenant.queue = [entry for entry in tenant.queue if entry[2].place is _Place.WAITING]
                heapq.heapify(tenant.queue)
        self._drop_if_idle(tenant)
        if was is _Place.HELD:
            self._hand_out()
            if self.free == self.turns:
                self._used.clear()  # nobody had to wait for what they used
                self._clock = self._entry = 0.0
                self._weight = sum(map(self._weight_of, self._tenants))
                self._all_free.set()

    def _check_room(self, tenant: _Tenant) -> None:
        full = self._full(tenant)
        if full is not None:
            self.refused += 1
            self._drop_if_idle(tenant)
            raise full

    def _full(self, tenant: _Tenant) -> QueueFull | None:
        most = self.rules.max_waiting_per_tenant
        running = self.turns - self.free
        if self.waiting >= self.rules.max_waiting:
            return QueueFull(self.waiting, self.rules.max_waiting, None, running)
        if most is not None and tenant.waiting >= most:
            return QueueFull(tenant.waiting, most, tenant.name, running)
        return None

    def _may_begin(self, tenant: _Tenant) -> bool:
        return self.free > 0 and not tenant.waiting and self._may_run(tenant)

    def _may_run(self, tenant: _Tenant) -> bool:
        most = self.rules.max_running_per_tenant
        return most is None or tenant.running < most

    def _take(self, tenant: _Tenant, turn: Turn) -> None:
        turn.place = _Place.HELD
        self.free -= 1
        tenant.running += 1
        # Start-time fair queueing: the clock is where the last turn began, so that turns taken while nobody else
        # wanted any are not held against a tenant later.
        self._clock = max(tenant.used, self._clock)
        tenant.used = self._clock + 1 / self._weight_of(tenant.name)
        # The clock stands still while newcomers come without end: whoever has had one turn would never have another.
        self._entry = max(self._clock, self._entry + 1 / (1 + self._weight))

    def _hand_out(self) -> None:
        """Gives free turns to those due: the tenant that has used least of its share, its most urgent run first."""
        while self.free > 0 and self._line:
            _, number, tenant = heapq.heappop(self._line)
            if tenant.lined_up != number:
                continue
            tenant.lined_up = None
            self._serve(tenant)
            self._line_up(tenant)

    def _serve(self, tenant: _Tenant) -> None:
        while tenant.waiting:
            _, _, turn = heapq.heappop(tenant.queue)
            if turn.place is not _Place.WAITING:
                continue
            self._one_less(tenant)
            if turn.due is not None and not turn.due.done():
                self._take(tenant, turn)
                turn.due.set_result(None)
                return
            turn.place = _Place.OVER  # it was cancelled, and has not come round to leave
        self._drop_if_idle(tenant)

    def _one_less(self, tenant: _Tenant) -> None:
        self.waiting -= 1
        tenant.waiting -= 1
        if not tenant.waiting:
            tenant.queue.clear()
            tenant.lined_up = None  # where it stood in line says nothing of when it comes again

    def _line_up(self, tenant: _Tenant) -> None:
        if tenant.lined_up is not None or not tenant.waiting or not self._may_run(tenant):
            return  # at its cap it lines up again when one of its runs is over
        tenant.lined_up = next(self._order)
        heapq.heappush(self._line, (tenant.used, tenant.lined_up, tenant))
        if len(self._line) > 2 * len(self._tenants) + SLACK:
            self._line = [entry for entry in self._line if entry[2].lined_up == entry[1]]
            heapq.heapify(self._line)

    def _drop_if_idle(self, tenant: _Tenant) -> None:
        if tenant.running or tenant.waiting or self._tenants.pop(tenant.name, None) is None:
            return
        if tenant.used > self._entry:
            self._used[tenant.name] = tenant.used
        else:
            self._weight -= self._weight_of(tenant.name)
        for name, used in list(islice(self._used.items(), 2)):  # so that they go sooner than they come
            if used <= self._entry or len(self._used) > MAX_REMEMBERED:
                del self._used[name]
                self._weight -= self._weight_of(name)

    def _weight_of(self, name: str | None) -> float:
        return self.rules.weights.get(name, 1.0)
