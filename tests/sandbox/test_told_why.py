"""Where its surroundings refuse a pool what it has to have, the error names that."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from stockade.sandbox import Child, Launcher

from .support import cage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="filters and /proc are Linux's")

START = """
import asyncio, struct, sys
from stockade import Pool
from stockade.sandbox.inner import syscalls

def refuse(number, answer):
    code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, answer), (0x06, 0, 0, 0x7FFF0000)]
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.SeccompFilter(b"".join(struct.pack("=HBBI", *row) for row in code)).install()

async def start():
    async with Pool(workers=1) as pool:
        run = await pool.execute("1 + 1")
        print(run.value, run.error and run.error.message)
"""
GO = "\nasyncio.run(start())\n"

KILL, EPERM, ENOSYS = 0x80000000, 0x00050001, 0x00050026
IO_URING_SETUP, PIDFD_SEND_SIGNAL = 425, 424  # as every call that is so new they have one number everywhere
LANDLOCK_RESTRICT_SELF = 446
MACHINE = os.uname().machine
PRLIMIT, SETSID, DUP3 = {"x86_64": (302, 112, 292), "aarch64": (261, 157, 24)}[MACHINE]


def started(first: str) -> tuple[str, str]:
    """What is printed of a pool where these lines came first, and the last line of stderr."""
    program = [sys.executable, "-c", START + first + GO]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 77:
        pytest.skip("a container, which may not make namespaces")
    return done.stdout, (done.stderr.splitlines() or [""])[-1]


@pytest.mark.parametrize(
    ("number", "answer", "told"),
    [
        (
            IO_URING_SETUP,
            KILL,
            "a filter (SystemCallFilter= of systemd is one) refuses Node.js a call that it has to make",
        ),
        (PRLIMIT, EPERM, "prlimit: Operation not permitted"),
        (SETSID, EPERM, "fork or setsid: Operation not permitted"),
        pytest.param(
            *(DUP3, EPERM, "[Errno 1] Operation not permitted"),
            marks=pytest.mark.skipif(MACHINE == "aarch64", reason="which has no other call to duplicate with"),
        ),
        (LANDLOCK_RESTRICT_SELF, KILL, "what was to be a worker ended with signal 31"),
    ],
    ids=["Node is ended", "no limit can be set", "no session can be made", "no channel", "ended before exec"],
)
def test_a_filter_that_lets_no_worker_start_is_named_by_what_it_does(number: int, answer: int, told: str):
    out, last = started(f"refuse({number}, {answer})")

    assert out == ""
    assert last.endswith(told)


def test_where_there_is_no_call_to_signal_by_a_pidfd_the_launcher_does_it():
    """The first worker that was to be ended was not, and the pool stopped with a traceback."""
    assert started(f"refuse({PIDFD_SEND_SIGNAL}, {ENOSYS})") == ("2 None\n", "")


async def test_a_node_that_something_has_killed_is_told_with_what_kills(monkeypatch: pytest.MonkeyPatch):
    """In a cgroup of 40 MiB the kernel did, and it was told as -9, of which Node says nothing."""

    async def spawn(launcher: Launcher, *argv: Any, **pipes: Any) -> Child:
        child = await spawned(launcher, *argv, **pipes)
        child.kill()
        return child

    spawned = Launcher.spawn
    monkeypatch.setattr(Launcher, "spawn", spawn)
    with pytest.raises(OSError, match="was killed, as the kernel does where a machine or a cgroup has no more memory"):
        await Launcher.start(cage())


HIDDEN = """
try:
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount("", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE, "")
    syscalls.mount("proc", "/proc", "proc", 0, "hidepid=4")
except OSError:
    raise SystemExit(77)
CAP_SYS_PTRACE = 19
syscalls.drop_capabilities(*(set(range(40)) - {CAP_SYS_PTRACE}))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_where_proc_hides_workers_from_who_has_to_watch_them_the_run_says_so():
    out, _ = started(HIDDEN)

    assert out == (
        "None no worker could be started: what it holds cannot be read, and so not be bounded "
        "(Operation not permitted in /proc: is it mounted with hidepid=4?)\n"
    )
