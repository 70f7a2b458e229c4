"""What the launcher costs: the event loop's time, and a worker's start. Run as `python -m benchmarks.launcher`.

The supervisor measured is a bad case on purpose: 800 MiB of touched memory and eight threads, which is what makes a
plain fork slow.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import threading
import time
from pathlib import Path

import stockade_worker
from stockade.node import bundled_node
from stockade.sandbox import Cage, Launcher, PlainLauncher

BALLAST_BYTES = 800 << 20
THREADS = 8
SPAWNS = 20


def measure(spawns: int = SPAWNS) -> dict[str, float]:
    """All numbers in milliseconds; `added_ms` is the launcher's median start less the plain one's."""
    ballast = bytearray(BALLAST_BYTES)
    ballast[::4096] = b"x" * len(ballast[::4096])
    over = threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        return asyncio.run(_measure(spawns))
    finally:
        over.set()
        for thread in threads:
            thread.join()
        del ballast


async def _measure(spawns: int) -> dict[str, float]:
    cage = Cage(bundled_node().resolve(), (Path(stockade_worker.__file__).parent,))
    began = time.perf_counter()
    launcher = await Launcher.start(cage)
    found = {"launcher_start_ms": (time.perf_counter() - began) * 1e3}
    plain = await PlainLauncher.start(cage)
    try:
        caged, blocked = await _spawns(launcher, cage.node, spawns)
        bare, blocked_plain = await _spawns(plain, cage.node, spawns)
    finally:
        await launcher.close()
        await plain.close()
    fork_ms = _fork_ms()
    return found | {
        "blocked_median_ms": statistics.median(blocked),
        "blocked_worst_ms": max(blocked),
        "plain_blocked_median_ms": statistics.median(blocked_plain),
        "fork_ms": fork_ms,
        "spawn_median_ms": statistics.median(caged),
        "plain_spawn_median_ms": statistics.median(bare),
        "added_ms": statistics.median(caged) - statistics.median(bare),
    }


async def _spawns(launcher: Launcher, node: Path, count: int) -> tuple[list[float], list[float]]:
    """Of each spawn: the time until the worker has passed exec, and the CPU time of this thread, which is what the
    loop was blocked for (the wall clock would count what other programs on the machine take)."""
    took: list[float] = []
    blocked: list[float] = []
    null = os.open(os.devnull, os.O_RDWR)
    for _ in range(count):
        began, cpu = time.perf_counter(), time.thread_time()
        child = await launcher.spawn([str(node), "--version"], stdin=null, stdout=null, stderr=null)
        took.append((time.perf_counter() - began) * 1e3)
        blocked.append((time.thread_time() - cpu) * 1e3)
        await child.wait()
    os.close(null)
    return took, blocked


def _fork_ms() -> float:
    """What a plain fork of this process would have cost, for the ratio."""
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    took = (time.perf_counter() - began) * 1e3
    os.waitpid(pid, 0)
    return took


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<26}{value:8.2f}")
