"""Runs that go on by themselves: awaited, cancelled and listened to through their handles."""

from __future__ import annotations

import asyncio

import pytest

from stockade import InvalidScript, Pool, PoolClosed, QueueFull, QueueRules, QueueTimeout, RuntimeConfig

FOREVER = "console.log('in'); for (;;) {}"


async def test_a_handle_gives_the_result_to_each_who_awaits_it(pool: Pool):
    handle = pool.submit("1 + 1")

    assert [run.value for run in await asyncio.gather(handle, handle)] == [2, 2]
    assert handle.done()
    assert handle.state == "done"
    assert (await handle).run_id == handle.run_id
    assert not handle.cancel()


async def test_what_cannot_run_is_refused_before_there_is_a_handle():
    async with Pool(workers=1, queue=QueueRules(max_waiting=1)) as pool:
        with pytest.raises(InvalidScript):
            pool.submit(1)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="nonsense"):
            pool.submit("1", nonsense=1)  # type: ignore[call-arg]
        first, second = pool.submit("1"), pool.submit("2")
        with pytest.raises(QueueFull) as full:
            pool.submit("3")
        assert (full.value.waiting, full.value.max_waiting, full.value.running) == (1, 1, 1)
        assert [(await first).value, (await second).value] == [1, 2]
    with pytest.raises(PoolClosed):
        pool.submit("4")


async def test_a_cancelled_run_ends_as_data_with_its_console_so_far(pool: Pool):
    handle = pool.submit(FOREVER)
    lines = handle.console()
    assert (await anext(lines)).text == "in"
    assert handle.state == "running"
    assert handle.cancel()
    run = await handle

    assert (run.error.kind, run.error.message) == ("cancelled", "the run was cancelled by its caller")
    assert [line.text for line in run.console_output] == ["in"]
    assert run.started
    assert (await pool.execute("1 + 1")).value == 2


async def test_a_run_cancelled_while_it_waits_never_starts():
    async with Pool(workers=1) as pool:
        first = pool.submit(FOREVER)
        await anext(first.console())
        second = pool.submit("2")
        assert second.state == "waiting"
        at_once = pool.submit("3")
        at_once.cancel()  # its task has not taken a single step
        await asyncio.sleep(0)
        second.cancel()
        for handle in (second, at_once):
            run = await handle
            assert (run.error.kind, run.started, run.run_id) == ("cancelled", False, handle.run_id)
            assert [line async for line in handle.console()] == []
        first.cancel()
        await first
        assert pool.stats().queue.waiting == 0
        assert (await pool.execute("1 + 1")).value == 2


async def test_cancelling_who_awaits_a_handle_does_not_end_the_run(pool: Pool):
    release = asyncio.Event()
    handle = pool.submit("await wait(); 'went on'", bindings={"wait": release.wait})
    waiter = asyncio.create_task(asyncio.wait_for(handle, 60))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    release.set()

    assert (await handle).value == "went on"


async def test_the_console_is_heard_while_the_script_runs_and_from_the_start_by_each(pool: Pool):
    heard: list[str] = []
    handle = pool.submit(
        "for (let n = 0; n < 3; n++) { console.log(n); await next(n) }",
        bindings={"next": lambda n: heard.append(f"call {n}")},
        on_console=lambda line: heard.append(f"hook {line.text}"),
    )
    early = [line.text async for line in handle.console()]

    assert early == ["0", "1", "2"] == [line.text async for line in handle.console()]
    assert heard == ["hook 0", "call 0", "hook 1", "call 1", "hook 2", "call 2"]


async def test_all_who_wait_for_a_line_at_once_hear_it(pool: Pool):
    release = asyncio.Event()
    handle = pool.submit("console.log('now'); await wait(); console.log('then')", bindings={"wait": release.wait})
    both = [handle.console(), handle.console()]
    assert [(await anext(lines)).text for lines in both] == ["now", "now"]
    waiting = asyncio.gather(*(anext(lines) for lines in both))
    await asyncio.sleep(0)  # now they do
    release.set()
    assert [line.text for line in await waiting] == ["then", "then"]


async def test_closing_ends_what_was_submitted():
    pool = await Pool(workers=1).start()
    running, waiting = pool.submit(FOREVER), pool.submit("2")
    await anext(running.console())
    await pool.close(drain_seconds=0)

    assert running.done()
    assert waiting.done()
    assert (await running).error.message == "the run was cancelled because its pool closed"
    with pytest.raises(PoolClosed) as refused:
        await waiting
    assert (refused.value.running, refused.value.waiting) == (1, 1)


async def test_a_run_whose_task_the_loop_cancels_as_it_ends_is_over(pool: Pool):
    """Else whoever waits for it in another thread would do so for ever."""
    handle = pool.submit(f"console.log('in'); {FOREVER}")
    await anext(handle.console())
    handle._task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handle.ending
    assert handle.state == "done"


async def test_a_run_that_waits_too_long_says_how_the_queue_was():
    async with Pool(workers=1, queue=QueueRules(queue_timeout_seconds=0.05)) as pool:
        first = pool.submit(FOREVER)
        late = pool.submit("2", tenant="a")
        with pytest.raises(QueueTimeout) as told:
            await late
        assert (told.value.tenant, told.value.running, told.value.waiting) == ("a", 1, 0)
        first.cancel()
        assert pool.stats().queue.refused_timeout == 1


async def test_a_hook_that_raises_ends_the_run_and_the_handle_says_why():
    def hook(_: object) -> None:
        raise KeyError("mine")

    async with Pool(RuntimeConfig(timeout_seconds=5), workers=1) as pool:
        with pytest.raises(KeyError, match="mine"):
            await pool.submit(FOREVER, on_console=hook)
        assert (await pool.execute("1 + 1")).value == 2
