"""One answer for one question within a run: asked twice, or by many at once, it is fetched once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from stockade.aws.source import Pending, RunState

Answer = TypeVar("Answer")


async def once(state: RunState, key: str, fetch: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
    """The answer, and whether it was there or on its way already. A failure is forgotten, so that it can be retried."""
    shared = key in state.memo
    if not shared:
        task = asyncio.ensure_future(fetch())
        state.memo[key] = Pending(cast("asyncio.Task[object]", task))
        task.add_done_callback(lambda done: _forget(state, key, cast("asyncio.Task[object]", done)))
    pending = state.memo[key]
    pending.waiting += 1
    try:
        # One caller that is cancelled must not take the answer from the others.
        return cast(Answer, await asyncio.shield(pending.task)), shared
    finally:
        pending.waiting -= 1
        if pending.waiting == 0 and not pending.task.done():
            pending.task.cancel()  # nobody is left to want it: the run was stopped


def _forget(state: RunState, key: str, done: asyncio.Task[object]) -> None:
    if done.cancelled() or done.exception() is not None:
        state.memo.pop(key, None)
