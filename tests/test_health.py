"""Workers that cannot be started: found out, not tried over and over, and taken up again when they can."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path

import pytest

from stockade import Pool, PoolClosed, PoolUnhealthy, RuntimeConfig, cores, starts
from stockade.events import Event, WorkerStarted
from stockade.node import bundled_node
from stockade.sandbox import PlainLauncher
from stockade.starts import UNHEALTHY_AFTER, Starts
from stockade.worker import Kind, Worker


@pytest.fixture
def switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Node that runs only while this file is there. No layers: they would not let a shell start."""
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    switch, node, real = tmp_path / "switch", tmp_path / "node", bundled_node()
    node.write_text(
        f'#!/bin/sh\nif [ "$1" = --version ] || [ -e {shlex.quote(str(switch))} ]; then exec {real} "$@"; fi\n'
        "echo out of order >&2; exit 3\n"
    )
    node.chmod(0o755)
    return switch


def config(switch: Path) -> RuntimeConfig:
    return RuntimeConfig(node=switch.with_name("node"))


def at_once_but_for_ever_when_unhealthy(failures: int) -> float:
    return 0.0 if failures < UNHEALTHY_AFTER else 3600.0


async def test_after_some_failed_starts_in_a_row_runs_are_refused_at_once_with_the_reason(switch, monkeypatch):
    monkeypatch.setattr(starts, "wait_seconds", at_once_but_for_ever_when_unhealthy)
    async with Pool(config(switch), workers=1, spares=0) as pool:
        for _ in range(UNHEALTHY_AFTER):
            run = await pool.execute("1")
            assert (run.error.kind, run.started) == ("start_failed", False)
        for ask in (pool.submit, pool.execute):
            with pytest.raises(PoolUnhealthy, match="5 workers in a row") as refused:
                await ask("1")  # submit() raises before there is anything to await
            assert refused.value.failures == UNHEALTHY_AFTER
            assert "it exited with code 3 before it was ready" in refused.value.reason
            assert 3000 < refused.value.retry_in_seconds <= 3600
        stats = pool.stats()
        assert stats.unhealthy_because == refused.value.reason
        assert (stats.starts_failed, stats.workers.starting) == (UNHEALTHY_AFTER, 0)
        assert stats.outcomes == {"start_failed": UNHEALTHY_AFTER}


async def test_runs_that_wait_when_the_pool_turns_unhealthy_are_told_so(switch, monkeypatch):
    monkeypatch.setattr(starts, "wait_seconds", at_once_but_for_ever_when_unhealthy)
    async with Pool(config(switch), workers=1, spares=0) as pool:
        handles = [pool.submit("1") for _ in range(UNHEALTHY_AFTER + 3)]
        ended = await asyncio.gather(*handles, return_exceptions=True)

        assert [type(each).__name__ for each in ended] == ["ExecutionResult"] * UNHEALTHY_AFTER + ["PoolUnhealthy"] * 3
        assert ended[-3].waiting == 2


@pytest.mark.parametrize("spares", [0, 2])
async def test_a_pool_heals_by_itself_once_a_worker_starts(switch, monkeypatch, spares: int):
    """An idle pool finds out by its spares that nothing starts; one without spares by its runs."""
    monkeypatch.setattr(starts, "wait_seconds", lambda failures: 0.001)
    started = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            started.set()

    async with Pool(config(switch), workers=1, spares=spares, on_event=hear) as pool:
        while pool._starts.failed < UNHEALTHY_AFTER:
            if spares:
                await asyncio.sleep(0)  # its own spares are being tried
            else:
                await pool.execute("1")
        assert not started.is_set()
        switch.touch()
        await started.wait()  # nobody has asked for a run since
        await pool._supply._probe
        assert len(pool._supply.spares) == spares

        assert (await pool.execute("1 + 1")).value == 2
        assert pool.stats().unhealthy_because is None


async def test_a_pool_that_has_healed_before_heals_again(switch, monkeypatch):
    monkeypatch.setattr(starts, "wait_seconds", lambda failures: 0.001)
    async with Pool(config(switch), workers=1, spares=1) as pool, asyncio.timeout(60):
        for _ in range(2):
            while pool._supply._probe is None or pool._supply._probe.done():  # noqa: ASYNC110 - its spares are tried
                await asyncio.sleep(0)
            switch.touch()
            while not pool._supply.ready():  # noqa: ASYNC110
                await asyncio.sleep(0)
            switch.unlink()
            assert (await pool.execute("1 + 1")).value == 2


async def test_one_start_alone_finds_out_whether_an_unhealthy_pool_has_healed(switch, monkeypatch):
    """Each that fails costs a core for a while, and others would learn no more by it."""
    monkeypatch.setattr(starts, "wait_seconds", lambda failures: 0.0 if failures <= UNHEALTHY_AFTER else 3600.0)
    async with Pool(config(switch), workers=3, spares=0) as pool:
        for _ in range(UNHEALTHY_AFTER):
            assert (await pool.execute("1")).error.kind == "start_failed"
        runs = [pool.submit("1") for _ in range(3)]
        ended = await asyncio.gather(*runs, return_exceptions=True)
        told = [each.retry_in_seconds for each in ended if isinstance(each, PoolUnhealthy)]
        assert len(told) == 2 and min(told) >= 0  # also where it is due already
        assert pool.stats().starts_failed == UNHEALTHY_AFTER + 1


async def test_a_config_of_a_run_whose_worker_does_not_start_spoils_no_other_run(switch, monkeypatch):
    monkeypatch.setattr(starts, "wait_seconds", at_once_but_for_ever_when_unhealthy)
    node = switch.with_name("node")
    node.write_text(f'#!/bin/sh\ncase "$*" in *--jitless*) exit 3;; esac\nexec {bundled_node()} "$@"\n')
    broken = RuntimeConfig(jitless=True)
    async with Pool(config(switch), workers=1, spares=1) as pool:
        for _ in range(UNHEALTHY_AFTER):
            await pool.execute("1", config=broken)
        with pytest.raises(PoolUnhealthy):
            pool.submit("1", config=broken)

        assert (await pool.execute("1 + 1")).value == 2
        assert pool.stats().unhealthy_because is None


async def test_workers_at_hand_serve_on_while_no_other_starts(switch, monkeypatch):
    monkeypatch.setattr(starts, "wait_seconds", at_once_but_for_ever_when_unhealthy)
    switch.touch()
    async with Pool(config(switch), workers=1, spares=0, isolation="context") as pool:
        assert (await pool.execute("1", tenant="a")).value == 1
        switch.unlink()
        for _ in range(UNHEALTHY_AFTER):
            assert (await pool.execute("2", tenant="b")).error.kind == "start_failed"
        assert (await pool.execute("3", tenant="a")).value == 3
        with pytest.raises(PoolUnhealthy):
            await pool.execute("4", tenant="b")


async def test_closing_does_not_wait_for_a_start_that_hangs(switch):
    """It let the run have its worker after all, and waited for both: for the start, and then for the run's own time."""
    node = switch.with_name("node")
    node.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then exec {bundled_node()} "$@"; fi\nexec sleep 600\n')
    limits = RuntimeConfig(node=node, start_timeout_seconds=600)
    pool = await Pool(limits, workers=1, spares=0).start()
    handle = pool.submit("1")
    caller = asyncio.create_task(pool.execute("2"))
    while not pool._supply._awaited:  # noqa: ASYNC110 - it is a turn or two away
        await asyncio.sleep(0)
    await pool.close(drain_seconds=0)

    assert handle.done()
    for refused in (handle, caller):
        with pytest.raises(PoolClosed, match="while the run"):
            await refused


async def test_no_more_workers_are_started_at_once_than_there_are_cores(monkeypatch):
    going = most = 0
    really = Worker.start

    async def counted(*args: object) -> Worker:
        nonlocal going, most
        going += 1
        most = max(most, going)
        try:
            return await really(*args)  # type: ignore[arg-type]
        finally:
            going -= 1

    monkeypatch.setattr(Worker, "start", counted)
    async with Pool(workers=4, spares=8) as pool:
        runs = [run.value async for run in pool.map(map(str, range(12)))]

    assert runs == list(range(12))
    assert 1 <= most <= cores.usable()


async def test_a_run_that_waits_for_a_start_goes_before_spares(pool: Pool, monkeypatch):
    order: list[int] = []

    async def noted(spawner: object, kind: Kind, *_: object) -> Worker:
        order.append(kind.memory_limit_mb)
        await asyncio.sleep(0)
        raise starts.StartFailed(starts.verdict.start_failed("not really"))

    monkeypatch.setattr(Worker, "start", noted)
    own = Starts(pool._starts._cage, 2, 1.0, lambda event: None)
    own.spawner = pool._starts.spawner
    kinds = [Kind(Path("node"), number, 1, 1, False, "process") for number in range(50)]
    tasks = [own.start(kind, urgent=kind is kinds[-1]) for kind in kinds]
    await asyncio.gather(*tasks, return_exceptions=True)

    assert order.index(kinds[-1].memory_limit_mb) <= 2


def test_the_wait_doubles_up_to_its_bound():
    waits = [starts.wait_seconds(failures) for failures in range(1, 2000)]

    assert waits[:3] == [starts.BACKOFF_SECONDS * factor for factor in (1, 2, 4)]
    assert waits[-1] == starts.MAX_BACKOFF_SECONDS
