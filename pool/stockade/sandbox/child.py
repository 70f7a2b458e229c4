"""One worker process as the supervisor holds it: a pid, a way to end it, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Exit:
    """How a process ended. A negative return code is the signal that ended it, as in `subprocess`."""

    returncode: int
    max_rss_kb: int  # 0 where it is not known
    cpu_seconds: float
    outgrown: bool = False  # the kernel killed it because its cgroup was full


class Child:
    """Lives from `spawn` to its exit; killing it is synchronous and may be repeated."""

    def __init__(self, pid: int, kill: Callable[[], None]) -> None:
        self.pid = pid
        self.exited: Exit | None = None
        self._kill = kill
        self._exit: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    def kill(self) -> None:
        """SIGKILL to the process and its group, unless it has ended. Never reaches a stranger with the same pid."""
        if self.exited is None:
            self._kill()

    async def wait(self) -> Exit:
        """How it ended, once it has. Cancelling one waiter disturbs no other."""
        return await asyncio.shield(self._exit)

    def ended(self, exited: Exit) -> None:
        """Called once by the launcher, when the process is reaped."""
        self.exited = exited
        self._exit.set_result(exited)
