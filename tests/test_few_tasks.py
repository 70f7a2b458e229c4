"""Where the kernel starts no more threads a worker's start fails soon and says why, and later ones succeed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stockade import Pool, RuntimeConfig

PIDS = Path("/sys/fs/cgroup/pids")

pytestmark = pytest.mark.skipif(not os.access(PIDS, os.W_OK), reason="only root makes groups, and of cgroup v1 here")


@pytest.fixture
def group() -> Iterator[Path]:
    """A real cgroup, empty."""
    group = PIDS / f"stockade-test-{os.getpid()}"
    group.mkdir()
    yield group
    group.rmdir()


async def until(fact: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.to_thread(lambda: None)


async def enter(group: Path, pool: Pool) -> psutil.Process:
    """From now on the launcher of a pool without workers is counted here, and what it has forked ahead: the result."""
    assert (await pool.execute("1 + 1")).value == 2
    await asyncio.gather(pool._starts.all_compiled(), pool._supply.all_ended())
    assert pool._starts.spawner is not None
    launcher = psutil.Process(pool._starts.spawner.pid)
    await until(launcher.children)
    waiting = launcher.children()
    for process in (launcher, *waiting):
        (group / "cgroup.procs").write_text(str(process.pid))
    return waiting[0]


def leave_room(group: Path, tasks: int) -> None:
    (group / "pids.max").write_text(str(int((group / "pids.current").read_text()) + tasks))


@pytest.mark.parametrize("tasks", [0, 1, 2, 3, 4])
async def test_a_node_that_waits_for_a_thread_it_cannot_have_fails_its_start_at_once(
    group: Path, node: Path, tasks: int
):
    async with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
        await enter(group, pool)
        leave_room(group, tasks)
        run = await pool.execute("1 + 1")
        (group / "pids.max").write_text("max")
        after = await pool.execute("1 + 1")

    assert run.error is not None
    assert (run.error.kind, after.value) == ("start_failed", 2)
    assert "cannot start its threads: a limit on processes and threads is reached" in run.error.message


async def test_where_no_process_can_be_started_the_error_says_what_bounds_them(group: Path):
    async with Pool(workers=1, spares=0) as pool:
        waiting = await enter(group, pool)
        leave_room(group, -1)
        waiting.kill()
        await until(lambda: waiting.status() == psutil.STATUS_ZOMBIE)
        run = await pool.execute("1 + 1")
        (group / "pids.max").write_text("max")
        after = await pool.execute("1 + 1")

    assert run.error is not None
    assert (run.error.kind, after.value) == ("start_failed", 2)
    assert "a limit on processes and threads is reached (pids.max of a cgroup" in run.error.message
