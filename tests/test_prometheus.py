"""The metrics as Prometheus text, read back by Prometheus' own parser."""

from __future__ import annotations

import math

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from stockade import Pool
from stockade.prometheus import text
from stockade.stats import Percentiles, PoolStats, QueueCounts, TenantCounts, WorkerCounts


def parsed(page: str) -> dict[str, Metric]:
    return {metric.name: metric for metric in text_string_to_metric_families(page)}


def values(metric: Metric, label: str) -> dict[str, float]:
    return {sample.labels[label]: sample.value for sample in metric.samples if label in sample.labels}


def stats_of(*tenants: TenantCounts) -> PoolStats:
    times = Percentiles(p50_ms=2.0, p90_ms=None, p99_ms=9.0, count=4, sum_ms=1500.0)
    others = [times.model_copy(update={"count": count}) for count in (2, 3)]
    return PoolStats(
        workers=WorkerCounts(starting=1, spare=2, running=3, idle=4, spares_wanted=5),
        queue=QueueCounts(waiting=6, max_waiting=7, tenants=list(tenants), refused_full=8, refused_timeout=9),
        outcomes={"returned": 10, "timeout": 11},
        retries=12,
        runs_per_second=1.5,
        queued=others[0],
        start=others[1],
        wall=times,
        workers_started=13,
        workers_ended={"done": 14},
        starts_failed=15,
        launcher_restarts=16,
        unhealthy_because="no Node.js",
    )


def test_every_number_is_there_with_its_type() -> None:
    metrics = parsed(text(stats_of()))

    assert {name: metric.type for name, metric in metrics.items()} == {
        "stockade_workers": "gauge",
        "stockade_spares_wanted": "gauge",
        "stockade_healthy": "gauge",
        "stockade_queue_waiting": "gauge",
        "stockade_queue_limit": "gauge",
        "stockade_refused": "counter",
        "stockade_runs": "counter",
        "stockade_retries": "counter",
        "stockade_queued_seconds": "summary",
        "stockade_start_seconds": "summary",
        "stockade_wall_seconds": "summary",
        "stockade_workers_started": "counter",
        "stockade_workers_ended": "counter",
        "stockade_starts_failed": "counter",
        "stockade_launcher_restarts": "counter",
    }
    single = {name: metric.samples[0].value for name, metric in metrics.items() if len(metric.samples) == 1}
    assert single == {
        "stockade_spares_wanted": 5,
        "stockade_healthy": 0,
        "stockade_queue_waiting": 6,
        "stockade_queue_limit": 7,
        "stockade_retries": 12,
        "stockade_workers_started": 13,
        "stockade_workers_ended": 14,
        "stockade_starts_failed": 15,
        "stockade_launcher_restarts": 16,
    }
    assert values(metrics["stockade_workers"], "state") == {"starting": 1, "spare": 2, "running": 3, "idle": 4}
    assert values(metrics["stockade_refused"], "reason") == {"full": 8, "timeout": 9}
    assert values(metrics["stockade_runs"], "outcome") == {"returned": 10, "timeout": 11}


def test_times_are_in_seconds_and_one_that_is_not_known_is_no_number() -> None:
    metrics = parsed(text(stats_of()))
    samples = metrics["stockade_wall_seconds"].samples

    quantiles = {sample.labels["quantile"]: sample.value for sample in samples if "quantile" in sample.labels}
    whole = {sample.name: sample.value for sample in samples if "quantile" not in sample.labels}
    assert (quantiles["0.5"], quantiles["0.99"]) == (0.002, 0.009)
    assert math.isnan(quantiles["0.9"])
    assert whole == {"stockade_wall_seconds_sum": 1.5, "stockade_wall_seconds_count": 4}
    for name, count in (("queued", 2), ("start", 3)):
        assert metrics[f"stockade_{name}_seconds"].samples[-1].value == count


def test_tenants_are_named_only_where_asked_and_whatever_their_name() -> None:
    odd = 'a"b\\c\nd{e="f"} 1'
    stats = stats_of(TenantCounts(tenant=odd, waiting=2, running=1), TenantCounts(tenant=None, waiting=0, running=3))

    assert "stockade_tenant_runs" not in parsed(text(stats))
    samples = parsed(text(stats, tenants=True))["stockade_tenant_runs"].samples
    assert [(sample.labels["tenant"], sample.labels["state"], sample.value) for sample in samples] == [
        (odd, "waiting", 2),
        (odd, "running", 1),
        ("", "waiting", 0),
        ("", "running", 3),
    ]


def test_a_name_that_is_no_unicode_can_still_be_served() -> None:
    tenant = TenantCounts(tenant="half \ud83d", waiting=1, running=0)
    page = text(stats_of(tenant), labels={"pool": "half \ud83d"}, tenants=True)

    assert values(parsed(page.encode().decode())["stockade_queue_limit"], "pool") == {"half ?": 7}
    assert values(parsed(page.encode().decode())["stockade_tenant_runs"], "tenant") == {"half ?": 0}


def test_tenants_whose_names_are_one_label_are_one_series() -> None:
    tenants = [TenantCounts(tenant=name, waiting=1, running=2) for name in (None, "", "half \ud83d", "half \ud83c")]
    samples = parsed(text(stats_of(*tenants), tenants=True))["stockade_tenant_runs"].samples

    assert [(sample.labels["tenant"], sample.value) for sample in samples] == [
        ("", 2), ("", 4), ("half ?", 2), ("half ?", 4)
    ]  # fmt: skip


@pytest.mark.parametrize(("labels", "told"), [({5: "x"}, "name of a label"), ({"pool": 5}, "the label pool")])
def test_a_label_that_is_no_text_is_refused(labels: dict[str, str], told: str) -> None:
    with pytest.raises(ValueError, match=f"{told} must be of type str, not int"):
        text(stats_of(), labels=labels)


def test_labels_of_the_caller_stand_on_every_line() -> None:
    for metric in parsed(text(stats_of(), labels={"pool": "reports"})).values():
        assert all(sample.labels["pool"] == "reports" for sample in metric.samples)


@pytest.mark.parametrize("name", ["", "9a", "a-b", "__name__", "state", "reason", "outcome", "tenant", "quantile", "é"])
def test_a_label_that_prometheus_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a label"):
        text(stats_of(), labels={name: "x"})


async def test_a_pool_tells_what_it_has_done() -> None:
    async with Pool(workers=1, spares=0) as pool:
        await pool.execute("1 + 1")
        await pool.execute("throw 1")
        metrics = parsed(text(pool.stats()))

    assert values(metrics["stockade_runs"], "outcome") == {"returned": 1, "exception": 1}
    assert metrics["stockade_workers_started"].samples[0].value == 2
    assert metrics["stockade_healthy"].samples[0].value == 1
