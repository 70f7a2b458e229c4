"""Resource limits: those every worker starts with, and those it gets once it is ready."""

from __future__ import annotations

import resource

MIB = 1024 * 1024

AT_START = (
    # A core file would put the memory of a run on disk.
    (resource.RLIMIT_CORE, 0),
    # No byte into any regular file, should one ever be writable. Pipes are not files in this sense.
    (resource.RLIMIT_FSIZE, 0),
    # Node opens about 20. Each descriptor is kernel memory that no other limit counts (a pipe holds 64 KiB).
    (resource.RLIMIT_NOFILE, 64),
    (resource.RLIMIT_MEMLOCK, 0),
    (resource.RLIMIT_MSGQUEUE, 0),
    # The stack is not counted by RLIMIT_DATA, so "unlimited" would be a way around it. The usual default.
    (resource.RLIMIT_STACK, 8 * MIB),
    # The supervisor holds the clock. This ends a loop that a hung supervisor forgot, and no run anyone allows
    # computes for a day.
    (resource.RLIMIT_CPU, 24 * 3600),
)


def apply_at_start() -> None:
    """Lower this process's own limits. A limit that is lower already stays."""
    for which, value in AT_START:
        _, hard = resource.getrlimit(which)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, bound))


def apply_to(pid: int, data_bytes: int | None, no_new_threads: bool) -> None:
    """Lower the limits of a process of our own uid, which needs no privilege."""
    if data_bytes is not None:
        resource.prlimit(pid, resource.RLIMIT_DATA, (data_bytes, data_bytes))
    if no_new_threads:
        # Every thread counts as a process, and this one exists: 0 refuses all further ones. Not for uid 0.
        resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
