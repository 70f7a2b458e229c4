"""What a launcher does not do, whoever asks, and that it ends where nobody could ask it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys

from stockade.node import bundled_node
from stockade.sandbox.inner import serve, wire
from stockade.sandbox.inner.prepare import Confinement
from stockade.sandbox.inner.syscalls import Program, pidfd_open

from .support import gone


def test_a_process_that_is_no_worker_is_not_killed():
    """A worker may have ended and been reaped while it was being asked for, and its number be a stranger's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stranger = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)
    parent = pidfd_open(os.getpid())
    with ours, theirs, stranger:
        server = serve.Server(theirs, -1, Confinement(Program("/bin/true"), None, None), None, parent)
        ours.send(wire.encode(wire.Kill(stranger.pid)))
        assert server.serve_one()
        os.close(parent)
    assert stranger.returncode == 0


STOPS_ITS_LAUNCHER = """
import asyncio, os, signal, sys
from pathlib import Path
from stockade.sandbox import Cage, Launcher

async def main():
    launcher = await Launcher.start(Cage(Path(sys.argv[1]).resolve(), ()), _without=["cgroup"])
    os.kill(launcher.pid, signal.SIGSTOP)
    print(launcher.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_launcher_that_hangs_ends_with_its_supervisor():
    """It hears of nothing, and the kernel ends it."""
    program = [sys.executable, "-c", STOPS_ITS_LAUNCHER, str(bundled_node())]
    done = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=False)  # noqa: ASYNC221
    assert done.returncode == -signal.SIGKILL
    launcher = int(done.stdout)
    try:
        async with asyncio.timeout(60):
            await gone(launcher)
    except TimeoutError:
        os.kill(launcher, signal.SIGKILL)
        raise
