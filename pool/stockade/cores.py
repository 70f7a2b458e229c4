"""How many cores this process may use, which in a container are seldom all that the machine has."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OWN_GROUPS = Path("/proc/self/cgroup")
_MOUNTED = Path("/sys/fs/cgroup")


def usable() -> int:
    """The cores it may run on, or fewer where a cgroup gives it less time than these have, rounded up. At least 1."""
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    return max(1, min([cores, *map(math.ceil, shares(_OWN_GROUPS, _MOUNTED))]))


def shares(own_groups: Path, mounted: Path) -> Iterator[float]:
    """The cores' worth of time that each group around this process may take, where one is bound: cgroup v2 and v1.

    As docs.kernel.org has it, `cpu.max` or `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
    """
    lines: list[str] = []
    with suppress(OSError):
        lines = own_groups.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = mounted / "cpu" if controllers else mounted
        # A container sees its own group at the top, wherever that lies: what is not there is passed over.
        group = top / path.lstrip("/")
        for folder in (group, *(parent for parent in group.parents if parent.is_relative_to(top))):
            with suppress(OSError, ValueError):  # ValueError: the quota is `max`
                quota, period = _bound_v1(folder) if controllers else _bound_v2(folder)
                if quota > 0:  # v1 has -1 for none
                    yield quota / period


def _bound_v1(folder: Path) -> tuple[int, int]:
    return int((folder / "cpu.cfs_quota_us").read_text("ascii")), int((folder / "cpu.cfs_period_us").read_text("ascii"))


def _bound_v2(folder: Path) -> tuple[int, int]:
    quota, period = (folder / "cpu.max").read_text("ascii").split()
    return int(quota), int(period)
