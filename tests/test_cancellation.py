"""A run is cancelled at each point where it waits, one after another; the pool is at full strength after each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from typing import Any

import psutil
import pytest

from stockade import ExecutionResult, Pool, PoolClosed, RuntimeConfig
from stockade.events import Event, RunStarted
from stockade.handle import Progress
from stockade.run import Job

# Console, a timer, two calls (one in a thread) and a value so large that it is decoded in a thread.
SCRIPT = """
console.log('in');
await new Promise((go) => setTimeout(go, 1));
await quick(); await threaded();
'x'.repeat(400_000)
"""

AtWait = Callable[[int, Any], None]


class Stepped:
    """A coroutine that tells of each point where it waits, by number, and for what."""

    def __init__(self, coroutine: Awaitable[Any], at_wait: AtWait) -> None:
        self._inner = coroutine.__await__()
        self._at_wait = at_wait

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[], Any] = partial(self._inner.send, None)
        point = 0
        while True:
            try:
                awaited = step()
            except StopIteration as stop:
                return stop.value
            point += 1
            self._at_wait(point, awaited)
            try:
                step = partial(self._inner.send, (yield awaited))
            except BaseException as error:
                step = partial(self._inner.throw, error)


async def stepped(coroutine: Awaitable[Any], at_wait: AtWait) -> Any:
    return await Stepped(coroutine, at_wait)


def cutting(at: int, cut: Callable[[], object], moment: str, seen: list[int]) -> AtWait:
    """Cuts at one point: while it waits there, or in the very turn of the loop in which it would go on."""

    def at_wait(point: int, awaited: Any) -> None:
        seen.append(point)
        if point == at and moment == "meanwhile":
            asyncio.get_running_loop().call_soon(cut)
        elif point == at:
            awaited.add_done_callback(lambda _: cut())

    return at_wait


async def quick() -> None:
    await asyncio.sleep(0)


def threaded() -> None:
    return None


BINDINGS = {"quick": quick, "threaded": threaded}


async def full_strength(pool: Pool) -> None:
    assert (pool._admission.free, pool._admission.waiting) == (pool.workers, 0)
    assert not pool._supply.running
    assert not pool._handles
    assert (await pool.execute("1 + 1")).value == 2


async def nothing_more_than(pool: Pool, spares: int) -> None:
    """No process and no meter is left of the runs: the launcher, the fork it keeps and the spares are all."""
    await pool._supply.all_ended()
    for start in pool._supply.spares:
        await asyncio.shield(start)
    await pool._starts.all_compiled()
    launcher = psutil.Process(pool._starts.spawner.pid)
    while launcher.name() not in (names := [child.name() for child in launcher.children()]):  # noqa: ASYNC110
        await asyncio.sleep(0)  # it forks once no worker starts
    assert (len(names), names.count(launcher.name())) == (spares + 1, 1)


@pytest.mark.parametrize("moment", ["meanwhile", "in the same turn"])
@pytest.mark.parametrize(("spares", "isolation"), [(0, "process"), (1, "process"), (1, "context")])
async def test_cancelling_the_caller_at_each_await(moment: str, spares: int, isolation: str):
    before = psutil.Process().num_fds()
    async with Pool(RuntimeConfig(timeout_seconds=30), workers=1, spares=spares, isolation=isolation) as pool:
        at, uncut = 0, False
        while not uncut:
            at += 1
            seen: list[int] = []
            task: asyncio.Task[ExecutionResult]
            coroutine = pool.execute(SCRIPT, bindings=BINDINGS)
            cut = cutting(at, lambda: task.cancel(), moment, seen)  # noqa: B023
            task = asyncio.create_task(stepped(coroutine, cut))
            [ended] = await asyncio.gather(task, return_exceptions=True)
            uncut = seen[-1] < at
            assert isinstance(ended, ExecutionResult if uncut else asyncio.CancelledError), (at, ended)
            await full_strength(pool)
        assert at > 1 + (spares == 0)  # a worker, and the ending: the conversation itself is held in callbacks
        outcomes = pool.stats().outcomes
        assert outcomes == {"cancelled": at - 1, "returned": at + 1}
        if isolation == "process":
            await nothing_more_than(pool, spares)
    assert psutil.Process().num_fds() == before


@pytest.mark.parametrize("by", ["caller", "handle"])
@pytest.mark.parametrize("where", ["console", "async binding", "threaded binding", "event"])
async def test_cancelling_from_inside_the_conversation(by: str, where: str):
    """What a run's own callbacks do to it: they are called while its worker's messages are being read."""
    cuts: list[Callable[[], object]] = []

    def cut(at: str) -> None:
        if at == where and cuts:
            cuts.pop()()

    async def in_turn() -> None:
        cut("async binding")
        await asyncio.sleep(0)

    def in_thread() -> None:
        loop.call_soon_threadsafe(cut, "threaded binding")

    def hear(event: Event) -> None:
        if isinstance(event, RunStarted):
            cut("event")

    loop = asyncio.get_running_loop()
    bindings = {"quick": in_turn, "threaded": in_thread}
    async with Pool(RuntimeConfig(timeout_seconds=30), workers=1, spares=1, on_event=hear) as pool:
        for _ in range(3):
            if by == "caller":
                task = asyncio.create_task(
                    pool.execute(SCRIPT + "; await quick()", bindings=bindings, on_console=lambda _: cut("console"))
                )
                cuts.append(task.cancel)
                with pytest.raises(asyncio.CancelledError):
                    await task
            else:
                handle = pool.submit(SCRIPT + "; await quick()", bindings=bindings, on_console=lambda _: cut("console"))
                cuts.append(handle.cancel)
                assert (await handle).error.kind == "cancelled"
            await full_strength(pool)
        await nothing_more_than(pool, 1)


@pytest.mark.parametrize("moment", ["meanwhile", "in the same turn"])
async def test_cancelling_a_run_at_each_await_while_it_waits_its_turn(moment: str):
    async with Pool(workers=1, spares=1) as pool:
        for at in (1, 2):
            release = asyncio.Event()
            blocker = pool.submit("await wait()", bindings={"wait": release.wait})
            seen: list[int] = []
            task: asyncio.Task[ExecutionResult]
            cut = cutting(at, lambda: task.cancel(), moment, seen)  # noqa: B023
            task = asyncio.create_task(stepped(pool.execute("1"), cut))
            await asyncio.sleep(0)
            behind = pool.submit("'behind'")
            release.set()
            [ended] = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError)
            assert (await behind).value == "behind"
            await blocker
            await full_strength(pool)


@pytest.mark.parametrize("moment", ["meanwhile", "in the same turn"])
@pytest.mark.parametrize("spares", [0, 1])
async def test_cancelling_a_handle_at_each_await_ends_it_as_data(moment: str, spares: int, monkeypatch):
    async with Pool(RuntimeConfig(timeout_seconds=30), workers=1, spares=spares) as pool:
        really = pool._run
        at, uncut = 0, False
        while not uncut:
            at += 1
            seen: list[int] = []
            handles: list[Any] = []
            cut = cutting(at, lambda: handles[0].cancel(), moment, seen)  # noqa: B023

            def run(job: Job, progress: Progress, cut: AtWait = cut) -> Any:
                return stepped(really(job, progress), cut)

            monkeypatch.setattr(pool, "_run", run)
            handles.append(pool.submit(SCRIPT, bindings=BINDINGS))
            ended = await handles[0]
            monkeypatch.setattr(pool, "_run", really)
            uncut = seen[-1] < at
            # Cut at its last await it may have had the value in hand.
            in_hand = ended.ok and moment == "in the same turn" and seen[-1] == at
            assert ended.ok if uncut or in_hand else ended.error.kind == "cancelled", (at, ended.error)
            assert ended.run_id == handles[0].run_id
            await full_strength(pool)
        assert at > 1
        await nothing_more_than(pool, spares)


@pytest.mark.parametrize("moment", ["meanwhile", "in the same turn"])
async def test_cancelling_a_start_at_each_await_leaves_no_process(moment: str):
    before = psutil.Process().num_fds()
    async with Pool(workers=1, spares=0) as pool:
        at, uncut = 0, False
        while not uncut:
            at += 1
            seen: list[int] = []
            task: asyncio.Task[Any]
            cut = cutting(at, lambda: task.cancel(), moment, seen)  # noqa: B023
            task = asyncio.create_task(stepped(pool._starts._start(pool._kind, True), cut))
            [ended] = await asyncio.gather(task, return_exceptions=True)
            uncut = seen[-1] < at
            if uncut:
                await ended.close()
            else:
                assert isinstance(ended, asyncio.CancelledError), (at, ended)
            await pool._starts.all_compiled()  # which takes a turn at the gate, as any start
            assert pool._starts.going == 0
            assert pool._starts._gate.free == pool._starts.cores
            await full_strength(pool)
        assert at > 3  # spawned, ready, limited
        await nothing_more_than(pool, 0)
    assert psutil.Process().num_fds() == before


@pytest.mark.parametrize("cancels", [1, 1_000])
@pytest.mark.parametrize("part", ["drain", "end"])
async def test_leaving_a_pool_leaves_nothing_even_if_that_is_cancelled(part: str, cancels: int):
    """A deadline may come while it drains, and anyio cancels whatever goes on in its scope at each turn of the loop."""
    before, children = psutil.Process().num_fds(), psutil.Process().children()
    running = asyncio.Event()

    async def use() -> None:
        async with Pool(workers=1, spares=0) as pool:
            pool.submit("console.log(1); for (;;) {}", on_console=lambda _: running.set())
            if part == "end":
                await asyncio.Future()
            await running.wait()

    task = asyncio.create_task(use())
    await running.wait()
    await asyncio.sleep(0)
    while not task.done() and cancels:
        cancels -= 1
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task

    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    assert psutil.Process().children() == children
    assert psutil.Process().num_fds() == before


async def test_a_caller_that_was_cancelled_before_is_told_that_the_pool_was_closed():
    """Who catches a cancellation and tidies up by a script; its task still counts as asked to end."""

    async def tidy() -> ExecutionResult:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await pool.execute("1 + 1")
        raise AssertionError

    pool = await Pool(workers=1, spares=0).start()
    caller = asyncio.create_task(tidy())
    await asyncio.sleep(0)
    caller.cancel()
    while not pool._supply._awaited:  # noqa: ASYNC110 - until it waits for its worker
        await asyncio.sleep(0)
    await pool.close(0)
    with pytest.raises(PoolClosed):
        await caller
