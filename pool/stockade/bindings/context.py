"""Which run and which call a binding is used for: what a function needs for a memo, a deadline or an audit trail."""

from __future__ import annotations

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class RunInfo:
    """One run, as its bindings see it. Hashable by identity."""

    run_id: str
    tenant: str | None
    deadline: float  # on the clock of time.monotonic(), seconds
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a set of bindings wants said of the run, JSON under its own name: it ends up in `ExecutionResult.facts`,
    and a `summary` among it in `ExecutionResult.text()`."""
    attempt: int = 1
    """Counts from 1; more where a run is tried again. The run's id stays the same."""
    kept: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False)
    """What a set of bindings keeps for the run, a memo or a budget, under a key of its own. Emptied as the run ends:
    the run itself may be known for longer, to a timer of the loop or to a task that was started in a call."""


@dataclass(eq=False, slots=True)
class CallInfo:
    """One use of a binding."""

    run: RunInfo
    number: int
    binding: str
    args: bytes  # as they came, JSON
    same_before: int  # how many calls of this run were the same before it, name and arguments

    @property
    def idempotency_key(self) -> str:
        """The same text for the same call when its run is tried again, and for no other call: 32 hexadecimal digits.

        The n-th call of a run with this name and these arguments is the same call in every attempt.
        """
        said = f"{self.run.run_id}\0{self.binding}\0{self.same_before}\0".encode() + self.args
        return hashlib.blake2b(said, digest_size=16).hexdigest()


CURRENT: ContextVar[RunInfo | None] = ContextVar("stockade_current_run", default=None)
CURRENT_CALL: ContextVar[CallInfo | None] = ContextVar("stockade_current_call", default=None)


def current_run() -> RunInfo | None:
    """The run this binding was called from, or None outside of one. Works in `async def` and in plain `def`."""
    return CURRENT.get()


def current_call() -> CallInfo | None:
    """The call this binding is answering, or None outside of one. Works in `async def` and in plain `def`."""
    return CURRENT_CALL.get()
