"""A figure over time, cut into tenths: how it began, how it ended, and what it looks like. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

TENTHS = 10

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Check:
    """One figure of the soak against its bound. `ratio` is late / early."""

    name: str
    unit: str
    early: float
    late: float
    bound: float
    picture: str
    told: str = ""

    @property
    def ratio(self) -> float:
        return self.late / self.early if self.early else (1.0 if self.late == self.early else float("inf"))

    @property
    def held(self) -> bool:
        """Whether it grew by no more than its bound."""
        return self.ratio <= self.bound


def tenth(values: Sequence[float], number: int) -> Sequence[float]:
    """One of ten equal parts, counted from 1."""
    return values[len(values) * (number - 1) // TENTHS : len(values) * number // TENTHS]


def percentile(values: Sequence[float], at: int) -> float:
    """The sample below which so many of a hundred lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * at // 100)]


def flat(name: str, unit: str, values: Sequence[float], bound: float) -> Check:
    """The median of the last tenth against that of the second: in the first, heaps and caches fill."""
    return Check(name, unit, median(tenth(values, 2)), median(tenth(values, TENTHS)), bound, sparkline(values))


def floor(name: str, unit: str, values: Sequence[float]) -> Check:
    """The least of the last tenth against that of the second: what comes and goes is no leak, what stays is."""
    return Check(name, unit, min(tenth(values, 2)), min(tenth(values, TENTHS)), 1.0, sparkline(values))


def steady(name: str, unit: str, values: Sequence[float], at: int, bound: float) -> Check:
    """A percentile of the last tenth against that of the first, and how it moved from tenth to tenth between."""
    parts = [percentile(tenth(values, number), at) for number in range(1, TENTHS + 1)]
    between = parts[1:-1]
    noise = f"between them {min(between):.2f} to {max(between):.2f} {unit}, {max(between) / min(between):.2f}x apart"
    return Check(name, unit, parts[0], parts[-1], bound, sparkline(parts), noise)


def sparkline(values: Sequence[float], width: int = 40) -> str:
    """Medians over time as bars, the lowest and the highest value apart by the full height."""
    if len(values) > width:
        values = [median(values[len(values) * i // width : len(values) * (i + 1) // width]) for i in range(width)]
    low, high = min(values), max(values)
    if high == low:
        return _BARS[0] * len(values)
    return "".join(_BARS[int((value - low) / (high - low) * (len(_BARS) - 1))] for value in values)
