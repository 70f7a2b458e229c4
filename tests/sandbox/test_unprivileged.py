"""The other real deployment: a supervisor that is nobody in particular."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from .support import PROGRAMS

HERE = Path(__file__).parent
SUBJECTS = [
    "test_launcher.py",
    "test_breach.py",
    "test_degradation.py",
    "test_syscalls.py",
    "test_told_by_the_kernel.py",
]


@pytest.mark.skipif(os.geteuid() != 0, reason="then all the other tests show it already")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_all_of_this_also_holds_for_an_unprivileged_supervisor(subject: str):
    as_nobody = [sys.executable, PROGRAMS / "as_nobody.py", sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [*as_nobody, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={folder}/its", HERE / subject],
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
