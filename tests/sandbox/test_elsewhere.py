"""Systems that are not this Linux, imitated here: nobody of us has run them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="imitated on Linux")


def run(program: str, *, code: int = 0) -> tuple[str, str]:
    """What it prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )

    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_stockade_can_be_imported_on_macos():
    """A name that only Linux has, in a module of the launcher, once kept it from that."""
    out, _ = run("from tests.sandbox.macos import imitate; imitate(); import stockade.cli, stockade.sync; print('ok')")

    assert out == "ok\n"
