"""What a pool must not leave behind: processes, descriptors, threads."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass

import psutil

# The kernel may take a moment to end a process of many MiB, and a binding's thread to return.
SETTLE_SECONDS = 5.0


@dataclass(frozen=True)
class Held:
    """What this process holds."""

    processes: frozenset[int]
    descriptors: int
    threads: frozenset[str]


def held() -> Held:
    """At this moment."""
    own = psutil.Process()
    children = frozenset(child.pid for child in own.children(recursive=True))
    # asyncio keeps the threads it has used for `to_thread`; those of bindings must end.
    threads = frozenset(t.name for t in threading.enumerate() if not t.name.startswith("asyncio_"))
    return Held(children, own.num_fds(), threads)


async def leaked(before: Held) -> list[str]:
    """What there is now and was not before, in words; nothing if all is given back, within a bound."""
    until = time.monotonic() + SETTLE_SECONDS
    while (wrong := _more(before, held())) and time.monotonic() < until:  # noqa: ASYNC110 - nobody would tell
        await asyncio.sleep(0.02)
    return wrong


def _more(before: Held, now: Held) -> list[str]:
    wrong: list[str] = []
    if more := now.processes - before.processes:
        wrong.append(f"processes are left: {sorted(more)}")
    if now.descriptors > before.descriptors:
        wrong.append(f"{now.descriptors} descriptors are open, and {before.descriptors} were before")
    if names := now.threads - before.threads:
        wrong.append(f"threads are left: {sorted(names)}")
    return wrong
