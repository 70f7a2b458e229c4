"""Resource limits: those every worker starts with, and those it gets once it is ready. And whom it gives way to."""

from __future__ import annotations

import os
import resource
from contextlib import suppress

from . import syscalls

MIB = 1024 * 1024

AT_START = (
    # A core file would put the memory of a run on disk. No file has one byte, and at 0 the kernel still hands all of it
    # to a program where one is named to take it, as on most desktops (core(5)); 1 is its word for "not that either".
    (resource.RLIMIT_CORE, 1),
    # No byte into any regular file, should one ever be writable. Pipes are not files in this sense.
    (resource.RLIMIT_FSIZE, 0),
    # Node opens about 20. Each descriptor is kernel memory that no other limit counts (a pipe holds 64 KiB).
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_MEMLOCK, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    # Signals that wait are counted for a user, who is the supervisor's unless that is root: with all of them taken no
    # program of that user could set a timer. What ends a worker, and its own abort, need no place in a queue.
    (resource.RLIMIT_SIGPENDING, 0),
    # The stack is not counted by RLIMIT_DATA, so "unlimited" would be a way around it. The usual default.
    (resource.RLIMIT_STACK, 8 * MIB),
    # The supervisor holds the clock. This ends a loop that a hung supervisor forgot, and no run anyone allows
    # computes for a day.
    (resource.RLIMIT_CPU, 24 * 3600),
)

# What a worker may map beyond its data. The kernel needs a page to keep account of each 2 MiB that were looked at, and
# counts none of those. TypeScript's compiler maps 10 GiB and touches hardly any; scripts may ask for room to grow into.
ADDRESS_BYTES = 32 * 1024 * MIB


def apply_at_start() -> None:
    """Lower this process's own limits. A limit that is lower already stays."""
    for which, value in AT_START:
        _lower(0, which, value)


def apply_to(pid: int, data_bytes: int | None, no_new_threads: bool) -> None:
    """Lower the limits of a process of our own uid, which needs no privilege. A limit that is lower already stays."""
    if data_bytes is not None:
        _lower(pid, resource.RLIMIT_DATA, data_bytes)
        _lower(pid, resource.RLIMIT_AS, data_bytes + ADDRESS_BYTES)
    if no_new_threads:
        # Every thread counts as a process, and this one exists: 0 refuses all further ones. Not for uid 0.
        _prlimit(pid, resource.RLIMIT_NPROC, 0)


def _lower(pid: int, which: int, value: int) -> None:
    _, hard = _prlimit(pid, which)
    _prlimit(pid, which, value if hard == resource.RLIM_INFINITY else min(value, hard))


def _prlimit(pid: int, which: int, *bound: int) -> tuple[int, int]:
    try:
        return resource.prlimit(pid, which, *((one, one) for one in bound))
    except OSError as error:  # by a filter, perhaps
        raise OSError(error.errno, f"prlimit: {error.strerror}") from None


def not_real_time() -> None:
    """Gives up what a real-time supervisor passed on: a script that loops would have its core before everybody else."""
    if syscalls.scheduler() in (os.SCHED_FIFO, os.SCHED_RR):
        syscalls.set_scheduler(0, os.SCHED_OTHER)


def give_way() -> None:
    """Has the threads of this process push nobody aside by waking up.

    All threads of a killed worker wake up to end. One would take the supervisor's CPU, tear down the memory of the
    whole process there, and the result would wait for that: 2 to 5 ms, one time in five.
    """
    with suppress(OSError):
        if syscalls.scheduler() == os.SCHED_OTHER:
            syscalls.set_scheduler(0, os.SCHED_BATCH)


def run_as_others_do(pid: int) -> None:
    """Takes that back for the first thread of a process, the one that answers. Those it has started give way."""
    with suppress(OSError):
        if syscalls.scheduler() == os.SCHED_OTHER:  # of ours, and so of the supervisor
            syscalls.set_scheduler(pid, os.SCHED_OTHER)
