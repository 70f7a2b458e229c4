"""Processes: how fast the first result comes, how many single-use processes a second, how soon all stand again."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from benchmarks import yardsticks
from benchmarks.measure import Benchmark, Figure, Goal, Sides, Size
from benchmarks.scripts import ended_by_clock, value_of
from stockade import Pool, RuntimeConfig
from stockade.code import DUE_AFTER_STARTS

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

# Long enough for the processes of the run before to be gone, so that no start pays for another's end.
SETTLE_SECONDS = 0.05
# Long enough for every spare to be ready and its parser loaded, on a busy machine too.
SPARES_SECONDS = 0.5

STARTS = 8
RATE_SECONDS = 4.0


@asynccontextmanager
async def cold_run(size: Size) -> AsyncIterator[Sides]:
    """A pool without spares, past the starts after which its code is compiled: each run starts its own process."""
    async with Pool(workers=1, spares=0) as pool:

        async def run() -> None:
            await value_of(pool, "1 + 1")

        for _ in range(2 * DUE_AFTER_STARTS):
            await run()

        yield Sides(lambda: _timed(run, size.count(STARTS)), lambda: yardsticks.node_first_byte(size.count(STARTS)))


@asynccontextmanager
async def new_pool(size: Size) -> AsyncIterator[Sides]:
    """From nothing, as a command line tool lives it: launcher, probes, spares and the first run."""

    async def ours() -> list[float]:
        took: list[float] = []
        for _ in range(size.count(STARTS)):
            before = time.perf_counter()
            async with Pool() as pool:
                await value_of(pool, "1 + 1")
                took.append(_ms_since(before))
        return took

    yield Sides(ours, lambda: yardsticks.node_first_byte(size.count(STARTS)))


@asynccontextmanager
async def single_use_rate(size: Size) -> AsyncIterator[Sides]:
    """As many callers as cores, back to back, a process each run."""
    async with Pool(workers=CORES) as pool:

        async def ours() -> list[float]:
            return [await runs_per_second(pool, RATE_SECONDS * size.part, skip=4 * CORES)]

        async def yardstick() -> list[float]:
            return [CORES / await yardsticks.node_start_cpu_seconds(size.count(10))]

        yield Sides(ours, yardstick)


@asynccontextmanager
async def full_strength(size: Size) -> AsyncIterator[Sides]:
    """Every worker hangs and no spare waits: from the deadline until each has been replaced and has answered."""
    timeout = RuntimeConfig(timeout_seconds=0.1)
    async with Pool(workers=CORES, spares=0) as pool:

        async def hang() -> float:
            await ended_by_clock(pool, timeout)
            return time.perf_counter()

        async def ours() -> list[float]:
            took: list[float] = []
            for _ in range(size.count(6)):
                ended = await asyncio.gather(*(hang() for _ in range(CORES)))
                await asyncio.gather(*(value_of(pool, "1 + 1") for _ in range(CORES)))
                took.append(_ms_since(min(ended)))
                await asyncio.sleep(SETTLE_SECONDS)
            return took

        yield Sides(ours, lambda: yardsticks.node_starts_at_once(CORES, size.count(6)))


@asynccontextmanager
async def next_run(size: Size) -> AsyncIterator[Sides]:
    """After a kill, with a spare idle: the next caller's whole wait."""
    async with Pool(workers=1, spares=1) as pool:

        async def ours() -> list[float]:
            took: list[float] = []
            for _ in range(size.count(6)):
                await asyncio.sleep(SPARES_SECONDS)
                await ended_by_clock(pool, RuntimeConfig(timeout_seconds=SPARES_SECONDS))
                before = time.perf_counter()
                await value_of(pool, "1 + 1")
                took.append(_ms_since(before))
            return took

        async def yardstick() -> list[float]:
            return [await yardsticks.context_ms(size.count(200, 5))]

        yield Sides(ours, yardstick)


async def runs_per_second(pool: Pool, seconds: float, *, skip: int) -> float:
    """`1 + 1` from as many callers as there are workers, back to back; `skip` runs before the clock starts."""
    ended: list[float] = []
    until: float | None = None

    async def caller() -> None:
        nonlocal until
        while until is None or time.perf_counter() < until:
            await value_of(pool, "1 + 1")
            ended.append(time.perf_counter())
            if until is None and len(ended) > skip:
                until = ended[-1] + seconds

    await asyncio.gather(*(caller() for _ in range(pool.workers)))
    return (len(ended) - 1 - skip) / (ended[-1] - ended[skip])


async def _timed(action: Callable[[], Awaitable[None]], times: int) -> list[float]:
    took: list[float] = []
    for _ in range(times):
        await asyncio.sleep(SETTLE_SECONDS)
        before = time.perf_counter()
        await action()
        took.append(_ms_since(before))
    return took


def _ms_since(before: float) -> float:
    return (time.perf_counter() - before) * 1000


BENCHMARKS = (
    Benchmark((Figure("cold start", Goal(1.3)),), "ms", "bare Node to its first byte", cold_run),
    # Not judged: 1.3 is the goal of a run that starts its own process, above. What a pool does besides, once, is prove
    # its layers with a self-test; `make bench-peers` has it beside what others do at this point.
    Benchmark((Figure("new pool to first result", None),), "ms", "bare Node to its first byte", new_pool),
    Benchmark(
        (Figure("single-use rate", Goal(0.6, at_least=True)),),
        "/s",
        "cores / CPU of a bare Node start",
        single_use_rate,
    ),
    Benchmark((Figure("full strength after a kill", Goal(2.5)),), "ms", "as many bare Nodes at once", full_strength),
    Benchmark(
        (Figure("next run after a kill", Goal(5, of="measured")),), "ms", "createContext + run in bare Node", next_run
    ),
)
