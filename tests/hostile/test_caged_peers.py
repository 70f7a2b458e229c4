"""Native code in a worker, under the layers that a worker has: each limit holds, all of it ends, others are served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from stockade import Pool, RuntimeConfig
from stockade.events import WorkerEnded
from stockade.sandbox import Cage, Launcher
from stockade.worker import Kind
from tests.sandbox.support import python_in

from .conftest import PEERS

LIMITS = RuntimeConfig(timeout_seconds=1.0, memory_limit_mb=32, console_bytes=20_000)
LONG = LIMITS.model_copy(update={"timeout_seconds": 60})
COMPUTE = LIMITS.model_copy(update={"timeout_seconds": 60, "compute_seconds": 0.3})

HELD = [
    ("spin", LIMITS, {"timeout"}),
    ("spin", COMPUTE, {"compute_limit"}),
    ("spin in another thread when the first has ended", LIMITS, {"timeout"}),
    ("spin in another thread when the first has ended", COMPUTE, {"compute_limit"}),
    ("fill", LONG, {"memory_limit"}),
    ("fill in another thread when the first has ended", LONG, {"memory_limit"}),
    ("stop", LIMITS, {"timeout"}),
    ("be called as no process is", COMPUTE, {"compute_limit"}),
    ("send packets", LONG, {"output_limit"}),
    ("drip packets", LIMITS, {"timeout"}),
    *[("call at random", LIMITS, {"timeout", "worker_crashed", "protocol_violation", "memory_limit"})] * 3,
]


@pytest.fixture
def caged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Has pools run the peer in the place of Node, by Python, which can make any call there is."""
    cage = python_in(tmp_path)

    class Caged(Launcher):
        @classmethod
        async def start(cls, _: Cage, **given: Any) -> Launcher:
            readable = (*cage.readable, PEERS)
            return await Launcher.start(Cage(cage.node, readable), _without=["self-test"], **given)

    monkeypatch.setattr("stockade.starts.Launcher", Caged)
    # -B, or it would be told that it may not write.
    monkeypatch.setattr(Kind, "command", lambda *_: [str(cage.node), "-I", "-S", "-B", "-c", START])


PEER = "goes_on_as_told"
START = f"import sys; sys.path.insert(0, {str(PEERS)!r}); import {PEER}"


async def test_native_code_is_held_to_each_limit(caged: None, children: Callable[[], set[int]]):
    before = children()
    async with Pool(LIMITS, workers=1, spares=1) as pool:
        assert {layer.name for layer in pool.isolation.layers if layer.active} >= {"seccomp", "landlock"}
        for deed, config, kinds in HELD:
            run = await pool.execute(deed, config=config)

            assert run.error is not None, deed
            assert run.error.kind in kinds, (deed, run.error)
            assert (await pool.execute("return")).value == 2, deed
    assert children() == before


@pytest.mark.parametrize(("deed", "told"), [("return and fill", "memory_limit"), ("return and spin", "compute_limit")])
async def test_native_code_that_goes_on_after_its_run_is_held_to_what_a_run_may_have(caged: None, deed: str, told: str):
    """A worker that is used again has hours between two runs. Nobody looked: it could fill the machine."""
    ended: asyncio.Queue[WorkerEnded] = asyncio.Queue()

    def hear(event: object) -> None:
        if isinstance(event, WorkerEnded):
            ended.put_nowait(event)

    async with Pool(LIMITS, workers=1, spares=0, isolation="context", on_event=hear) as pool:
        assert (await pool.execute(deed)).value == 1
        async with asyncio.timeout(60):
            event = await ended.get()

        assert event.reason == told
        assert not psutil.pid_exists(event.pid)
        assert (await pool.execute("return")).value == 2
