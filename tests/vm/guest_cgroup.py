"""What a cgroup adds, on a kernel that has one to give. Run in the virtual machine by `make test-vm`, as root."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stockade import Pool, RuntimeConfig, memory
from stockade.node import bundled_node
from stockade.sandbox import Launcher
from tests.sandbox.support import NODES, PROGRAMS, alive, cage, gone, run, start

TOP = Path("/sys/fs/cgroup")
NODE = bundled_node()
MIB = 1 << 20

BOMB = "const kept = []; for (;;) kept.push(new Uint8Array(4e6).fill(1));"


def groups(above: Path = TOP) -> list[Path]:
    return sorted(above.glob("stockade-*"))


def leaf_of(pid: int) -> Path:
    return TOP / Path(f"/proc/{pid}/cgroup").read_text().strip().removeprefix("0::/")


@pytest.fixture
async def launcher() -> Launcher:
    launcher = await Launcher.start(cage())
    yield launcher
    await launcher.close()


@pytest.fixture
def branch() -> Iterator[Path]:
    """A branch of the hierarchy as systemd delegates one to a user, with a process group `main` in it."""
    branch = TOP / "branch"
    (branch / "main").mkdir(parents=True)
    os.setxattr(branch, "user.delegate", b"1")
    for path in (branch, branch / "cgroup.procs", branch / "cgroup.subtree_control", branch / "main"):
        os.chown(path, 1000, 1000)
    os.chown(branch / "main/cgroup.procs", 1000, 1000)
    yield branch
    (branch / "main").rmdir()
    branch.rmdir()


def supervisor(code: str, group: Path, user: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, begun in a group and as a user."""
    lines = [
        "import asyncio, os, sys",
        f"open({str(group / 'cgroup.procs')!r}, 'w').write('0')",
        f"os.setgroups([]); os.setresgid({user}, {user}, {user}); os.setresuid({user}, {user}, {user})",
        "from pathlib import Path; import tests.vm.live; from stockade.sandbox import Launcher",
        "from tests.sandbox.support import PROGRAMS, NODES, cage, run, start",
        "async def main():",
        *(f"    {line}" for line in code.splitlines()),
        "asyncio.run(main())",
    ]
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


REPORT = """
launcher = await Launcher.start(cage())
exited, out, _ = await run(launcher, [NODES['node24'], PROGRAMS / 'says_hello.mjs'])
await launcher.close()
report = {layer.name: layer for layer in launcher.isolation.layers}['cgroup']
print(launcher.isolation.level, out.strip(), report.detail or report.unavailable_because)
"""


async def test_each_worker_has_a_group_of_its_own_below_the_pools_and_closing_leaves_none(launcher: Launcher):
    workers = [await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"]) for _ in range(2)]
    leaves = {leaf_of(worker.child.pid) for worker in workers}
    (group,) = groups()

    assert launcher.isolation.level == "full"
    assert {leaf.parent for leaf in leaves} == {group}
    assert len(leaves) == 2
    for leaf in leaves:
        assert int((leaf / "memory.max").read_text()) == 512 * MIB
        assert (leaf / "memory.oom.group").read_text() == "1\n"
    assert int((group / "memory.max").read_text()) >= 2 * 512 * MIB
    assert int((group / "pids.max").read_text()) >= 2 * 64
    if (group / "memory.swap.max").exists():
        assert (group / "memory.swap.max").read_text() == "0\n"
    await launcher.close()
    assert groups() == []
    for worker in workers:
        worker.close()


async def test_a_worker_that_has_ended_leaves_no_group(launcher: Launcher):
    for _ in range(3):
        await run(launcher, [NODE, PROGRAMS / "says_hello.mjs"])

    assert [path.name for path in groups()[0].iterdir() if path.is_dir()] == ["launcher"]


async def test_a_worker_that_outgrows_its_group_is_killed_alone_and_the_kernel_says_why(launcher: Launcher):
    """No RLIMIT_DATA and no watch here: only the group is in the way."""
    neighbour = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    running = await start(launcher, [NODE, PROGRAMS / "fills_buffers.mjs"])
    await running.until_output()
    await launcher.limit(running.child, data_bytes=None, memory_bytes=100 * MIB, no_new_threads=True)
    os.write(running.stdin, b"go\n")
    exited, out, _ = await running.finish()

    assert (exited.returncode, exited.outgrown, out) == (-signal.SIGKILL, True, "")
    assert 100 * 1024 < exited.max_rss_kb < 250 * 1024
    assert alive(neighbour.child.pid)
    neighbour.close()
    running.close()


async def test_a_killed_worker_is_not_said_to_have_outgrown_anything(launcher: Launcher):
    running = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    running.child.kill()

    assert not (await running.child.wait()).outgrown
    running.close()


@pytest.mark.parametrize("mode", ["process", "context"])
async def test_a_memory_bomb_that_only_the_group_stops_is_a_memory_limit_with_the_evidence(
    mode: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(memory, "data_limit", lambda *_: None)
    monkeypatch.setattr("stockade.run.WATCH_SECONDS", 3600.0)
    config = RuntimeConfig(memory_limit_mb=64, timeout_seconds=300, start_timeout_seconds=300)
    async with Pool(config, workers=1, isolation=mode) as pool:
        ended = await pool.execute(BOMB)
        after = await pool.execute("1 + 1")

    assert ended.error.kind == "memory_limit"
    assert ended.error.evidence.cgroup_full
    assert ended.error.evidence.signal == signal.SIGKILL
    assert ended.error.evidence.limit == "memory_limit_mb"
    assert after.value == 2
    assert groups() == []


@pytest.mark.parametrize("mode", ["process", "context"])
async def test_a_memory_bomb_against_every_bound_is_a_memory_limit(mode: str):
    config = RuntimeConfig(memory_limit_mb=64, timeout_seconds=300, start_timeout_seconds=300)
    async with Pool(config, workers=1, isolation=mode) as pool:
        ended = await pool.execute(BOMB)
        after = await pool.execute("1 + 1")

    assert (ended.error.kind, after.value) == ("memory_limit", 2)


def test_a_pool_has_as_many_workers_as_its_groups_have_time_for():
    outer = TOP / "bounded"
    (outer / "inner").mkdir(parents=True)
    try:
        (TOP / "cgroup.subtree_control").write_text("+cpu")
        (outer / "cpu.max").write_text("40000 100000")
        code = f"open('{outer}/inner/cgroup.procs', 'w').write('0')\nfrom stockade import Pool; print(Pool().workers)"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    finally:
        (outer / "inner").rmdir()
        outer.rmdir()
        (TOP / "cgroup.subtree_control").write_text("-cpu")

    assert (told.stdout, len(os.sched_getaffinity(0))) == ("1\n", 2), told.stderr


async def test_threads_are_refused_to_root_as_well():
    """RLIMIT_NPROC does not count those of uid 0; the group does."""
    launcher = await Launcher.start(cage(), _without=["unprivileged_user"])
    await launcher.close()

    assert set(launcher.isolation.missing) == {"unprivileged_user"}


async def test_groups_left_by_a_keeper_that_was_killed_go_with_the_next_pool():
    launcher = await Launcher.start(cage())
    running = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    os.kill(launcher.pid, signal.SIGKILL)
    await running.child.wait()
    await gone(running.child.pid)
    await launcher.close()
    running.close()
    left = groups()
    following = await Launcher.start(cage())
    (group,) = groups()
    await following.close()

    assert len(left) == 1
    assert group not in left
    assert groups() == []


async def test_sigkill_of_the_launcher_empties_and_removes_the_group():
    launcher = await Launcher.start(cage())
    running = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    members = set(map(int, (groups()[0] / "launcher/cgroup.procs").read_text().split()))
    # The launcher, and what it has forked ahead.
    (below_the_keeper,) = (pid for pid in members if psutil.Process(pid).ppid() not in members)
    assert len(members) <= 2
    os.kill(below_the_keeper, signal.SIGKILL)
    await running.child.wait()
    await launcher.close()
    running.close()

    assert groups() == []


async def test_sigkill_of_the_supervisor_leaves_no_process_and_no_group():
    program = [sys.executable, PROGRAMS / "forks_and_waits.py", NODES["node24"], PROGRAMS / "loops_forever.mjs"]
    process = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - killed below
    keeper, worker, fork = (int(word) for word in process.stdout.readline().split())
    process.kill()
    process.wait()
    try:
        # The fork still holds the connection, so nobody hears an end-of-file.
        await asyncio.wait_for(asyncio.gather(gone(keeper), gone(worker)), 60.0)
        assert alive(fork)
        assert groups() == []
    finally:
        os.kill(fork, signal.SIGKILL)
        process.stdout.close()


def test_a_user_with_a_delegated_branch_has_the_layer(branch: Path):
    done = supervisor(REPORT, branch / "main", user=1000)

    assert done.stdout == f"full hello below {branch}\n", done.stderr
    assert groups(branch) == []


def test_a_user_without_one_does_without_the_layer(branch: Path):
    os.removexattr(branch, "user.delegate")
    done = supervisor(REPORT, branch / "main", user=1000)

    assert done.stdout == f"full hello {branch}/main: the memory controller is not in it\n", done.stderr


def test_a_group_that_is_not_delegated_is_not_left_upwards(branch: Path):
    """Above it the limits that somebody set on our own group would not hold."""
    os.removexattr(branch, "user.delegate")
    (branch / "cgroup.subtree_control").write_text("+memory")
    done = supervisor(REPORT, branch / "main")

    assert done.stdout.startswith(f"full hello {branch}/main holds processes, so nothing can be made below it"), done
    assert groups(branch) == []


def test_a_place_may_be_named(branch: Path):
    done = supervisor(REPORT, TOP, STOCKADE_CGROUP=str(branch))

    assert done.stdout == f"full hello below {branch}\n", done.stderr


def test_a_place_that_is_none_is_said_to_be_none(tmp_path: Path):
    done = supervisor(REPORT, TOP, STOCKADE_CGROUP=str(tmp_path))

    assert done.stdout == f"full hello {tmp_path}: No such file or directory\n", done.stderr
