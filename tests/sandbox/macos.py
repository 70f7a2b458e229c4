"""This Python made to look like that of macOS: without the names of Linux, and with what XNU does otherwise."""

from __future__ import annotations

import fcntl
import os
import resource
import select
import signal
import socket
import sys
import sysconfig
import time
from pathlib import Path

import psutil  # noqa: F401 - what loads other code on macOS has to be loaded before

LINUX_ONLY = {
    os: (
        "pidfd_open memfd_create waitid P_PIDFD P_PID WNOWAIT O_PATH O_TMPFILE pipe2 eventfd getxattr setresuid "
        "setresgid sched_getaffinity sched_getscheduler sched_setscheduler sched_param SCHED_BATCH MFD_CLOEXEC "
        "MFD_ALLOW_SEALING"
    ),
    resource: "prlimit RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING",
    signal: "pidfd_send_signal SIGRTMIN SIGRTMAX SIGPWR SIGSTKFLT SIGPOLL",
    fcntl: "F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW F_SEAL_WRITE",
    socket: "SOCK_CLOEXEC SOCK_NONBLOCK MSG_CMSG_CLOEXEC",
}


def imitate(*, ended_before_it_is_watched: bool = False) -> None:
    """To be called before stockade is imported, in a process of its own."""
    sysconfig.get_config_vars()  # from a file that is named for the platform
    pidfd_open, killpg, clock_gettime = os.pidfd_open, os.killpg, time.clock_gettime
    sys.platform = "darwin"
    for module, names in LINUX_ONLY.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)

    class Kqueue:
        """Of EVFILT_PROC alone, which refuses a process that has ended, reaped or not."""

        def __init__(self) -> None:
            self.descriptor = os.open(os.devnull, os.O_RDONLY)

        def control(self, changes: list[int], _: int) -> None:
            (pid,) = changes
            if ended_before_it_is_watched:
                killpg(pid, signal.SIGKILL)
                while _state(pid) != "Z":
                    pass
                raise ProcessLookupError(3, "No such process")
            os.close(self.descriptor)
            self.descriptor = pidfd_open(pid)

        def fileno(self) -> int:
            return self.descriptor

        def close(self) -> None:
            os.close(self.descriptor)

    def killpg_of_xnu(group: int, number: int) -> None:
        """EPERM where all of a group have ended and are yet to be reaped."""
        if _state(group) == "Z":
            raise PermissionError(1, "Operation not permitted")
        killpg(group, number)

    def own_clocks(clock: int) -> float:
        if clock < 0:
            raise OSError(22, "Invalid argument")
        return clock_gettime(clock)

    select.kqueue = Kqueue
    select.kevent = lambda pid, *_: pid
    select.KQ_FILTER_PROC = select.KQ_EV_ADD = select.KQ_NOTE_EXIT = 0
    os.killpg = killpg_of_xnu
    time.clock_gettime = own_clocks


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""
