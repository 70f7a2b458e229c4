"""How a worker is started: few at once, through a launcher that lives, and not over and over where it cannot work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import Context
from dataclasses import dataclass
from functools import cache
from typing import Any

from stockade import verdict
from stockade.admission import Admission, QueueRules
from stockade.code import Codes, compiled
from stockade.errors import IsolationUnavailable, PoolClosed, PoolUnhealthy
from stockade.events import Tell, WorkerStarted
from stockade.logs import log
from stockade.process import Process
from stockade.sandbox import Cage, Isolation, Launcher, without_folders
from stockade.worker import Kind, StartFailed, Worker
from stockade_protocol import ProtocolViolation

# So many failed starts in a row, none good in between, and runs are refused at once instead of failing one by one.
UNHEALTHY_AFTER = 5

# The wait after a failed start, doubled with each further one up to the bound: a broken Node must not cost a core.
BACKOFF_SECONDS = 0.05
MAX_BACKOFF_SECONDS = 5.0

# Kinds of worker whose failures are remembered. Configs of callers make kinds; the one that failed longest ago goes.
MAX_KINDS = 32


@dataclass
class _Failing:
    """A kind of worker that does not start."""

    failures: int = 0
    reason: str = ""
    retry_at: float = 0.0
    trying: bool = False  # one start alone decides whether it works again


class Starts:
    """The launcher of a pool and the starts made through it."""

    def __init__(self, cage: Cage, cores: int, start_timeout_seconds: float, tell: Tell) -> None:
        self.spawner: Launcher | None = None
        self.process_type: type[Process] = Process  # `stockade.testing` puts one in whose faults are on purpose
        self.cores = cores
        self.launcher_restarts = 0
        self.failed = 0  # starts, so far
        self._cage = cage
        self._timeout_seconds = start_timeout_seconds
        self._tell = tell
        self._launching = asyncio.Lock()
        self._proven = False  # a launcher has passed its self-test
        # A start keeps a core busy for tens of milliseconds: more at once only make each of them slower.
        self._gate = Admission(cores, QueueRules(max_waiting=1_000_000))
        self._failing: dict[Kind, _Failing] = {}
        self._begun: set[asyncio.Task[Any] | None] = set()
        self._codes = Codes()
        self._compiling: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> bool:
        """Whether the launcher lives, without which no worker does."""
        return self.spawner is not None and self.spawner.alive

    @property
    def going(self) -> int:
        """How many workers are being started."""
        return len(self._begun)

    async def open(self, meanwhile: Callable[[], None] | None = None) -> None:
        """Starts the launcher. Raises IsolationUnavailable or OSError.

        `meanwhile` may start workers while the launcher's self-test runs.
        """

        def stands(launcher: Launcher) -> None:
            if meanwhile is not None:
                self.spawner = launcher
                meanwhile()

        # The self-test is a start like any other: with two cores one spare has the other.
        with self._gate.ask(None, 1) if meanwhile is not None else nullcontext():
            self.spawner = await Launcher.start(self._cage, meanwhile=stands)
        _warn_of(self.spawner.isolation)
        self._proven = True

    def start(self, kind: Kind, *, urgent: bool) -> asyncio.Task[Worker]:
        """A worker on its way; those a run waits for (`urgent`) go first. Ends as StartFailed or PoolUnhealthy."""
        # In a context of its own: whoever happens to cause a start is not to be remembered by the worker's pipe.
        return asyncio.get_running_loop().create_task(self._start(kind, urgent), context=Context())

    def has_begun(self, start: asyncio.Task[Worker]) -> bool:
        """Whether a start has had its turn at the gate."""
        return start in self._begun

    def unhealthy(self, kind: Kind) -> PoolUnhealthy | None:
        """Why there is no use in asking for a worker of this kind now, if there is none."""
        if not self._failing:
            return None
        failing = self._failing.get(kind)
        if failing is None or failing.failures < UNHEALTHY_AFTER:
            return None
        wait = failing.retry_at - time.monotonic()
        return PoolUnhealthy(failing.failures, failing.reason, max(0.0, wait)) if wait > 0 or failing.trying else None

    async def close(self) -> None:
        """Ends the launcher, and with it every process. Nothing can be started afterwards."""
        self._gate.close()
        for compiling in self._compiling:
            compiling.cancel()  # or it might start another launcher
        await self.all_compiled()
        if self.spawner is not None:
            await self.spawner.close()
        self._codes.close()

    async def all_compiled(self) -> None:
        """Returns once no code is being made."""
        while self._compiling:
            await asyncio.wait(set(self._compiling))

    async def _start(self, kind: Kind, urgent: bool) -> Worker:
        failing = self._failing.get(kind)
        if failing is None:
            return await self._attempt(kind, urgent)
        if urgent and (refusal := self.unhealthy(kind)):
            raise refusal
        await asyncio.sleep(max(0.0, failing.retry_at - time.monotonic()))
        if refusal := self.unhealthy(kind):
            raise refusal
        failing.trying = True
        try:
            return await self._attempt(kind, urgent)
        finally:
            failing.trying = False

    async def _attempt(self, kind: Kind, urgent: bool) -> Worker:
        with self._gate.ask(None, int(urgent)) as turn:
            await turn.come()
            task = asyncio.current_task()
            self._begun.add(task)
            began = time.monotonic()
            try:
                worker = await self._spawn(kind)
            except StartFailed as failure:
                self._has_failed(kind, failure.error.message)
                raise
            finally:
                self._begun.discard(task)
            self._has_started(kind)
            if self._codes.has_started(kind):
                compiling = asyncio.get_running_loop().create_task(self._compile(kind), context=Context())
                self._compiling.add(compiling)
                compiling.add_done_callback(self._compiling.discard)
            try:
                self._tell(WorkerStarted(worker.process.child.pid, round((time.monotonic() - began) * 1000, 3)))
            except BaseException:  # a hook's interrupt, the one thing that gets out: nobody else knows of this worker
                await worker.close()
                raise
            return worker

    async def _spawn(self, kind: Kind) -> Worker:
        spawner = await self._launcher()
        code = self._codes.of(kind)
        try:
            return await Worker.start(spawner, kind, self._timeout_seconds, self.process_type, code)
        except StartFailed as failure:
            if spawner.alive:
                if code is not None:
                    self._codes.drop(kind, code)  # it may be to blame
                if code is None or failure.late:
                    raise
        # Or the launcher died in the middle of it, which says nothing of the worker. Once: it may die of this kind.
        return await Worker.start(await self._launcher(), kind, self._timeout_seconds, self.process_type)

    async def _compile(self, kind: Kind) -> None:
        """Has the code made that the next workers of this kind start with. They start without it just as well."""
        try:
            with self._gate.ask(None, 0) as turn:
                await turn.come()
                spawner = await self._launcher()
                if spawner.takes_code:
                    self._codes.keep(kind, await compiled(spawner, kind, self._timeout_seconds))
        except (OSError, TimeoutError, ProtocolViolation, StartFailed) as error:
            log.info("the code of the workers could not be compiled ahead: %s", error)
            self._codes.put_off(kind)
        except PoolClosed:
            pass  # nothing more will be started

    async def _launcher(self) -> Launcher:
        async with self._launching:
            assert self.spawner is not None
            if not self.spawner.alive:
                if not self._proven:
                    raise StartFailed(verdict.start_failed("the launcher has not passed its self-test"))
                log.warning("the launcher of a pool has died, and every worker with it; another is started")
                await self.spawner.close()
                try:
                    await self.open()
                except IsolationUnavailable as error:
                    raise StartFailed(verdict.start_failed(without_folders(str(error)))) from None
                except OSError as error:
                    why = without_folders(error.strerror or "no worker becomes ready under it")
                    raise StartFailed(verdict.start_failed(f"the launcher could not be started again: {why}")) from None
                self.launcher_restarts += 1  # not before: whoever waits for it may give up, and the next begins anew
            return self.spawner

    # ---- health ----

    def _has_started(self, kind: Kind) -> None:
        failing = self._failing.pop(kind, None)
        if failing is not None:
            log.warning("workers start again, after %d failures", failing.failures)

    def _has_failed(self, kind: Kind, reason: str) -> None:
        if not self._proven and not self.alive:
            return  # the pool does not start, and whoever starts it is told why
        self.failed += 1
        failing = self._failing.pop(kind, None) or _Failing()
        self._failing[kind] = failing  # the last now
        failing.failures += 1
        failing.reason = reason
        failing.retry_at = time.monotonic() + wait_seconds(failing.failures)
        log.warning("%s (%d in a row)", reason, failing.failures, extra={"kind": "start_failed"})
        if failing.failures == UNHEALTHY_AFTER:
            log.error("%d workers in a row could not be started; runs are refused until one can", failing.failures)
        if len(self._failing) > MAX_KINDS:
            del self._failing[next(iter(self._failing))]


def _warn_of(isolation: Isolation) -> None:
    """Says once in a process what this machine lacks."""
    if isolation.missing:
        listed = "; ".join(f"{layer}: {reason}" for layer, reason in isolation.missing.items())
        _warn_once(f"scripts run with {isolation.level} isolation; missing are {listed}")


@cache
def _warn_once(text: str) -> None:
    log.warning("%s", text)


def wait_seconds(failures: int) -> float:
    """How long nothing is started after so many failures in a row."""
    return min(MAX_BACKOFF_SECONDS, BACKOFF_SECONDS * 2.0 ** min(failures - 1, 32))
