"""Whether a run that failed is made again: only for what the machinery did, and only where that can do no harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from stockade.checks import at_least, finite, of_type
from stockade.result import ExecutionResult

# What is the machinery's doing and may be otherwise the next time. A script's own faults and the limits it passed
# would only come again.
RetryKind = Literal["worker_crashed", "start_failed", "protocol_violation"]
MACHINERY = get_args(RetryKind)


@dataclass(frozen=True)
class RetryPolicy:
    """How often a run is made, at most `attempts` times, and after which kinds of error.

    It is made again only if its result is `safe_to_retry`: it did not start, or each binding it called is declared
    read-only or idempotent. The wait before the second attempt is `backoff_seconds`, and twice as long each time,
    up to `max_backoff_seconds`. No attempt begins more than `total_seconds` after the run was asked for.
    `protocol_violation` is not among the defaults: a worker that lies was most likely taken over by its script.
    Raises ValueError for what cannot be meant.
    """

    attempts: int = 3
    backoff_seconds: float = 0.1
    on: Sequence[RetryKind] = ("worker_crashed", "start_failed")
    max_backoff_seconds: float = 5.0
    total_seconds: float = 300.0

    def __post_init__(self) -> None:
        at_least(1, self.attempts, "attempts")
        for name in ("backoff_seconds", "max_backoff_seconds", "total_seconds"):
            finite(getattr(self, name), name)
        of_type(Sequence, self.on, "on")
        if isinstance(self.on, str) or any(kind not in MACHINERY for kind in self.on):
            raise ValueError(f"on must be a sequence of {', '.join(MACHINERY)}, not {self.on!r}")

    def wants_another(self, result: ExecutionResult) -> bool:
        """Whether a run that ended so is to be made again."""
        again = result.error is not None and result.error.kind in self.on and result.safe_to_retry
        return again and result.attempt < self.attempts

    def wait_seconds(self, attempt: int) -> float:
        """How long to wait after this attempt, the first being 1."""
        return min(self.max_backoff_seconds, self.backoff_seconds * 2.0 ** min(attempt - 1, 64))


ONCE = RetryPolicy(attempts=1)
