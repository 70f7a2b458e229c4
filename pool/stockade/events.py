"""What a pool tells of itself as it happens: plain facts, for metrics, traces and logs. Nothing is decided by them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stockade.result import ExecutionResult


@dataclass(frozen=True)
class RunStarted:
    """A run has its worker and begins. Told in the context its bindings are called in."""

    run_id: str
    tenant: str | None
    attempt: int
    queued_ms: float
    start_ms: float


@dataclass(frozen=True)
class CallStarted:
    """A script called a binding. Told in the context of that call."""

    run_id: str
    call: int
    name: str


@dataclass(frozen=True)
class CallEnded:
    """A call was answered, or its run ended first. Told in the context of that call."""

    run_id: str
    call: int
    name: str
    outcome: Literal["resolved", "rejected", "in_flight"]
    ms: float


@dataclass(frozen=True)
class RunEnded:
    """A run is over, one way or another. Told in the context RunStarted was told in."""

    tenant: str | None
    attempt: int
    result: ExecutionResult


@dataclass(frozen=True)
class WorkerStarted:
    """A process is ready to run a script."""

    pid: int
    start_ms: float


@dataclass(frozen=True)
class WorkerEnded:
    """A process is gone, after so many runs. `reason` is why the pool let go of it, in one word."""

    pid: int
    runs: int
    reason: str


Event = RunStarted | CallStarted | CallEnded | RunEnded | WorkerStarted | WorkerEnded
OnEvent = Callable[[Event], object]
