"""A run that goes on by itself, as a future that threads share: what `stockade.sync.Pool.submit` hands back."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from stockade.errors import PoolClosed
from stockade.handle import RunHandle as AsyncRunHandle
from stockade.handle import RunState
from stockade.result import ConsoleLine, ExecutionResult

OWN_THREAD = "this is the pool's own thread, which cannot wait for itself: ask from another"
ENDING = "the interpreter is ending, and the pool with it"
FORKED = "the pool was started before a fork, by another process: start one in each process"


class RunHandle(Future[ExecutionResult]):
    """One run, submitted: a future whose `cancel()` makes a result of its own. Shared by threads as futures are."""

    def __init__(self, on_console: Callable[[ConsoleLine], object] | None) -> None:
        super().__init__()
        self._on_console = on_console
        self._lines: list[ConsoleLine] = []
        self._news = threading.Condition()
        self._process = os.getpid()
        self._handle: AsyncRunHandle
        self._loop: asyncio.AbstractEventLoop
        self.thread: int  # of the loop

    @property
    def run_id(self) -> str:
        """As in the result."""
        return self._handle.run_id

    @property
    def state(self) -> RunState:
        """As of `stockade.handle.RunHandle`."""
        return "done" if self.done() else self._handle.state

    def cancel(self) -> bool:
        """Ends the run; its result then says so: `error.kind` is `cancelled`, with the console so far.

        False if the run was over before. `cancelled()` stays false: there is a result.
        """
        if self.done():
            return False
        if self.is_of_parent():
            raise RuntimeError(FORKED)
        try:
            self._loop.call_soon_threadsafe(self._handle.cancel)
        except RuntimeError:  # the loop is gone, and every run with it
            return False
        return True

    def running(self) -> bool:
        """Whether the script runs, and does not wait."""
        return self.state == "running"

    def result(self, timeout: float | None = None) -> ExecutionResult:
        """As of any future, `timeout` in seconds; RuntimeError where it would wait for ever (see `check_thread`)."""
        self.check_thread()
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """As of any future, `timeout` in seconds; RuntimeError where it would wait for ever (see `check_thread`)."""
        self.check_thread()
        return super().exception(timeout)

    def console(self) -> Iterator[ConsoleLine]:
        """The lines of the script's console from the first on, each as it comes; ends with the run.

        RuntimeError as soon as it would have to wait for a line where none can come (see `check_thread`).
        """
        seen = 0
        while True:
            if seen == len(self._lines):
                self.check_thread()
            with self._news:
                while seen == len(self._lines) and not self.done():
                    self._news.wait()
            if seen == len(self._lines):
                return
            seen += 1
            yield self._lines[seen - 1]

    def check_thread(self) -> None:
        """Raises RuntimeError while the run goes on, on the loop's thread or in a fork: waiting would never end.

        PoolClosed once the interpreter ends: it lets no other thread go on.
        """
        if self.done():
            return
        if self.is_of_parent():
            raise RuntimeError(FORKED)
        if threading.get_ident() == self.thread:
            raise RuntimeError(OWN_THREAD)
        if sys.is_finalizing():
            raise PoolClosed(ENDING)

    def is_of_parent(self) -> bool:
        """Whether this is a copy that a fork has made: the loop's thread, which would end the run, is not there."""
        return self._process != os.getpid()

    # ---- on the loop ----

    def follow(self, handle: AsyncRunHandle) -> None:
        """Becomes what the run becomes. Called once, on the loop."""
        self._handle, self._loop, self.thread = handle, asyncio.get_running_loop(), threading.get_ident()
        handle.ending.add_done_callback(self._finish)

    def has_room_beside(self) -> bool:
        """As of `stockade.handle.RunHandle`. Called on the loop."""
        return self._handle.has_room_beside()

    def hear(self, line: ConsoleLine) -> None:
        """Takes one line of the console. Called on the loop."""
        with self._news:
            self._lines.append(line)
            self._news.notify_all()
        if self._on_console is not None:
            self._on_console(line)

    def _finish(self, ending: asyncio.Future[ExecutionResult]) -> None:
        try:
            if ending.cancelled():
                self.set_exception(PoolClosed("the pool's loop was stopped before the run was over"))
            elif (error := ending.exception()) is not None:
                self.set_exception(error)
            else:
                self.set_result(ending.result())
        finally:  # a callback of the caller's may raise what ends a thread
            with self._news:
                self._news.notify_all()
