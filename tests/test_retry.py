"""Which failed runs are made again, how often, and what their results say."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from stockade import ExecutionResult, Pool, QueueRules, RetryPolicy, binding
from stockade.events import Event, RunEnded, RunStarted
from stockade.result import ErrorKind, RunError
from stockade.testing import Faults, at_start

QUICKLY = RetryPolicy(attempts=3, backoff_seconds=0)


def killing(pool: Pool, times: int, *, read_only: bool = True) -> Callable[[], int]:
    """A binding that brings down the worker of its caller so many times, and then answers how often it was called."""
    calls = 0

    @binding(read_only=read_only)
    async def fall() -> int:
        nonlocal calls
        calls += 1
        if calls <= times:
            [worker] = pool._supply.running
            os.kill(worker.process.child.pid, signal.SIGKILL)
            await asyncio.Event().wait()
        return calls

    return fall  # type: ignore[return-value]


async def test_a_run_whose_worker_dies_is_made_again_under_the_same_id():
    told: list[Event] = []
    async with Pool(workers=1, on_event=told.append) as pool:
        handle = pool.submit("console.log('again'); await fall()", bindings={"fall": killing(pool, 2)}, retry=QUICKLY)
        run = await handle
        heard = [line.text async for line in handle.console()]

    assert (run.value, run.attempt, run.run_id) == (3, 3, handle.run_id)
    assert [line.text for line in run.console_output] == ["again"]
    assert heard == ["again"] * 3
    started = [event for event in told if isinstance(event, RunStarted)]
    ended = [event for event in told if isinstance(event, RunEnded)]
    assert [(event.run_id, event.attempt) for event in started] == [(run.run_id, n) for n in (1, 2, 3)]
    assert [event.result.ok for event in ended] == [False, False, True]


async def test_a_script_that_brings_its_worker_down_every_time_ends_with_the_last_attempt():
    async with Pool(workers=1, retry=QUICKLY) as pool:
        run = await pool.execute("await fall()", bindings={"fall": killing(pool, 99)})
        stats = pool.stats()

        assert (run.error.kind, run.attempt) == ("worker_crashed", 3)
        assert (stats.outcomes, stats.retries) == ({"worker_crashed": 3}, 2)
        assert (await pool.execute("1 + 1")).value == 2


async def test_what_may_have_had_an_effect_is_not_made_again():
    async with Pool(workers=1, retry=QUICKLY) as pool:
        run = await pool.execute("await fall()", bindings={"fall": killing(pool, 1, read_only=False)})

    assert (run.error.kind, run.attempt, run.safe_to_retry) == ("worker_crashed", 1, False)


@pytest.mark.parametrize("script", ["throw new Error('mine')", "nonsense(", "for (;;) {}", "await never"])
async def test_the_faults_of_a_script_are_not_made_again(pool: Pool, script: str):
    limits = pool.config.model_copy(update={"timeout_seconds": 0.3})
    run = await pool.execute(script, config=limits, retry=QUICKLY)

    assert not run.ok
    assert run.attempt == 1


async def test_cancelling_between_two_attempts_keeps_what_is_known_of_the_first():
    ended = asyncio.Event()
    async with Pool(workers=1, on_event=lambda event: ended.set() if isinstance(event, RunEnded) else None) as pool:
        handle = pool.submit(
            "console.log('once'); await fall()",
            bindings={"fall": killing(pool, 1)},
            retry=RetryPolicy(backoff_seconds=60, max_backoff_seconds=60),
        )
        await ended.wait()
        await asyncio.sleep(0)
        assert handle.state == "waiting"
        handle.cancel()
        run = await handle

    assert (run.error.kind, run.started, run.attempt) == ("cancelled", True, 1)
    assert [line.text for line in run.console_output] == ["once"]


async def test_closing_the_pool_does_not_wait_for_the_next_attempt():
    ended = asyncio.Event()
    pool = await Pool(workers=1, on_event=lambda event: ended.set() if isinstance(event, RunEnded) else None).start()
    policy = RetryPolicy(backoff_seconds=3600, max_backoff_seconds=3600, total_seconds=10_000)
    handle = pool.submit("await fall()", bindings={"fall": killing(pool, 1)}, retry=policy)
    await ended.wait()
    await pool.close()

    assert (await handle).error.kind == "worker_crashed"


async def test_no_attempt_begins_after_the_total_time():
    async with Pool(workers=1) as pool:
        policy = RetryPolicy(backoff_seconds=10, max_backoff_seconds=10, total_seconds=9)
        run = await pool.execute("await fall()", bindings={"fall": killing(pool, 99)}, retry=policy)

    assert run.attempt == 1


def ended(kind: ErrorKind | None, *, safe: bool = True, attempt: int = 1) -> ExecutionResult:
    error = RunError(kind=kind, name="E", message="m") if kind else None
    return ExecutionResult(run_id="r", error=error, safe_to_retry=safe, attempt=attempt)


@pytest.mark.parametrize(
    ("result", "again"),
    [
        (ended(None), False),
        (ended("worker_crashed"), True),
        (ended("worker_crashed", safe=False), False),
        (ended("worker_crashed", attempt=2), True),
        (ended("worker_crashed", attempt=3), False),
        (ended("start_failed"), True),
        (ended("protocol_violation"), False),
        (ended("timeout"), False),
        (ended("cancelled"), False),
    ],
)
def test_the_default_policy_makes_again_what_the_machinery_failed(result: ExecutionResult, again: bool):
    assert RetryPolicy().wants_another(result) is again


def test_the_wait_doubles_up_to_its_bound():
    policy = RetryPolicy(attempts=9, backoff_seconds=0.5, max_backoff_seconds=3)

    assert [policy.wait_seconds(attempt) for attempt in (1, 2, 3, 4, 5)] == [0.5, 1, 2, 3, 3]


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0},
        {"backoff_seconds": -1},
        {"total_seconds": float("inf")},
        {"on": "worker_crashed"},
        {"on": ["timeout"]},
        {"on": [["worker_crashed"]]},
        {"max_backoff_seconds": float("nan")},
    ],
)
def test_a_policy_out_of_range_is_refused(options: dict[str, object]):
    with pytest.raises(ValueError, match=next(iter(options))):
        RetryPolicy(**options)  # type: ignore[arg-type]


async def test_a_further_attempt_waits_for_its_turn_as_long_as_its_policy_allows():
    """The queue's bound on time was for the first: a run of map() would else lose its attempt to its siblings."""
    rules = QueueRules(queue_timeout_seconds=0.05)
    slow = "await new Promise((go) => setTimeout(go, 150))"
    async with Pool(workers=1, retry=QUICKLY, queue=rules) as pool:
        bindings = {"fall": killing(pool, 1)}
        runs = [run async for run in pool.map(["await fall()", slow, slow], bindings=bindings)]
        assert pool.stats().queue.refused_timeout == 0

    assert [run.ok for run in runs] == [True] * 3
    assert runs[0].attempt == 2


async def test_a_further_attempt_that_gets_no_worker_does_not_hide_what_has_run():
    told: list[Event] = []
    faults = Faults(kill=at_start(times=10))
    async with faults.attach(Pool(workers=1, spares=0, retry=RetryPolicy(attempts=2), on_event=told.append)) as pool:
        faults.active = False
        kill = killing(pool, 1)

        @binding(idempotent=True)
        async def fall() -> int:
            faults.active = True  # no other worker becomes ready
            return await kill()  # pyright: ignore

        run = await pool.execute("console.log('here'); await fall()", bindings={"fall": fall})

    assert (run.error.kind, run.attempt, run.started) == ("worker_crashed", 1, True)
    assert [call.outcome for call in run.calls] == ["in_flight"]
    assert [line.text for line in run.console_output] == ["here"]
    ended = [event.result.error.kind for event in told if isinstance(event, RunEnded) and event.result.error]
    assert ended == ["worker_crashed", "start_failed"]


async def test_no_attempt_begins_after_the_total_time_whatever_it_would_have_waited_for():
    policy = RetryPolicy(attempts=5, backoff_seconds=0, total_seconds=1.3)
    faults = Faults(delay=at_start(probability=1.0), delay_seconds=0.7)
    async with faults.attach(Pool(workers=1, spares=0, retry=policy)) as pool:
        run = await pool.execute("await fall()", bindings={"fall": killing(pool, 5)})

    assert (run.error.kind, run.attempt) == ("worker_crashed", 1)


async def test_a_further_attempt_that_does_not_come_to_its_turn_in_time_is_no_run_turned_away():
    async with Pool(workers=1, retry=RetryPolicy(attempts=2, backoff_seconds=0, total_seconds=0.5)) as pool:
        first = pool.submit("await fall()", bindings={"fall": killing(pool, 1)})
        second = pool.submit("await new Promise(() => setTimeout(() => {}, 60_000))", retry=RetryPolicy(attempts=1))
        run = await first
        counted = pool.stats().queue
        second.cancel()
        await second

    assert (run.error.kind, run.attempt) == ("worker_crashed", 1)
    assert (counted.refused_timeout, counted.refused_full) == (0, 0)


async def test_what_on_console_raises_in_a_further_attempt_comes_out_whatever_it_is(pool: Pool):
    def raises(_: object) -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await pool.execute(
            "await fall(); console.log(1)", bindings={"fall": killing(pool, 1)}, retry=QUICKLY, on_console=raises
        )
