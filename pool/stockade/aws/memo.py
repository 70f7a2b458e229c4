"""One answer for one question within a run: asked twice, or by many at once, it is fetched once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from stockade.aws.source import RunState

Answer = TypeVar("Answer")


async def once(state: RunState, key: str, fetch: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
    """The answer, and whether it was there or on its way already. A failure is forgotten, so that it can be retried."""
    task = state.memo.get(key)
    shared = task is not None
    if task is None:
        task = asyncio.ensure_future(fetch())
        state.memo[key] = cast("asyncio.Task[object]", task)
        task.add_done_callback(lambda done: _forget(state, key, cast("asyncio.Task[object]", done)))
    # One caller that is cancelled must not take the answer from the others.
    return await asyncio.shield(task), shared


def _forget(state: RunState, key: str, done: asyncio.Task[object]) -> None:
    if done.cancelled() or done.exception() is not None:
        state.memo.pop(key, None)
