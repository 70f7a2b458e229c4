"""What a launcher does not do, whoever asks, and that it ends where nobody could ask it."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys

import pytest

from stockade.node import bundled_node
from stockade.sandbox.inner import fork, serve, syscalls, wire
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


class Waits:
    """In the place of a process forked ahead: what it becomes waits for its stdin to end."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)
        self.pid = self.process.pid

    def become(self, *_: object) -> int:
        return self.pid

    def close(self) -> None:
        raise AssertionError("it was asked to become a worker before")


def no_room(*_: object) -> None:
    raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))


@pytest.mark.parametrize("lacking", ["pidfd_open", "send_fds"])
def test_a_worker_that_the_supervisor_cannot_be_given_is_ended_and_the_others_are_not(
    lacking: str, monkeypatch: pytest.MonkeyPatch
):
    """Where the machine was out of files for a moment, the launcher ended, and every run with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    null, parent = os.open(os.devnull, os.O_RDWR), pidfd_open(os.getpid())
    with ours, theirs:
        server = serve.Server(theirs, -1, Confinement(Program("/bin/cat"), None, None), None, parent)
        waits = Waits()
        server.next = waits  # type: ignore[assignment]
        socket.send_fds(ours, [wire.encode(wire.Spawn(7, ["/bin/cat"]))], [null] * 3)
        monkeypatch.setattr(*{"pidfd_open": (syscalls, lacking), "send_fds": (socket, lacking)}[lacking], no_room)
        assert server.serve_one()
        monkeypatch.undo()

        assert wire.decode(ours.recv(wire.MESSAGE_BYTES)) == wire.Refused(7, errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        for pidfd in list(server.pids):
            server.reap(pidfd)
        with pytest.raises(ChildProcessError):
            os.waitpid(waits.pid, 0)
        assert server.pids == {}
        waits.process.returncode = -signal.SIGKILL  # the server has reaped it
        assert waits.process.stdin
        waits.process.stdin.close()
        os.close(null)
        os.close(parent)


def test_where_the_process_that_waits_is_killed_as_it_is_told_what_to_become_another_becomes_it(
    monkeypatch: pytest.MonkeyPatch,
):
    """Its end of the channel is then closed with a message unread, which is another error than one closed before."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    null, parent = os.open(os.devnull, os.O_RDWR), pidfd_open(os.getpid())
    pid = os.fork()
    if pid == 0:
        ours.close()
        theirs.recv(1, socket.MSG_PEEK)
        os.kill(os.getpid(), signal.SIGKILL)
    theirs.close()
    another = Waits()
    monkeypatch.setattr(fork, "ahead", lambda *_: another)
    server = serve.Server(ours, -1, Confinement(Program("/bin/cat"), None, None), None, parent)
    server.next = fork.Waiting(pid, ours)

    assert server.become(["/bin/cat"], [null] * 3, None) == another.pid
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)
    another.process.communicate()
    os.close(null)
    os.close(parent)
