"""How many processes are kept ready: between two bounds, by what runs had to wait for."""

from __future__ import annotations

import asyncio

import pytest

from stockade import Pool, RuntimeConfig, supply
from stockade.spares import wanted


def test_the_number_follows_what_was_missed_between_its_bounds():
    number = wanted((1, 3))
    seen = [number.now]
    for happened in (number.missed, number.missed, number.missed, number.quiet, number.quiet, number.quiet):
        happened()
        seen.append(number.now)

    assert seen == [1, 2, 3, 3, 2, 1, 1]


def test_a_fixed_number_stays():
    number = wanted(2)
    number.missed()
    assert (number.now, number.raised) == (2, False)
    number.quiet()
    assert number.now == 2


@pytest.mark.parametrize("spares", [-1, (-1, 2), (3, 2), (1, 2, 3), (1,), 1.5, ("1", 2), [1, 2.5], None])
def test_bounds_that_make_no_sense_are_refused(spares: object):
    with pytest.raises(ValueError, match="spares"):
        wanted(spares)  # type: ignore[arg-type]


async def test_spares_grow_while_runs_have_to_wait_and_shrink_after_a_quiet_time(monkeypatch):
    monkeypatch.setattr(supply, "QUIET_SECONDS", 0.05)
    async with Pool(workers=4, spares=(1, 3)) as pool:
        assert pool.stats().workers.spares_wanted == 1
        shrunk = asyncio.Event()
        quiet = pool._supply.wanted.quiet

        def was_quiet() -> None:
            quiet()
            if pool.stats().workers.spares_wanted == 1:
                shrunk.set()

        monkeypatch.setattr(pool._supply.wanted, "quiet", was_quiet)
        handles = [pool.submit("1") for _ in range(4)]  # one spare for four runs
        await asyncio.sleep(0)
        grown = pool.stats().workers.spares_wanted
        assert all([(await handle).ok for handle in handles])
        await shrunk.wait()
        await pool._supply.all_ended()
        after = pool.stats()

    assert grown == 3
    assert after.workers.spares_wanted == 1
    assert len(pool._supply.spares) == 0


async def test_a_run_that_finds_a_spare_ready_asks_for_no_more():
    async with Pool(workers=1, spares=(1, 4)) as pool:
        for _ in range(3):
            await asyncio.shield(pool._supply.spares[0])
            assert (await pool.execute("1")).ok
        assert pool.stats().workers.spares_wanted == 1


async def test_a_run_that_no_spare_could_serve_asks_for_no_more():
    async with Pool(workers=1, spares=(0, 4)) as pool:
        assert (await pool.execute("1", config=RuntimeConfig(memory_limit_mb=64))).ok
        assert pool.stats().workers.spares_wanted == 0


async def test_the_quiet_time_begins_anew_with_each_run_that_has_to_wait():
    async with Pool(workers=1, spares=(0, 4)) as pool:
        pool._supply._missed()
        before = pool._supply._quiet
        pool._supply._missed()
        assert before is not None
        assert before.cancelled()
