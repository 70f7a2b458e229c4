"""Bad peers: programs of a few lines in peers/, run where Node.js would be."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from stockade import Pool, RuntimeConfig
from stockade.config import KIB, MIB

PEERS = Path(__file__).parent / "peers"


@pytest.fixture
def peer(tmp_path: Path) -> Callable[[str], Path]:
    """The program of that name, as a file that can be run like Node."""

    def make(name: str) -> Path:
        program = tmp_path / name
        start = f"import runpy, sys; sys.path.insert(0, {str(PEERS)!r}); runpy.run_path({str(PEERS / name)!r} + '.py')"
        program.write_text(f"#!{sys.executable} -IS\n{start}\n", "utf-8")
        program.chmod(0o755)
        return program

    return make


@pytest.fixture
def config(peer: Callable[[str], Path]) -> Callable[[str], RuntimeConfig]:
    """Limits under which a bad peer is found out soon."""
    return lambda name: RuntimeConfig(
        node=peer(name),
        timeout_seconds=1.5,
        start_timeout_seconds=1.5 if name == "never_ready" else 30,
        line_bytes=MIB,
        result_bytes=64 * KIB,
        console_bytes=64 * KIB,
        stderr_bytes=4 * KIB,
    )


@pytest.fixture
def children() -> Callable[[], set[int]]:
    """The processes below this one, as pids, whatever they are."""
    return lambda: {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
async def good_pool() -> AsyncIterator[Pool]:
    """A pool of real Node, for what must go on working."""
    async with Pool(RuntimeConfig(timeout_seconds=20), workers=1, spares=0) as opened:
        yield opened
