"""A run that asks for something else than its recording holds: what differs is told, of each run on its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stockade import Pool, RetryPolicy, binding
from stockade.bindings import current_run
from stockade.testing import Faults, at_call, record, replay


@binding(read_only=True)
async def price(sku: str) -> float:
    return len(sku) + 0.5


async def stock(sku: str) -> list[str]:
    return [sku]


async def best(offers: list[float]) -> float:
    return min(offers)


SHOP = {"price": price, "stock": stock, "best": best}

DIFFERENT = [
    ("await price('tea'); await stock('milk')", "other_arguments", 2, 'stock("tea")', 'stock("milk")'),
    ("await price('tea'); await best([])", "other_name", 2, 'stock("tea")', "best([])"),
    ("await price('tea'); await stock('tea'); await stock('tea')", "extra_call", 3, None, 'stock("tea")'),
    ("await price('tea')", "calls_left", 2, 'stock("tea")', None),
    ("1", "calls_left", 1, 'price("tea")', None),
]


@pytest.mark.parametrize(("script", "reason", "call", "expected", "got"), DIFFERENT, ids=[d[1] for d in DIFFERENT])
async def test_the_first_difference_is_told_as_data_and_ends_the_call(
    pool: Pool, tmp_path: Path, script: str, reason: str, call: int, expected: str | None, got: str | None
):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea'); await stock('tea')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    run = await pool.execute(script, bindings=replayed)
    difference = replayed.difference

    assert difference is not None
    assert (difference.reason, difference.call, difference.expected, difference.got) == (reason, call, expected, got)
    assert str(difference).splitlines()[1:3] == [
        f"expected  {expected or 'no call'}",
        f"got       {got or 'no call'}",
    ]
    if got is not None:
        assert run.error is not None
        assert (run.error.name, run.error.message) == ("ReplayDifference", difference.message)


async def test_a_difference_the_script_catches_is_still_told(pool: Pool, tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    run = await pool.execute("try { await price('cocoa') } catch {} 'fine'", bindings=replayed)

    assert run.value == "fine"
    assert replayed.difference is not None
    assert replayed.difference.got == 'price("cocoa")'


async def test_each_run_of_one_replay_is_judged_on_its_own(pool: Pool, tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    told: list[str | None] = []
    for script in ("price('tea')", "1", "price('cocoa')", "price('tea')"):
        await pool.execute(f"await {script}", bindings=replayed)
        told.append(replayed.difference and replayed.difference.reason)

    assert told == [None, "calls_left", "other_arguments", None]


async def test_looking_at_a_replay_does_not_change_what_it_tells_of_its_last_run(pool: Pool, tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    told: list[str | None] = []
    for script in ("price('tea')", "1", "price('cocoa')"):
        await pool.execute(f"await {script}", bindings=replayed)
        assert list(replayed) == list(dict(replayed)) == list(SHOP)
        told.append(replayed.difference and replayed.difference.reason)

    assert told == [None, "calls_left", "other_arguments"]


async def test_of_runs_that_go_on_at_once_each_is_judged_by_its_result(tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        async with Pool(workers=1, spares=0, bindings=bindings) as pool:
            await pool.execute("await price('tea')")
    replayed = replay(tmp_path / "run.jsonl")
    async with Pool(workers=2, spares=0, bindings=replayed) as pool:
        scripts = ("price('tea')", "1", "price('cocoa')", "price('tea')")
        runs = await asyncio.gather(*(pool.execute(f"await {script}") for script in scripts))

    differences = [replayed.difference_in(run) for run in runs]
    assert [each and each.reason for each in differences] == [None, "calls_left", "other_arguments", None]


async def test_of_a_run_that_is_made_again_the_last_attempt_is_judged_though_it_makes_no_call(
    pool: Pool, tmp_path: Path
):
    @binding(read_only=True)
    async def attempt() -> int:
        run = current_run()
        assert run is not None
        return run.attempt

    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    faulty = Faults(kill=at_call(2)).attach(Pool(workers=1, spares=0, retry=RetryPolicy(backoff_seconds=0.01)))
    async with faulty as other:
        script = "if (await attempt() === 1) await price('tea')"
        run = await other.execute(script, bindings={**replayed, "attempt": attempt})

    assert (run.ok, run.attempt) == (True, 2)
    difference = replayed.difference_in(run)
    assert difference is not None
    assert difference.reason == "calls_left"


async def test_long_calls_are_cut_to_where_they_begin_to_differ(pool: Pool, tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await stock('x'.repeat(5000) + 'old' + 'y'.repeat(5000))", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    await pool.execute("await stock('x'.repeat(5000) + 'new' + 'y'.repeat(5000))", bindings=replayed)

    _, expected, got, caret = str(replayed.difference).splitlines()
    assert max(len(expected), len(got)) < 120
    assert (expected[caret.index("^")], got[caret.index("^")]) == ("o", "n")
