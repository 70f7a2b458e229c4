"""The sums of what a pool has told, and of its last minute how long things took. Pure: events in, numbers out."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from stockade.events import Event, RunEnded, WorkerEnded, WorkerStarted

# The recent past: rates and percentiles are of so long, in slots that are dropped one by one.
RECENT_SECONDS = 60.0
SLOT_SECONDS = 10.0

# Buckets of a histogram grow by this factor, so a percentile is at most so much above the truth, and a histogram from a
# microsecond to a week has 285 buckets at most. No library: it is one logarithm and one dictionary.
GROWTH = 1.1
LEAST_MS = 0.001
_LOG_GROWTH = math.log(GROWTH)

MEASURES = ("queued", "start", "wall")


class Histogram:
    """Counts of durations in buckets that grow with the duration."""

    def __init__(self) -> None:
        self.buckets: Counter[int] = Counter()

    def add(self, ms: float) -> None:
        """Counts one duration, milliseconds."""
        self.buckets[0 if ms <= LEAST_MS else math.ceil(math.log(ms / LEAST_MS) / _LOG_GROWTH)] += 1


def percentile_ms(histograms: Iterable[Histogram], percent: float) -> float | None:
    """The upper edge of the bucket that this part of all durations lies in or below; None for no durations."""
    together: Counter[int] = Counter()
    for histogram in histograms:
        together.update(histogram.buckets)
    left = math.ceil(together.total() * percent / 100)
    for bucket in sorted(together):
        left -= together[bucket]
        if left <= 0:
            return round(LEAST_MS * GROWTH**bucket, 3)
    return None


@dataclass
class _Slot:
    """What ended in one stretch of SLOT_SECONDS."""

    number: int
    ended: int = 0
    histograms: dict[str, Histogram] = field(default_factory=lambda: {name: Histogram() for name in MEASURES})


class Ledger:
    """Takes note of the events of a pool and keeps their sums."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.outcomes: Counter[str] = Counter()
        self.retries = 0
        self.workers_started = 0
        self.workers_ended: Counter[str] = Counter()
        self._clock = clock
        self._began = clock()
        self._recent: deque[_Slot] = deque()
        self.count: Counter[str] = Counter()
        self.sum_ms: dict[str, float] = dict.fromkeys(MEASURES, 0.0)

    def note(self, event: Event) -> None:
        """Counts one event in."""
        match event:
            case RunEnded():
                self._run_ended(event)
            case WorkerStarted():
                self.workers_started += 1
            case WorkerEnded():
                self.workers_ended[event.reason] += 1
            case _:
                pass

    def runs_per_second(self) -> float:
        """How many attempts ended, in the last minute or since the pool started."""
        now = self._clock()
        kept = now - SLOT_SECONDS * (self._gone() + 1)  # of the slots: up to one less than RECENT_SECONDS
        seconds = max(1.0, min(kept, now - self._began))
        return round(sum(slot.ended for slot in self._slots()) / seconds, 3)

    def percentile_ms(self, measure: str, percent: float) -> float | None:
        """One of MEASURES, of what ended in the last minute."""
        return percentile_ms([slot.histograms[measure] for slot in self._slots()], percent)

    def _run_ended(self, event: RunEnded) -> None:
        result, usage = event.result, event.result.usage
        self.outcomes["returned" if result.error is None else result.error.kind] += 1
        self.retries += event.attempt > 1
        slot = self._slot()
        slot.ended += 1
        self._took("queued", usage.queued_ms, slot)
        if result.started:
            self._took("start", usage.start_ms, slot)
            self._took("wall", usage.wall_ms, slot)

    def _took(self, measure: str, ms: float, slot: _Slot) -> None:
        slot.histograms[measure].add(ms)
        self.count[measure] += 1
        self.sum_ms[measure] += ms

    def _slot(self) -> _Slot:
        number = int(self._clock() // SLOT_SECONDS)
        if not self._recent or self._recent[-1].number != number:
            self._slots()
            self._recent.append(_Slot(number))
        return self._recent[-1]

    def _slots(self) -> deque[_Slot]:
        gone = self._gone()
        while self._recent and self._recent[0].number <= gone:
            self._recent.popleft()
        return self._recent

    def _gone(self) -> float:
        """The number of the last slot that is not of the recent past."""
        return self._clock() // SLOT_SECONDS - RECENT_SECONDS // SLOT_SECONDS
