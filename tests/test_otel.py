"""Spans and metrics, through OpenTelemetry's own SDK."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
import pytest_asyncio
from opentelemetry import trace
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from stockade import Pool, RuntimeConfig
from stockade.aws.embedded import EmbeddedWorld
from stockade.events import RunEnded
from stockade.otel import Telemetry
from stockade.result import ExecutionResult, RunError, Usage


class Seen:
    """What a pool told, as an exporter and a reader get it."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])
        self.telemetry = Telemetry(tracer_provider=self.tracers, meter_provider=self.meters)

    def spans(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.exporter.get_finished_spans() if span.name == name]

    def points(self, name: str) -> list[Any]:
        data = self.reader.get_metrics_data()
        assert data is not None
        metrics = [
            one for resource in data.resource_metrics for scope in resource.scope_metrics for one in scope.metrics
        ]
        return [point for metric in metrics if metric.name == name for point in metric.data.data_points]


@pytest.fixture
def seen() -> Iterator[Seen]:
    seen = Seen()
    yield seen
    seen.tracers.shutdown()
    seen.meters.shutdown()


@pytest_asyncio.fixture
async def pool(seen: Seen) -> AsyncIterator[Pool]:
    async with Pool(workers=2, isolation="context", on_event=seen.telemetry) as pool:
        yield pool


async def price(sku: str) -> float:
    return {"tea": 4.0}[sku]


async def test_a_run_is_a_span_under_the_callers_and_its_calls_are_spans_under_it(pool: Pool, seen: Seen) -> None:
    with seen.tracers.get_tracer("test").start_as_current_span("request"):
        run = await pool.execute("await price('tea') + await price('tea')", bindings={"price": price}, tenant="acme")

    (request,), (span,), calls = seen.spans("request"), seen.spans("run"), seen.spans("call price")
    assert run.value == 8
    assert span.parent is not None and request.context is not None and span.context is not None
    assert span.parent.span_id == request.context.span_id
    assert [call.parent.span_id for call in calls if call.parent] == [span.context.span_id] * 2
    assert span.attributes is not None
    facts = {name: span.attributes[f"stockade.{name}"] for name in ("run_id", "tenant", "attempt", "outcome", "calls")}
    assert facts == {"run_id": run.run_id, "tenant": "acme", "attempt": 1, "outcome": "returned", "calls": 2}
    assert {name: span.attributes[f"stockade.{name}"] for name in Usage.model_fields} == run.usage.model_dump()
    assert run.usage.bytes_in > 0
    assert [dict(call.attributes or {})["stockade.call"] for call in calls] == [1, 2]
    assert span.status.status_code is StatusCode.UNSET


async def test_the_name_of_a_tenant_is_text_that_can_be_sent(pool: Pool, seen: Seen) -> None:
    """An exporter that cannot encode it logs a traceback, and sends the span without its tenant."""
    await pool.execute("1", tenant="half \ud83d")

    (span,) = seen.spans("run")
    assert span.attributes is not None and span.attributes["stockade.tenant"] == "half ?"


async def test_the_span_of_a_call_is_as_long_as_the_call_however_many_are_answered_at_once(
    pool: Pool, seen: Seen
) -> None:
    script = "(await Promise.all(Array.from({ length: 20 }, () => price('tea')))).length"
    run = await pool.execute(script, bindings={"price": price})

    assert run.value == 20
    for span, call in zip(seen.spans("call price"), run.calls, strict=True):
        assert span.start_time is not None and span.end_time is not None
        assert 0 <= span.end_time - span.start_time <= round(call.ms * 1_000_000)


async def test_the_callers_span_is_current_again_after_the_run(pool: Pool, seen: Seen) -> None:
    with seen.tracers.get_tracer("test").start_as_current_span("request") as request:
        await pool.execute("1")
        assert trace.get_current_span() is request
        with pytest.raises(asyncio.CancelledError):
            await cancelled_in_a_call(pool)
        assert trace.get_current_span() is request

    assert len(seen.spans("run")) == 2


async def cancelled_in_a_call(pool: Pool) -> None:
    """Within the caller's own task, so that its context is the one to be put back."""
    task = asyncio.current_task()
    assert task is not None

    async def cancel() -> None:
        task.cancel()
        await asyncio.Event().wait()

    try:
        await pool.execute("await cancel()", bindings={"cancel": cancel})
    finally:
        task.uncancel()


@pytest.mark.parametrize(
    ("script", "seconds", "kind"),
    [("throw new Error('card 4111')", 20, "exception"), ("while (true) {}", 0.2, "timeout")],
)
async def test_a_failed_run_is_an_error_by_its_kind_and_tells_nothing_the_script_said(
    pool: Pool, seen: Seen, script: str, seconds: float, kind: str
) -> None:
    await pool.execute(script, config=RuntimeConfig(timeout_seconds=seconds))

    (span,) = seen.spans("run")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, kind)
    assert span.attributes is not None and span.attributes["error.type"] == kind
    assert "4111" not in span.to_json()


async def test_a_call_that_fails_and_one_that_is_cut_short_are_errors(pool: Pool, seen: Seen) -> None:
    async def refuse() -> None:
        raise ValueError("no")

    async def forever() -> None:
        reached.set()
        await asyncio.Event().wait()

    reached = asyncio.Event()
    script = "try { await refuse() } catch {}; await forever()"
    handle = pool.submit(script, bindings={"refuse": refuse, "forever": forever})
    await reached.wait()
    handle.cancel()
    await handle

    told = {span.name: span.status.description for span in seen.exporter.get_finished_spans()}
    assert told == {"call refuse": "rejected", "call forever": "in_flight", "run": "cancelled"}


async def test_runs_at_once_keep_their_calls_apart(pool: Pool, seen: Seen) -> None:
    runs = await asyncio.gather(
        *(pool.execute("await price('tea'); await price('tea')", bindings={"price": price}) for _ in range(6))
    )

    parents = {span.context.span_id: dict(span.attributes or {})["stockade.run_id"] for span in seen.spans("run")}
    calls = [(parents[span.parent.span_id], dict(span.attributes or {})) for span in seen.spans("call price")]
    assert sorted(parents.values()) == sorted(run.run_id for run in runs)
    assert len(calls) == 12
    assert all(attributes["stockade.run_id"] == run_id for run_id, attributes in calls)


async def test_what_a_binding_does_itself_joins_the_trace(pool: Pool, seen: Seen) -> None:
    """A plain function, in a thread, with boto3: the case that matters."""
    BotocoreInstrumentor().instrument(tracer_provider=seen.tracers)
    try:
        with EmbeddedWorld.start() as world:
            keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
            client = boto3.client("sts", region_name="us-east-1", endpoint_url=world.endpoint_url, **keys)
            await pool.execute("await whoami()", bindings={"whoami": lambda: client.get_caller_identity()["Account"]})
    finally:
        BotocoreInstrumentor().uninstrument()

    (call,) = seen.spans("call whoami")
    asked = [span for span in seen.exporter.get_finished_spans() if "GetCallerIdentity" in span.name]
    assert [span.parent.span_id for span in asked] == [call.context.span_id]


async def test_metrics_count_runs_calls_and_workers(seen: Seen) -> None:
    async with Pool(workers=1, spares=0, on_event=seen.telemetry) as pool:
        await pool.execute("await price('tea')", bindings={"price": price}, tenant="acme")
        await pool.execute("throw 1")

    runs = {point.attributes["stockade.outcome"]: point.count for point in seen.points("stockade.run.duration")}
    calls = {tuple(point.attributes.items()): point.count for point in seen.points("stockade.call.duration")}
    assert runs == {"returned": 1, "exception": 1}
    assert calls == {(("stockade.binding", "price"), ("stockade.outcome", "resolved")): 1}
    assert [point.value for point in seen.points("stockade.runs.active")] == [0]
    assert [point.value for point in seen.points("stockade.workers")] == [0]
    assert sum(point.value for point in seen.points("stockade.workers.ended")) == 2


async def test_metrics_tell_of_times_in_seconds(pool: Pool, seen: Seen) -> None:
    run = await pool.execute("await price('tea')", bindings={"price": price})

    times = {
        "stockade.run.duration": run.usage.wall_ms,
        "stockade.run.queued": run.usage.queued_ms,
        "stockade.call.duration": run.calls[0].ms,
    }
    for name, ms in times.items():
        assert [point.sum for point in seen.points(name)] == [pytest.approx(ms / 1000, abs=1e-5)]


def test_a_run_that_got_no_worker_has_a_span_of_its_own(seen: Seen) -> None:
    failed = ExecutionResult(run_id="r1", error=RunError(kind="start_failed", name="StartFailed", message="m"))

    seen.telemetry(RunEnded("acme", 1, failed))

    (span,) = seen.spans("run")
    assert span.status.description == "start_failed"
    assert dict(span.attributes or {})["stockade.tenant"] == "acme"
    assert seen.points("stockade.runs.active") == []


async def test_nothing_is_kept_of_a_run_that_is_over(pool: Pool, seen: Seen) -> None:
    for _ in range(3):
        await pool.execute("await price('tea')", bindings={"price": price})

    held = [value for value in vars(seen.telemetry).values() if isinstance(value, dict)]
    assert held == [{}, {}]


def test_without_the_extra_the_error_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['opentelemetry'] = None; import stockade.otel"
    done = subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, check=False, timeout=60)

    assert "pip install '.[otel]' in a checkout" in done.stderr.splitlines()[-1]


def test_the_package_itself_does_not_load_opentelemetry() -> None:
    light = "import sys, stockade; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", light], check=False, timeout=60).returncode == 0
