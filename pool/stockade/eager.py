"""Tasks that take their first step at once: a binding that has its answer ready costs no turn of the event loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context
from operator import attrgetter
from sys import getrefcount
from typing import Any

from stockade.threads import nothing

Work = Coroutine[Any, Any, None]


class Starter:
    """Runs coroutines of one run of a script, each up to where it first has to wait. Close it when the run is over."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._parked: _Parked | None = None

    if sys.version_info >= (3, 12):

        def begin(self, work: Work, context: Context) -> Callable[[], object]:
            """Takes the first step of `work`, in `context`. What it returns stops the rest, if there is any."""
            return asyncio.Task(work, loop=self._loop, context=context, eager_start=True).cancel

    else:

        def begin(self, work: Work, context: Context) -> Callable[[], object]:
            """Takes the first step of `work`, in `context`. What it returns stops the rest, if there is any."""
            # What `eager_start` does since Python 3.12, by the functions asyncio documents for tasks of other makes.
            parked = self._parked
            if parked is None or parked.task.done():
                parked = _Parked(self._loop)
            self._parked = None
            task = parked.task
            above = asyncio.current_task(self._loop)
            if above is not None:
                _leave_task(self._loop, above)
            _enter_task(self._loop, task)
            try:
                parked.go_on(work, context, context.run(work.send, None))
                return task.cancel
            except (StopIteration, asyncio.CancelledError):
                pass  # it did not have to wait
            except BaseException:
                task.cancel()
                raise
            finally:
                _leave_task(self._loop, task)
                if above is not None:
                    _enter_task(self._loop, above)
            # Its task serves the next, unless the work left something behind that would reach that: then it is over.
            if getrefcount(task) == _OWN_REFERENCES and not _callbacks(task) and not task.cancelling():
                self._parked = parked
            else:
                parked.go_on(_nothing(), context, None)
            return nothing

    def close(self) -> None:
        """Gives up the task that waits for work."""
        if self._parked is not None:
            self._parked.task.cancel()
            self._parked = None


# What keeps a task that is parked: its _Parked, the loop or the future that will wake it, and who asks here.
_OWN_REFERENCES = 4

_callbacks: Callable[[asyncio.Task[None]], object] = attrgetter("_callbacks")


async def _nothing() -> None:
    pass


_enter_task: Any = getattr(asyncio.tasks, "_enter_task")  # noqa: B009
_leave_task: Any = getattr(asyncio.tasks, "_leave_task")  # noqa: B009


class _Parked(Coroutine[Any, Any, None]):
    """What a task runs that is made before its work: it waits at first, and then goes on where the work has to wait."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._parking: asyncio.Future[None] = loop.create_future()
        self._work: Work | None = None
        self._context: Context | None = None
        self._waits_for: Any = None
        # Not by the loop, whose task factory may make tasks of coroutines of its own that await what they are given.
        self.task = asyncio.Task(self, loop=loop)

    def go_on(self, work: Work, context: Context, waits_for: Any) -> None:
        """Takes over a coroutine that has been begun and waits."""
        self._work, self._context, self._waits_for = work, context, waits_for
        if not self._parking.done():
            self._parking.set_result(None)

    def send(self, value: Any, /) -> Any:
        if self._work is None or self._context is None:
            return next(self._parking.__await__())
        if self._waits_for is not None:
            waits_for, self._waits_for = self._waits_for, None
            return waits_for
        return self._context.run(self._work.send, value)

    def throw(self, *error: Any) -> Any:
        waits_for, self._waits_for = self._waits_for, None
        if waits_for is not None and isinstance(error[0], asyncio.CancelledError) and waits_for.cancel():
            return waits_for  # what it waits for is told first, as by any task
        if self._work is None or self._context is None:
            raise error[0]
        return self._context.run(self._work.throw, *error)

    def close(self) -> None:
        if self._work is not None:
            self._work.close()

    def __await__(self) -> Any:
        raise RuntimeError("this is for a task alone")
