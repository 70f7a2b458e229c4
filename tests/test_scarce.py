"""What becomes of a start where descriptors or the launcher are not to be had: it fails in time, and leaves nothing."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from stockade import IsolationUnavailable, Pool, RuntimeConfig
from stockade.memory import Meter
from stockade.sandbox import Launcher, launcher
from stockade.sandbox.inner import syscalls, wire
from tests.sandbox.support import cage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is Linux's")


@contextmanager
def descriptors_left(number: int) -> Iterator[None]:
    """So many can still be opened in this process."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = os.open(os.devnull, os.O_RDONLY)
    os.close(highest)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 200, limits[1]))
    try:
        try:
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            for _ in range(number):
                os.close(held.pop())
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def _launcher(pool: Pool) -> Launcher:
    assert isinstance(pool._starts.spawner, Launcher)
    return pool._starts.spawner


async def _no_children(pool: Pool) -> None:
    """Once the process of the self-test is gone."""
    async with asyncio.timeout(20):
        while _launcher(pool)._children:
            await asyncio.to_thread(lambda: None)


async def test_a_start_that_finds_no_descriptors_gives_back_those_it_had():
    async with Pool(workers=1, spares=0) as pool:
        await _no_children(pool)
        before = _open_descriptors()
        for _ in range(3):
            with descriptors_left(8):  # three pipes, and two of the three copies that the launcher is sent
                run = await pool.execute("1")
            assert run.error is not None
            assert run.error.kind == "start_failed"
            assert "Too many open files" in run.error.message
            assert (_open_descriptors(), _launcher(pool)._tickets) == (before, {})


@pytest.mark.filterwarnings("error::ResourceWarning")
async def test_a_pool_that_finds_no_descriptors_does_not_start_rather_than_without_layers_and_gives_back_what_it_had():
    """Out of descriptors the kernel gives no pidfd either, which was taken for a kernel that has none."""
    async with Pool(workers=1, spares=0) as pool:
        missing = pool.isolation.missing
    before = _open_descriptors()
    refused = 0
    for number in range(12):
        starved = Pool(workers=1, spares=0)
        with descriptors_left(number):
            try:
                await starved.start()
            except OSError as error:
                assert "Too many open files" in str(error)
                refused += 1
            else:
                assert starved.isolation.missing == missing
        await starved.close()
        assert _open_descriptors() == before
    assert refused


async def test_a_launcher_with_few_descriptors_drops_no_layer_for_it(monkeypatch: pytest.MonkeyPatch):
    """The private root takes one for each of its mounts. Where it had too few, scripts ran without that root."""
    given = 0

    def popen(channel: socket.socket) -> subprocess.Popen[bytes]:
        process = started(channel)
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (given, given))  # before it is told what to prepare
        return process

    started = launcher._popen
    usual = await launcher.Launcher.start(cage())
    await usual.close()
    monkeypatch.setattr(launcher, "_popen", popen)
    outcomes: set[bool] = set()
    for given in range(8, 24):  # noqa: B007 - popen() uses it
        try:
            starved = await launcher.Launcher.start(cage())
        except OSError:
            outcomes.add(False)
        else:
            await starved.close()
            assert starved.isolation.missing == usual.isolation.missing
            outcomes.add(True)
    assert outcomes == {False, True}


async def test_a_launcher_that_died_is_not_replaced_by_bare_processes_where_descriptors_are_out():
    async with Pool(workers=1, spares=0) as pool:
        missing = pool.isolation.missing
        os.kill(_launcher(pool).pid, signal.SIGKILL)
        async with asyncio.timeout(20):
            while _launcher(pool).alive:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await _launcher(pool).close()
        with descriptors_left(0):
            run = await pool.execute("1")
        assert run.error is not None
        assert run.error.kind == "start_failed"
        assert "Too many open files" in run.error.message
        assert (await pool.execute("1 + 1")).value == 2
        assert pool.isolation.missing == missing


async def test_a_worker_whose_descriptor_could_not_be_received_is_ended_and_its_start_fails():
    """Nobody could kill it, and the run would wait for it for ever."""
    async with Pool(workers=1, spares=0) as pool:
        await _no_children(pool)
        launcher = _launcher(pool)
        starting = asyncio.ensure_future(pool.execute("1"))
        async with asyncio.timeout(20):
            while not launcher._tickets:  # the request is out  # noqa: ASYNC110
                await asyncio.sleep(0)
            with descriptors_left(0):
                run = await starting

        assert run.error is not None
        assert run.error.kind == "start_failed"
        assert "Too many open files" in run.error.message
        assert (launcher._tickets, launcher._children) == ({}, {})  # nobody was given it, and it is reaped
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_launcher_that_does_not_answer_fails_a_start_within_its_time():
    async with Pool(RuntimeConfig(start_timeout_seconds=0.5), workers=1, spares=0) as pool:
        os.kill(_launcher(pool).pid, signal.SIGSTOP)
        try:
            async with asyncio.timeout(20):
                run = await pool.execute("1")
        finally:
            os.kill(_launcher(pool).pid, signal.SIGCONT)

    assert run.error is not None
    assert run.error.kind == "start_failed"
    assert "not ready within 0.5 seconds" in run.error.message


async def test_a_worker_whose_memory_cannot_be_read_is_given_no_script(monkeypatch: pytest.MonkeyPatch):
    """It would have no bound on its data."""
    async with Pool(workers=1, spares=0) as pool:
        monkeypatch.setattr(Meter, "held", lambda _: (50 * 2**20, None))
        run = await pool.execute("1")

    assert run.error is not None
    assert (run.error.kind, run.started) == ("start_failed", False)
    assert "cannot be read" in run.error.message


@contextmanager
def nothing_watched(times: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The kernel refuses the loop to watch one more descriptor, where so many have been watched before."""
    loop = asyncio.get_running_loop()
    add_reader, left = loop.add_reader, [times]

    def refused(descriptor: object, *rest: Any) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        add_reader(descriptor, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(loop, "add_reader", refused)
        yield left


@pytest.mark.parametrize("watched", [0, 1])
async def test_a_worker_that_the_loop_cannot_watch_is_ended_and_its_pipes_are_closed(
    watched: int, monkeypatch: pytest.MonkeyPatch
):
    """There is a number of them in /proc/sys/fs/epoll/max_user_watches."""
    async with Pool(workers=1, spares=0) as pool:
        await _no_children(pool)
        before = _open_descriptors()
        with nothing_watched(watched, monkeypatch):
            run = await pool.execute("1")
        assert run.error is not None
        assert (run.error.kind, run.started) == ("start_failed", False)
        assert "No space left on device" in run.error.message
        await _no_children(pool)
        assert _open_descriptors() == before
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_launcher_that_the_loop_cannot_watch_is_ended_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    before = _open_descriptors(), psutil.Process().children()
    with nothing_watched(0, monkeypatch), pytest.raises(OSError, match="No space left on device"):
        await Launcher.start(cage())
    assert (_open_descriptors(), psutil.Process().children()) == before
    assert capfd.readouterr().err == ""


async def test_a_launcher_whose_end_the_loop_cannot_watch_is_waited_for_at_once(monkeypatch: pytest.MonkeyPatch):
    """Closing took ten seconds, and left a descriptor and a zombie."""
    before = _open_descriptors(), psutil.Process().children()
    launcher = await Launcher.start(cage())
    with nothing_watched(0, monkeypatch):
        await launcher.close()
    assert (_open_descriptors(), psutil.Process().children()) == before


async def test_a_worker_whose_end_the_loop_cannot_watch_ends_with_its_launcher(monkeypatch: pytest.MonkeyPatch):
    """Its run was told of it ten seconds later, and what came next another ten."""
    before = _open_descriptors()
    async with Pool(workers=1, spares=0) as pool:
        await _no_children(pool)
        with nothing_watched(100, monkeypatch) as left:

            async def kill() -> None:
                left[0] = 0
                os.kill(_launcher(pool).pid, signal.SIGKILL)
                await asyncio.Event().wait()

            run = await pool.execute("await kill()", bindings={"kill": kill})
        assert run.error is not None
        assert (run.error.kind, run.error.evidence.signal) == ("worker_crashed", signal.SIGKILL)
        await _launcher(pool)._ended.wait()
        assert _launcher(pool)._children == {}
        assert (await pool.execute("1 + 1")).value == 2
    assert _open_descriptors() == before


def unsent(kind: type[wire.Message], monkeypatch: pytest.MonkeyPatch) -> None:
    """The next message of this kind to a launcher finds no room in the kernel."""
    send_fds = socket.send_fds

    def send(channel: socket.socket, buffers: list[bytes], descriptors: list[int]) -> int:
        if isinstance(wire.decode(buffers[0]), kind):
            monkeypatch.setattr(socket, "send_fds", send_fds)
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        return send_fds(channel, buffers, descriptors)

    monkeypatch.setattr(socket, "send_fds", send)


async def test_a_launcher_that_cannot_be_told_what_to_prepare_does_not_start_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
):
    """Nobody waited for anything that could come, for thirty seconds."""
    unsent(wire.Prepare, monkeypatch)
    with pytest.raises(OSError, match="No buffer space available"):
        await Launcher.start(cage())


@pytest.mark.parametrize("kind", [wire.Spawn, wire.Limit])
async def test_a_start_that_the_launcher_cannot_be_told_of_fails_and_says_why(
    kind: type[wire.Message], monkeypatch: pytest.MonkeyPatch
):
    """It failed as not ready in its time, when that was over."""
    async with Pool(workers=1, spares=0) as pool:
        unsent(kind, monkeypatch)
        run = await pool.execute("1")
        assert run.error is not None
        assert (run.error.kind, "No buffer space available" in run.error.message) == ("start_failed", True)
        assert _launcher(pool)._tickets == {}
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_worker_that_the_launcher_cannot_be_told_to_end_is_ended_with_it(monkeypatch: pytest.MonkeyPatch):
    """It belongs to another user and nobody else may signal it, and its script would go on for ever."""

    def forbidden(*_: object) -> None:
        raise PermissionError

    async with Pool(RuntimeConfig(timeout_seconds=1), workers=1, spares=0) as pool:
        child_pids: list[int] = []

        async def here() -> None:
            child_pids.extend(_launcher(pool)._children)
            unsent(wire.Kill, monkeypatch)
            monkeypatch.setattr(syscalls, "pidfd_send_signal", forbidden)

        run = await pool.execute("await here(); for (;;);", bindings={"here": here})
        assert run.error is not None
        assert run.error.kind == "timeout"
        async with asyncio.timeout(60):
            while any(map(psutil.pid_exists, child_pids)):  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert (await pool.execute("1 + 1")).value == 2


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOENT, "No such file or directory: '/opt/app/bin/node'"),
        IsolationUnavailable({"unprivileged_user": "uid 5 could not read /opt/app/bin/node"}),
    ],
)
async def test_a_launcher_that_cannot_be_started_again_does_not_tell_where_on_the_machine_it_looked(
    error: Exception, monkeypatch: pytest.MonkeyPatch
):
    """Whoever runs a script is told of it, and the operator of the pool by its start."""

    async def start(*_: object, **__: object) -> Launcher:
        raise error

    async with Pool(workers=1, spares=0) as pool:
        os.kill(_launcher(pool).pid, signal.SIGKILL)
        await _launcher(pool)._ended.wait()
        with monkeypatch.context() as patched:
            patched.setattr(Launcher, "start", start)
            run = await pool.execute("1")
        assert run.error is not None
        assert run.error.kind == "start_failed"
        assert "…/node" in run.error.message
        assert "/opt" not in run.error.message
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_worker_that_cannot_be_told_something_for_want_of_memory_is_ended_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
):
    """It would wait for the rest, and its run be told as a timeout of the script."""
    write = os.write

    def no_memory(descriptor: int, data: bytes) -> int:
        if b'"resolve"' in bytes(data):
            monkeypatch.setattr(os, "write", write)
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        return write(descriptor, data)

    async with Pool(RuntimeConfig(timeout_seconds=60), workers=1, spares=0) as pool:
        monkeypatch.setattr(os, "write", no_memory)
        async with asyncio.timeout(50):
            run = await pool.execute("await four()", bindings={"four": lambda: 4})
        assert run.error is not None
        assert run.error.kind == "worker_crashed"
        assert (await pool.execute("1 + 1")).value == 2
