"""What a benchmark is, and how it is taken: ours and the yardstick in turns, so that a noisy machine hits both."""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal

# One round: as many samples as it likes, all in the unit of the benchmark.
Round = Callable[[], Awaitable[list[float]]]
Verdict = Literal["goal met", "within twice", "missed", "no goal", "skipped", "failed"]


@dataclass(frozen=True)
class Size:
    """How long to measure: `rounds` of each side, and what part of the full number of samples each takes."""

    rounds: int
    part: float

    def count(self, full: int, least: int = 1) -> int:
        """How many of something, given how many a full measurement takes."""
        return max(least, round(full * self.part))


FULL = Size(rounds=5, part=1.0)
QUICK = Size(rounds=2, part=0.2)
SMALLEST = Size(rounds=1, part=0.0)  # for a test: everything once


@dataclass(frozen=True)
class Goal:
    """A bound on the ratio to the yardstick, or (`of="measured"`) on the figure itself."""

    bound: float
    at_least: bool = False
    of: Literal["ratio", "measured"] = "ratio"

    @property
    def twice(self) -> float:
        """Twice as bad as the goal: what a first version may be."""
        return self.bound / 2 if self.at_least else self.bound * 2

    def judge(self, figure: float) -> Verdict:
        """Where the figure falls."""
        for bound, verdict in ((self.bound, "goal met"), (self.twice, "within twice")):
            if figure >= bound if self.at_least else figure <= bound:
                return verdict
        return "missed"


@dataclass(frozen=True)
class Figure:
    """One row to be made of the samples: their median, or another percentile of all of them together.

    Without a goal it is there for the reader alone, and is not judged.
    """

    name: str
    goal: Goal | None
    percentile: int = 50


@dataclass(frozen=True)
class Sides:
    """What is measured, in one unit: ours, and what the machine could do at best.

    `floor` is for calls alone: asyncio and Node.js with nothing of ours between them, so the least that a call between
    these two can cost. Nothing is judged by it.
    """

    ours: Round
    yardstick: Round
    floor: Round | None = None


class NotHere(Exception):
    """This machine lacks what the benchmark needs; the message says what."""


@dataclass(frozen=True)
class Benchmark:
    """One measurement and the rows it gives. `setup` may raise NotHere."""

    figures: tuple[Figure, ...]
    unit: str
    yardstick: str
    setup: Callable[[Size], AbstractAsyncContextManager[Sides]]


@dataclass(frozen=True)
class Row:
    """One line of the table. The ratio is the median of the rounds' ratios; `low` and `high` show how they spread."""

    name: str
    unit: str
    yardstick_name: str
    goal: Goal | None
    verdict: Verdict
    measured: float | None = None
    yardstick: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    floor: float | None = None
    why: str = ""


async def take(benchmark: Benchmark, size: Size, on_round: Callable[[int], None] = lambda number: None) -> list[Row]:
    """The rows of one benchmark. A failure of ours becomes a row that says so: the others are still worth having."""
    try:
        ours, yardstick, floor = await _rounds(benchmark, size, on_round)
    except NotHere as reason:
        return [_without(benchmark, figure, "skipped", str(reason)) for figure in benchmark.figures]
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return [_without(benchmark, figure, "failed", why) for figure in benchmark.figures]
    return [_row(benchmark, figure, ours, yardstick, floor) for figure in benchmark.figures]


async def _rounds(
    benchmark: Benchmark, size: Size, on_round: Callable[[int], None]
) -> tuple[list[list[float]], list[list[float]], list[list[float]]]:
    ours: list[list[float]] = []
    yardstick: list[list[float]] = []
    floor: list[list[float]] = []
    async with benchmark.setup(size) as sides:
        for number in range(size.rounds):
            on_round(number + 1)
            # First one side, then the other: what a burst of load does to the first it also does to the second.
            pairs = [(ours, sides.ours), (yardstick, sides.yardstick)]
            if sides.floor is not None:
                pairs.insert(1, (floor, sides.floor))
            for taken, side in pairs if number % 2 == 0 else reversed(pairs):
                taken.append(await side())
    return ours, yardstick, floor


def _row(
    benchmark: Benchmark,
    figure: Figure,
    ours: list[list[float]],
    yardstick: list[list[float]],
    floor: list[list[float]],
) -> Row:
    ratios = [_at(a, figure.percentile) / _at(b, figure.percentile) for a, b in zip(ours, yardstick, strict=True)]
    if figure.percentile == 50:
        measured, base = (statistics.median(statistics.median(part) for part in side) for side in (ours, yardstick))
        ratio = statistics.median(ratios)
    else:
        # A high percentile of a short round is its worst sample; only all of them together have one.
        measured, base = (
            _at([sample for part in side for sample in part], figure.percentile) for side in (ours, yardstick)
        )
        ratio = measured / base
    return Row(
        name=figure.name,
        unit=benchmark.unit,
        yardstick_name=benchmark.yardstick,
        goal=figure.goal,
        verdict=_verdict(figure.goal, ratio, measured),
        measured=measured,
        yardstick=base,
        ratio=ratio,
        low=min(ratios),
        high=max(ratios),
        floor=statistics.median(statistics.median(part) for part in floor) if floor else None,
    )


def _verdict(goal: Goal | None, ratio: float, measured: float) -> Verdict:
    if goal is None:
        return "no goal"
    return goal.judge(ratio if goal.of == "ratio" else measured)


def _without(benchmark: Benchmark, figure: Figure, verdict: Verdict, why: str) -> Row:
    return Row(figure.name, benchmark.unit, benchmark.yardstick, figure.goal, verdict, why=why)


def _at(samples: Sequence[float], percentile: int) -> float:
    if percentile == 50:
        return statistics.median(samples)
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, len(ordered) * percentile // 100)]
