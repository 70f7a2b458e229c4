"""A blocking pool is started once: by one of many threads, and in one process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from stockade import NodeNotFound, PoolClosed
from stockade.events import WorkerStarted
from stockade.sandbox import launcher
from stockade.sync import Pool


def test_threads_that_start_a_pool_at_once_all_find_it_started():
    together = threading.Barrier(3)
    pool = Pool(workers=1, spares=0)

    def use(n: int) -> object:
        together.wait(60)
        return pool.start().execute(f"{n}").value

    with ThreadPoolExecutor(3) as threads:
        try:
            assert list(threads.map(use, range(3))) == [0, 1, 2]
        finally:
            pool.close()


def test_threads_that_start_a_pool_which_cannot_start_are_all_told_why(monkeypatch: pytest.MonkeyPatch):
    together = threading.Barrier(3)
    pool = Pool(workers=1, spares=0)

    async def fail(*_: object) -> None:
        raise NodeNotFound("none that is new enough")

    def start(_: int) -> None:
        together.wait(60)
        with pytest.raises(NodeNotFound, match="new enough"):
            pool.start()

    monkeypatch.setattr(pool._pool, "_start", fail)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(start, range(3)))
    with pytest.raises(PoolClosed):
        pool.execute("1")
    pool.close()
    with pytest.raises(NodeNotFound):  # closing it once more makes it fail of nothing else
        pool.start()


def test_a_pool_that_was_closed_before_it_started_does_not_start():
    pool = Pool(workers=1, spares=0)
    pool.close()

    try:
        with pytest.raises(PoolClosed):
            pool.start()
        with pytest.raises(PoolClosed):
            pool.execute("1")
    finally:
        pool.close()


@pytest.mark.usefixtures("interrupts")
@pytest.mark.parametrize("part", ["_popen", "self_test"])
def test_an_interrupt_while_a_pool_starts_leaves_nothing(monkeypatch: pytest.MonkeyPatch, part: str):
    whole = getattr(launcher, part)

    def interrupted(*given: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)  # which Python raises in the first thread
        return whole(*given)

    monkeypatch.setattr(launcher, part, interrupted)
    children, descriptors = psutil.Process().children(), psutil.Process().num_fds()
    pool = Pool(workers=1, spares=0)
    with pytest.raises(KeyboardInterrupt):
        pool.start()

    assert psutil.Process().children() == children
    assert psutil.Process().num_fds() == descriptors
    with pytest.raises(PoolClosed):
        pool.execute("1")


class TimeIsUp(Exception):
    """What a task queue raises from a signal's handler, as Celery's SoftTimeLimitExceeded."""


@pytest.mark.parametrize("error", [TimeIsUp, KeyboardInterrupt])
@pytest.mark.parametrize("begun", [True, False])
def test_an_interrupt_while_the_thread_of_a_pool_begins_comes_out_and_leaves_none(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException], begun: bool
):
    """A loop was closed as it began to run: who closed the pool then waited for ever."""
    begin, threads = threading.Thread.start, list[threading.Thread]()

    def interrupted(thread: threading.Thread) -> None:
        threads.append(thread)
        if begun:
            begin(thread)
        raise error

    descriptors = psutil.Process().num_fds()
    pool = Pool(workers=1, spares=0)
    with monkeypatch.context() as patch, pytest.raises(error):
        patch.setattr(threading.Thread, "start", interrupted)
        pool.start()
    (thread,) = threads
    if not begun:
        begin(thread)  # as one does that the system has made by then
    thread.join(20)

    assert not thread.is_alive()
    assert psutil.Process().num_fds() == descriptors
    with pool:
        assert pool.execute("1 + 1").value == 2


def test_an_interrupt_while_a_pool_starts_is_not_what_later_starts_are_told(monkeypatch: pytest.MonkeyPatch):
    def time_is_up(*_: object) -> None:
        raise TimeIsUp

    def interrupted(*_: object) -> object:
        os.kill(os.getpid(), signal.SIGUSR1)  # the first thread waits for the start
        return whole(*_)

    whole, before = launcher.self_test, signal.signal(signal.SIGUSR1, time_is_up)
    monkeypatch.setattr(launcher, "self_test", interrupted)
    pool = Pool(workers=1, spares=0)
    try:
        with pytest.raises(TimeIsUp):
            pool.start()
    finally:
        signal.signal(signal.SIGUSR1, before)

    with pytest.raises(PoolClosed):
        pool.start()


def test_a_hook_may_start_the_pool_whose_start_it_is_told_of():
    pools: list[Pool] = []
    started: list[Pool] = []

    def hear(event: object) -> None:
        if isinstance(event, WorkerStarted):
            started.append(pools[0].start())

    pools.append(Pool(workers=1, spares=1, on_event=hear))
    with pools[0] as pool:
        assert pool.execute("1 + 1").value == 2
    assert started
    assert set(started) == {pool}


def test_a_start_that_the_system_gives_no_thread_leaves_nothing_behind_and_can_be_made_again():
    """A loop that nobody runs stayed: the next start returned at once, and whatever came after it waited for ever."""
    command = [sys.executable, "-W", "error", "-c", NO_THREAD]
    program = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert program.stdout.splitlines() == ["can't start new thread", "0", "2"]
    assert program.stderr == ""


NO_THREAD = """
import signal, threading
from stockade.sync import Pool

signal.alarm(20)  # instead of waiting for ever


def refuse(thread):
    raise RuntimeError("can't start new thread")


start, threading.Thread.start = threading.Thread.start, refuse
pool = Pool(workers=1, spares=0)
try:
    pool.start()
except RuntimeError as error:
    print(error)
print(pool.stats().workers_started)
threading.Thread.start = start
with pool:
    print(pool.execute("1 + 1").value)
"""

FORKED = """
import os
from stockade.sync import Pool

with Pool(workers=1, spares=0) as pool:
    child = os.fork()
    if child == 0:
        try:
            pool.execute("1 + 1")
        except RuntimeError as error:
            print(error, flush=True)
            pool.close()  # at once, and the parent's workers stay
            os._exit(3)
        os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    print(pool.execute("1 + 1").value)
"""


def test_a_forked_process_is_told_that_the_pool_is_its_parents():
    """As under a server that loads the application and then forks: the loop's thread is not there in the child."""
    program = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, check=True)
    assert program.stdout.splitlines() == [
        "the pool was started before a fork, by another process: start one in each process",
        "2",
    ]


FORKED_WITH_RUNS = """
import os, signal, threading
from stockade.sync import Pool

release = threading.Event()


def tell(ask):
    try:
        ask()
    except RuntimeError as error:
        print(error, flush=True)


with Pool(workers=3, spares=0, bindings={"wait": release.wait}) as pool:
    over = pool.submit("1 + 1")
    over.result()
    handle = pool.submit("await wait(); 2 + 2")
    results = pool.map(["3 + 3", "await wait()"])
    assert next(results).value == 6
    child = os.fork()
    if child == 0:
        signal.alarm(8)  # instead of waiting for ever
        assert over.result().value == 2 and not over.cancel()
        for ask in (handle.result, handle.exception, handle.cancel, handle.console().__next__, results.__next__):
            tell(ask)
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    child = os.fork()
    if child == 0:
        signal.alarm(8)
        results.close()  # as at the end of a child that was forked within the loop
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    release.set()
    print(handle.result().value, *(run.value for run in results))
"""


def test_a_forked_process_is_told_that_runs_are_its_parents():
    command = [sys.executable, "-c", FORKED_WITH_RUNS]
    program = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = "the pool was started before a fork, by another process: start one in each process"
    assert program.stdout.splitlines() == [told] * 5 + ["4 True"]


MADE_BEFORE_A_FORK = """
import os
from stockade.sync import Pool

pool = Pool(workers=1, spares=0)
child = os.fork()
with pool:
    print(pool.execute("1 + 1").value, flush=True)
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


def test_a_pool_that_was_made_before_a_fork_starts_in_each_process():
    """As under a server that loads the application, forks, and lets each of its workers start what it needs."""
    command = [sys.executable, "-c", MADE_BEFORE_A_FORK]
    program = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert program.stdout.splitlines() == ["2", "2"]
