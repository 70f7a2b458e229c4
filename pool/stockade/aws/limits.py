"""What one run may take from AWS, and how fast all runs together may ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stockade.aws.errors import AwsError


@dataclass(frozen=True)
class AwsLimits:
    """The bounds of one run and of one query, and the threads and clients of a source, where they are given."""

    calls_per_run: int = 500
    items_per_run: int = 50_000
    items_per_query: int = 5_000
    bytes_per_run: int = 32 * 1024 * 1024
    parents_per_query: int = 200
    details_per_query: int = 200
    calls_at_once: int = 8
    calls_at_once_per_service: int = 4
    threads: int = 16
    clients: int = 256
    log_events_per_query: int = 10_000
    log_bytes_per_query: int = 20 * 1024 * 1024
    trail_events_per_query: int = 2_000
    string_bytes: int = 16 * 1024


class Budget:
    """What one run has used. Spending past a bound raises LimitExceeded, and stays refused."""

    def __init__(self, limits: AwsLimits) -> None:
        self._limits = limits
        self.calls = 0
        self.items = 0
        self.bytes = 0
        self.facts: dict[str, Any] = {}
        """The same for the run's result, always up to date, with a `summary` for whoever reads the result as text."""
        self._tell()

    def spend_call(self) -> None:
        self._check(self.calls + 1, self._limits.calls_per_run, "API calls")
        self.calls += 1
        self._tell()

    def spend_result(self, items: int, size: int) -> None:
        self._check(self.items + items, self._limits.items_per_run, "items")
        self._check(self.bytes + size, self._limits.bytes_per_run, "bytes of results")
        self.items += items
        self.bytes += size
        self._tell()

    def as_data(self) -> dict[str, dict[str, int]]:
        """For `meta.budget`: used and allowed of each."""
        limits = self._limits
        return {
            "calls": {"used": self.calls, "limit": limits.calls_per_run},
            "items": {"used": self.items, "limit": limits.items_per_run},
            "bytes": {"used": self.bytes, "limit": limits.bytes_per_run},
        }

    def _tell(self) -> None:
        limit = self._limits.calls_per_run
        self.facts.update(self.as_data(), summary=f"{self.calls} of {limit} API calls, {self.items} items")

    def _check(self, wanted: int, limit: int, words: str) -> None:
        if wanted > limit:
            raise AwsError(
                "LimitExceeded",
                f"this run may take {limit} {words} from AWS, and this call would make it {wanted}",
                hint="ask for fewer accounts, regions or types, or use `limit`, `fields` or countResources",
            )


# Calls a second. CloudTrail documents 2 for LookupEvents; the others are cautious guesses of ours, well under what
# the services are known to allow, because other programs in the account share the same allowance.
RATES: dict[str, float] = {"cloudtrail.LookupEvents": 2.0, "logs.FilterLogEvents": 5.0}
DEFAULT_RATE = 20.0


@dataclass
class Buckets:
    """One token bucket for each (account, region, service or operation), shared by all runs of a source.

    `reserve` never sleeps: it books the next free moment and says how far off it is, so it serves threads and event
    loops alike and nobody is served out of turn.
    """

    rates: Mapping[str, float] = field(default_factory=lambda: dict(RATES))
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_free: dict[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])

    def reserve(self, account: str, region: str, service: str, operation: str, latest: float) -> float:
        """Seconds to wait before calling, or minus one where that would be after `latest` (then nothing is booked)."""
        exact = f"{service}.{operation}"
        name = exact if exact in self.rates else service
        rate = self.rates.get(name, DEFAULT_RATE)
        key = (account, region, name)
        with self._lock:
            now = self.clock()
            # One second's worth may go at once, as in AWS's own buckets.
            virtual = max(self._next_free.get(key, 0.0), now - 1.0)
            start = virtual + 1.0 / rate
            wait = max(0.0, start - now)
            if now + wait > latest:
                return -1.0
            self._next_free[key] = start
            return wait
