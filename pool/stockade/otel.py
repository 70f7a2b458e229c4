"""What a pool does, for OpenTelemetry: `Pool(on_event=Telemetry())`. Needs the extra `otel`; silent without an SDK.

A span `run`, and in it a span `call NAME` for each use of a binding. Both are current where the binding runs, so that
what it does itself (botocore's instrumentation, an HTTP client's) joins the same trace.
"""

from __future__ import annotations

import time
from contextvars import Token

try:
    from opentelemetry import context, trace
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import Span, Status, StatusCode, TracerProvider
except ImportError as error:
    raise ImportError(
        "stockade.otel needs OpenTelemetry's API: pip install '.[otel]' in a checkout of stockade"
    ) from error

from stockade.events import CallEnded, CallStarted, Event, RunEnded, RunStarted, WorkerEnded, WorkerStarted
from stockade.result import ExecutionResult
from stockade.stats import encodable

SCOPE = "stockade"


class Telemetry:
    """Spans and metrics of one pool, or of several. Pass it as `on_event`.

    The names of tenants, run ids and binding names are on the spans; metrics carry only what has few values (outcome,
    binding, reason). What a script said (its error's message, console, value) is on neither: it may be anybody's data.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        """Uses the application's providers, or those given."""
        self._tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
        meter = get_meter(SCOPE, meter_provider=meter_provider)
        self._runs = meter.create_histogram("stockade.run.duration", "s", "Runs, from their start to their end")
        self._queued = meter.create_histogram("stockade.run.queued", "s", "Until a run's turn came")
        self._active = meter.create_up_down_counter("stockade.runs.active", "{run}", "Runs under way")
        self._calls = meter.create_histogram("stockade.call.duration", "s", "Uses of a binding")
        self._workers = meter.create_up_down_counter("stockade.workers", "{process}", "Processes that are ready or run")
        self._ended = meter.create_counter("stockade.workers.ended", "{process}", "Processes that have ended")
        self._open_runs: dict[tuple[str, int], tuple[Span, Token[Context]]] = {}
        self._open_calls: dict[tuple[str, int], tuple[Span, int]] = {}

    def __call__(self, event: Event) -> None:
        """Takes one event, in the context it is told in."""
        match event:
            case RunStarted():
                self._begin_run(event)
            case CallStarted():
                self._begin_call(event)
            case CallEnded():
                self._end_call(event)
            case RunEnded():
                self._end_run(event)
            case WorkerStarted():
                self._workers.add(1)
            case WorkerEnded():
                self._workers.add(-1)
                self._ended.add(1, {"stockade.reason": event.reason})

    def _begin_run(self, event: RunStarted) -> None:
        span = self._run_span(event.run_id, event.tenant, event.attempt)
        # The run's bindings are called in copies of this context; it is put back when the run has ended.
        token = context.attach(trace.set_span_in_context(span))
        self._open_runs[event.run_id, event.attempt] = span, token
        self._queued.record(event.queued_ms / 1000)
        self._active.add(1)

    def _end_run(self, event: RunEnded) -> None:
        result = event.result
        started = self._open_runs.pop((result.run_id, event.attempt), None)
        if started is not None:
            context.detach(started[1])
            self._active.add(-1)
        # A run that got no worker has not begun; that it was asked for is worth a span all the same.
        span = started[0] if started else self._run_span(result.run_id, event.tenant, event.attempt)
        outcome = _outcome(result)
        self._runs.record(result.usage.wall_ms / 1000, {"stockade.outcome": outcome})
        if span.is_recording():
            span.set_attributes(
                {
                    "stockade.outcome": outcome,
                    "stockade.calls": result.usage.calls,
                    "stockade.bytes_in": result.usage.bytes_in,
                    "stockade.bytes_out": result.usage.bytes_out,
                    "stockade.queued_ms": result.usage.queued_ms,
                    "stockade.start_ms": result.usage.start_ms,
                    "stockade.compute_ms": result.usage.compute_ms,
                    "stockade.host_ms": result.usage.host_ms,
                    "stockade.wall_ms": result.usage.wall_ms,
                    "stockade.cpu_ms": result.usage.cpu_ms,
                    "stockade.peak_rss_mb": result.usage.peak_rss_mb,
                    "stockade.safe_to_retry": result.safe_to_retry,
                }
            )
        _end(span, None if result.ok else outcome)

    def _run_span(self, run_id: str, tenant: str | None, attempt: int) -> Span:
        attributes = {"stockade.run_id": run_id, "stockade.attempt": attempt}
        return self._tracer.start_span(
            "run", attributes=attributes if tenant is None else {**attributes, "stockade.tenant": encodable(tenant)}
        )

    def _begin_call(self, event: CallStarted) -> None:
        attributes = {"stockade.run_id": event.run_id, "stockade.call": event.call, "stockade.binding": event.name}
        began = time.time_ns()
        span = self._tracer.start_span(f"call {event.name}", attributes=attributes, start_time=began)
        self._open_calls[event.run_id, event.call] = span, began
        context.attach(trace.set_span_in_context(span))  # for good: the context is this call's alone

    def _end_call(self, event: CallEnded) -> None:
        self._calls.record(event.ms / 1000, {"stockade.binding": event.name, "stockade.outcome": event.outcome})
        started = self._open_calls.pop((event.run_id, event.call), None)
        if started is not None:
            span, began = started
            span.set_attribute("stockade.outcome", event.outcome)
            # The answers of one turn of the loop are told of together, and most calls were over before that.
            ended = min(time.time_ns(), began + int(event.ms * 1_000_000))
            _end(span, None if event.outcome == "resolved" else event.outcome, ended)


def _outcome(result: ExecutionResult) -> str:
    return "returned" if result.error is None else result.error.kind


def _end(span: Span, failed_of: str | None, ended: int | None = None) -> None:
    if failed_of is not None:
        span.set_attribute("error.type", failed_of)
        span.set_status(Status(StatusCode.ERROR, failed_of))
    span.end(ended)
