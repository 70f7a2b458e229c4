"""The sums of a pool's events: what they add up to, and how near a percentile is to the truth."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stockade import ExecutionResult
from stockade.events import RunEnded, WorkerEnded, WorkerStarted
from stockade.ledger import GROWTH, RECENT_SECONDS, SLOT_SECONDS, Histogram, Ledger, percentile_ms
from stockade.result import RunError, Usage
from stockade.stats import taken


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def run(kind: str | None = None, wall_ms: float = 1.0, attempt: int = 1, started: bool = True) -> RunEnded:
    error = RunError(kind=kind, name="E", message="m") if kind else None  # type: ignore[arg-type]
    usage = Usage(queued_ms=2 * wall_ms, start_ms=3 * wall_ms, wall_ms=wall_ms)
    return RunEnded("a", attempt, ExecutionResult(run_id="r", error=error, usage=usage, started=started))


def test_outcomes_retries_and_workers_are_counted():
    ledger = Ledger(Clock())
    for event in (run(), run(), run("timeout"), run("worker_crashed"), run(attempt=2)):
        ledger.note(event)
    ledger.note(run("start_failed", started=False))
    for event in (WorkerStarted(1, 30.0), WorkerStarted(2, 30.0), WorkerEnded(1, 1, "done")):
        ledger.note(event)

    assert ledger.outcomes == {"returned": 3, "timeout": 1, "worker_crashed": 1, "start_failed": 1}
    assert (ledger.retries, ledger.workers_started, ledger.workers_ended) == (1, 2, {"done": 1})
    assert ledger.count == {"queued": 6, "start": 5, "wall": 5}
    assert ledger.sum_ms == {"queued": 12.0, "start": 15.0, "wall": 5.0}
    assert 3.0 <= ledger.percentile_ms("start", 50) <= 3.0 * GROWTH


def of(**fields: Any) -> Any:
    return SimpleNamespace(**fields)


def test_each_number_of_a_pools_stats_is_the_one_it_is_called():
    ledger = Ledger(Clock())
    for event in (run(attempt=2), *[run(wall_ms=10.0)] * 95, *[run(wall_ms=100.0)] * 4, WorkerStarted(1, 30.0)):
        ledger.note(event)
    supply = of(ready=lambda: 2, running=[1] * 3, idle=[1] * 4, wanted=of(now=5, least=0, most=9))
    supply.unhealthy_because = lambda: "no Node.js"
    queue = of(waiting=6, rules=of(max_waiting=7), refused=8, gave_up=9, by_tenant=lambda: [("acme", 10, 11)])
    stats = taken(ledger, supply, of(going=1, failed=12, launcher_restarts=13), queue).model_dump()

    times = [stats.pop(name) for name in ("wall", "queued", "start")]
    assert [(each["count"], each["sum_ms"]) for each in times] == [(100, 1351.0), (100, 2702.0), (100, 4053.0)]
    for scale, each in enumerate(times, 1):
        assert 10.0 * scale <= each["p50_ms"] == each["p90_ms"] < 100.0 * scale <= each["p99_ms"] <= 110.0 * scale
    assert stats == {
        "workers": {"starting": 1, "spare": 2, "running": 3, "idle": 4, "spares_wanted": 5},
        "queue": {
            "waiting": 6, "max_waiting": 7, "tenants": [{"tenant": "acme", "waiting": 10, "running": 11}],
            "refused_full": 8, "refused_timeout": 9,
        },
        "outcomes": {"returned": 100}, "retries": 1, "runs_per_second": 100.0, "workers_started": 1,
        "workers_ended": {}, "starts_failed": 12, "launcher_restarts": 13, "unhealthy_because": "no Node.js",
    }  # fmt: skip


def test_rates_and_percentiles_are_of_the_last_minute_and_counts_of_all_time():
    clock = Clock()
    ledger = Ledger(clock)
    for _ in range(120):
        ledger.note(run(wall_ms=1000.0))
        clock.now += 0.5
    assert 1.6 <= ledger.runs_per_second() <= 2.0  # the oldest slot may be gone already
    assert 1000 <= ledger.percentile_ms("wall", 50) <= 1000 * GROWTH

    clock.now += RECENT_SECONDS
    assert ledger.runs_per_second() == 0
    assert ledger.percentile_ms("wall", 50) is None
    ledger.note(run(wall_ms=10.0))
    assert 10 <= ledger.percentile_ms("wall", 99) <= 10 * GROWTH
    assert ledger.count["wall"] == 121


def test_a_steady_rate_is_told_as_it_is_at_any_time():
    """Slots go one by one, so what is kept is of 50 to 60 seconds: a rate of 60 seconds' worth fell by a sixth."""
    clock = Clock()
    ledger = Ledger(clock)
    told: set[float] = set()
    for n in range(1_000):
        ledger.note(run())
        clock.now += 0.5
        if n >= 2 * RECENT_SECONDS:
            told.add(ledger.runs_per_second())

    assert 1.99 <= min(told) <= max(told) <= 2.01


def test_a_pool_that_nobody_asks_keeps_no_more_than_the_last_minute():
    clock = Clock()
    ledger = Ledger(clock)
    for _ in range(100):
        for _ in range(3):
            ledger.note(run())
        clock.now += SLOT_SECONDS

    assert len(ledger._recent) == RECENT_SECONDS / SLOT_SECONDS


def test_a_young_pool_has_the_rate_of_its_own_time():
    clock = Clock()
    ledger = Ledger(clock)
    for _ in range(20):
        ledger.note(run())
    assert ledger.runs_per_second() == 20  # no time at all is a second
    clock.now += 4

    assert ledger.runs_per_second() == 5


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1e8), min_size=1, max_size=200), st.sampled_from([50, 90, 99]), st.integers(1, 4))
def test_a_percentile_is_at_most_a_tenth_above_the_truth(taken: list[float], percent: int, parts: int):
    histograms = [Histogram() for _ in range(parts)]
    for number, ms in enumerate(taken):
        histograms[number % parts].add(ms)
    truth = sorted(taken)[math.ceil(len(taken) * percent / 100) - 1]
    told = percentile_ms(histograms, percent)

    assert told is not None
    assert truth * 0.99 <= told <= truth * GROWTH * 1.01  # rounded to a microsecond, at 0.01 ms


def test_a_histogram_stays_small_whatever_is_counted():
    histogram = Histogram()
    for exponent in range(-100, 100):
        histogram.add(min(2.0**exponent, 7 * 86_400_000))

    assert len(histogram.buckets) <= 285
