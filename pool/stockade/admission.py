"""Whose turn it is: a bounded queue with fair turns among tenants. No processes, no clock of its own."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from stockade.errors import PoolClosed, QueueFull, QueueTimeout

# A queue so long is a mistake upstream, and each entry holds its script.
MAX_WAITING = 10_000


@dataclass(frozen=True)
class QueueRules:
    """What may wait and run. None bounds nothing beyond the totals."""

    max_waiting: int = MAX_WAITING
    max_waiting_per_tenant: int | None = None
    max_running_per_tenant: int | None = None
    queue_timeout_seconds: float | None = None
    weights: Mapping[str | None, float] = field(default_factory=dict[str | None, float])

    def __post_init__(self) -> None:
        for name, least in (("max_waiting", 0), ("max_waiting_per_tenant", 0), ("max_running_per_tenant", 1)):
            at_least(least, getattr(self, name), name, optional=name != "max_waiting")
        if self.queue_timeout_seconds is not None and not self.queue_timeout_seconds > 0:
            raise ValueError(f"queue_timeout_seconds must be more than 0, not {self.queue_timeout_seconds!r}")
        for tenant, weight in self.weights.items():
            if not 0 < weight < float("inf"):
                raise ValueError(f"weights: that of {tenant!r} must be more than 0, not {weight!r}")


@dataclass
class _Tenant:
    """One customer's place: its queue, what it runs, and how far its share of the turns has been used."""

    used: float = 0.0
    running: int = 0
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(
        default_factory=list[tuple[int, int, asyncio.Future[None]]]
    )


class Admission:
    """Hands out `turns` at a time. Each tenant that waits gets turns in proportion to its weight."""

    def __init__(self, turns: int, rules: QueueRules) -> None:
        self.turns = turns
        self.rules = rules
        self.free = turns
        self.waiting = 0
        self._tenants: dict[str | None, _Tenant] = {}
        self._order = count()
        self._clock = 0.0  # the share used up by whoever had the last turn; newcomers start from it
        self._closed = False
        self._all_free = asyncio.Event()

    @asynccontextmanager
    async def turn(self, tenant: str | None, priority: int = 0) -> AsyncGenerator[None]:
        """One turn, when it comes. Raises QueueFull at once, QueueTimeout or PoolClosed while waiting.

        Leaving gives the turn to whoever is due, also when the caller was cancelled while it waited.
        """
        await self._wait(tenant, priority)
        try:
            yield
        finally:
            self._give_back(tenant)

    async def all_free(self) -> None:
        """Returns once nobody has a turn."""
        while self.free < self.turns:
            self._all_free.clear()
            await self._all_free.wait()

    def close(self) -> None:
        """Turns away everybody who waits or comes later; whoever has a turn keeps it."""
        self._closed = True
        for tenant in self._tenants.values():
            for _, _, due in tenant.waiting:
                if not due.done():
                    due.set_exception(PoolClosed("the pool was closed while the run was waiting"))

    async def _wait(self, name: str | None, priority: int) -> None:
        if self._closed:
            raise PoolClosed("the pool is closed")
        tenant = self._tenants.setdefault(name, _Tenant())
        if not tenant.waiting:
            tenant.used = max(tenant.used, self._clock)
        if self.free > 0 and not tenant.waiting and self._may_run(tenant):
            self._take(name, tenant)
            return
        self._check_room(name, tenant)
        due: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(tenant.waiting, (-priority, next(self._order), due))
        self.waiting += 1
        try:
            async with asyncio.timeout(self.rules.queue_timeout_seconds):
                await due
        except BaseException as error:
            if due.done() and not due.cancelled() and due.exception() is None:
                self._give_back(name)  # the turn came in the same moment
            else:
                self._forget(name, tenant, due)
            if isinstance(error, TimeoutError):
                raise QueueTimeout(self.rules.queue_timeout_seconds or 0.0, self.waiting) from None
            raise

    def _check_room(self, name: str | None, tenant: _Tenant) -> None:
        most = self.rules.max_waiting_per_tenant
        if self.waiting >= self.rules.max_waiting:
            refused = QueueFull(self.waiting, self.rules.max_waiting)
        elif most is not None and len(tenant.waiting) >= most:
            refused = QueueFull(len(tenant.waiting), most, tenant=name)
        else:
            return
        self._drop_if_idle(name, tenant)
        raise refused

    def _may_run(self, tenant: _Tenant) -> bool:
        most = self.rules.max_running_per_tenant
        return most is None or tenant.running < most

    def _take(self, name: str | None, tenant: _Tenant) -> None:
        self.free -= 1
        tenant.running += 1
        # Start-time fair queueing: the clock is where the last turn began, so that turns taken while nobody else
        # wanted any are not held against a tenant later.
        self._clock = max(tenant.used, self._clock)
        tenant.used = self._clock + 1 / self.rules.weights.get(name, 1.0)

    def _give_back(self, name: str | None) -> None:
        self.free += 1
        tenant = self._tenants[name]
        tenant.running -= 1
        self._drop_if_idle(name, tenant)
        self._hand_out()
        if self.free == self.turns:
            self._all_free.set()

    def _hand_out(self) -> None:
        """Gives free turns to those due: the tenant that has used least of its share, its most urgent run first."""
        while self.free > 0:
            due = [name for name, tenant in self._tenants.items() if tenant.waiting and self._may_run(tenant)]
            if not due:
                return
            name = min(due, key=lambda each: self._tenants[each].used)
            tenant = self._tenants[name]
            _, _, future = heapq.heappop(tenant.waiting)
            self.waiting -= 1
            if future.done():
                continue
            self._take(name, tenant)
            future.set_result(None)

    def _forget(self, name: str | None, tenant: _Tenant, due: asyncio.Future[None]) -> None:
        kept = [entry for entry in tenant.waiting if entry[2] is not due]
        self.waiting -= len(tenant.waiting) - len(kept)
        heapq.heapify(kept)
        tenant.waiting = kept
        self._drop_if_idle(name, tenant)

    def _drop_if_idle(self, name: str | None, tenant: _Tenant) -> None:
        # Whoever comes back starts from the clock, so a tenant of the past costs no memory.
        if not tenant.running and not tenant.waiting:
            self._tenants.pop(name, None)


def at_least(floor: int, value: object, name: str, *, optional: bool = False) -> None:
    """Raises ValueError for what is no whole number of at least `floor`."""
    if value is None and optional:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < floor:
        raise ValueError(f"{name} must be a whole number of at least {floor}, not {value!r}")
