"""What the kernel tells of a worker and its launcher, and no worker can show by trying: another layer denies it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stockade.node import bundled_node
from stockade.sandbox import Launcher
from stockade.sandbox.inner import limits

from .support import PROGRAMS, cage, start


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pids() -> AsyncIterator[dict[str, int]]:
    """A worker that runs, and its launcher."""
    groups = os.getgroups()
    if os.geteuid() == 0:
        os.setgroups([0, 6])  # as some services have it, root's own and that of the disks
    try:
        launcher = await Launcher.start(cage(), _without=["cgroup"])  # above whose launcher is a keeper
    finally:
        if os.geteuid() == 0:
            os.setgroups(groups)
    running = await start(launcher, [bundled_node(), PROGRAMS / "loops_forever.mjs"])
    await running.until_output()
    yield {"worker": running.child.pid, "launcher": launcher.pid}
    running.close()
    await launcher.close()


def status(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("who", ["worker", "launcher"])
def test_neither_a_worker_nor_its_launcher_has_a_capability_or_can_get_one(pids: dict[str, int], who: str):
    told = status(pids[who])

    assert told["NoNewPrivs"] == ["1"]
    assert {int(told[name][0], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}
    if os.geteuid() == 0:  # nobody else may empty the bounding set, and then the first line stands for it
        assert int(told["CapBnd"][0], 16) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody else has any to lose")
async def test_root_has_none_in_a_worker_either():
    """Where the machine maps no other user."""
    launcher = await Launcher.start(cage(), _without=["unprivileged_user", "cgroup", "self-test"])
    told = status(launcher.pid)  # what it has not, no worker has
    await launcher.close()

    assert told["Uid"] == ["0"] * 4
    assert {int(told[name][0], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}


@pytest.mark.parametrize("who", ["worker", "launcher"])
def test_both_are_one_user_for_good_and_of_one_group(pids: dict[str, int], who: str):
    told = status(pids[who])

    assert len(set(told["Uid"])) == len(set(told["Gid"])) == 1
    if os.geteuid() == 0:
        assert told["Groups"] == []
        assert told["Uid"] == told["Gid"] != ["0"] * 4


@pytest.mark.parametrize("name", ["mnt", "net", "ipc", "uts"])
@pytest.mark.skipif(os.geteuid() != 0, reason="a launcher does not let its own user look")
def test_a_worker_has_namespaces_of_its_own(pids: dict[str, int], name: str):
    ours, theirs = (os.readlink(f"/proc/{pid}/ns/{name}") for pid in ("self", pids["worker"]))  # noqa: PTH115

    assert ours != theirs


AT_START = {
    "Max core file size": 1,  # at 0 a program may still be handed it
    "Max file size": 0,
    "Max open files": 64,
    "Max locked memory": 0,
    "Max msgqueue size": 0,
    "Max pending signals": 0,
    "Max stack size": 8 * 1024 * 1024,
    "Max cpu time": 24 * 3600,
}


@pytest.mark.parametrize("name", AT_START)
def test_a_worker_has_its_limits_from_the_start_and_may_raise_none(pids: dict[str, int], name: str):
    def told(pid: int) -> list[str]:
        return re.findall(rf"^{name} +(\w+) +(\w+)", Path(f"/proc/{pid}/limits").read_text(), re.MULTILINE)[0]

    ours = told(os.getpid())[1]
    expected = str(AT_START[name] if ours == "unlimited" else min(AT_START[name], int(ours)))  # a lower one stays
    assert told(pids["worker"]) == (expected, expected)


def test_no_memory_of_a_worker_is_in_a_dump_whatever_the_limit_on_those_is(pids: dict[str, int]):
    """Where that is 0 from the start, as of many services, no process may raise it to what the kernel would ask for."""
    assert Path(f"/proc/{pids['worker']}/coredump_filter").read_text() == "00000000\n"


def test_a_limit_that_is_lower_already_stays(monkeypatch: pytest.MonkeyPatch):
    """To raise one takes a right that no launcher has: not one worker would start."""
    given: dict[int, tuple[int, int]] = {}

    def prlimit(pid: int, which: int, new: tuple[int, int] | None = None) -> tuple[int, int]:
        if new is not None:
            given[which] = new
        return 5, 5

    monkeypatch.setattr(limits.resource, "prlimit", prlimit)
    limits.apply_at_start()

    assert len(given) == len(AT_START)
    assert set(given.values()) == {(0, 0), (1, 1), (5, 5)}


def test_a_worker_is_a_session_of_its_own_and_the_first_to_go_when_memory_runs_out(pids: dict[str, int]):
    assert os.getsid(pids["worker"]) == os.getpgid(pids["worker"]) == pids["worker"]
    assert Path(f"/proc/{pids['worker']}/oom_score_adj").read_text() == "1000\n"


@pytest.mark.parametrize(
    "without", [["cgroup"], ["cgroup", "private_root", "private_network", "self-test"]], ids=["all", "no namespaces"]
)
async def test_nobody_may_trace_a_launcher_though_he_were_its_user(without: list[str]):
    """The kernel gives to root what lies in /proc of a process that is not to be dumped."""
    launcher = await Launcher.start(cage(), _without=without)
    owner = os.stat(f"/proc/{launcher.pid}/environ").st_uid  # noqa: PTH116
    await launcher.close()

    assert owner == 0


def test_signals_that_are_for_the_supervisor_end_no_launcher(pids: dict[str, int]):
    ignored = int(status(pids["launcher"])["SigIgn"][0], 16)

    assert all(ignored & 1 << number - 1 for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP))
