"""Which run a binding is being called for: what a function needs for a memo, a deadline or an audit trail."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class RunInfo:
    """One run, as its bindings see it. Hashable by identity, so it can key a memo that lives as long as the run."""

    run_id: str
    tenant: str | None
    deadline: float  # on the clock of time.monotonic(), seconds


CURRENT: ContextVar[RunInfo | None] = ContextVar("stockade_current_run", default=None)


def current_run() -> RunInfo | None:
    """The run this binding was called from, or None outside of one. Works in `async def` and in plain `def`."""
    return CURRENT.get()
