"""A run that goes on by itself: await it, cancel it, listen to its console."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import structs

from stockade import verdict
from stockade.admission import Turn
from stockade.result import ConsoleLine, ExecutionResult, RunError, Usage
from stockade.run import Job, Waited
from stockade.verdict import Cause
from stockade.worker import Worker

RunState = Literal["waiting", "running", "done"]


@dataclass
class Progress:
    """How far a run has come: the part of it that changes. The pool writes it, a handle reads it."""

    turn: Turn
    asked: float
    came: float | None = None  # when the turn did
    worker: Worker | None = None
    last: ExecutionResult | None = None  # of the attempt before this one
    cancelling: bool = False  # by its handle: no further attempt is wanted

    def waited(self) -> Waited:
        """How long so far, for the turn and then for a worker."""
        now = time.monotonic()
        came = self.came or now
        return Waited((came - self.asked) * 1000, (now - came) * 1000)


class RunHandle:
    """One run, submitted: `await` it for its result. It goes on whether anybody waits for it or not."""

    def __init__(
        self, job: Job, progress: Progress, run: Callable[[Job, Progress], Coroutine[Any, Any, ExecutionResult]]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.run_id = job.run_id
        self._progress = progress
        self._on_console = job.on_console
        self._lines: list[ConsoleLine] = []
        self._news: asyncio.Future[None] | None = None
        self.ending: asyncio.Future[ExecutionResult] = loop.create_future()
        self._task = loop.create_task(run(structs.replace(job, on_console=self._add), progress))
        self._task.add_done_callback(self._finish)

    def __await__(self) -> Generator[Any, None, ExecutionResult]:
        """The result, as from `execute()`. Cancelling who waits here does not end the run: `cancel()` does.

        Raises PoolClosed, QueueTimeout or PoolUnhealthy if the run never got a worker.
        """
        return asyncio.shield(self.ending).__await__()

    @property
    def state(self) -> RunState:
        """`waiting` for a turn, a worker or its next attempt; `running`; or `done`."""
        if self.done():
            return "done"
        return "waiting" if self._progress.worker is None else "running"

    def done(self) -> bool:
        """Whether the run is over, so that awaiting it returns at once."""
        return self.ending.done()

    def cancel(self) -> bool:
        """Ends the run; its result then says so: `error.kind` is `cancelled`, with the console so far.

        False if the run was over before. A run that has just ended otherwise keeps that ending: first cause wins.
        """
        if self._task.done():
            return False
        self._progress.cancelling = True
        # Not at once: a task that is cancelled before its first step leaves no trace of its run.
        self._task.get_loop().call_soon_threadsafe(self._stop)
        return True

    def be_patient(self) -> None:
        """From now on waits for its turn as long as it takes."""
        self._progress.turn.be_patient()

    def has_room_beside(self) -> bool:
        """Whether another run of the same tenant would get a place in the queue now."""
        return self._progress.turn.has_room_beside()

    async def console(self) -> AsyncIterator[ConsoleLine]:
        """The lines of the script's console from the first on, each as it comes; ends with the run.

        Where the run is made again after a failed attempt, the lines of both come one after the other.
        """
        if asyncio.get_running_loop() is not self._task.get_loop():
            raise RuntimeError("the run goes on on another event loop: listen to it there")
        seen = 0
        while True:
            while seen < len(self._lines):
                seen += 1
                yield self._lines[seen - 1]
            if self.done():
                return
            if self._news is None:
                self._news = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._news)

    def _stop(self) -> None:
        if self._progress.worker is not None:
            self._progress.worker.kill(Cause.CANCELLED)
        else:
            self._task.cancel()

    def _add(self, line: ConsoleLine) -> None:
        self._lines.append(line)
        self._wake()
        if self._on_console is not None:
            self._on_console(line)

    def _wake(self) -> None:
        news, self._news = self._news, None
        if news is not None:
            news.set_result(None)

    def _finish(self, task: asyncio.Task[ExecutionResult]) -> None:
        self._progress.turn.leave()  # a task that never took a step has not
        if not task.cancelled() and (error := task.exception()) is not None:
            self.ending.set_exception(error)
            self.ending.exception()  # whoever awaits the handle is told; nobody has to
        elif not task.cancelled():
            self.ending.set_result(task.result())
        elif self._progress.cancelling:
            last = self._progress.last or unbegun(self.run_id, 1, self._progress.waited())
            self.ending.set_result(last.model_copy(update={"error": verdict.cancelled()}))
        elif task.cancelling():
            self.ending.cancel()  # the loop is shutting down
        else:
            self.ending.set_exception(asyncio.CancelledError())  # that on_console let out
            self.ending.exception()
        self._wake()


def unbegun(run_id: str, attempt: int, waited: Waited, error: RunError | None = None) -> ExecutionResult:
    """What is told of a run that never began: its caller did not want it any more, or no worker started."""
    usage = Usage(queued_ms=round(waited.queued_ms, 3), start_ms=round(waited.start_ms, 3))
    return ExecutionResult(run_id=run_id, attempt=attempt, error=error or verdict.cancelled(), usage=usage)
