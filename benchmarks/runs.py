"""Runs in warm workers: the latency of one, how many a second, a large result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context

from benchmarks import yardsticks
from benchmarks.measure import Benchmark, Figure, Goal, Sides, Size
from benchmarks.scripts import value_of
from benchmarks.starts import CORES, runs_per_second
from stockade import Pool

# Far enough apart for the next context to be made ahead; a spare process needs longer.
PACE_CONTEXT_SECONDS = 0.005
PACE_PROCESS_SECONDS = 0.5

CONTEXTS = 500
RATE_SECONDS = 2.0

# A million characters of JSON, as rows.
MEGABYTE = """Array.from({ length: 11000 }, (_, i) => (
  { id: i, name: 'row ' + i, region: 'eu-west-1', state: 'running', open: i % 3 === 0 }
))"""


@asynccontextmanager
async def paced_in_context(size: Size) -> AsyncIterator[Sides]:
    """One run at a time, some ms apart, in a reused process."""
    async with Pool(workers=1, isolation="context") as pool:
        await value_of(pool, "1 + 1")
        yield Sides(lambda: _paced(pool, size.count(200), PACE_CONTEXT_SECONDS), lambda: _contexts(size))


@asynccontextmanager
async def paced_in_process(size: Size) -> AsyncIterator[Sides]:
    """One run at a time, far enough apart for a spare to be ready each time."""
    async with Pool(workers=1) as pool:
        yield Sides(lambda: _paced(pool, size.count(16), PACE_PROCESS_SECONDS), lambda: _contexts(size))


@asynccontextmanager
async def dispatch(size: Size) -> AsyncIterator[Sides]:
    """A run that does nothing, against a Python function that does nothing in a process pool of the standard library.

    We make a context for it; the pool's function finds its process as the one before has left it.
    """
    async with Pool(workers=CORES, isolation="context") as pool:
        with ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as executor:
            loop = asyncio.get_running_loop()

            async def ours() -> None:
                await value_of(pool, "1 + 1")

            async def theirs() -> None:
                await loop.run_in_executor(executor, no_op)

            await theirs()
            times = size.count(200)
            yield Sides(lambda: _back_to_back(ours, times), lambda: _back_to_back(theirs, times))


def no_op() -> int:
    """The work of a task that is all dispatch."""
    return 2


@asynccontextmanager
async def throughput(size: Size) -> AsyncIterator[Sides]:
    """As many callers as cores, back to back, in reused processes."""
    async with Pool(workers=CORES, isolation="context") as pool:

        async def ours() -> list[float]:
            return [await runs_per_second(pool, RATE_SECONDS * size.part, skip=2 * CORES)]

        async def yardstick() -> list[float]:
            return [CORES * 1000 / await yardsticks.context_ms(size.count(CONTEXTS, 5), with_prelude=True)]

        yield Sides(ours, yardstick)


@asynccontextmanager
async def large_result(size: Size) -> AsyncIterator[Sides]:
    """A result of 1 MB, made by the script and decoded in Python."""
    async with Pool(workers=1, isolation="context") as pool:
        await value_of(pool, MEGABYTE)

        async def ours() -> list[float]:
            took: list[float] = []
            for _ in range(size.count(20)):
                await asyncio.sleep(PACE_CONTEXT_SECONDS)
                before = time.perf_counter()
                await value_of(pool, MEGABYTE)
                took.append((time.perf_counter() - before) * 1000)
            return took

        async def yardstick() -> list[float]:
            return [await yardsticks.result_ms(MEGABYTE, size.count(20))]

        yield Sides(ours, yardstick)


async def _paced(pool: Pool, times: int, pace_seconds: float) -> list[float]:
    took: list[float] = []
    for _ in range(times):
        await asyncio.sleep(pace_seconds)
        before = time.perf_counter()
        await value_of(pool, "1 + 1")
        took.append((time.perf_counter() - before) * 1000)
    return took


async def _back_to_back(action: Callable[[], Awaitable[None]], times: int) -> list[float]:
    took: list[float] = []
    for _ in range(times):
        before = time.perf_counter()
        await action()
        took.append((time.perf_counter() - before) * 1000)
    return took


async def _contexts(size: Size) -> list[float]:
    return [await yardsticks.context_ms(size.count(CONTEXTS, 5))]


_CONTEXT = "createContext + run in bare Node"

BENCHMARKS = (
    Benchmark((Figure("warm 1+1, paced, context", Goal(1.0)),), "ms", _CONTEXT, paced_in_context),
    Benchmark((Figure("warm 1+1, paced, process", Goal(1.0)),), "ms", _CONTEXT, paced_in_process),
    Benchmark((Figure("no-op dispatch, context", Goal(1.3)),), "ms", "a no-op in concurrent.futures", dispatch),
    Benchmark(
        (Figure("throughput of 1+1, context", Goal(0.6, at_least=True)),),
        "/s",
        "cores / our context in bare Node",
        throughput,
    ),
    Benchmark((Figure("1 MB result", Goal(2.0)),), "ms", "JSON.stringify + json.loads", large_result),
)
