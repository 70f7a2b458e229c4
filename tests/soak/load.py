"""What the soak runs, and what it looks at meanwhile."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import psutil

from stockade import Pool, RuntimeConfig
from stockade.worker import IsolationMode

# Looks taken in all: each reads /proc for every process, and a look at every run would be most of the load.
LOOKS = 400

# So many runs before anything is counted: caches fill, and tenants that take turns have the pool start workers until it
# has compiled code for them, which it keeps a descriptor of.
WARM_UP_RUNS = 500
WARM_UP_TURN = 50

# The same work again and again, some milliseconds of it: how much longer it takes at times is the neighbours' doing.
YARDSTICKS = 2_000
YARDSTICK_STEPS = 40_000

# In a worker's first thousand runs V8 compiles what they have in common and makes its young generation as large as it
# may be: 72 MiB become 100. After that little is added, until the worker is replaced after ten thousand.
REUSED_RUNS = 1_000

# One caller for each, and a worker for each caller: of tenants that take turns, no worker would grow old.
TENANTS = ("acme", "globex")

SCRIPTS = (
    ("1 + 1", 2),
    ("let sum = 0; for (let i = 0; i < 10; i++) sum += await twice(i); sum", 90),
    ("(await Promise.all(Array.from({ length: 20 }, (_, i) => plain(i)))).length", 20),
    ("for (let i = 0; i < 20; i++) console.log('line', i, { i }); 'logged'", "logged"),
    ("const held = Array.from({ length: 20000 }, (_, i) => ({ i, text: `${i}` })); held.length", 20000),
    ("'x'.repeat(100_000).length + (await large()).length", 200_000),
    ("try { await refuses() } catch (e) { return e.code }", "No"),
    ("await new Promise((go) => setTimeout(go, 1)); new Map([['a', 1]]).get('a')", 1),
    ("throw new Error('as planned')", None),
)


@dataclass
class Taken:
    """What was seen, in the order in which it happened."""

    latency_ms: array[float] = field(default_factory=lambda: array("f"))
    cpu_ms: array[float] = field(default_factory=lambda: array("f"))
    yardstick_ms: array[float] = field(default_factory=lambda: array("f"))
    supervisor_mb: array[float] = field(default_factory=lambda: array("f"))
    workers_mb: array[float] = field(default_factory=lambda: array("f"))
    descriptors: array[float] = field(default_factory=lambda: array("f"))
    threads: array[float] = field(default_factory=lambda: array("f"))
    replaced: dict[str, int] = field(default_factory=dict[str, int])
    wrong: list[str] = field(default_factory=list[str])
    seconds: float = 0.0


async def soak(runs: int, isolation: IsolationMode, progress: Callable[[int, int], None]) -> Taken:
    """So many runs after the warm-up, as many at once as there are workers."""
    taken = Taken()
    todo = iter(range(-WARM_UP_RUNS if runs > WARM_UP_RUNS else 0, runs))
    before = psutil.Process().num_fds()
    every, often = max(1, runs // LOOKS), max(1, runs // YARDSTICKS)
    config = RuntimeConfig(timeout_seconds=60)
    async with Pool(config, workers=len(TENANTS), isolation=isolation, bindings=BINDINGS) as pool:
        began = time.monotonic()

        async def caller(tenant: str) -> None:
            for number in todo:
                await _one(pool, number, tenant if number >= 0 else str(number // WARM_UP_TURN), taken)
                if number >= 0 and number % often == 0:
                    _measure_noise(taken)
                if number >= 0 and number % every == 0:
                    _look(pool, taken)
                    progress(number, runs)

        await asyncio.gather(*(caller(tenant) for tenant in TENANTS))
        taken.seconds = time.monotonic() - began
        taken.replaced = pool.stats().workers_ended
    if (left := psutil.Process().num_fds() - before) > 0:
        taken.wrong.append(f"{left} descriptors are left open")
    progress(runs, runs)
    return taken


async def _one(pool: Pool, number: int, tenant: str, taken: Taken) -> None:
    script, expected = SCRIPTS[number % len(SCRIPTS)]
    before = time.perf_counter()
    run = await pool.execute(script, tenant=tenant)
    took_ms = (time.perf_counter() - before) * 1000
    right = run.value == expected if expected is not None else run.error is not None and run.error.kind == "exception"
    if not right:
        taken.wrong.append(f"run {number}: {script[:40]!r} gave {run.value!r}, {run.error}")
    if number >= 0:
        taken.latency_ms.append(took_ms)
        taken.cpu_ms.append(run.usage.cpu_ms)


def _measure_noise(taken: Taken) -> None:
    before = time.perf_counter()
    sum(range(YARDSTICK_STEPS))
    taken.yardstick_ms.append((time.perf_counter() - before) * 1000)


def _look(pool: Pool, taken: Taken) -> None:
    own = psutil.Process()
    kept = sum(len(each) * each.itemsize for each in (taken.latency_ms, taken.cpu_ms))  # by this program, for each run
    taken.supervisor_mb.append((own.memory_info().rss - kept) / 2**20)
    taken.descriptors.append(own.num_fds())
    taken.threads.append(own.num_threads())
    workers = [worker for worker in (*pool._supply.running, *pool._supply.idle) if worker.runs >= REUSED_RUNS]
    if workers:
        taken.workers_mb.append(median(worker.meter.resident() / 2**20 for worker in workers))


async def twice(n: int) -> int:
    return 2 * n


def plain(n: int) -> int:
    return n


async def large() -> str:
    return "y" * 100_000


async def refuses() -> None:
    from stockade import BindingError

    raise BindingError("no", code="No")


BINDINGS = {"twice": twice, "plain": plain, "large": large, "refuses": refuses}
