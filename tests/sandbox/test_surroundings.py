"""A launcher starts in programs that are not as a plain script is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stockade.sandbox import Launcher
from tests.conftest import ROOT

from .support import cage

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
