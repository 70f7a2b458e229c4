"""A Node that cannot start: where the system refuses it a thread, it waits for that thread for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

import psutil

from .child import Child

# The main thread, the one of V8's timers and its four workers: Node goes on once they run. Node 22 to 26.
THREADS = 6

# Two looks that see the same, so far apart that a thread which is there would have run in between.
LOOK_SECONDS = 1.0

TASK_LIMIT = "a limit on processes and threads is reached (pids.max of a cgroup, TasksMax= of systemd, ulimit -u)"
NO_THREADS = f"it cannot start its threads: {TASK_LIMIT}"


def no_threads(stderr: str) -> str | None:
    """Why a Node has ended, if that was for want of a thread: only where the first is refused does it end by itself."""
    return NO_THREADS if "uv_thread_create" in stderr else None


@contextmanager
def task_limit_told() -> Generator[None]:
    """Around a start: has the error of a process that the system refused say what bounds them."""
    try:
        yield
    except BlockingIOError as error:  # EAGAIN
        raise OSError(error.errno, f"{error.strerror}: {TASK_LIMIT}") from None


@contextmanager
def unless_stuck(child: Child) -> Generator[None]:
    """Around the wait for the first words of a Node: kills one that cannot start, and raises OSError for it."""
    watch = _Watch(child)
    try:
        yield
    finally:
        watch.timer.cancel()
    if watch.killed:
        raise OSError(NO_THREADS)


class _Watch:
    def __init__(self, child: Child) -> None:
        self.killed = False
        self.timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        self._child = child
        self._seen: tuple[int, float] | None = None

    def _look(self) -> None:
        before, self._seen = self._seen, _waiting(self._child.pid)
        if self._seen is not None and self._seen == before:
            self.killed = True
            self._child.kill()
        else:
            self.timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)


def _waiting(pid: int) -> tuple[int, float] | None:
    """The threads of a process that sleeps with too few of them, and the CPU time it has used; None of any other."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        # One thread alone is no Node yet.
        if process.status() == psutil.STATUS_SLEEPING and 1 < process.num_threads() < THREADS:
            times = process.cpu_times()
            return process.num_threads(), times.user + times.system
    return None
