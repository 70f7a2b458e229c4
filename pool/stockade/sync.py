"""The pool without `await`: the same calls, on an event loop in a background thread."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import suppress
from typing import Any, Self, TypeVar, Unpack

from stockade import pool as asynchronous
from stockade.admission import QueueRules
from stockade.checks import finite, plain_function, several
from stockade.config import RuntimeConfig
from stockade.errors import PoolClosed
from stockade.events import OnEvent
from stockade.future import ENDING, FORKED, OWN_THREAD, RunHandle
from stockade.mapping import most_out
from stockade.options import RunOptions, check_names
from stockade.result import ConsoleLine, ExecutionResult, RunError
from stockade.retry import RetryPolicy
from stockade.run import Language
from stockade.sandbox import Isolation
from stockade.stats import PoolStats
from stockade.worker import IsolationMode

T = TypeVar("T")

# How long what is still on a loop may take to end once it is told to. Killing a worker takes milliseconds.
ENDING_SECONDS = 10.0


class Pool:
    """A blocking `stockade.Pool`; may be shared by threads. Enter it, or `start()`; close it to end every process.

    What would have to wait raises RuntimeError on the pool's own thread, where hooks, `on_console` and `async def`
    bindings are called, and in the child of a fork.
    """

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
        """As `stockade.Pool`: checks everything and starts nothing. `on_event` is called in the loop's thread."""
        self._pool = asynchronous.Pool(
            config,
            workers=workers,
            isolation=isolation,
            bindings=bindings,
            spares=spares,
            queue=queue,
            retry=retry,
            on_event=on_event,
            require_isolation=require_isolation,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = os.getpid()
        self._starting = threading.Lock()  # who comes second waits for the first
        self._failure: Exception | None = None  # what a later start is told: a pool starts once
        self._asking = threading.RLock()  # what is asked of the loop comes before its end, or is refused

    def start(self) -> Self:
        """Starts the loop's thread, the launcher and the spares; returns once they are, whichever thread began it.

        Raises NodeNotFound, IsolationUnavailable or OSError (a TimeoutError among them): then the pool is closed, and
        later callers are told the same. PoolClosed if it was closed before.
        """
        if self._is_own_thread() or (self._loop is not None and self._process != os.getpid()):
            return self  # in a hook, which the start may be waiting for; or forked, maybe with the lock taken for ever
        with self._starting:
            if self._failure is not None:
                raise self._failure
            if self._loop is None:
                self._start()
        return self

    def execute(
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
        """As `stockade.Pool.execute`; `on_console` is called in the loop's thread. An interrupt kills the worker."""
        return self._wait_for(
            self._pool.execute(
                script,
                bindings=bindings,
                config=config,
                tenant=tenant,
                on_console=on_console,
                language=language,
                priority=priority,
                retry=retry,
            )
        )

    def submit(self, script: str, **options: Unpack[RunOptions]) -> RunHandle:
        """As `stockade.Pool.submit`: begins a run and hands it back at once, as a `concurrent.futures.Future`."""
        return self._wait_for(self._submitted(script, options))

    def map(
        self,
        scripts: Iterable[str],
        *,
        concurrency: int | None = None,
        ordered: bool = True,
        **options: Unpack[RunOptions],
    ) -> Iterator[ExecutionResult]:
        """As `stockade.Pool.map`, from a plain iterable, which is iterated in the caller's thread."""
        several(scripts)
        check_names(options)
        most = most_out(concurrency, self._pool.workers)
        return _mapped(lambda out, script: self._begin_beside(out, script, options), scripts, most, ordered)

    def check(
        self, script: str, *, config: RuntimeConfig | None = None, language: Language = "auto"
    ) -> RunError | None:
        """As `stockade.Pool.check`."""
        return self._wait_for(self._pool.check(script, config=config, language=language))

    def stats(self) -> PoolStats:
        """As `stockade.Pool.stats`."""
        if self._is_own_thread() or self._loop is None:  # in a hook; or not running, with nothing that could change
            return self._pool.stats()

        async def take() -> PoolStats:
            return self._pool.stats()

        try:
            return self._wait_for(take())
        except PoolClosed:  # by another thread, just now
            return self._pool.stats()

    @property
    def config(self) -> RuntimeConfig:
        """The limits of a run that brings none of its own."""
        return self._pool.config

    @property
    def isolation(self) -> Isolation:
        """As `stockade.Pool.isolation`."""
        return self._pool.isolation

    def close(self, drain_seconds: float = 10.0) -> None:
        """As `stockade.Pool.close`, and ends the thread. May be called again. An interrupt ends the draining."""
        if self._is_own_thread():
            raise RuntimeError(OWN_THREAD)
        finite(drain_seconds, "drain_seconds")  # before anything ends
        if self._process != os.getpid() or sys.is_finalizing():
            self._loop = self._thread = None  # of the process that started it, as the workers are; or about to end
        if self._loop is not None:
            try:
                with suppress(PoolClosed):  # by another thread, just now
                    self._wait_for(self._pool.close(drain_seconds))
            finally:
                self._stop(self._pool.close(0.0))
        elif self._failure is None:
            self._failure = PoolClosed("the pool is closed")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.close(0.0 if error is not None else 10.0)

    def _start(self) -> None:
        self._process = os.getpid()
        loop = asyncio.new_event_loop()
        unserved = [loop]  # who takes it out closes it: the thread, or we, and then the thread does nothing
        try:
            self._thread = threading.Thread(target=_serve, args=(unserved,), name="stockade-loop", daemon=True)
            self._loop = loop
            self._thread.start()
        except BaseException:
            # There are too many; or a signal's handler has raised, and the thread begins all the same, now or later.
            # Nothing is asked of the pool yet, and a later start may have better luck.
            self._loop = self._thread = None
            try:
                unserved.pop().close()
            except IndexError:
                loop.call_soon_threadsafe(loop.stop)
            raise
        try:
            self._wait_for(self._begin())
        except BaseException:
            self._stop(self._given_up())
            raise

    async def _begin(self) -> None:
        try:
            await self._pool.start()
        except Exception as error:  # and not what a signal's handler raises where somebody waits for this
            self._failure = error
            raise

    async def _given_up(self) -> None:
        """Returns once a start that was interrupted has ended what it began."""
        await self._pool.close(0.0)  # it may not have begun, and begins no more
        await self._pool.start()  # comes after the other, and raises PoolClosed

    def _begin_beside(self, out: Sequence[RunHandle], script: str, options: RunOptions) -> RunHandle | None:
        """One of many, which waits for its turn as long as it takes; None while there is no room beside the others."""

        async def begin() -> RunHandle | None:
            if out and not out[0].has_room_beside():
                return None
            return await self._submitted(script, options, patient=True)

        return self._wait_for(begin())

    async def _submitted(self, script: str, options: RunOptions, patient: bool = False) -> RunHandle:
        plain_function(options.get("on_console"), "on_console", optional=True)
        handle = RunHandle(options.get("on_console"))
        heard: RunOptions = {**options, "on_console": handle.hear}
        begun = self._pool.submit(script, **heard)
        if patient:
            begun.be_patient()
        handle.follow(begun)
        return handle

    def _wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._process != os.getpid() and self._loop is not None:
            coroutine.close()
            raise RuntimeError(FORKED)
        if self._is_own_thread():
            coroutine.close()
            raise RuntimeError(OWN_THREAD)
        if sys.is_finalizing():
            coroutine.close()
            raise PoolClosed(ENDING)
        with self._asking:
            loop = self._loop
            if loop is None or loop.is_closed():
                coroutine.close()
                raise PoolClosed("the pool is not running: use `with Pool(...)` or `start()`")
            try:
                future = asyncio.run_coroutine_threadsafe(coroutine, loop)
            except BaseException:  # a signal's handler has raised, and what was asked may be on its way
                loop.call_soon_threadsafe(_give_up, coroutine)
                raise
        try:
            return future.result()
        except CancelledError:
            if self._loop is loop:
                raise
            raise PoolClosed("the pool was closed meanwhile") from None
        except BaseException:
            future.cancel()
            raise

    def _is_own_thread(self) -> bool:
        return self._thread is not None and threading.get_ident() == self._thread.ident

    def _stop(self, last: Coroutine[Any, Any, None]) -> None:
        """Ends the loop and its thread after one last thing. An interrupt ends the waiting for it, and nothing else."""
        with self._asking:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
            if loop is None or thread is None or loop.is_closed():
                last.close()
                return
            asyncio.run_coroutine_threadsafe(_end(last), loop)
        thread.join()


def _serve(unserved: list[asyncio.AbstractEventLoop]) -> None:
    try:
        loop = unserved.pop()
    except IndexError:
        return  # the start was given up meanwhile
    try:
        while True:
            # Either would end the thread, and whoever waits for something on it would wait for ever. Of the run that it
            # comes from the caller is told.
            with suppress(KeyboardInterrupt, SystemExit):
                loop.run_forever()
                return
    finally:
        loop.close()


def _give_up(coroutine: Coroutine[Any, Any, Any]) -> None:
    for task in asyncio.all_tasks():
        if task.get_coro() is coroutine:
            task.cancel()
            return
    coroutine.close()  # it never came


async def _end(last: Coroutine[Any, Any, None]) -> None:
    """Ends everything on the loop, so that whoever waits for some of it is told, and then the loop."""
    loop = asyncio.get_running_loop()
    try:
        with suppress(Exception):  # `close()` has raised it, unless it was interrupted
            async with asyncio.timeout(ENDING_SECONDS):
                await last
        if left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=ENDING_SECONDS)
    finally:
        loop.stop()


def _mapped(
    submit: Callable[[Sequence[RunHandle], str], RunHandle | None], scripts: Iterable[str], most: int, ordered: bool
) -> Iterator[ExecutionResult]:
    """As `stockade.mapping.mapped`, for a caller's thread."""
    source, out = iter(scripts), list[RunHandle]()
    failure: BaseException | None = None
    held: list[str] = []  # taken, and without room in the queue
    over = False
    try:
        while True:
            while len(out) < most and not over:
                try:
                    held = held or [next(source)]
                    handle = submit(out, held[0])
                    if handle is None:
                        break  # once one of ours has ended there may be room
                    out.append(handle)
                    held = []
                except StopIteration:
                    over = True
                except Exception as error:
                    over, failure = True, error
            if not out:
                break
            due = out[:1] if ordered else out[:]
            for handle in due:
                handle.check_thread()
            wait(due, return_when=FIRST_COMPLETED)
            for handle in due:
                if not handle.done():
                    continue
                out.remove(handle)
                if (error := handle.exception()) is None:
                    yield handle.result()
                else:
                    over, failure = True, error if failure is None else failure
        if failure is not None:
            raise failure
    finally:
        if out and not out[0].is_of_parent():
            for handle in out:
                handle.cancel()
            # The garbage collector comes by on any thread: that of the loop has to go on for the runs to end.
            if out[0].thread != threading.get_ident() and not sys.is_finalizing():
                wait(out, ENDING_SECONDS)
