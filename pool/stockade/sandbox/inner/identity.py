"""Who the workers are: a user and group that nothing on the machine belongs to, and no capability."""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH123
from __future__ import annotations

import os

from . import syscalls

# systemd's list of user ids calls this range unused, and so do useradd, subuid and the container engines. Random
# within it, because `nobody` is shared: daemons and NFS use it, and two pools that are the same user could signal
# and trace one another if every other layer fell.
FREE_RANGE = range(0x7000_0000, 0x7FFF_FFFF)

# Where a container maps only the low 65536 ids: a gap that no distribution hands out (above the dynamic users of
# Debian, below those of systemd).
FREE_IN_SMALL_MAP = range(60_600, 61_184)


def unused_id() -> int:
    """An id to drop to; LookupError where the user namespace we are in maps no such id."""
    mapped = [_ranges("/proc/self/uid_map"), _ranges("/proc/self/gid_map")]
    for free in (FREE_RANGE, FREE_IN_SMALL_MAP):
        if all(any(free[0] in one and free[-1] in one for one in ranges) for ranges in mapped):
            # Not `secrets`, which loads all of hashlib; and it need not be a secret, only another one each time.
            return free[int.from_bytes(os.urandom(4), "big") % len(free)]
    raise LookupError("the user namespace of the supervisor maps no free user id")


def become(identity: int) -> None:
    """Drop to a user and group for good. Capabilities go with uid 0."""
    syscalls.bound_capabilities()
    os.setgroups([])
    os.setresgid(identity, identity, identity)
    os.setresuid(identity, identity, identity)


def _ranges(path: str) -> list[range]:
    with open(path, encoding="ascii") as table:
        rows = [line.split() for line in table]
    return [range(int(first), int(first) + int(count)) for first, _, count in rows]
