"""What is left when the supervisor is killed: nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from .support import NODES, PROGRAMS, alive, gone

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


@pytest.mark.parametrize("without", [[], ["CAP_KILL"]], ids=["as it is", "without CAP_KILL"])
async def test_the_launcher_ends_with_its_supervisor_even_while_a_fork_of_it_holds_the_connection(without: list[str]):
    """So `multiprocessing` does: its children keep every descriptor, and end-of-file never comes.

    And the kernel sends no signal for the death of a parent that may not send it itself.
    """
    program = [sys.executable, PROGRAMS / "forks_and_waits.py", NODES["node24"], PROGRAMS / "loops_forever.mjs"]
    supervisor = subprocess.Popen([*program, *without], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220 - killed below
    launcher, worker, fork = (int(word) for word in supervisor.stdout.readline().split())
    supervisor.kill()
    supervisor.wait()
    try:
        await asyncio.wait_for(asyncio.gather(gone(launcher), gone(worker)), 1.0)
        assert alive(fork)
    finally:
        os.kill(fork, signal.SIGKILL)
        supervisor.stdout.close()
