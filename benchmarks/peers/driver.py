"""One subject in a process of its own: answers the conductor's questions, one line of JSON each way.

`python -m benchmarks.peers.driver NAME`. A peer that crashes, hangs or eats the memory takes only this with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from typing import Any, TextIO

import psutil

from benchmarks.measure import Size
from benchmarks.peers.measures import BOMB_LIMIT_MB, TIMEOUT_SECONDS, TIMEOUT_SPREAD_SECONDS
from benchmarks.peers.subjects import MODULES
from benchmarks.peers.subjects.base import NoOption, Subject

PACE_SECONDS = 0.25
RATE_SECONDS = 3.0
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

# Both as functions: at the top level some engines keep the variables in slower places than others.
FLOAT_LOOP = "(() => { let x = 0.5; for (let i = 0; i < 3e6; i += 1) x = (x * 1.0001 + i) % 1000.7; return x; })()"
INTEGER_LOOP = "(() => { let x = 0; for (let i = 0; i < 2e7; i += 1) x = (x + i) | 0; return x; })()"
# What both give: a loop that an engine has skipped is no figure.
FLOAT_VALUE = 369.21672082548366
INTEGER_VALUE = 542894464
ROWS = (
    "Array.from({ length: 11000 }, (_, i) => "
    "({ id: i, name: 'row ' + i, region: 'eu-west-1', state: 'running', open: i % 3 === 0 }))"
)
HEAP_BOMB = "(() => { const held = []; for (;;) held.push({ a: held.length, b: [1.5, 2.5, 3.5] }); })()"
BUFFER_BOMB = "(() => { const held = []; for (;;) held.push(new Uint8Array(1 << 20).fill(1)); })()"


class Driver:
    """The subject and how each measure is taken of it; the samples of one round, in the measure's unit."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    async def answer(self, measure: str, size: Size) -> dict[str, Any]:
        """One round. What the subject lacks and where it fails is an answer too."""
        if measure != "first":
            await self.subject.start()
        try:
            samples = await getattr(self, f"_{measure}")(size)
        except NoOption as reason:
            return {"outcome": "no option", "why": str(reason)}
        except Exception as error:
            return {"outcome": "failed", "why": f"{type(error).__name__}: {error}"[:300]}
        finally:
            await self.subject.close()
        return {"outcome": "measured", "median": statistics.median(samples)}

    async def _first(self, size: Size) -> list[float]:
        before = time.perf_counter()
        await self.subject.start()
        await self._two()
        return [_ms_since(before)]

    async def _cold(self, size: Size) -> list[float]:
        async def cold() -> None:
            _expect(await self.subject.cold(), 2)

        await cold()
        return await _timed(cold, size.count(20), pause=PACE_SECONDS / 2)

    async def _paced(self, size: Size) -> list[float]:
        await self._two()
        await self.subject.ready()
        return await _timed(self._two, size.count(8), pause=PACE_SECONDS)

    async def _serial(self, size: Size) -> list[float]:
        return [1000 / await self._rate_of(1, size)]

    async def _rate(self, size: Size) -> list[float]:
        return [await self._rate_of(CORES, size)]

    async def _call(self, size: Size) -> list[float]:
        count = size.count(500, 3)
        at_ns: list[int] = []

        async def echo(value: Any) -> Any:
            at_ns.append(time.perf_counter_ns())
            return value

        body = f"let sum = 0; for (let i = 0; i < {count}; i += 1) sum += await echo(i); return sum;"
        _expect(await self.subject.calling(body, echo), count * (count - 1) // 2)
        return [(after - before) / 1000 for before, after in pairwise(at_ns)]

    async def _at_once(self, size: Size) -> list[float]:
        async def echo(value: Any) -> Any:
            return value

        async def hundred() -> None:
            body = "return (await Promise.all(Array.from({ length: 100 }, (_, i) => echo(i)))).length;"
            _expect(await self.subject.calling(body, echo), 100)

        await hundred()
        await self.subject.ready()
        return await _timed(hundred, size.count(5), pause=PACE_SECONDS)

    async def _float(self, size: Size) -> list[float]:
        return await self._compute(FLOAT_LOOP, FLOAT_VALUE, size)

    async def _integer(self, size: Size) -> list[float]:
        return await self._compute(INTEGER_LOOP, INTEGER_VALUE, size)

    async def _compute(self, script: str, value: float, size: Size) -> list[float]:
        async def compute() -> None:
            _expect(await self.subject.fresh(script), value)

        await self._two()
        await self.subject.ready()
        return await _timed(compute, size.count(3), pause=PACE_SECONDS)

    async def _result(self, size: Size) -> list[float]:
        async def rows() -> None:
            _expect(len(await self.subject.rows(ROWS)), 11_000)

        await rows()
        await self.subject.ready()
        return await _timed(rows, size.count(5), pause=PACE_SECONDS)

    async def _late(self, size: Size) -> list[float]:
        late: list[float] = []
        times = size.count(6)
        for turn in range(times):
            await self.subject.ready()
            seconds = TIMEOUT_SECONDS + turn / times * TIMEOUT_SPREAD_SECONDS
            late.append((await self.subject.hang(seconds) - seconds) * 1000)
        return late

    async def _heap(self, size: Size) -> list[float]:
        return await self._bomb(HEAP_BOMB)

    async def _buffers(self, size: Size) -> list[float]:
        return await self._bomb(BUFFER_BOMB)

    async def _bomb(self, script: str) -> list[float]:
        before = time.perf_counter()
        await self.subject.bomb(script, BOMB_LIMIT_MB)
        return [_ms_since(before)]

    async def _memory(self, size: Size) -> list[float]:
        many = self.subject.many
        await self.subject.hold(2)
        before = _private_mib()
        await self.subject.hold(2 + many)
        return [(_private_mib() - before) / many]

    async def _two(self) -> None:
        _expect(await self.subject.fresh("1 + 1"), 2)

    async def _rate_of(self, callers: int, size: Size) -> float:
        """Runs a second, once what stood ready at the start is used up."""
        for _ in range(3 * callers):
            await self._two()
        began = time.perf_counter()
        until = began + max(RATE_SECONDS * size.part, 0.5)
        done = 0

        async def caller() -> None:
            nonlocal done
            while time.perf_counter() < until:
                await self._two()
                done += 1

        await asyncio.gather(*(caller() for _ in range(callers)))
        return done / (time.perf_counter() - began)


async def _timed(action: Callable[[], Awaitable[None]], times: int, *, pause: float) -> list[float]:
    took: list[float] = []
    for _ in range(times):
        await asyncio.sleep(pause)
        before = time.perf_counter()
        await action()
        took.append(_ms_since(before))
    return took


def _expect(found: Any, wanted: Any) -> None:
    if found != wanted:
        raise RuntimeError(f"gave {found!r} where {wanted!r} is right")


def _ms_since(before: float) -> float:
    return (time.perf_counter() - before) * 1000


def _private_mib() -> float:
    """Private memory of this process and all it has started."""
    me = psutil.Process()
    total = 0
    for process in [me, *me.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().uss
    return total / (1 << 20)


async def _serve(subject: Subject, answers: TextIO) -> None:
    driver = Driver(subject)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        asked = json.loads(line)
        print(json.dumps(await driver.answer(asked["measure"], Size(**asked["size"]))), file=answers, flush=True)


def main() -> None:
    """Claims stdout for the answers; whatever the peer prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name = sys.argv[1]
    try:
        module = import_module(f"benchmarks.peers.subjects.{MODULES[name]}")
    except ImportError as error:
        print(json.dumps({"missing": str(error)}), file=answers, flush=True)
        return
    subject = next(kind for kind in module.SUBJECTS if kind.name == name)
    about = {key: getattr(subject, key) for key in ("title", "between", "settings")}
    print(json.dumps({**about, "versions": _versions(subject)}), file=answers, flush=True)
    asyncio.run(_serve(subject(), answers))


def _versions(subject: type[Subject]) -> dict[str, str]:
    return {package: version(package) for package in subject.packages}


if __name__ == "__main__":
    main()
