"""Many callers at once: what a greedy neighbour costs, and how long the event loop is held up."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from benchmarks.measure import Benchmark, Figure, Goal, Sides, Size
from benchmarks.scripts import value_of
from stockade import Pool, QueueRules, RuntimeConfig
from stockade.config import MIB
from stockade.events import Event, RunEnded

WORKERS = 2

# The neighbour: so many endless loops wait, each stopped by its clock.
LOOPS = 10_000
LOOP_SECONDS = 0.05

CALLERS = 200
LARGE_CALLERS = 4
LARGE_ROWS = 180_000  # some 14 MiB of JSON
LARGE = RuntimeConfig(line_bytes=16 * MIB, result_bytes=15 * MIB, memory_limit_mb=1024, timeout_seconds=120)
ROWS = (
    f"Array.from({{ length: {LARGE_ROWS} }}, (_, id) => ({{ id, name: 'row ' + id, region: 'eu-west-1', open: true }}))"
)


@asynccontextmanager
async def neighbour(size: Size) -> AsyncIterator[Sides]:
    """How long `1 + 1` of one tenant waits for a turn while another has LOOPS waiting; beside the time of one turn."""
    ended = 0

    def count(event: Event) -> None:
        nonlocal ended
        ended += isinstance(event, RunEnded)

    rules = QueueRules(max_waiting=LOOPS + CALLERS)
    async with Pool(workers=WORKERS, queue=rules, on_event=count) as pool:
        loops = RuntimeConfig(timeout_seconds=LOOP_SECONDS)
        handles = [pool.submit("for (;;) {}", config=loops, tenant="greedy") for _ in range(LOOPS)]
        turn_ms: list[float] = []

        async def ours() -> list[float]:
            waited: list[float] = []
            before, began = ended, time.perf_counter()
            for _ in range(size.count(20, 3)):
                run = await pool.execute("1 + 1", tenant="modest")
                run.raise_for_error()
                waited.append(run.usage.queued_ms)
            turn_ms[:] = [(time.perf_counter() - began) * 1000 / (ended - before)]
            return waited

        async def yardstick() -> list[float]:
            if not turn_ms:
                await ours()
            return list(turn_ms)

        try:
            yield Sides(ours, yardstick)
        finally:
            for handle in handles:
                handle.cancel()


@asynccontextmanager
async def held_up(size: Size) -> AsyncIterator[Sides]:
    """The longest the event loop was kept, in CPU time of its thread, while many are served and some have 14 MiB."""
    rows = [{"id": n, "name": f"row {n}", "region": "eu-west-1", "open": True} for n in range(LARGE_ROWS)]
    text = json.dumps(rows)

    async def give() -> list[dict[str, object]]:
        return rows

    async with Pool(LARGE, workers=WORKERS, isolation="context", bindings={"give": give}) as pool:
        await value_of(pool, "1 + 1")

        async def ours() -> list[float]:
            with longest_callback() as longest:
                small = [pool.execute("1 + 1") for _ in range(CALLERS)]
                pairs = size.count(LARGE_CALLERS)
                large = [pool.execute(script) for script in (ROWS, "(await give()).length") for _ in range(pairs)]
                for run in await asyncio.gather(*large, *small):
                    run.raise_for_error()
            return [longest[0]]

        async def yardstick() -> list[float]:
            before = time.thread_time()
            json.loads(text)
            return [(time.thread_time() - before) * 1000]

        yield Sides(ours, yardstick)


@contextmanager
def longest_callback() -> Iterator[list[float]]:
    """The CPU time of the longest callback of any loop in this thread, ms. Without the garbage collector's."""
    longest = [0.0]
    really = asyncio.events.Handle._run

    def run(self: asyncio.events.Handle) -> None:
        before = time.thread_time()
        really(self)
        longest[0] = max(longest[0], (time.thread_time() - before) * 1000)

    # A full collection looks at everything the program holds, whatever made it start.
    gc.disable()
    asyncio.events.Handle._run = run  # type: ignore[method-assign]
    try:
        yield longest
    finally:
        asyncio.events.Handle._run = really  # type: ignore[method-assign]
        gc.enable()


BENCHMARKS = (
    Benchmark(
        (Figure("wait beside 10,000 busy loops", Goal(2.0)),), "ms", "a turn: time by runs that ended", neighbour
    ),
    Benchmark(
        (Figure("event loop held up, 200 callers", Goal(20.0, of="measured")),), "ms", "json.loads of 14 MB", held_up
    ),
)
