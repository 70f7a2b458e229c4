"""Where a run's worker comes from and where it goes: one its tenant has used, a spare, or a new one."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Coroutine
from contextlib import suppress
from contextvars import Context
from itertools import chain
from typing import Any

from stockade import verdict
from stockade.errors import PoolClosed, PoolUnhealthy
from stockade.events import Tell, WorkerEnded
from stockade.result import ErrorKind
from stockade.spares import QUIET_SECONDS, Wanted
from stockade.starts import BACKOFF_SECONDS, Starts
from stockade.verdict import Cause
from stockade.worker import Kind, StartFailed, Worker

# Workers started for one run, beyond the spares there are: one may die while it waits, but not one after another.
MAX_STARTS = 4

# How long a run keeps the CPU to itself before its spare is replaced; the end of a run replaces it as well.
REFILL_AFTER_SECONDS = 0.02

# Once nobody has asked for a worker for so long, spares load their parser and rehearse a run. Each takes half the CPU
# time of a start for it and saves its run some milliseconds, so under load it would cost more runs than it serves.
WARM_AFTER_SECONDS = 0.05

# After a run a worker makes the context of the next one, some 0.6 ms on a fast machine, and hears nothing meanwhile.
RESTING_SECONDS = 0.001

# Between two looks at the workers that are between two runs: they have nothing to do, so these are few.
LOOK_SECONDS = 0.1

# After a spare has died unused: one that dies over and over is not to cost a core.
REPLACE_AFTER_SECONDS = 1.0

CLOSED = "the pool was closed while the run waited for a worker"


class Supply:
    """The workers of a pool: spares, those that serve a run, those between two runs of a tenant, and those that end.

    A start is a task whose result is a worker. It stands in `spares` until a run takes it, and in `_awaited` while that
    run waits for it; then its worker is the run's. A start that nobody wants goes to `_discard`, which ends what came
    of it, and a worker that nobody wants to `_part`.
    """

    def __init__(self, starts: Starts, kind: Kind, most_idle: int, wanted: Wanted, tell: Tell) -> None:
        self.spares: deque[asyncio.Task[Worker]] = deque()
        self.running: set[Worker] = set()
        self.idle: deque[Worker] = deque()  # between runs of one tenant, oldest first
        self.wanted = wanted
        self._starts = starts
        self._kind = kind
        self._most_idle = most_idle
        self._tell = tell
        self._closing = False
        self._stopped = False
        self._awaited: set[asyncio.Task[Worker]] = set()  # starts that runs wait for
        self._ending: set[asyncio.Task[Any]] = set()
        self._probe: asyncio.Task[None] | None = None
        self._quiet: asyncio.TimerHandle | None = None
        self._looking: asyncio.TimerHandle | None = None  # while there is an idle worker
        self._asked = 0.0  # when a run last wanted a worker, on the loop's clock

    # ---- out and in ----

    def refusal(self, kind: Kind) -> PoolUnhealthy | None:
        """Why a run of this kind can only fail, if so: no worker starts, and none is left from before."""
        refusal = self._starts.unhealthy(kind)
        if refusal is None or any(worker.kind == kind for worker in self.idle):
            return None
        return None if kind == self._kind and self.ready() else refusal

    def unhealthy_because(self) -> str | None:
        """What the last start failed of, if there is no use in asking for a worker now."""
        refusal = self._starts.unhealthy(self._kind)
        return refusal.reason if refusal else None

    def ready(self) -> int:
        """How many spares can be taken without waiting."""
        return sum(map(_is_well, self.spares))

    async def check_out(self, kind: Kind, tenant: str | None) -> Worker:
        """A worker for this run, to be given back by `check_in`. Raises StartFailed, PoolUnhealthy or PoolClosed."""
        if not self._starts.alive:
            self._bury()
        worker = self._used_by(kind, tenant) or await self._unused(kind, tenant)
        self.running.add(worker)
        return worker

    async def _unused(self, kind: Kind, tenant: str | None) -> Worker:
        self._asked = asyncio.get_running_loop().time()
        own = kind == self._kind
        for _ in range(len(self.spares) + MAX_STARTS):
            if self._stopped:  # nobody would give up a start that began now
                raise PoolClosed(CLOSED)
            spare = self._next_spare() if own else None
            if spare is not None:
                self.spares.remove(spare)
            start = spare or self._starts.start(kind, urgent=True)
            if own and not start.done():
                self._missed()
            try:
                worker = await self._awaiting(start)
            except StartFailed:
                if spare is not None:
                    continue  # it failed before anyone waited for it; a start of our own will tell why
                self.refill()  # which finds out when one starts again
                raise
            reason = "closed" if self._stopped else _why_unusable(worker)
            if reason is None:
                worker.tenant = tenant
                return worker
            self._part(worker, reason)
        raise StartFailed(verdict.start_failed("each of its workers died or spoke before it was asked to run anything"))

    async def _awaiting(self, start: asyncio.Task[Worker]) -> Worker:
        self._awaited.add(start)
        try:
            if not start.done():
                await asyncio.wait([start])  # raises where the run is cancelled, and not where the start is
        except asyncio.CancelledError:
            self._later(self._discard(start, "cancelled"))
            raise
        finally:
            self._awaited.discard(start)
            # Not at once: a start takes 30 ms of CPU, and most runs are over before it is missed.
            asyncio.get_running_loop().call_later(REFILL_AFTER_SECONDS, self.refill)
        if self._stopped and start.cancelled():
            raise PoolClosed(CLOSED)  # by stop()
        return start.result()

    def check_in(self, worker: Worker, ended_as: ErrorKind | None) -> None:
        """Takes a worker back after a run, with its kind of error: for the same tenant again, or to end."""
        self.running.discard(worker)
        self.refill()
        # Whether it says something now is asked when it is wanted again: that takes a system call.
        reason = self._why_not_again(worker) if worker.idle else _reason(worker, ended_as)
        if reason is not None:
            self._part(worker, reason)
            return
        worker.rest()
        self.idle.append(worker)
        if self._looking is None:
            self._look_later()
        self._watch(worker, worker, self.idle)
        if len(self.idle) > self._most_idle:
            self._part(self._surplus(), "surplus")

    def _surplus(self) -> Worker:
        """The idle worker that is missed least: the oldest of those whose tenant has others, or the oldest of all."""
        each = Counter((worker.tenant, worker.kind) for worker in self.idle)
        worker = next((one for one in self.idle if each[one.tenant, one.kind] > 1), self.idle[0])
        self.idle.remove(worker)
        return worker

    def _why_not_again(self, worker: Worker) -> str | None:
        if worker.kind.isolation == "process":
            return "done"
        return "closed" if self._closing else "worn" if worker.worn else None

    def _next_spare(self) -> asyncio.Task[Worker] | None:
        """One that is ready, or else on its way; one that waits for its turn to start would wait behind this run."""
        ready = (start for start in self.spares if start.done())
        begun = (start for start in self.spares if self._starts.has_begun(start))
        return next(chain(ready, begun), None)

    def _used_by(self, kind: Kind, tenant: str | None) -> Worker | None:
        """One the tenant has used: the last, whose caches are warmest, or while that rests the first."""
        fit = [worker for worker in self.idle if worker.tenant == tenant and worker.kind == kind]
        if not fit:
            return None
        worker = fit[-1]
        if time.monotonic() - worker.idle_since < RESTING_SECONDS:
            if len(fit) == 1 and self._has_room_and_spare(kind):
                return None  # a spare would serve the run sooner; from then on the two take turns
            worker = fit[0]
        self.idle.remove(worker)
        reason = _why_unusable(worker)
        if reason is None:
            return worker
        self._part(worker, reason)
        return None

    def _has_room_and_spare(self, kind: Kind) -> bool:
        if kind != self._kind or len(self.running) + len(self.idle) >= self._most_idle:
            return False
        spare = self._next_spare()
        return spare is not None and _is_well(spare) and spare.result().usable

    def _bury(self) -> None:
        """The launcher has died, and with it every worker, whether that is to be seen yet or not."""
        for start in [start for start in self.spares if start.done()]:
            self.spares.remove(start)
            self._later(self._discard(start, "worker_crashed"))
        while self.idle:
            self._part(self.idle.popleft(), "worker_crashed")

    # ---- spares ----

    def refill(self) -> None:
        """Starts as many spares as are missing; while none can be started, one after another to find out when."""
        if self._closing:
            return
        if self._starts.unhealthy(self._kind):
            if self._probe is None or self._probe.done():
                self._probe = asyncio.get_running_loop().create_task(self._find_out())
            return
        # Runs that wait for a start come first: on a machine with few cores a spare's would make theirs slower.
        if len(self._awaited) >= max(1, self._starts.cores - 1):
            return
        while len(self.spares) < self.wanted.now:
            start = self._starts.start(self._kind, urgent=False)
            # In a context of its own, as the start: whoever's run it follows is not to be remembered until it is there.
            start.add_done_callback(self._spare_started, context=Context())
            self.spares.append(start)

    async def _find_out(self) -> None:
        """The background probe of a pool whose workers do not start. The first that does becomes a spare."""
        while True:
            start = self._starts.start(self._kind, urgent=False)
            try:
                await asyncio.shield(start)
            except asyncio.CancelledError:
                self._later(self._discard(start, "closed"))
                raise
            except StartFailed:
                continue  # the next start waits by itself
            except PoolUnhealthy as refusal:
                await asyncio.sleep(max(refusal.retry_in_seconds, BACKOFF_SECONDS))  # a run is trying
                continue
            self.spares.append(start)
            self._spare_started(start)
            self._trim()
            self.refill()
            return

    def _spare_started(self, start: asyncio.Task[Worker]) -> None:
        if start.cancelled():
            return
        if start.exception() is not None:
            if start in self.spares:  # else a run has taken it, and is told
                self.spares.remove(start)
            self.refill()
        elif start in self.spares:
            self._watch(start.result(), start, self.spares)
            asyncio.get_running_loop().call_later(WARM_AFTER_SECONDS, self._warm, start)

    def _warm(self, start: asyncio.Task[Worker]) -> None:
        if start not in self.spares:
            return
        loop = asyncio.get_running_loop()
        if loop.time() - self._asked < WARM_AFTER_SECONDS:
            loop.call_later(WARM_AFTER_SECONDS, self._warm, start)
        else:
            start.result().warm()

    def _missed(self) -> None:
        self.wanted.missed()
        if self.wanted.raised:
            if self._quiet is not None:
                self._quiet.cancel()
            self._quiet = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._was_quiet)

    def _was_quiet(self) -> None:
        self.wanted.quiet()
        self._trim()
        again = self.wanted.raised and not self._closing
        self._quiet = asyncio.get_running_loop().call_later(QUIET_SECONDS, self._was_quiet) if again else None

    def _trim(self) -> None:
        while len(self.spares) > self.wanted.now:
            self._later(self._discard(self.spares.pop(), "surplus"))

    # ---- while nobody uses them ----

    def _watch(self, worker: Worker, entry: object, among: deque[Any]) -> None:
        """Has a worker that serves no run, and stands `among` others, let go of once it says something or ends."""

        def heard() -> None:
            if entry in among:  # else a run has it, or it is on its way out
                among.remove(entry)
                self._part(worker, _reason(worker))
                asyncio.get_running_loop().call_later(REPLACE_AFTER_SECONDS, self.refill)

        worker.process.listen(heard)
        if worker.process.was_heard:
            heard()

    def _look(self) -> None:
        for worker in list(self.idle):
            worker.look()  # if it is killed, that is heard
        self._looking = None
        if self.idle:
            self._look_later()

    def _look_later(self) -> None:
        # In a context of its own: whoever gave the first of them back is not to be remembered while there is one.
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, context=Context())

    # ---- endings ----

    def close(self) -> None:
        """Ends every worker here, and from now on each that comes back."""
        self._closing = True
        for timer in (self._quiet, self._looking):
            if timer is not None:
                timer.cancel()
        if self._probe is not None:
            self._probe.cancel()
            self._note(self._probe)
        while self.spares:
            self._later(self._discard(self.spares.popleft(), "closed"))
        while self.idle:
            self._part(self.idle.popleft(), "closed")

    def stop(self) -> None:
        """Gives up the starts that runs still wait for; those runs are turned away."""
        self._stopped = True
        for start in self._awaited:
            start.cancel()

    async def all_ended(self) -> None:
        """Returns once no worker is on its way out."""
        while self._ending:
            await asyncio.wait(set(self._ending))

    def _part(self, worker: Worker, reason: str) -> None:
        """Lets go of a worker, for good. It is killed a turn later: the kernel takes half a millisecond for that."""
        worker.process.listen_no_more()
        self._later(self._end(worker, reason))

    async def _end(self, worker: Worker, reason: str) -> None:
        await worker.close()
        self._tell(WorkerEnded(worker.process.child.pid, worker.runs, reason))

    async def _discard(self, start: asyncio.Task[Worker], reason: str) -> None:
        start.cancel()
        with suppress(asyncio.CancelledError, StartFailed, PoolUnhealthy, PoolClosed):
            await self._end(await start, reason)

    def _later(self, ending: Coroutine[Any, Any, object]) -> None:
        self._note(asyncio.get_running_loop().create_task(ending))

    def _note(self, task: asyncio.Task[Any]) -> None:
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


def _is_well(start: asyncio.Task[Worker]) -> bool:
    return start.done() and not start.cancelled() and not start.exception()


def _why_unusable(worker: Worker) -> str | None:
    """Why a worker can serve no further run, in one word; None if it can. It may have died while nobody looked."""
    return None if worker.usable else _reason(worker)


def _reason(worker: Worker, ended_as: ErrorKind | None = None) -> str:
    cause = worker.process.cause
    if cause is not None and cause is not Cause.DONE:
        return cause.value
    return ended_as or ("worker_crashed" if worker.process.ended else "protocol_violation")
