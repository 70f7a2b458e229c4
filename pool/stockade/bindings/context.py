"""Which run a binding is being called for: what a function needs for a memo, a deadline or an audit trail."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class RunInfo:
    """One run, as its bindings see it. Hashable by identity, so it can key a memo that lives as long as the run."""

    run_id: str
    tenant: str | None
    deadline: float  # on the clock of time.monotonic(), seconds
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a set of bindings wants said of the run, JSON under its own name: it ends up in `ExecutionResult.facts`."""


CURRENT: ContextVar[RunInfo | None] = ContextVar("stockade_current_run", default=None)


def current_run() -> RunInfo | None:
    """The run this binding was called from, or None outside of one. Works in `async def` and in plain `def`."""
    return CURRENT.get()
