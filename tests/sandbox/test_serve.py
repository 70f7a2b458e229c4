"""What a launcher does not do, whoever asks, and that it ends where nobody could ask it."""

from __future__ import annotations

import asyncio
import errno
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from stockade.node import bundled_node
from stockade.sandbox import launcher
from stockade.sandbox.inner import fork, serve, syscalls, wire
from stockade.sandbox.inner.prepare import Confinement
from stockade.sandbox.inner.syscalls import Program, pidfd_open

from .support import gone


def test_a_process_that_is_no_worker_is_neither_limited_nor_killed():
    """A worker may have ended and been reaped while it was being asked for, and its number be a stranger's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stranger = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)
    parent = pidfd_open(os.getpid())
    with ours, theirs, stranger:
        server = serve.Server(theirs, -1, Confinement(Program("/bin/true"), None, None), None, parent)
        ours.send(wire.encode(wire.Limit(7, stranger.pid, 1 << 30, None, True)))
        ours.send(wire.encode(wire.Kill(stranger.pid)))
        assert server.serve_one()
        assert server.serve_one()
        assert wire.decode(ours.recv(wire.MESSAGE_BYTES)) == wire.Refused(7, errno.ESRCH, "the worker has ended")
        os.close(parent)
    assert stranger.returncode == 0


@pytest.mark.parametrize(("program", "given"), [("/bin/sh", 3), ("/bin/cat", 2)])
def test_nothing_but_its_own_program_on_all_of_its_pipes_becomes_a_worker(program: str, given: int):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    null, parent = os.open(os.devnull, os.O_RDWR), pidfd_open(os.getpid())
    with ours, theirs:
        server = serve.Server(theirs, -1, Confinement(Program("/bin/cat"), None, None), None, parent)
        socket.send_fds(ours, [wire.encode(wire.Spawn(7, [program]))], [null] * given)
        assert server.serve_one()
        refused = wire.decode(ours.recv(wire.MESSAGE_BYTES))
    os.close(null)
    os.close(parent)

    assert isinstance(refused, wire.Refused)
    assert (refused.ticket, refused.errno, server.pids) == (7, errno.EINVAL, {})


@pytest.mark.parametrize("asked", [[], [wire.Prepare(str(bundled_node()), [], ["cgroup"], None)]])
def test_a_launcher_whose_supervisor_is_gone_says_nothing_of_it(asked: list[wire.Prepare], capfd):
    """Its stderr is the supervisor's own, and so of whoever started that."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        for message in asked:
            ours.send(wire.encode(message))
    with theirs:
        process = launcher._popen(theirs)

    assert process.wait() == 0
    assert capfd.readouterr().err == ""


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


def test_a_launcher_that_ends_ends_its_workers_and_tells_what_they_used_in_their_own_code_and_in_the_kernel(
    monkeypatch: pytest.MonkeyPatch,
):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent, worker, waits, ended = pidfd_open(os.getpid()), Waits(), Waits(), []
    pidfd, wait4 = pidfd_open(worker.pid), os.wait4

    def with_usage(pid: int, options: int) -> tuple[int, int, object]:
        return *wait4(pid, options)[:2], SimpleNamespace(ru_utime=1.5, ru_stime=2.25, ru_maxrss=7)

    with ours, theirs, worker.process, waits.process:
        server = serve.Server(theirs, -1, Confinement(Program("/bin/cat"), None, None), None, parent)
        server.pids[pidfd] = worker.pid
        server.poll.register(pidfd, select.POLLIN)
        monkeypatch.setattr(fork, "ahead", lambda *_: waits)
        monkeypatch.setattr(waits, "close", lambda: ended.append(waits))
        monkeypatch.setattr(os, "wait4", with_usage)
        ours.shutdown(socket.SHUT_WR)
        server.run()
        worker.process.returncode = -signal.SIGKILL  # the server has reaped it
        assert wire.decode(ours.recv(wire.MESSAGE_BYTES)) == wire.Exited(worker.pid, -signal.SIGKILL, 7, 3.75, False)
    os.close(parent)

    assert ended == [waits]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(pidfd)


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


@pytest.fixture
def unhurried() -> Iterator[tuple[fork.Waiting, socket.socket]]:
    """A process that waits and is in no hurry to become a worker, and its end of the channel; it is to be ended."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, start_new_session=True)
    with theirs, process:
        yield fork.Waiting(process.pid, ours), theirs
        with pytest.raises(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
        process.returncode = -signal.SIGKILL


def test_a_process_that_cannot_be_told_what_to_become_is_ended(unhurried, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(socket, "send_fds", no_room)
    with pytest.raises(OSError, match="No buffer space available"):
        unhurried[0].become(["/bin/cat"], [], None)


def test_a_process_that_does_not_become_a_worker_in_time_is_ended(unhurried, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fork, "EXEC_MS", 1)
    with pytest.raises(TimeoutError, match="did not reach exec within 2 ms"):
        unhurried[0].become(["/bin/cat"], [], None)


def test_a_pause_that_takes_all_the_time_for_becoming_a_worker_fails_no_start(monkeypatch: pytest.MonkeyPatch):
    """As of a whole container: nobody came to do anything, and the clock went on."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    heard = [[], [(ours.fileno(), select.POLLIN)]]
    monkeypatch.setattr(fork.select, "poll", lambda: SimpleNamespace(register=print, poll=lambda _: heard.pop(0)))
    monkeypatch.setattr(socket, "send_fds", lambda *_: theirs.close())

    assert fork.Waiting(7, ours).become(["/bin/cat"], [], None) == 7
