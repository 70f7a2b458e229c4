"""What a pool tells of itself as it happens: plain facts, for metrics, traces and logs. Nothing is decided by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stockade.checks import plain_function
from stockade.logs import log
from stockade.result import ExecutionResult, Outcome


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
    outcome: Outcome
    ms: float


@dataclass(frozen=True)
class RunEnded:
    """An attempt at a run is over, one way or another. Told in the context RunStarted was told in.

    One that got no worker ends without having started: then `result.started` is false and no RunStarted was told.
    """

    tenant: str | None
    attempt: int
    result: ExecutionResult


@dataclass(frozen=True)
class WorkerStarted:
    """A process is ready to run a script."""

    pid: int
    start_ms: float
    """From the spawn until it was ready."""


@dataclass(frozen=True)
class WorkerEnded:
    """A process is gone, after so many runs. `reason` is why the pool let go of it, in one word.

    `done`: it served its one run; `worn`: it held too much memory or served long enough; `surplus`: it was not needed;
    `closed`: its pool was; else the kind of error that its last run ended with, or would have while it was idle.
    """

    pid: int
    runs: int
    reason: str


Event = RunStarted | CallStarted | CallEnded | RunEnded | WorkerStarted | WorkerEnded
OnEvent = Callable[[Event], object]
Tell = Callable[[Event], None]


def telling(hooks: Sequence[OnEvent]) -> Tell:
    """One function that tells all hooks. One that raises is logged, once, and disturbs neither the others nor a run.

    Raises ValueError for a hook that would have to be awaited: nobody would.
    """
    for hook in hooks:
        plain_function(hook, "on_event")
    raised: set[int] = set()

    def tell(event: Event) -> None:
        for number, hook in enumerate(hooks):
            try:
                hook(event)
            except KeyboardInterrupt:
                raise
            except BaseException:
                if number not in raised:
                    raised.add(number)
                    log.exception("a hook for events raised; this is logged once for each hook")

    return tell
