"""Limits: how late a busy loop is stopped, and how far a bomb gets."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks import yardsticks
from benchmarks.measure import Benchmark, Figure, Goal, Sides, Size
from benchmarks.scripts import ended_by_clock
from stockade import Pool, RuntimeConfig

TIMEOUT_SECONDS = 0.1
KILLS = 20

MEMORY_MB = 128
# Buffers outside V8's heap, each page touched, as fast as it goes.
BOMB = "const held = []; while (true) held.push(new Uint8Array(1 << 20).fill(1));"


@asynccontextmanager
async def overshoot(size: Size) -> AsyncIterator[Sides]:
    """From the deadline of an endless loop until its caller has the result."""
    config = RuntimeConfig(timeout_seconds=TIMEOUT_SECONDS)
    async with Pool(workers=1) as pool:

        async def ours() -> list[float]:
            late: list[float] = []
            for _ in range(size.count(KILLS)):
                before = time.perf_counter()
                run = await ended_by_clock(pool, config)
                # The clock starts when the run does: waiting for a process is not the deadline's fault.
                waited = (run.usage.queued_ms + run.usage.start_ms) / 1000
                late.append((time.perf_counter() - before - waited - TIMEOUT_SECONDS) * 1000)
            return late

        async def yardstick() -> list[float]:
            return [await yardsticks.late_ms(TIMEOUT_SECONDS) for _ in range(size.count(KILLS))]

        yield Sides(ours, yardstick)


@asynccontextmanager
async def bomb(size: Size) -> AsyncIterator[Sides]:
    """Peak memory of a script that fills buffers without end."""
    config = RuntimeConfig(memory_limit_mb=MEMORY_MB)
    async with Pool(config, workers=1) as pool:

        async def ours() -> list[float]:
            peaks: list[float] = []
            for _ in range(size.count(3)):
                run = await pool.execute(BOMB)
                if run.error is None or run.error.kind != "memory_limit":
                    raise RuntimeError(f"a bomb ended otherwise than by the memory limit: {run.error}")
                peaks.append(run.usage.peak_rss_mb)
            return peaks

        async def yardstick() -> list[float]:
            run = await pool.execute("1")
            run.raise_for_error()
            return [MEMORY_MB + run.usage.peak_rss_mb]

        yield Sides(ours, yardstick)


BENCHMARKS = (
    Benchmark(
        (
            Figure("kill overshoot, p50", Goal(3, of="measured")),
            Figure("kill overshoot, p99", Goal(20, of="measured"), percentile=99),
        ),
        "ms",
        "asyncio timer",
        overshoot,
    ),
    Benchmark((Figure("off-heap bomb, peak", Goal(1.1)),), "MiB", "budget + idle RSS", bomb),
)
