"""A launcher starts in programs that are not as a plain script is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stockade.sandbox import Launcher
from tests.conftest import ROOT

from .support import PROGRAMS, cage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is Linux's")

CLOSED = """
import asyncio, os
from stockade.sandbox import Launcher
from tests.sandbox.support import cage

async def main():
    for number in (0, 1, 2):
        os.close(number)  # what is opened next has their numbers
    await (await Launcher.start(cage())).close()

asyncio.run(main())
"""


def test_one_that_has_closed_its_standard_streams():
    """The launcher read /dev/null, and had ended."""
    assert subprocess.run([sys.executable, "-c", CLOSED], cwd=ROOT, timeout=60, check=False).returncode == 0


async def test_one_under_a_debugger_that_attaches_itself_to_what_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As those of VS Code and PyCharm do: under its layers the launcher could not connect, and no pool started."""
    debugger = tmp_path / "debugger.py"
    debugger.write_text("raise OSError('Network is unreachable')")
    start = vars(subprocess)["_fork_exec"]

    def attach(argv: list[str], *others: Any) -> int:
        program = next((place for place, text in enumerate(argv) if place and text.strip("-ISE")), None)
        if "python" in argv[0] and "-" not in argv[1:program]:
            argv = [*argv[:program], str(debugger), *argv[program:]]
        return start(argv, *others)

    monkeypatch.setattr(subprocess, "_fork_exec", attach)
    launcher = await Launcher.start(cage())
    await launcher.close()

    assert launcher.isolation.launcher == "launcher"


BOUNDED = """
import asyncio, resource, sys
from stockade.sandbox import launcher
from tests.sandbox.support import cage

def no_more(pid):
    resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))

def popen(channel):
    process = started(channel)
    no_more(process.pid)  # before it is told what to prepare
    return process

async def main():
    if sys.argv[1] == "supervisor":
        no_more(0)
    try:
        await launcher.Launcher.start(cage())
    except OSError as error:
        print(error)

started, launcher.__dict__["_popen"] = launcher._popen, popen
asyncio.run(main())
"""


@pytest.mark.parametrize("whose", ["supervisor", "launcher"])
def test_one_that_may_have_no_more_processes_is_told_what_bounds_them(whose: str):
    """It was told "Resource temporarily unavailable", by the launcher with "[Errno 11]" twice."""
    python = [sys.executable, "-c", BOUNDED, whose]
    if os.geteuid() == 0:  # whom this limit does not bind
        python = [sys.executable, str(PROGRAMS / "as_nobody.py"), *python]
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert (done.stdout.count("[Errno"), done.stderr) == (1, "")
    assert "Resource temporarily unavailable" in done.stdout
    assert "a limit on processes and threads is reached (pids.max of a cgroup" in done.stdout
