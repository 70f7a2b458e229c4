"""Assume worse than breach: native code in the worker. Every call beyond the table is refused by the filter itself."""

from __future__ import annotations

import errno
import os
import platform
import re
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stockade.sandbox import Cage, Launcher
from stockade.sandbox.inner import seccomp, syscalls
from stockade.sandbox.inner.seccomp_table import ALLOWED, CONDITIONAL

from .support import PROGRAMS, run

RAW = PROGRAMS / "raw_calls.py"
COLUMN = {seccomp.X86_64: 1, seccomp.AARCH64: 2}.get(platform.machine(), 0)
ROWS = re.findall(r'^    "(\w+)": \((\d+), (\d+|None)', RAW.read_text(), re.MULTILINE)
CALLS = [row[0] for row in ROWS if row[COLUMN] != "None"]

pytestmark = pytest.mark.skipif(not COLUMN, reason="the numbers are those of x86-64 and arm64")


def cage_for_python() -> Cage:
    """Python in the place of Node, with its standard library to read."""
    python = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    modules = sorted((library / "lib-dynload").glob("_ctypes.*"))
    linked = subprocess.run(["ldd", *modules], capture_output=True, text=True, check=True).stdout
    libraries = [Path(path) for path in re.findall(r"=> (/\S+)", linked)]
    return Cage(python, readable=(PROGRAMS, library, *libraries))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def launcher() -> AsyncIterator[Launcher]:
    """Only seccomp, so that no other layer hides a hole."""
    others = ["landlock", "private_root", "private_network", "unprivileged_user"]
    launcher = await Launcher.start(cage_for_python(), _without=[*others, "self-test"])  # which is a Node program
    yield launcher
    await launcher.close()


async def said(launcher: Launcher, program: Path, *arguments: int) -> str:
    """What a program of Python's prints there."""
    argv = [cage_for_python().node, "-I", "-S", program, *arguments]
    exited, out, err = await run(launcher, [str(word) for word in argv])
    assert exited.returncode == 0, err
    return out


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def errnos(launcher: Launcher) -> dict[str, int]:
    """Each call with the error it got, from one run of all."""
    out = await said(launcher, RAW, os.getpid(), launcher.pid)
    return {name: int(code) for name, code in (line.split() for line in out.splitlines())}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_beyond_the_table_is_refused(errnos: dict[str, int], call: str):
    # What the C library does without, if it is told so in this way.
    unknown = ("clone3", "sched_getaffinity_supervisor")
    expected = errno.ENOSYS if call in unknown else errno.EPERM

    assert errno.errorcode.get(errnos[call]) == errno.errorcode[expected]


@pytest.mark.parametrize("call", ["sched_getparam", "sched_getscheduler"])
def test_a_scheduler_is_told_alike_of_processes_that_are_there_and_that_are_not(errnos: dict[str, int], call: str):
    told = [code for name, code in errnos.items() if name.startswith(f"{call}_")]

    assert told == [0, 0, 0]


async def test_a_worker_queues_no_signals_of_which_its_user_may_queue_only_so_many(launcher: Launcher):
    """The user is the supervisor's where that is not root, and whoever sets a timer of the kernel's needs one."""
    assert await said(launcher, PROGRAMS / "queues_signals.py") == "0\n"


def test_no_call_has_two_rules_and_none_is_without():
    assert not ALLOWED.keys() & CONDITIONAL.keys()
    assert seccomp._rules(0).keys() == CONDITIONAL.keys()
    for column in (0, 1):
        numbers = [row[column] for row in (ALLOWED | CONDITIONAL).values() if row[column] is not None]
        assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("machine", seccomp.AUDIT_ARCH)
def test_the_filter_is_of_a_size_the_kernel_takes_and_holds_the_own_pid_once(machine: str):
    program = seccomp.program(machine, 0x7FFF_1234_5678)

    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096
    assert program != seccomp.with_own_pid(program, 1)
    assert program.count(seccomp.OWN_PID.to_bytes(4, "little")) == 1


def test_nobody_can_guess_where_the_path_lies_that_the_filter_lets_through_once():
    """A worker that can may put another path there."""
    addresses = [syscalls.Program("/bin/true").address for _ in range(16)]

    assert max(addresses) - min(addresses) > 1 << 40
    assert len({address % 4096 for address in addresses}) > 8


@pytest.mark.parametrize("bits", [39, 47, 48])
def test_it_lies_anywhere_in_the_lower_half_of_what_a_process_has(bits: int, monkeypatch: pytest.MonkeyPatch):
    """On arm64 that may be 39 bits. What is asked for beyond them the kernel puts at their end, beside all the rest."""
    end = 1 << bits

    def mapped(address: int, size: int) -> int:
        return address if 0 < address <= end - size else end - size

    monkeypatch.setattr(syscalls, "_map_at", mapped)
    monkeypatch.setattr(syscalls.ctypes, "memmove", lambda *_: None)
    addresses = [syscalls.Program("/bin/true").address for _ in range(64)]

    assert max(addresses) < end // 2
    assert max(addresses) - min(addresses) > end // 8
