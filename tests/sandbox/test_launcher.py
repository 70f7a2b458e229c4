"""Life and death of workers: what every launcher promises, with or without layers."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from stockade.node import bundled_node
from stockade.sandbox import Child, Launcher, PlainLauncher
from stockade.sandbox import launcher as launcher_module
from stockade.sandbox.inner import fork, serve
from stockade.sandbox.inner.prepare import Confinement
from stockade.sandbox.inner.syscalls import Program
from tests.conftest import ROOT

from .support import PROGRAMS, alive, cage, gone, run, start

NODE = bundled_node()


async def test_a_worker_writes_to_its_pipes_and_its_exit_code_is_known(any_launcher):
    exited, out, err = await run(any_launcher, [NODE, PROGRAMS / "says_hello.mjs"])

    assert (exited.returncode, out, err) == (0, "hello\n", "")
    assert exited.max_rss_kb > 10_000 or (isinstance(any_launcher, PlainLauncher) and exited.max_rss_kb == 0)
    assert 0 < exited.cpu_seconds < 10


async def test_an_exit_code_is_passed_on(any_launcher):
    exited, _, _ = await run(any_launcher, [NODE, PROGRAMS / "exits_with.mjs", "42"])

    assert exited.returncode == 42


async def test_a_program_that_embeds_python_is_not_taken_for_the_interpreter(monkeypatch):
    """uWSGI says that `sys.executable` is uWSGI."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    launcher = await Launcher.start(cage())
    exited, out, _ = await run(launcher, [NODE, PROGRAMS / "says_hello.mjs"])
    await launcher.close()

    assert (exited.returncode, out) == (0, "hello\n")
    assert not isinstance(launcher, PlainLauncher)


async def test_a_launcher_that_somebody_else_has_waited_for_is_closed_at_once():
    launcher = await Launcher.start(cage())
    os.kill(launcher.pid, signal.SIGKILL)
    os.waitpid(launcher.pid, 0)  # noqa: ASYNC222 - the loop is not to notice first

    async with asyncio.timeout(launcher_module.CLOSE_SECONDS):
        await launcher.close()
    assert not launcher.alive


async def test_a_worker_starts_with_an_empty_environment_in_the_root_folder(any_launcher, monkeypatch):
    monkeypatch.setenv("SECRET", "of the supervisor")
    _, out, _ = await run(any_launcher, [NODE, PROGRAMS / "shows_surroundings.mjs"])
    seen = json.loads(out)

    assert seen["env"] == {"OPENSSL_CONF": "/dev/null", "TZ": "UTC"}
    assert seen["cwd"] == "/"


async def test_a_killed_worker_ends_by_signal_nine_for_every_waiter(any_launcher):
    running = await start(any_launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    await running.until_output()
    waiters = [asyncio.ensure_future(running.child.wait()) for _ in range(3)]
    impatient = asyncio.ensure_future(running.child.wait())
    await asyncio.sleep(0)
    impatient.cancel()
    running.child.kill()
    running.child.kill()

    assert {(await waiter).returncode for waiter in waiters} == {-signal.SIGKILL}
    assert running.child.exited is not None
    running.child.kill()  # by now the pid may be a stranger's: must do nothing
    assert not alive(running.child.pid)
    running.close()


async def test_only_the_first_thread_of_a_worker_pushes_others_aside_by_waking_up(launcher):
    """The others wake up when it is killed, to end: on the supervisor's CPU they would hold up the result."""
    running = await start(launcher, [launcher.node, PROGRAMS / "loops_forever.mjs"])
    await running.until_output()
    pid = running.child.pid
    await launcher.limit(running.child, data_bytes=None, no_new_threads=True)
    others = [thread.id for thread in psutil.Process(pid).threads() if thread.id != pid]

    assert len(others) >= 4  # of V8 alone
    assert {os.sched_getscheduler(thread) for thread in others} == {os.SCHED_BATCH}
    assert os.sched_getscheduler(pid) == os.SCHED_OTHER == os.sched_getscheduler(0)
    running.child.kill()
    await running.child.wait()
    running.close()


async def test_no_worker_is_a_real_time_process_even_where_the_supervisor_is_one():
    """A loop in it would leave its core to nobody of the same priority, the supervisor included."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pytest.skip("this user may not be")
    try:
        launcher = await Launcher.start(cage())
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    running = await start(launcher, [NODE, PROGRAMS / "fills_buffers.mjs"])
    await running.until_output()  # and waits for a word of ours
    policies = {os.sched_getscheduler(launcher.pid), os.sched_getscheduler(running.child.pid)}
    await launcher.close()
    running.close()

    assert policies <= {os.SCHED_OTHER, os.SCHED_BATCH}


@pytest.fixture
def children_ignored() -> Iterator[None]:
    """As daemons have it who want no zombies: the kernel then keeps nobody's exit status."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGCHLD, before)


async def test_a_supervisor_may_ignore_the_end_of_its_children(children_ignored, any_launcher):
    async with asyncio.timeout(20):
        exited, out, _ = await run(any_launcher, [NODE, PROGRAMS / "exits_with.mjs", "42"])
        hello = await run(any_launcher, [NODE, PROGRAMS / "says_hello.mjs"])

    unknown = -signal.SIGKILL
    assert exited.returncode == (unknown if isinstance(any_launcher, PlainLauncher) else 42)
    assert (out, hello[1]) == ("", "hello\n")


async def test_a_program_that_does_not_exist_is_an_error_and_leaves_nothing(any_launcher):
    with pytest.raises(OSError):
        await start(any_launcher, ["/nowhere/node", PROGRAMS / "says_hello.mjs"])

    exited, _, _ = await run(any_launcher, [NODE, PROGRAMS / "says_hello.mjs"])
    assert exited.returncode == 0


async def test_closing_ends_busy_workers_and_may_be_repeated(any_launcher):
    workers = [await start(any_launcher, [NODE, PROGRAMS / "loops_forever.mjs"]) for _ in range(2)]
    await any_launcher.close()
    await any_launcher.close()

    assert [worker.child.exited.returncode for worker in workers] == [-signal.SIGKILL] * 2
    assert not any(alive(worker.child.pid) for worker in workers)
    for worker in workers:
        worker.close()


async def test_memory_outside_the_heap_ends_at_the_limit_given_to_a_ready_worker(any_launcher):
    running = await start(any_launcher, [NODE, PROGRAMS / "fills_buffers.mjs"])
    await running.until_output()
    used = vm_data_bytes(running.child.pid)
    # Three buffers of 32 MiB, and room for V8 to make the error: without that it aborts.
    await any_launcher.limit(running.child, data_bytes=used + (120 << 20), no_new_threads=True)
    os.write(running.stdin, b"go\n")
    exited, out, _ = await running.finish()

    assert (exited.returncode, out) == (0, "RangeError after 96 MiB\n")
    running.close()


async def test_limiting_a_worker_that_has_ended_says_so(any_launcher):
    running = await start(any_launcher, [NODE, PROGRAMS / "says_hello.mjs"])
    await running.finish()

    with pytest.raises(ProcessLookupError):
        await any_launcher.limit(running.child, data_bytes=1 << 30, no_new_threads=True)
    running.close()


async def test_a_spawn_cancelled_at_any_moment_leaves_no_process(any_launcher):
    for turns in range(6):
        stdin, stdout = os.pipe()
        spawn = asyncio.ensure_future(
            any_launcher.spawn(
                [str(NODE), str(PROGRAMS / "loops_forever.mjs")], stdin=stdin, stdout=stdout, stderr=stdout
            )
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        spawn.cancel()
        (outcome,) = await asyncio.gather(spawn, return_exceptions=True)
        if isinstance(outcome, Child):
            outcome.kill()  # it had started before the cancellation, and is ours
        os.close(stdout)
        # End-of-file on the worker's stdout: whatever was started is gone.
        reader = os.fdopen(stdin, "rb")
        await asyncio.get_running_loop().run_in_executor(None, reader.read)
        reader.close()


async def test_the_death_of_the_launcher_ends_a_busy_worker_and_is_told_to_all_who_wait():
    launcher = await Launcher.start(cage())
    running = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    await running.until_output()
    os.kill(launcher.pid, signal.SIGKILL)

    assert (await running.child.wait()).returncode == -signal.SIGKILL
    await gone(running.child.pid)
    with pytest.raises(ConnectionError):
        await start(launcher, [NODE, PROGRAMS / "says_hello.mjs"])
    await launcher.close()
    running.close()


AS_INIT = """
import asyncio, os, signal
from stockade.sandbox import Launcher
from stockade.sandbox.inner import syscalls
from tests.sandbox.support import PROGRAMS, cage, start
from stockade.node import bundled_node

syscalls.prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans are ours

async def main():
    launcher = await Launcher.start(cage())
    workers = [await start(launcher, [bundled_node(), PROGRAMS / "loops_forever.mjs"]) for _ in range(3)]
    os.kill(launcher.pid, signal.SIGKILL)
    for worker in workers:
        await worker.child.wait()
        try:
            os.waitpid(worker.child.pid, os.WNOHANG)
        except ChildProcessError:
            print("reaped")
        worker.close()
    await launcher.close()

asyncio.run(main())
"""


def test_workers_that_outlive_their_launcher_are_reaped_by_a_supervisor_that_is_their_init():
    """As the first process of a container is: nobody else would, and each stayed as a zombie."""
    done = subprocess.run([sys.executable, "-c", AS_INIT], capture_output=True, text=True, cwd=ROOT, check=False)

    assert done.stdout == "reaped\n" * 3, done.stderr


def forked_ahead(launcher: Launcher) -> list[int]:
    """What below the launcher waits to become a worker.

    A worker has another program's name; and below a keeper the launcher itself has no session of its own.
    """
    own = psutil.Process(launcher.pid)
    forked: list[int] = []
    for child in own.children(recursive=True):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # the self-test's worker is on its way out
            if child.name() == own.name() and os.getsid(child.pid) == child.pid:
                forked.append(child.pid)
    return forked


async def waiting(launcher: Launcher) -> int:
    """The pid of the process that the launcher has forked ahead."""
    while True:
        forked = forked_ahead(launcher)
        if len(forked) == 1 and alive(forked[0]):
            return forked[0]
        await asyncio.sleep(0)


async def test_the_next_worker_is_forked_ahead_and_is_the_next_worker(launcher):
    for _ in range(3):
        pid = await waiting(launcher)
        running = await start(launcher, [launcher.node, PROGRAMS / "says_hello.mjs"])
        assert running.child.pid == pid
        assert (await running.finish())[1] == "hello\n"
        running.close()


async def test_nothing_is_forked_ahead_while_a_worker_starts(launcher):
    """Node would share its core, and wait for what is needed only later."""
    starting = await start(launcher, [launcher.node, PROGRAMS / "loops_forever.mjs"])
    await run(launcher, [launcher.node, PROGRAMS / "says_hello.mjs"])
    assert forked_ahead(launcher) == []

    await launcher.limit(starting.child, data_bytes=None, memory_bytes=None, no_new_threads=False)
    await waiting(launcher)
    starting.child.kill()
    await starting.child.wait()
    starting.close()


def test_a_fork_that_fails_is_tried_again_once_something_happens_and_not_before(monkeypatch):
    """A machine without room for a process is not helped by a launcher that asks for one a hundred times a second."""
    waits: list[int | None] = []
    tries: list[object] = []

    class Poll:
        def poll(self, timeout_ms: int | None = None) -> list[tuple[int, int]]:
            waits.append(timeout_ms)
            assert len(waits) < 10
            return [] if timeout_ms is not None else [(-1, select.POLLIN)]

    def ahead(*_: object) -> None:
        tries.append(None)
        raise OSError

    monkeypatch.setattr(fork, "ahead", ahead)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server = serve.Server(ours, -1, Confinement(Program("/bin/true"), None, None), None, theirs.fileno())
        monkeypatch.setattr(server, "poll", Poll())
        monkeypatch.setattr(server, "serve_one", lambda: len(waits) < 4)
        server.run()

    assert waits == [serve.QUIET_MS, None] * 2
    assert len(tries) == 3


async def test_a_process_that_was_killed_while_it_waited_costs_nobody_a_worker(launcher):
    pid = await waiting(launcher)
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    exited, out, _ = await run(launcher, [launcher.node, PROGRAMS / "says_hello.mjs"])

    assert (exited.returncode, out) == (0, "hello\n")


@pytest.mark.parametrize("ending", ["closed", "killed"])
async def test_what_waits_goes_with_its_launcher(ending):
    launcher = await Launcher.start(cage())
    pid = await waiting(launcher)
    if ending == "killed":
        os.kill(launcher.pid, signal.SIGKILL)
    await launcher.close()
    await gone(pid)


async def test_a_worker_that_only_its_launcher_may_signal_ends_with_it(monkeypatch):
    """As where the supervisor is root without CAP_KILL: once the launcher has hung up, nobody is left to be asked."""

    def refuse(*_: object) -> None:
        raise PermissionError

    launcher = await Launcher.start(cage())
    running = await start(launcher, [NODE, PROGRAMS / "loops_forever.mjs"])
    await running.until_output()
    os.kill(launcher.pid, signal.SIGKILL)
    while launcher.alive:  # noqa: ASYNC110 - in the turn in which that is seen, before the worker's end is
        await asyncio.sleep(0)
    monkeypatch.setattr(launcher_module.syscalls, "pidfd_send_signal", refuse)
    running.child.kill()
    assert (await running.child.wait()).returncode == -signal.SIGKILL
    await launcher.close()
    running.close()


def vm_data_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmData:")[2].split()[0]) * 1024
