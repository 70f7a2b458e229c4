"""Many scripts, few of them out at a time: taken one by one as there is room, in order or as they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from stockade.checks import at_least
from stockade.handle import RunHandle
from stockade.result import ExecutionResult

# So many more than there are workers: when a run ends, the next has its place in the queue already.
AHEAD = 2

# How long a source may take to let go of the script that is on its way: it may tidy up. One that swallows the
# cancellation and goes on is left to itself.
LEAVING_SECONDS = 5.0

_END: Any = object()


def most_out(concurrency: int | None, workers: int) -> int:
    """How many scripts may be out: more than there are workers and AHEAD would only wait. Raises ValueError."""
    at_least(1, concurrency, "concurrency", optional=True)
    return min(concurrency or workers + AHEAD, workers + AHEAD)


async def mapped(
    submit: Callable[[str], RunHandle], scripts: Iterable[str] | AsyncIterable[str], most: int, ordered: bool
) -> AsyncGenerator[ExecutionResult]:
    """Runs the scripts, at most so many submitted and not yet handed over, and yields their results.

    What the source, `submit` or a handle raises comes after the results of what was out by then. Leaving early cancels
    those. Each waits for its turn as long as it takes: most of the time it is one of ours that it waits for.
    """
    source = scripts if isinstance(scripts, AsyncIterable) else _one_by_one(scripts)
    feed = _Feed(aiter(source), submit)
    out: list[RunHandle] = []
    try:
        while True:
            if len(out) < most:
                feed.ask()
            due = out[:1] if ordered else out[:]
            awaited = [handle.ending for handle in due] + feed.awaited(others=bool(out))
            if not awaited:
                break
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for handle in due:
                if not handle.done():
                    continue
                out.remove(handle)
                if (error := handle.ending.exception()) is None:
                    yield handle.ending.result()
                else:
                    feed.fail(error)
            if (submitted := feed.take(out)) is not None:
                out.append(submitted)
        if feed.failure is not None:
            raise feed.failure
    finally:
        feed.close()
        for handle in out:
            handle.cancel()
        if out:
            await asyncio.wait([handle.ending for handle in out])
        await feed.left()


class _Feed:
    """The scripts still to come, at most one of them fetched ahead."""

    def __init__(self, source: AsyncIterator[str], submit: Callable[[str], RunHandle]) -> None:
        self.failure: BaseException | None = None
        self._source = source
        self._submit = submit
        self._coming: asyncio.Future[str] | None = None
        self._left: asyncio.Future[str] | None = None  # cancelled on its way
        self._over = False

    def ask(self) -> None:
        """Fetches the next script, unless one is on its way or there is none."""
        if self._coming is None and not self._over:
            self._coming = asyncio.ensure_future(anext(self._source, _END))

    def awaited(self, others: bool) -> list[asyncio.Future[Any]]:
        """What to wait for. A script that is here but found no room is no news while there are `others` to end."""
        return [] if self._coming is None or (others and self._coming.done()) else [self._coming]

    def take(self, out: Sequence[RunHandle]) -> RunHandle | None:
        """The next script as a run, if it is here and there is room for it beside those that are out."""
        if self._coming is None or not self._coming.done():
            return None
        if out and not out[0].has_room_beside():
            return None  # once one of ours has ended there may be room; alone it is refused like any other
        try:
            script = self._coming.result()
            handle = None if script is _END else self._submit(script)
            if handle is not None:
                handle.be_patient()
        except Exception as error:
            handle, self.failure = None, error
        self._over = handle is None
        self._coming = None
        return handle

    def fail(self, error: BaseException) -> None:
        """Fetches no more. The first failure is the one to tell of."""
        if self.failure is None:
            self.failure = error
        self._over = True
        self.close()

    def close(self) -> None:
        """Wants no script any more, not even the one on its way."""
        if self._coming is not None:
            self._coming.cancel()
            self._coming.add_done_callback(lambda left: left.cancelled() or left.exception())  # else asyncio logs it
            self._left, self._coming = self._coming, None

    async def left(self) -> None:
        """Returns once the source is at rest, so that it can be closed; after a while also if it does not listen."""
        if self._left is not None:
            await asyncio.wait([self._left], timeout=LEAVING_SECONDS)


async def _one_by_one(scripts: Iterable[str]) -> AsyncIterator[str]:
    for script in scripts:
        yield script
