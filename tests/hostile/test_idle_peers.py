"""A worker that speaks while nobody asked it is not used, whatever it said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stockade import Pool, RuntimeConfig
from stockade.run import Job, Waited
from stockade.sandbox import Cage, PlainLauncher
from stockade.worker import Kind, Worker


@asynccontextmanager
async def started(config: RuntimeConfig) -> AsyncIterator[Worker]:
    assert config.node is not None
    launcher = await PlainLauncher.start(Cage(node=config.node, readable=()))
    try:
        kind = Kind(
            node=config.node,
            memory_limit_mb=config.memory_limit_mb,
            line_bytes=config.line_bytes,
            stderr_bytes=config.stderr_bytes,
            jitless=False,
            isolation="context",
        )
        worker = await Worker.start(launcher, kind, config.start_timeout_seconds)
        yield worker
        await worker.close()
    finally:
        await launcher.close()


@pytest.mark.parametrize("name", ["speaks_while_idle", "half_a_line_while_idle"])
async def test_a_worker_that_speaks_while_idle_is_not_used(name: str, config: Callable[[str], RuntimeConfig]):
    """Its words would be taken for the answer to the next script."""
    async with started(config(name)) as worker:
        worker.warm()
        await _until(lambda: not worker.usable)


async def test_half_a_line_after_an_end_makes_a_worker_unusable(config: Callable[[str], RuntimeConfig]):
    """It would become the beginning of the next run's first line."""
    limits = config("half_a_line_after_its_end")
    async with started(limits) as worker:
        run = await worker.run(Job("1", {}, limits), Waited())

        assert run.value == 1
        await _until(lambda: not worker.usable)


async def test_a_worker_that_is_half_way_through_a_line_when_its_run_ends_is_not_taken_for_well(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    """It served its one run and is not used again; that it went on is still told."""
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    async with Pool(config("half_a_line_after_its_end"), workers=1, spares=0) as pool:
        assert (await pool.execute("1")).value == 1

    assert pool.stats().workers_ended == {"protocol_violation": 1}


async def _until(fact: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.to_thread(lambda: None)


def test_every_bad_peer_is_used_by_some_test():
    folder = Path(__file__).parent
    tests = "".join(file.read_text("utf-8") for file in folder.glob("test_*.py"))
    names = {file.stem for file in (folder / "peers").glob("*.py")} - {"speaking"}

    assert {name for name in names if f'"{name}"' not in tests} == set()
