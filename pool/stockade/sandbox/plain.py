"""The fallback where no launcher can work: a bare process in a session of its own, reported as such."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from ..errors import IsolationUnavailable
from .child import Child, Exit
from .inner import syscalls
from .inner.files import ENVIRONMENT
from .isolation import LAYERS, Isolation, report
from .launcher import Launcher
from .needs import Cage


class PlainLauncher(Launcher):
    """Same promises about life and death as `Launcher`, and hardly a layer."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        self._living: dict[int, tuple[Child, subprocess.Popen[bytes]]] = {}  # by pid

    takes_code = False  # a number of ours cannot be given to a child without taking it from ourselves

    @property
    def alive(self) -> bool:
        """Whether it can still start workers: there is no process of its own that could die."""
        return True

    @classmethod
    async def start(
        cls,
        cage: Cage,
        *,
        meanwhile: Callable[[Launcher], None] | None = None,
        _without: Iterable[str] = (),
        reason: str = "asked for",
    ) -> PlainLauncher:
        """A launcher without a process; `reason` says why there is none."""
        active = {"environment": ""}
        missing = {name: f"no launcher: {reason}" for name in LAYERS if name not in active}
        isolation = report("plain", active, missing)
        if cage.require_full:
            raise IsolationUnavailable(isolation.missing)
        return cls(isolation)

    async def spawn(
        self, argv: Sequence[str], *, stdin: int, stdout: int, stderr: int, code: int | None = None
    ) -> Child:
        """A new worker on these three descriptors, which the caller closes afterwards. OSError if it cannot start."""
        assert code is None, "see takes_code"
        process = subprocess.Popen(  # noqa: ASYNC220 - asyncio's own does the same, and adds a thread or SIGCHLD
            argv, stdin=stdin, stdout=stdout, stderr=stderr, env=ENVIRONMENT, cwd="/", start_new_session=True
        )

        # The group, not the pid: here a script may have started helpers. It is not reaped yet, so the pid is its own.
        def kill() -> None:
            with suppress(ProcessLookupError, PermissionError):  # macOS' word for a group in which all have ended
                os.killpg(process.pid, signal.SIGKILL)

        child = Child(process.pid, kill)
        self._living[child.pid] = child, process
        try:
            _on_exit(process.pid, lambda: self._reap(child, process, kill))
        except BaseException:  # nobody would hear of its end
            self._reap(child, process, kill)
            raise
        return child

    async def limit(
        self, child: Child, *, data_bytes: int | None, no_new_threads: bool, memory_bytes: int | None = None
    ) -> None:
        """Tighten a living worker where the platform can limit another process."""
        if child.exited is not None:
            raise ProcessLookupError(f"worker {child.pid} has ended")
        if sys.platform == "linux":
            from .inner import limits  # elsewhere it cannot even be imported

            limits.apply_to(child.pid, data_bytes, no_new_threads)

    async def close(self) -> None:
        """Kill every worker and wait for its end. May be called again."""
        living = [child for child, _ in self._living.values()]
        for child in living:
            child.kill()
        for child in living:
            await child.wait()

    def _reap(self, child: Child, process: subprocess.Popen[bytes], kill: Callable[[], None]) -> None:
        kill()
        del self._living[child.pid]
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except ChildProcessError:
            # We ignore SIGCHLD, or somebody else has waited for it: nobody knows how it ended, by itself or by `kill`.
            process.returncode = -signal.SIGKILL
            child.ended(Exit(process.returncode, 0, 0.0))
            return
        process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for a stranger
        # Not ru_maxrss: between fork and exec a child has its parent's size, and Linux counts that. Ours may be large.
        child.ended(Exit(process.returncode, 0, usage.ru_utime + usage.ru_stime))


def _on_exit(pid: int, then: Callable[[], None]) -> None:
    """Call once when our child has ended and waits to be reaped."""
    loop = asyncio.get_running_loop()
    if sys.platform == "linux":
        try:
            watch = syscalls.pidfd_open(pid)
        except OSError:  # this kernel has none, or we have no descriptor left
            _wait_in_thread(pid, loop, then)
            return
        close = lambda: os.close(watch)  # noqa: E731
    else:
        queue = select.kqueue()
        try:
            queue.control([select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)], 0)
        except ProcessLookupError:  # it has ended, though nobody has reaped it
            queue.close()
            loop.call_soon(then)
            return
        watch = queue.fileno()
        close = queue.close

    def ended() -> None:
        loop.remove_reader(watch)
        close()
        then()

    loop.add_reader(watch, ended)


def _wait_in_thread(pid: int, loop: asyncio.AbstractEventLoop, then: Callable[[], None]) -> None:
    def wait() -> None:
        with suppress(ChildProcessError):  # somebody else has waited for it
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with suppress(RuntimeError):  # the loop is closed, and nobody asks any more
            loop.call_soon_threadsafe(then)

    threading.Thread(target=wait, name=f"stockade-worker-{pid}", daemon=True).start()
