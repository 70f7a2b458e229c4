"""A call that had its answer ready is over: what it left behind does not reach the next, which is a task of its own."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from stockade import Pool
from stockade.eager import Starter


def _own_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


def _keeps(left: list[asyncio.Task[Any]]) -> None:
    left.append(_own_task())


def _cancels_in_a_moment(_: object) -> None:
    asyncio.get_running_loop().call_soon(_own_task().cancel)


def _takes_a_cancellation_back(_: object) -> None:
    _own_task().cancel()
    _own_task().uncancel()


@pytest.mark.parametrize("leaves", [_keeps, _cancels_in_a_moment, _takes_a_cancellation_back])
@pytest.mark.parametrize("between", ["", "await new Promise((go) => setTimeout(go, 1));"], ids=["at once", "later"])
async def test_a_cancellation_that_comes_after_a_call_does_not_reach_the_next(
    pool: Pool, leaves: Callable[[Any], None], between: str
):
    """On Python 3.11 the calls share a task: the next was cancelled, or never went on after it had to wait."""
    left: list[asyncio.Task[Any]] = []

    async def quick() -> int:
        leaves(left)
        return 1

    async def slow() -> int:
        for task in left:
            task.cancel()
        await asyncio.sleep(0.001)
        return 2

    run = await pool.execute(
        f"const told = [await quick()];{between} told.push(await slow(), await slow()); told",
        bindings={"quick": quick, "slow": slow},
    )

    assert run.error is None, run.error
    assert run.value == [1, 2, 2]


async def test_what_a_binding_wants_called_when_its_task_is_done_is_called_before_the_next_needs_it(pool: Pool):
    free = asyncio.Event()

    async def locks() -> None:
        _own_task().add_done_callback(lambda _: free.set())

    async def waits() -> int:
        await free.wait()
        return 3

    run = await pool.execute("await locks(); await waits()", bindings={"locks": locks, "waits": waits})

    assert run.error is None, run.error
    assert run.value == 3


async def test_calls_are_answered_where_the_application_makes_its_tasks_of_coroutines_of_its_own(pool: Pool):
    """As sentry-sdk does: on Python 3.11 a call that waited, or raised, was never answered."""

    def within_another(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> Any:
        async def watched() -> Any:
            return await work

        return asyncio.Task(watched(), loop=loop, **options)

    async def slow() -> int:
        await asyncio.sleep(0.001)
        return 1

    def plain() -> int:
        return 2

    async def bad() -> None:
        raise ValueError("bad")

    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()
    loop.set_task_factory(within_another)
    try:
        run = await pool.execute(
            "const told = [await slow(), await plain()]; try { await bad() } catch (e) { told.push(e.message) } told",
            bindings={"slow": slow, "plain": plain, "bad": bad},
        )
    finally:
        loop.set_task_factory(before)

    assert run.error is None, run.error
    assert run.value == [1, 2, "bad"]


async def test_calls_that_leave_nothing_behind_share_a_task():
    """It is not much, but it is for every call."""
    starter, context = Starter(asyncio.get_running_loop()), contextvars.copy_context()
    before = asyncio.all_tasks()

    async def work() -> None:
        pass

    for _ in range(3):
        starter.begin(work(), context)
        await asyncio.sleep(0)
        starter.begin(work(), context)

    assert len(asyncio.all_tasks() - before) <= 1
    starter.close()
