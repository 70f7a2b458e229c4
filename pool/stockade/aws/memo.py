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
        made = state.memo[key] = Pending(cast("asyncio.Task[object]", task))
        task.add_done_callback(lambda _: _forget_failed(state, key, made))
    pending = state.memo[key]
    pending.waiting += 1
    try:
        # One caller that is cancelled must not take the answer from the others.
        return cast(Answer, await asyncio.shield(pending.task)), shared
    finally:
        pending.waiting -= 1
        if pending.waiting == 0 and not pending.task.done():
            # Nobody is left to want it: the call was stopped. Whoever asks again must not wait for what is ending.
            pending.task.cancel()
            _forget(state, key, pending)


def _forget_failed(state: RunState, key: str, pending: Pending) -> None:
    if pending.task.cancelled() or pending.task.exception() is not None:
        _forget(state, key, pending)


def _forget(state: RunState, key: str, pending: Pending) -> None:
    if state.memo.get(key) is pending:
        del state.memo[key]
