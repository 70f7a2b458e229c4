"""The process above the launcher where a pool has a cgroup: it outlives launcher and supervisor, and cleans up."""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH123
from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress

from . import cgroup, syscalls

# The kernel takes apart a process of many GiB before its group is empty.
EMPTY_SECONDS = 10.0


def stay_behind(channel: socket.socket, supervisor: int, group: cgroup.Group) -> int:
    """Return in a child, which becomes the launcher, with the keeper's pid. The keeper itself never returns."""
    keeper = os.getpid()
    # Not by a signal, as the launcher hears of it: nothing could then be removed.
    try:
        watch = syscalls.pidfd_open(supervisor)
    except OSError:  # it has ended
        cgroup.remove(group.path)
        os._exit(0)
    launcher = os.fork()
    if launcher == 0:
        os.close(watch)
        syscalls.die_with_parent(keeper, signal.SIGKILL)
        return keeper
    try:
        channel.close()  # the launcher's alone, so that its end is heard
        _keep(launcher, watch, supervisor, group.path)
    finally:
        os._exit(0)


def _keep(launcher: int, supervisor_fd: int, supervisor: int, path: str) -> None:
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, 0)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    syscalls.bound_capabilities()
    # The top of the hierarchy is read-only even to its owner, and to remove a group is to write there. And the kernel
    # kills the launcher for our death only if we were allowed to: it is another user by then.
    syscalls.drop_capabilities(syscalls.CAP_DAC_OVERRIDE, syscalls.CAP_KILL)
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)
    launcher_fd = syscalls.pidfd_open(launcher)
    ends = select.poll()
    ends.register(launcher_fd, select.POLLIN)
    ends.register(supervisor_fd, select.POLLIN)
    if os.getppid() == supervisor:
        # A launcher whose supervisor died hears it on its socket; this is for one whose fork still holds that.
        ends.poll()
    _empty(path)
    os.waitpid(launcher, 0)
    cgroup.remove(path)


def _empty(path: str) -> None:
    """Kill whoever is in the pool's group, and wait until the kernel is done with them."""
    with suppress(OSError):
        with open(f"{path}/cgroup.kill", "w") as kill:
            kill.write("1")
        with open(f"{path}/cgroup.events", "rb", buffering=0) as events:
            changed = select.poll()
            changed.register(events, select.POLLPRI)
            until = time.monotonic() + EMPTY_SECONDS
            while b"populated 1" in os.pread(events.fileno(), 4096, 0) and time.monotonic() < until:
                changed.poll(1000)
