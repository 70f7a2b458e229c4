"""The pool without `await`: the same calls, on an event loop in a background thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from stockade import pool as asynchronous
from stockade.admission import QueueRules
from stockade.config import RuntimeConfig
from stockade.errors import PoolClosed
from stockade.result import ConsoleLine, ExecutionResult, RunError
from stockade.run import Language
from stockade.sandbox import Isolation
from stockade.worker import IsolationMode

T = TypeVar("T")


class Pool:
    """A blocking `stockade.Pool`; may be shared by threads. Enter it, or `start()`; close it to end every process."""

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
        """As `stockade.Pool`: checks everything and starts nothing."""
        self._pool = asynchronous.Pool(
            config,
            workers=workers,
            isolation=isolation,
            bindings=bindings,
            spares=spares,
            queue=queue,
            require_isolation=require_isolation,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Starts the loop's thread, the launcher and the spares. Raises NodeNotFound or IsolationUnavailable."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="stockade-loop", daemon=True)
            self._thread.start()
            try:
                self._wait_for(self._pool.start())
            except BaseException:
                self._stop()
                raise
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
            )
        )

    def check(
        self, script: str, *, config: RuntimeConfig | None = None, language: Language = "auto"
    ) -> RunError | None:
        """As `stockade.Pool.check`."""
        return self._wait_for(self._pool.check(script, config=config, language=language))

    @property
    def config(self) -> RuntimeConfig:
        """The limits of a run that brings none of its own."""
        return self._pool.config

    @property
    def isolation(self) -> Isolation:
        """Which layers of the operating system hold the workers, as probed at start."""
        return self._pool.isolation

    def close(self, drain_seconds: float = 10.0) -> None:
        """As `stockade.Pool.close`, and ends the thread. May be called again."""
        if self._loop is not None:
            try:
                self._wait_for(self._pool.close(drain_seconds))
            finally:
                self._stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(0.0 if error is not None else 10.0)

    def _wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            coroutine.close()
            raise PoolClosed("the pool is not running: use `with Pool(...)` or `start()`")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = self._thread = None
