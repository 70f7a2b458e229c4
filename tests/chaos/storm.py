"""Runs while workers are killed, frozen, flooded, garbled and cancelled, all drawn from one seed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any

import psutil

from benchmarks import yardsticks
from stockade import Pool, binding
from stockade.admission import QueueRules
from stockade.errors import StockadeError
from stockade.events import Event, RunEnded, RunStarted
from stockade.result import ExecutionResult
from stockade.retry import RetryPolicy
from stockade.testing import Faults, Injected, at_call, at_console, at_script, at_start, before_ending
from stockade.worker import IsolationMode
from tests.chaos.cases import BINDINGS, CONFIG, TIMEOUT_SECONDS, drawn
from tests.chaos.judge import Story, faults_of
from tests.chaos.leaks import held, leaked

TENANTS = [f"tenant-{n}" for n in range(8)]
WORKERS = 4
SPARES = 2

# Runs a tenant has out at once, most of the time; and what one of them throws in now and then.
OUT_AT_ONCE = 3
BURST = 100
MAX_WAITING_PER_TENANT = 60

# Until then there is a spare again: the wait after a failed start is 0.05 s, doubled each time.
BACK_SECONDS = 5.0

# A run of ours that is not over by then hangs: its deadline is 3 s, and before it it may wait in a queue of hundreds.
HANG_SECONDS = 180.0

# A deadline may be missed by so much: the kernel has to end a process of many MiB on a busy machine.
LATE_SECONDS = 1.0

# Runs that are out when the pool is closed over them.
LAST_RUNS = 12


@dataclass
class Round:
    """What one pool went through."""

    seed: str
    stories: list[Story] = field(default_factory=list[Story])
    injected: list[Injected] = field(default_factory=list[Injected])
    launcher_kills: list[float] = field(default_factory=list[float])
    wrong: list[str] = field(default_factory=list[str])
    strength: list[float] = field(default_factory=list[float])
    """From the death of every worker until as many answer at once, as multiples of as many bare starts of Node."""
    late_seconds: list[float] = field(default_factory=list[float])
    """Past its deadline, of each attempt."""


def faults(seed: int) -> Faults:
    """Something befalls about every fifth run."""
    return Faults(
        kill=[
            at_start(probability=0.01),
            at_script(probability=0.02),
            at_call(1, probability=0.02),
            at_call(3, probability=0.03),
            at_console(1, probability=0.02),
            before_ending(probability=0.02),
        ],
        freeze=[at_script(probability=0.005), at_call(2, probability=0.01), before_ending(probability=0.005)],
        flood=[at_start(probability=0.005), at_call(1, probability=0.02), before_ending(probability=0.01)],
        corrupt=[
            at_start(probability=0.005),
            at_script(probability=0.01),
            at_call(2, probability=0.02),
            at_console(2, probability=0.02),
            before_ending(probability=0.02),
        ],
        delay=[at_start(probability=0.02), at_script(probability=0.02), at_call(1, probability=0.03)],
        delay_seconds=0.1,
        seed=seed,
    )


async def storm(seed: str, runs: int, isolation: IsolationMode, progress: Callable[[Round], None]) -> Round:
    """One pool from its start to its end, with so many runs in between."""
    lots = Random(seed)
    told = Round(seed)
    ledger = _Ledger()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.wrong.append(_what_broke(context)))
    before = held()
    plan = faults(lots.getrandbits(32))
    told.injected = plan.injected
    pool = plan.attach(
        Pool(
            CONFIG,
            workers=WORKERS,
            isolation=isolation,
            bindings=BINDINGS,
            spares=SPARES,
            queue=QueueRules(max_waiting_per_tenant=MAX_WAITING_PER_TENANT),
            on_event=ledger.note,
        )
    )
    await pool.start()
    try:
        await _all_tenants(pool, lots, runs, told, ledger, progress)
        plan.active = False
        await _full_strength(pool, told)
        plan.active = True
        await _close_over_runs(pool, lots, told, ledger)
    finally:
        await pool.close(0)
    told.wrong += await leaked(before)
    told.late_seconds = ledger.late_seconds()
    told.wrong += ledger.wrong()
    told.wrong += [f"a run ended {late:.2f} s past its deadline" for late in told.late_seconds if late > LATE_SECONDS]
    told.wrong += _judged(told)
    return told


# ---- the runs ----


async def _all_tenants(
    pool: Pool, lots: Random, runs: int, told: Round, ledger: _Ledger, progress: Callable[[Round], None]
) -> None:
    """Every tenant submits its share; when so many are through, the launcher dies."""
    stories = [_drawn(number, lots) for number in range(runs)]
    launcher_dies_after = lots.randrange(runs // 3, runs // 2 + 1)
    shares = {tenant: iter(stories[n :: len(TENANTS)]) for n, tenant in enumerate(TENANTS)}
    through = 0

    async def go_on(tenant: str, share: Iterator[tuple[Story, Random]]) -> None:
        nonlocal through
        for story, own in share:
            if tenant == TENANTS[0] and own.random() < 0.06:
                burst = [_drawn(10_000 * (story.number + 1) + n, own)[0] for n in range(BURST)]
                for each in burst:
                    each.burst = True
                told.stories += burst
                await asyncio.gather(*(_see_through(pool, each, tenant, own, ledger) for each in burst))
            story.burst = tenant == TENANTS[0]  # whose queue another caller's burst may have filled
            told.stories.append(story)
            await _see_through(pool, story, tenant, own, ledger)
            through += 1
            if through == launcher_dies_after:
                told.launcher_kills.append(time.monotonic())
                os.kill(pool._starts.spawner.pid, signal.SIGKILL)
            progress(told)

    await asyncio.gather(*(go_on(tenant, share) for tenant, share in shares.items() for _ in range(OUT_AT_ONCE)))
    workers, queue = pool.stats().workers, pool.stats().queue
    if workers.running or queue.waiting:
        told.wrong.append(f"nobody is out, and {workers.running} run and {queue.waiting} wait")


def _drawn(number: int, lots: Random) -> tuple[Story, Random]:
    """A run and the lots of its own, so that what befalls it does not hang on what befell others before."""
    own = Random(lots.getrandbits(64))
    return Story(number, drawn(own), retried=own.random() < 0.2), own


async def _see_through(pool: Pool, story: Story, tenant: str, own: Random, ledger: _Ledger) -> None:
    """One run as its caller sees it: waited for, cancelled by its handle, or by the task that waits."""
    script = f"/* run {story.number} */ {story.case.script}"
    retry = RetryPolicy(attempts=3, backoff_seconds=0.01) if story.retried else None
    how, moment = own.random(), own.uniform(0, 0.2)
    loop = asyncio.get_running_loop()
    story.asked = time.monotonic()
    try:
        if how < 0.06:
            task = loop.create_task(pool.execute(script, config=story.case.config, tenant=tenant, retry=retry))
            story.cancelled = True
            loop.call_later(moment, task.cancel)
            result = await _bounded(story, task)
        else:
            handle = pool.submit(script, config=story.case.config, tenant=tenant, retry=retry)
            ledger.timeouts[handle.run_id] = story.case.config.timeout_seconds
            if how < 0.15:
                story.cancelled = True
                loop.call_later(moment, handle.cancel)
            result = await _bounded(story, handle.ending)
        _end(story, result)
    except asyncio.CancelledError:
        _end(story, "CancelledError")
    except (StockadeError, TimeoutError) as error:
        _end(story, type(error).__name__, str(error))


async def _bounded(story: Story, ending: asyncio.Future[ExecutionResult]) -> ExecutionResult:
    async with asyncio.timeout(HANG_SECONDS):
        return await ending


def _end(story: Story, result: ExecutionResult | str, detail: str = "") -> None:
    story.ended = time.monotonic()
    story.endings += 1
    if isinstance(result, str):
        story.end, story.detail = result, detail
        return
    story.attempt = result.attempt
    story.end = "returned" if result.error is None else result.error.kind
    story.detail = "" if result.error is None else result.error.message


class _Ledger:
    """What the pool tells of each attempt: when it began, and when, and how often, it ended."""

    def __init__(self) -> None:
        self.timeouts: dict[str, float] = {}
        self.starts: dict[tuple[str, int], float] = {}
        self.stops: defaultdict[tuple[str, int], list[float]] = defaultdict(list)

    def note(self, event: Event) -> None:
        match event:
            case RunStarted(run_id=run_id, attempt=attempt):
                self.starts[run_id, attempt] = time.monotonic()
            case RunEnded(attempt=attempt, result=result):
                self.stops[result.run_id, attempt].append(time.monotonic())
            case _:
                pass

    def late_seconds(self) -> list[float]:
        """How long after its deadline each attempt ended; less than nothing before it."""
        return [
            self.stops[key][0] - began - self.timeouts.get(key[0], TIMEOUT_SECONDS)
            for key, began in self.starts.items()
            if self.stops[key]
        ]

    def wrong(self) -> list[str]:
        """Attempts that did not end, or twice."""
        return [
            f"attempt {attempt} of {run_id} ended {len(self.stops[run_id, attempt])} times"
            for run_id, attempt in {*self.starts, *self.stops}
            if len(self.stops[run_id, attempt]) != 1
        ]


# ---- afterwards ----


async def _full_strength(pool: Pool, told: Round) -> None:
    """Every worker is killed; then as many runs as there are workers meet, which they can only all at once."""
    workers = await _those_there(pool)
    if not workers:
        told.wrong.append("after the storm no worker was left, nor a spare")
    for worker in workers:
        with suppress(psutil.Error):
            worker.kill()
    began = time.perf_counter()
    arrived = 0
    all_there = asyncio.Event()

    async def meet() -> None:
        nonlocal arrived
        arrived += 1
        if arrived == WORKERS:
            all_there.set()
        await all_there.wait()

    # Made again, because one that was struck may not have died yet when it is handed out.
    again = RetryPolicy(attempts=3, backoff_seconds=0)
    options = {"bindings": {"meet": binding(read_only=True)(meet)}, "tenant": "meeting", "retry": again}
    meeting = [pool.execute("await meet(); 2", **options) for _ in range(WORKERS)]
    results = await asyncio.gather(*meeting)
    took_ms = (time.perf_counter() - began) * 1000
    for result in results:
        if result.value != 2:
            told.wrong.append(f"after the storm a slot was missing: {result.error}")
    told.strength.append(took_ms / median(await yardsticks.node_starts_at_once(WORKERS, 3)))


async def _those_there(pool: Pool) -> list[psutil.Process]:
    """The workers, as soon as there are some: the last start may just have failed, and the next waits."""
    until = time.monotonic() + BACK_SECONDS
    while True:
        workers = psutil.Process(pool._starts.spawner.pid).children(recursive=True)
        if workers or time.monotonic() > until:
            return workers
        await asyncio.to_thread(lambda: None)


async def _close_over_runs(pool: Pool, lots: Random, told: Round, ledger: _Ledger) -> None:
    """The pool closes while runs wait and run; each of them still ends, once."""
    last: list[asyncio.Task[None]] = []
    for number in range(LAST_RUNS):
        story, own = _drawn(1_000_000 + number, lots)
        story.closed = True
        told.stories.append(story)
        last.append(asyncio.create_task(_see_through(pool, story, lots.choice(TENANTS), own, ledger)))
    for _ in range(lots.randrange(1, 200)):
        await asyncio.sleep(0)
    await pool.close(drain_seconds=lots.choice([0, 0.05, 10]))
    await asyncio.gather(*last)


def _what_broke(context: dict[str, Any]) -> str:
    """An exception that reached nobody but the event loop: the storm found a bug."""
    return f"on the event loop: {context.get('message')} ({context.get('exception')!r})"


def _judged(told: Round) -> list[str]:
    by_script: defaultdict[str, list[Injected]] = defaultdict(list)
    for fault in told.injected:
        if fault.script is not None:
            by_script[fault.script].append(fault)
    at_starts = sum(1 for fault in told.injected if fault.script is None and fault.effect != "delay")
    wrong: list[str] = []
    for story in told.stories:
        met = by_script[f"/* run {story.number} */ {story.case.script}"]
        wrong += faults_of(story, met, told.launcher_kills, at_starts)
    failed = sum(1 for story in told.stories if story.end == "start_failed")
    if not told.launcher_kills and failed > at_starts:
        wrong.append(f"{failed} runs got no worker, and only {at_starts} starts were spoilt")
    return wrong
