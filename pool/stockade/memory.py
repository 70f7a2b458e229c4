"""Three bounds on memory: V8's own heap, the kernel's RLIMIT_DATA, and a watch on what is resident."""

from __future__ import annotations

import errno
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from stockade.config import MIB

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

# Between two looks at a running worker: short, yet nothing beside a run. What grows faster meets RLIMIT_DATA.
WATCH_SECONDS = 0.02


def heap_flag(memory_limit_mb: int) -> str:
    """V8 collects harder near this bound and aborts beyond it; it covers JavaScript objects, not buffers."""
    return f"--max-old-space-size={memory_limit_mb}"


def young_flag(memory_limit_mb: int, most_mb: int) -> str:
    """What V8 may take for young objects: three times this, of which it uses half.

    RLIMIT_DATA counts all of it. Left to itself Node 24 takes 192 MiB, and a script that held two thirds of a limit of
    128 MiB was out of memory as often as not.
    """
    share = max(1, min(most_mb, memory_limit_mb // 16))
    return f"--max-semi-space-size={1 << (share.bit_length() - 1)}"  # V8 would round up to a power of two


class Meter:
    """Reads what one process holds. On Linux from a descriptor kept open: 2 us a look, against 33 with psutil."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.last: tuple[int, int | None] = (0, None)  # what the last look has found
        self._cpu_seconds = 0.0
        self._statm = -1
        self.unreadable = ""  # why there is no such descriptor
        if sys.platform == "linux":
            try:
                self._statm = os.open(Path("/proc") / str(pid) / "statm", os.O_RDONLY)
            except OSError as error:  # a supervisor may be out of descriptors, or of what lets it look at others
                hidden = error.errno not in (errno.EMFILE, errno.ENFILE)
                self.unreadable = f"{error.strerror}{' in /proc: is it mounted with hidepid=4?' if hidden else ''}"

    def resident(self) -> int:
        """Bytes of memory in use; 0 once the process is gone."""
        return self.held()[0]

    def held(self) -> tuple[int, int | None]:
        """The same, and the bytes the kernel counts against RLIMIT_DATA, in one look; None where those are not told."""
        self.last = 0, None
        try:
            if self._statm < 0:
                self.last = psutil.Process(self.pid).memory_info().rss, None
            else:
                fields = os.pread(self._statm, 256, 0).split()
                if fields[1] == b"0":
                    fields = self._of_another_thread() or fields
                self.last = int(fields[1]) * PAGE_BYTES, int(fields[5]) * PAGE_BYTES
        except (OSError, psutil.Error):
            pass
        return self.last

    def _of_another_thread(self) -> list[bytes] | None:
        """Once its first thread has ended, a process that goes on shows what it holds by the other threads alone."""
        for thread in (Path("/proc") / str(self.pid) / "task").iterdir():
            with suppress(OSError):  # it may be ending as well
                fields = (thread / "statm").read_bytes().split()
                if fields[1] != b"0":
                    return fields
        return None

    def cpu_seconds(self) -> float:
        """CPU time used so far, all threads; once the process is gone, what the last look has found."""
        try:
            if sys.platform == "linux":
                # The clock id of another process, as clock_getcpuclockid(3) makes it: one system call, no parsing.
                self._cpu_seconds = time.clock_gettime(((~self.pid) << 3) | 2)
            else:
                times = psutil.Process(self.pid).cpu_times()
                self._cpu_seconds = times.user + times.system
        except (OSError, psutil.Error):  # no `suppress`: twice a run, it takes longer than the look itself
            pass
        return self._cpu_seconds

    def last_look(self) -> None:
        """Before a kill: it may be gone before its result is told."""
        self.cpu_seconds()
        self.held()

    def close(self) -> None:
        """Gives the descriptor back; may be called again."""
        if self._statm >= 0:
            os.close(self._statm)
            self._statm = -1


def data_limit(held: int | None, memory_limit_mb: int) -> int | None:
    """The RLIMIT_DATA of a worker that is ready, in bytes: on top of what it has, since Node 24 starts with 560 MiB."""
    return None if held is None else held + memory_limit_mb * MIB
