"""Many scripts through one pool, few of them out at a time."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, suppress
from typing import Any

import pytest

from stockade import InvalidScript, Pool, QueueFull, QueueRules, QueueTimeout
from stockade.events import RunEnded
from stockade.handle import RunHandle
from stockade.mapping import AHEAD
from stockade.result import ConsoleLine

SLOW_FIRST = ["await wait(); 'slow'", "'quick 1'", "'quick 2'"]


async def test_results_come_in_the_order_of_the_scripts(pool: Pool):
    assert [run.value async for run in pool.map(f"{n} * 2" for n in range(7))] == [0, 2, 4, 6, 8, 10, 12]
    assert [run.value async for run in pool.map([])] == []


async def test_they_do_so_also_where_a_later_one_has_ended_before(pool: Pool):
    """The third has its worker from the second."""
    over = asyncio.Event()
    waits = {"wait": over.wait, "end": over.set}
    runs = pool.map(["await wait(); 1", "2", "await end(); 3"], bindings=waits)

    assert [run.value async for run in runs] == [1, 2, 3]


async def test_results_come_as_they_end_where_order_does_not_matter(pool: Pool):
    release = asyncio.Event()
    values: list[object] = []
    async for run in pool.map(SLOW_FIRST, ordered=False, bindings={"wait": release.wait}):
        values.append(run.value)
        if len(values) == 2:
            release.set()

    assert values[2] == "slow"
    assert sorted(values[:2]) == ["quick 1", "quick 2"]


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize(("concurrency", "most"), [(None, 2 + AHEAD), (1, 1), (3, 3), (1000, 2 + AHEAD)])
async def test_no_more_scripts_are_taken_than_may_be_out(pool: Pool, ordered: bool, concurrency: int | None, most: int):
    taken = handed = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield str(taken)

    async with aclosing(pool.map(endless(), concurrency=concurrency, ordered=ordered)) as runs:
        async for _ in runs:
            # What was handed over is out no more; the one in hand may have made room for another already.
            assert taken - handed <= most
            handed += 1
            if handed == 20:
                break

    assert handed == 20


async def test_scripts_may_come_asynchronously_and_late(pool: Pool):
    more: asyncio.Queue[str | None] = asyncio.Queue()

    async def scripts() -> AsyncIterator[str]:
        while (script := await more.get()) is not None:
            yield script

    more.put_nowait("1")
    values: list[object] = []
    async for run in pool.map(scripts()):
        values.append(run.value)  # although the next script has not come
        more.put_nowait(str(len(values) + 1) if len(values) < 3 else None)

    assert values == [1, 2, 3]


async def test_leaving_the_loop_cancels_what_is_out():
    async with Pool(workers=2) as pool:
        async with aclosing(pool.map(["1", *["for (;;) {}"] * 10])) as runs:
            async for run in runs:
                assert run.value == 1
                break
            out = list(pool._handles)
        assert out
        assert all(handle.done() for handle in out)  # whoever has left may take away what their bindings need
        assert pool.stats().outcomes.keys() <= {"returned", "cancelled"}
        assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize("how", ["left", "failed"])
async def test_a_source_whose_next_script_is_on_its_way_is_at_rest_once_the_loop_is_left(pool: Pool, how: str):
    did: list[str] = []

    async def scripts() -> AsyncIterator[str]:
        try:
            yield "console.log('in'); 1"
            did.append("asked")
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            did.append("tidied up")

    def hear(_: object) -> None:
        if how == "failed":
            raise OSError("the log is full")

    source = scripts()
    with suppress(OSError):
        async with aclosing(pool.map(source, on_console=hear)) as runs:
            async for run in runs:
                assert run.value == 1
                break
    assert did == ["asked", "tidied up"]
    await source.aclose()


@pytest.mark.parametrize("fails", [True, False])
async def test_a_source_that_fails_or_lets_itself_be_cancelled_as_the_loop_is_left_is_not_told_of(
    pool: Pool, fails: bool
):
    """Nobody wants its scripts any more; asyncio would log that an exception was never retrieved."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    ended = asyncio.Event()

    async def scripts() -> AsyncIterator[str]:
        yield "1"
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
            if fails:
                raise OSError("the list cannot be read")

    async with aclosing(pool.map(scripts())) as runs:
        async for _ in runs:
            break
    gc.collect()

    assert ended.is_set()
    assert told == []


async def test_a_source_that_goes_on_although_it_was_cancelled_is_not_waited_for(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.mapping.LEAVING_SECONDS", 0.01)
    release, over = asyncio.Event(), asyncio.Event()

    async def scripts() -> AsyncIterator[str]:
        yield "1"
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()
        over.set()

    async with aclosing(pool.map(scripts())) as runs:
        async for _ in runs:
            break
    assert not over.is_set()
    release.set()
    await over.wait()


@pytest.mark.parametrize("ordered", [True, False])
async def test_what_cannot_run_ends_the_iteration_after_the_others(pool: Pool, ordered: bool):
    values: list[object] = []
    with pytest.raises(InvalidScript):
        async for run in pool.map(["1", "2", None, "4"], ordered=ordered):  # type: ignore[list-item]
            values.append(run.value)  # noqa: PERF401 - a comprehension would lose them

    assert sorted(values) == [1, 2]


async def test_a_source_that_raises_ends_the_iteration_after_the_others(pool: Pool):
    def scripts() -> Iterator[str]:
        yield "1"
        raise OSError("the disk is gone")

    values: list[object] = []
    with pytest.raises(OSError, match="the disk is gone"):
        async for run in pool.map(scripts()):
            values.append(run.value)  # noqa: PERF401 - a comprehension would lose them

    assert values == [1]


async def test_a_full_queue_is_waited_for_while_something_is_out_and_told_otherwise():
    async with Pool(workers=1, queue=QueueRules(max_waiting=1)) as pool:
        assert [run.value async for run in pool.map(map(str, range(6)))] == list(range(6))
        assert pool.stats().queue.refused_full == 0
        blocker, waiter = pool.submit("for (;;) {}"), pool.submit("2")
        with pytest.raises(QueueFull):
            await anext(pool.map(["3"]))
        assert pool.stats().queue.refused_full == 1
        blocker.cancel()
        assert (await waiter).value == 2


async def test_a_script_that_finds_no_room_is_looked_at_again_when_a_run_has_ended(monkeypatch: pytest.MonkeyPatch):
    """And not at each turn of the loop, which would keep a core busy for as long as the run takes."""
    looks: list[bool] = []
    has_room = RunHandle.has_room_beside
    monkeypatch.setattr(RunHandle, "has_room_beside", lambda handle: looks.append(has_room(handle)) or looks[-1])
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await release.wait()

    async with Pool(workers=1, queue=QueueRules(max_waiting=1)) as pool:
        runs = pool.map(["await wait(); 1", "2", "3"], bindings={"wait": wait})
        first = asyncio.ensure_future(anext(runs))
        await begun.wait()
        for _ in range(100):
            await asyncio.sleep(0)
        assert looks.count(False) < 10
        release.set()
        assert [(await first).value] + [run.value async for run in runs] == [1, 2, 3]


@pytest.mark.parametrize("ordered", [True, False])
async def test_scripts_that_wait_for_each_other_are_not_timed_out(ordered: bool):
    begun, release = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await release.wait()

    async with Pool(workers=1, queue=QueueRules(queue_timeout_seconds=0.05)) as pool:
        runs = pool.map(["await wait(); 1", "2", "3", "4"], ordered=ordered, bindings={"wait": wait})
        first = asyncio.ensure_future(anext(runs))
        await begun.wait()
        assert pool.stats().queue.waiting == AHEAD
        with pytest.raises(QueueTimeout):  # it came after them
            await pool.submit("0")
        release.set()
        assert [(await first).value] + [run.value async for run in runs] == [1, 2, 3, 4]
        assert pool.stats().queue.refused_timeout == 1


@pytest.mark.parametrize("ordered", [True, False])
async def test_a_run_that_raises_ends_the_iteration_after_the_others(ordered: bool):
    release = asyncio.Event()

    def refuse(line: object) -> None:
        raise OSError("the log is full")

    def release_the_others(event: object) -> None:
        if isinstance(event, RunEnded):
            release.set()

    def scripts() -> Iterator[str]:
        yield "console.log('in')"
        while True:
            yield "await wait(); 'slow'"

    values: list[object] = []
    async with Pool(workers=2, on_event=release_the_others) as pool:
        with pytest.raises(OSError, match="the log is full"):
            async for run in pool.map(scripts(), ordered=ordered, on_console=refuse, bindings={"wait": release.wait}):
                values.append(run.value)  # noqa: PERF401 - a comprehension would lose them
    assert values
    assert set(values) == {"slow"}


async def test_of_two_runs_that_raise_the_one_whose_turn_is_first_is_told(pool: Pool):
    over = asyncio.Event()

    def refuse(line: ConsoleLine) -> None:
        raise OSError(line.text)

    waits = {"wait": over.wait, "end": over.set}
    scripts = ["await wait(); console.log('first')", "await end(); console.log('second')"]
    with pytest.raises(OSError, match="first"):
        _ = [run async for run in pool.map(scripts, on_console=refuse, bindings=waits)]


@pytest.mark.parametrize("concurrency", [0, -1, 1.5])
async def test_a_concurrency_out_of_range_is_refused_at_once(pool: Pool, concurrency: float):
    with pytest.raises(ValueError, match="concurrency"):
        pool.map(["1"], concurrency=concurrency)  # type: ignore[arg-type]
