"""Faults on purpose: each comes about where it was asked for, and is seen in the result as what it is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

import pytest

from stockade import Pool, RuntimeConfig, binding
from stockade import sync as blocking
from stockade.retry import RetryPolicy
from stockade.testing import Faults, at_call, at_console, at_script, at_start, before_ending
from stockade.testing.points import Point

CONFIG = RuntimeConfig(timeout_seconds=20, start_timeout_seconds=20)
# For what a frozen worker makes a caller wait for.
SOON = RuntimeConfig(timeout_seconds=2, start_timeout_seconds=20)
SOON_STARTED = RuntimeConfig(timeout_seconds=20, start_timeout_seconds=5)

SCRIPT = "console.log('one'); const a = await add(1, 2); console.log('two'); const b = await add(a, 3); 'done ' + b"


@binding(read_only=True)
async def add(a: int, b: int) -> int:
    return a + b


async def buy(what: str) -> str:
    return what


BINDINGS = {"add": add, "buy": buy}


def pool_with(faults: Faults, config: RuntimeConfig = CONFIG, **options: object) -> Pool:
    options = {"workers": 1, "spares": 0, "bindings": BINDINGS} | options
    return faults.attach(Pool(config, **options))  # type: ignore[arg-type]


MET = [
    # effect, point, kind of error, console lines that arrived, calls made
    ("kill", at_script(), "worker_crashed", 0, 0),
    ("kill", at_console(2), "worker_crashed", 2, 1),
    ("kill", at_call(1), "worker_crashed", 1, 1),
    ("kill", at_call(2), "worker_crashed", 2, 2),
    ("kill", before_ending(), "worker_crashed", 2, 2),
    ("freeze", at_script(), "timeout", 0, 0),
    ("freeze", at_call(2), "timeout", 2, 2),
    ("freeze", before_ending(), "timeout", 2, 2),
    ("flood", at_script(), "output_limit", None, 0),
    ("flood", at_call(1), "output_limit", None, 1),
    ("flood", before_ending(), "output_limit", None, 2),
    ("corrupt", at_script(), "worker_crashed", 0, 0),
    ("corrupt", at_console(1), "protocol_violation", 0, 0),
    ("corrupt", at_call(2), "protocol_violation", 2, 1),
    ("corrupt", before_ending(), "protocol_violation", 2, 2),
]


@pytest.mark.parametrize(
    ("effect", "point", "kind", "lines", "calls"), MET, ids=[f"{met[0]}-{met[1].where}-{met[1].nth}" for met in MET]
)
async def test_a_fault_is_seen_as_what_it_is_and_the_next_run_is_well(
    mode: str, effect: str, point: Point, kind: str, lines: int | None, calls: int
):
    faults = Faults(**{effect: point})
    async with pool_with(faults, SOON if effect == "freeze" else CONFIG, isolation=mode) as pool:
        run = await pool.execute(SCRIPT)
        following = await pool.execute(SCRIPT, config=CONFIG)

    assert run.error is not None
    assert run.error.kind == kind
    assert lines is None or len(run.console_output) == lines
    assert run.usage.calls == calls
    assert following.value == "done 6"
    [injected] = faults.injected
    assert (injected.effect, injected.where, injected.nth) == (effect, point.where, point.nth)
    assert injected.script == SCRIPT
    if effect == "kill":
        assert run.error.evidence.signal == signal.SIGKILL


@pytest.mark.parametrize("effect", ["kill", "freeze", "flood", "corrupt"])
async def test_a_fault_at_the_start_is_a_start_that_failed(effect: str):
    faults = Faults(**{effect: at_start()})
    async with pool_with(faults, SOON_STARTED if effect == "freeze" else CONFIG) as pool:
        run = await pool.execute("1 + 1")
        following = await pool.execute("1 + 1")

    assert run.error is not None
    assert (run.error.kind, run.started) == ("start_failed", False)
    assert following.value == 2
    assert [fault.script for fault in faults.injected] == [None]


@pytest.mark.parametrize(
    "point", [at_start(), at_script(), at_call(1), at_console(2), before_ending()], ids=lambda point: point.where
)
async def test_a_delay_changes_when_and_nothing_else(point: Point):
    faults = Faults(delay=point, delay_seconds=0.05)
    async with pool_with(faults) as pool:
        run = await pool.execute(SCRIPT)

    assert run.value == "done 6"
    assert [line.text for line in run.console_output] == ["one", "two"]
    assert len(faults.injected) == 1


async def test_a_worker_that_ends_while_it_is_delayed_is_heard_to_its_end():
    faults = Faults(delay=at_console(1), delay_seconds=0.05, kill=at_call(1))
    async with pool_with(faults) as pool:
        run = await pool.execute(SCRIPT)

    assert run.error is not None
    assert (run.error.kind, run.usage.calls) == ("worker_crashed", 1)
    assert [line.text for line in run.console_output] == ["one"]
    assert [fault.effect for fault in faults.injected] == ["delay", "kill"]


async def test_a_delay_beyond_the_time_limit_is_a_timeout():
    async with pool_with(Faults(delay=before_ending(), delay_seconds=30), SOON) as pool:
        run = await pool.execute("1 + 1")

    assert run.error is not None
    assert run.error.kind == "timeout"


async def test_messages_of_any_size_pass_unharmed_beside_a_fault():
    async def large(times: int) -> str:
        return "x" * times

    faults = Faults(delay=at_call(2), delay_seconds=0.05)
    async with pool_with(faults, CONFIG, bindings={"large": large}) as pool:
        run = await pool.execute("(await large(3_000_000)).length + (await large(100_000)).length + 'y'.repeat(1e6)")

    assert run.result is not None
    assert len(run.value) == 1_000_007
    assert len(faults.injected) == 1


async def test_a_fault_happens_once_or_so_many_times():
    once, twice = Faults(kill=at_script()), Faults(kill=at_script(times=2))
    for faults, expected in ((once, 1), (twice, 2)):
        async with pool_with(faults) as pool:
            kinds = [(await pool.execute("1")).ok for _ in range(4)]
        assert kinds == [False] * expected + [True] * (4 - expected)


async def test_a_flood_where_the_console_is_off_breaks_the_protocol_with_its_first_line():
    async with pool_with(Faults(flood=at_call(1)), RuntimeConfig(timeout_seconds=20, enable_console=False)) as pool:
        run = await pool.execute(SCRIPT)

    assert run.error is not None
    assert (run.error.kind, run.console_output) == ("protocol_violation", [])


async def test_calls_and_lines_are_counted_for_each_run_of_a_reused_worker():
    faults = Faults(kill=at_call(2))
    async with pool_with(faults, isolation="context") as pool:
        short = [await pool.execute("await add(1, 1)") for _ in range(3)]
        long = await pool.execute(SCRIPT)

    assert [run.value for run in short] == [2, 2, 2]
    assert not long.ok


async def test_the_same_seed_strikes_the_same_runs_whatever_their_order():
    struck: list[set[str | None]] = []
    for order in (1, -1):
        faults = Faults(kill=[at_script(probability=0.3), at_call(1, probability=0.3)], seed=7)
        async with pool_with(faults, workers=2, spares=1) as pool:
            await asyncio.gather(*(pool.execute(f"await add({n}, 1)") for n in range(20)[::order]))
        struck.append({fault.script for fault in faults.injected})

    assert struck[0] == struck[1]
    assert 2 <= len(struck[0]) <= 18


def test_a_seed_that_was_drawn_is_told_so_that_it_can_be_given(caplog: pytest.LogCaptureFixture):
    faults = Faults(kill=at_script(probability=0.5))
    Faults(kill=at_script(probability=0.5), seed=3)
    Faults(kill=at_script(probability=1))
    Faults(kill=at_script())

    [told] = [record.message for record in caplog.records]
    assert f"seed={faults.seed};" in told


async def test_a_retry_mends_what_was_safe_to_run_again_and_nothing_else():
    policy = RetryPolicy(attempts=3, backoff_seconds=0.01)
    async with pool_with(Faults(kill=at_call(2))) as pool:
        safe = await pool.execute(SCRIPT, retry=policy)
    async with pool_with(Faults(kill=at_call(1))) as pool:
        unsafe = await pool.execute("await buy('tea')", retry=policy)
    async with pool_with(Faults(kill=at_call(1, times=9))) as pool:
        hopeless = await pool.execute(SCRIPT, retry=policy)

    assert (safe.value, safe.attempt) == ("done 6", 2)
    assert unsafe.error is not None
    assert (unsafe.error.kind, unsafe.attempt, unsafe.safe_to_retry) == ("worker_crashed", 1, False)
    assert hopeless.error is not None
    assert (hopeless.error.kind, hopeless.attempt) == ("worker_crashed", 3)


async def test_faults_that_are_not_active_do_nothing():
    faults = Faults(kill=at_script())
    faults.active = False
    async with pool_with(faults) as pool:
        assert (await pool.execute("1")).value == 1
        faults.active = True
        assert not (await pool.execute("1")).ok


def test_a_blocking_pool_meets_them_as_well():
    faults = Faults(kill=at_call(1))
    with faults.attach(blocking.Pool(CONFIG, workers=1, spares=0, bindings=BINDINGS)) as pool:
        first, second = pool.execute(SCRIPT), pool.execute(SCRIPT)

    assert first.error is not None
    assert (first.error.kind, second.value) == ("worker_crashed", "done 6")


async def test_a_pool_that_has_started_is_refused():
    async with Pool(CONFIG, workers=1, spares=0) as pool:
        with pytest.raises(ValueError, match="before it starts"):
            Faults(kill=at_script()).attach(pool)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: at_call(0), "n must be a whole number of at least 1, not 0"),
        (lambda: at_call(1, times=0), "times must be a whole number of at least 1"),
        (lambda: at_script(probability=0), "probability must be more than 0"),
        (lambda: at_script(probability=1.5), "at most 1"),
        (lambda: Faults(delay=at_call(), delay_seconds=0), "delay_seconds must be more than 0"),
        (lambda: at_call("x"), "n must be a whole number of at least 1, not 'x'"),  # pyright: ignore[reportArgumentType]
        (lambda: at_script(probability="1"), "more than 0"),  # pyright: ignore[reportArgumentType]
        (lambda: Faults(kill=5), "kill must be of type Point, not int"),  # pyright: ignore[reportArgumentType]
        (lambda: Faults(kill=[5]), "kill must be of type Point, not int"),  # pyright: ignore[reportArgumentType]
        (lambda: Faults().attach(5), "pool must be of type Pool, not int"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], told: str):
    with pytest.raises(ValueError, match=told):
        make()
