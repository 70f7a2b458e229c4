"""What is left when the supervisor is killed: nothing."""

from __future__ import annotations

import subprocess
import sys

from .support import NODES, PROGRAMS

ROUNDS = 50


def test_sigkill_of_the_supervisor_at_random_moments_leaves_no_process():
    """Not even workers in an endless loop, not even while they are being started."""
    program = [sys.executable, PROGRAMS / "kills_supervisors.py", str(ROUNDS)]
    done = subprocess.run(
        [*program, NODES["node24"], PROGRAMS / "loops_forever.mjs"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    outlived = [float(line.split()[0]) for line in done.stdout.splitlines()]
    orphans = sum(int(line.split()[1]) for line in done.stdout.splitlines())

    assert orphans > 10, "they were killed too early to prove anything"
    assert max(outlived) < 1.0
