"""How many calls of a run are out, and for how long: what the limit counts, and what the time is charged to."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref

import pytest

from stockade import ExecutionResult, Pool, RuntimeConfig, binding
from stockade.bindings import RunInfo, current_run
from stockade.events import CallEnded, Event, RunEnded, RunStarted

LANES = """
let out = 0, most = 0;
const lane = async () => {
  for (let i = 0; i < 5; i += 1) { most = Math.max(most, ++out); await page(); out -= 1; }
};
await Promise.all(Array.from({ length: 40 }, lane));
most
"""


async def test_as_many_lanes_as_calls_may_be_in_flight_run_through_whatever_the_size_of_an_answer(pool: Pool):
    """An answer is taken once it is in the pipe, though others of the same write are not."""

    async def page() -> str:
        return "x" * 20_000

    limits = RuntimeConfig(max_calls_in_flight=40)
    run = await pool.execute(LANES, bindings={"page": page}, config=limits)

    assert run.error is None, run.error
    assert (run.value, run.usage.calls) == (40, 200)


async def test_timers_that_are_cleared_are_in_flight_no_longer(pool: Pool):
    """The usual way to bound a call leaves a cleared timer behind each."""

    async def ask(number: int) -> int:
        return number

    script = """
    const bounded = (work) => {
      let timer;
      const late = new Promise((_, refuse) => { timer = setTimeout(refuse, 60_000); });
      return Promise.race([work, late]).finally(() => clearTimeout(timer));
    };
    let sum = 0;
    for (let i = 0; i < 100; i += 1) sum += await bounded(ask(1));
    sum
    """
    run = await pool.execute(script, bindings={"ask": ask}, config=RuntimeConfig(max_calls_in_flight=2))

    assert run.error is None, run.error
    assert run.value == 100


async def test_a_timer_may_be_cleared_while_its_answer_is_on_the_way(pool: Pool):
    """It is too late then on the wire, and not for the script."""
    script = """
    const rang = [];
    const timer = setTimeout(() => rang.push('cleared'), 1);
    const until = Date.now() + 50;
    while (Date.now() < until);
    clearTimeout(timer);
    await new Promise((go) => setTimeout(go, 5));
    rang.length
    """
    assert (await pool.execute(script)).value == 0


async def test_a_cleared_timer_makes_no_waiting_of_computing(pool: Pool):
    script = """
    const timer = setTimeout(() => {}, 60_000);
    clearTimeout(timer);
    await told();
    const until = Date.now() + 200;
    while (Date.now() < until);
    """

    async def told() -> None:
        pass

    usage = (await pool.execute(script, bindings={"told": told})).usage

    assert usage.compute_ms >= 200
    assert usage.compute_ms + usage.host_ms <= usage.wall_ms + 0.01


async def test_a_call_that_its_worker_did_not_survive_took_no_longer_than_the_run(pool: Pool):
    """The worker's end is awaited after the run's, and is nobody's time."""

    async def never() -> None:
        await asyncio.Event().wait()

    async def kill() -> None:
        (worker,) = pool._supply.running
        worker.process.child.kill()
        await asyncio.Event().wait()

    for _ in range(3):
        run = await pool.execute("never(); await kill()", bindings={"never": never, "kill": kill})

        assert run.error is not None
        assert run.error.kind == "worker_crashed"
        assert [call.outcome for call in run.calls] == ["in_flight"] * 2
        assert run.usage.host_ms <= run.usage.wall_ms
        assert all(call.ms <= run.usage.wall_ms for call in run.calls)


async def test_a_plain_function_that_goes_on_after_its_call_was_rejected_keeps_its_turn(pool: Pool):
    going, most = 0, 0
    first_may_end = threading.Event()

    @binding(concurrency=1, timeout_seconds=0.05)
    def one(number: int) -> int:
        nonlocal going, most
        going += 1
        most = max(most, going)
        if number == 1:
            first_may_end.wait(20)
        going -= 1
        return number

    @binding(read_only=True)
    async def release() -> None:
        first_may_end.set()

    script = """
    const first = await one(1).catch((error) => error.name);
    const second = one(2);
    await release();
    [first, await second]
    """
    run = await pool.execute(script, bindings={"one": one, "release": release})

    assert run.value == ["TimeoutError", 2]
    assert most == 1


async def test_the_wait_for_a_turn_is_part_of_what_a_call_may_take(pool: Pool):
    @binding(concurrency=1, timeout_seconds=20)
    async def never() -> None:
        await asyncio.Event().wait()

    script = "(await Promise.allSettled([never(), never()])).map(({ reason }) => reason.message)"
    run = await pool.execute(script, bindings={"never": never}, config=RuntimeConfig(call_timeout_seconds=0.05))

    assert run.value == ["never took longer than 0.05 seconds"] * 2


async def test_what_a_hook_takes_is_no_time_of_the_call_that_the_end_of_its_run_cut_short():
    """A run ends while one of its calls is in flight and another is answered, but not told of yet."""
    told: list[ExecutionResult] = []
    started: list[float] = []

    def hear(event: Event) -> None:
        match event:
            case RunStarted():
                started.append(time.monotonic())
            case CallEnded(outcome="resolved"):
                now = time.monotonic()
                while time.monotonic() < now + (now - started[0]):  # as long as the whole run
                    pass
            case RunEnded(result=result):
                told.append(result)
            case _:
                pass

    async def first() -> None:
        await asyncio.sleep(0)
        caller.cancel()

    async def never() -> None:
        await asyncio.Event().wait()

    async with Pool(workers=1, spares=0, on_event=hear) as pool:
        caller = asyncio.create_task(
            pool.execute("await Promise.all([never(), first()])", bindings={"first": first, "never": never})
        )
        with pytest.raises(asyncio.CancelledError):
            await caller
    (result,) = told
    assert [(call.name, call.outcome) for call in result.calls] == [("first", "resolved"), ("never", "in_flight")]
    assert result.calls[1].ms <= result.usage.wall_ms
    assert result.usage.host_ms <= result.usage.wall_ms


@pytest.mark.parametrize("ending", ["1", "throw new Error('no')", "while (true) {}", "keep(); 1"])
async def test_what_bindings_keep_for_a_run_goes_as_it_ends(pool: Pool, ending: str):
    runs: list[RunInfo] = []
    counts: list[int] = []

    async def keep() -> None:
        run = current_run()
        assert run is not None
        run.kept[keep] = run.kept.get(keep, 0) + 1
        runs.append(run)
        counts.append(run.kept[keep])

    limits = RuntimeConfig(timeout_seconds=1)
    for _ in range(2):
        await pool.execute(f"await keep(); await keep(); {ending}", bindings={"keep": keep}, config=limits)

    assert counts[:2] == [1, 2]
    assert runs[0] is not runs[-1]
    assert [run.kept for run in runs] == [{}] * len(runs)


async def test_what_the_bindings_of_a_run_hold_is_let_go_as_it_ends(pool: Pool):
    """And not once Python looks for cycles: a service makes them anew for each of its requests."""

    class Request:
        async def answer(self) -> int:
            return 1

    request = Request()
    held = weakref.ref(request)
    gc.disable()
    try:
        await pool.execute("1", bindings={"answer": request.answer})
        del request
        assert held() is None
    finally:
        gc.enable()
