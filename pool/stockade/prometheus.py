"""`Pool.stats()` as Prometheus text: serve it where your application serves its metrics. No other package is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from stockade.checks import of_type
from stockade.stats import Percentiles, PoolStats, encodable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# One line of a metric: what follows its name, its labels, its value.
Sample = tuple[str, Mapping[str, str], float]


def text(stats: PoolStats, *, labels: Mapping[str, str] | None = None, tenants: bool = False) -> str:
    """Every number of `stats` in the text format 0.0.4, seconds for times; serve it as CONTENT_TYPE.

    `labels` go on every line: a name for each pool where a process has several. `tenants` adds what each tenant has
    waiting and running, by name: leave it off where they are many, since every name becomes a time series.
    Raises ValueError for a label that is no text, or whose name Prometheus does not allow or is used here.
    """
    common = dict(labels or {})
    for name, said in common.items():
        of_type(str, name, "the name of a label")
        of_type(str, said, f"the label {name}")
        if not (name.isascii() and name.isidentifier()) or name.startswith("__") or name in _OURS:
            raise ValueError(f"{name!r} cannot be a label here")
    return "".join(_metric(*metric, common) for metric in _metrics(stats, tenants))


# The labels of our own.
_OURS = ("state", "reason", "outcome", "tenant", "quantile")


def _metrics(stats: PoolStats, tenants: bool) -> Iterator[tuple[str, str, str, list[Sample]]]:
    """Name, type, help and samples of each metric."""
    workers, queue = stats.workers, stats.queue
    states = {name: getattr(workers, name) for name in ("starting", "spare", "running", "idle")}
    refused = {"full": queue.refused_full, "timeout": queue.refused_timeout}
    yield "stockade_workers", "gauge", "Processes by what they do.", _by("state", states)
    yield "stockade_spares_wanted", "gauge", "How many spares are kept at the moment.", _one(workers.spares_wanted)
    yield "stockade_healthy", "gauge", "0 while workers cannot be started.", _one(stats.unhealthy_because is None)
    yield "stockade_queue_waiting", "gauge", "Runs that wait for a turn.", _one(queue.waiting)
    yield "stockade_queue_limit", "gauge", "Runs that may wait.", _one(queue.max_waiting)
    yield "stockade_refused_total", "counter", "Runs turned away by the queue.", _by("reason", refused)
    if tenants:
        present = Counter[tuple[str, str]]()  # two names may be one label: none at all and "", or halves of a letter
        for one in queue.tenants:
            for state in ("waiting", "running"):
                present[encodable(one.tenant or ""), state] += getattr(one, state)
        samples: list[Sample] = [("", {"tenant": name, "state": state}, n) for (name, state), n in present.items()]
        yield "stockade_tenant_runs", "gauge", "Runs that are here now, by tenant.", samples
    yield "stockade_runs_total", "counter", "Attempts that ended, by kind of error.", _by("outcome", stats.outcomes)
    yield "stockade_retries_total", "counter", "Attempts beyond the first.", _one(stats.retries)
    yield "stockade_queued_seconds", "summary", "Until a run's turn came.", _summary(stats.queued)
    yield "stockade_start_seconds", "summary", "From its turn until it had a worker.", _summary(stats.start)
    yield "stockade_wall_seconds", "summary", "From there to its end.", _summary(stats.wall)
    yield "stockade_workers_started_total", "counter", "Processes that became ready.", _one(stats.workers_started)
    yield "stockade_workers_ended_total", "counter", "Processes by why they ended.", _by("reason", stats.workers_ended)
    yield "stockade_starts_failed_total", "counter", "Processes that did not become ready.", _one(stats.starts_failed)
    yield "stockade_launcher_restarts_total", "counter", "Launchers replaced.", _one(stats.launcher_restarts)


def _one(value: float) -> list[Sample]:
    return [("", {}, value)]


def _by(label: str, counts: Mapping[str, int]) -> list[Sample]:
    return [("", {label: name}, count) for name, count in counts.items()]


def _summary(times: Percentiles) -> list[Sample]:
    """Quantiles are of the last minute, as a summary's are of a window; sum and count of all time."""
    quantiles = {"0.5": times.p50_ms, "0.9": times.p90_ms, "0.99": times.p99_ms}
    return [
        *(("", {"quantile": name}, float("nan") if ms is None else ms / 1000) for name, ms in quantiles.items()),
        ("_sum", {}, times.sum_ms / 1000),
        ("_count", {}, times.count),
    ]


def _metric(name: str, kind: str, about: str, samples: list[Sample], common: Mapping[str, str]) -> str:
    lines = [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
    for suffix, labels, value in samples:
        pairs = ",".join(f'{label}="{_escaped(said)}"' for label, said in {**common, **labels}.items())
        number = "NaN" if value != value else repr(float(value))
        lines.append(f"{name}{suffix}{{{pairs}}} {number}" if pairs else f"{name}{suffix} {number}")
    return "\n".join(lines) + "\n"


def _escaped(said: str) -> str:
    return encodable(said).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
