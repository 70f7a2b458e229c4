"""How a pool is doing, in numbers: `Pool.stats()`. Nothing is decided by them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from stockade.admission import Admission
from stockade.ledger import Ledger
from stockade.starts import Starts
from stockade.supply import Supply


def encodable(said: str) -> str:
    """The name of a tenant as it can leave the program: it is anybody's text, and no UTF-8 holds a lone surrogate."""
    return said.encode("utf-8", "replace").decode()


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Percentiles(_Data):
    """Of the runs that ended in the last minute, milliseconds, at most a tenth above the truth; None without any.

    `count` and `sum_ms` are of all runs since the pool started.
    """

    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    count: int
    sum_ms: float


class WorkerCounts(_Data):
    """Processes by what they do: `spare` is ready for anybody, `idle` for another run of its tenant."""

    starting: int
    spare: int
    running: int
    idle: int
    spares_wanted: int
    """How many spares are kept at the moment, between the bounds given."""


class TenantCounts(_Data):
    """The runs of one tenant that are here now."""

    tenant: Annotated[str | None, PlainSerializer(encodable, when_used="json-unless-none")]
    waiting: int
    running: int


class QueueCounts(_Data):
    """What waits for a turn, and what was turned away since the pool started."""

    waiting: int
    max_waiting: int
    tenants: list[TenantCounts]
    refused_full: int
    refused_timeout: int


class PoolStats(_Data):
    """A pool at one moment. Counts are since it started; rates and percentiles of the last minute."""

    workers: WorkerCounts
    queue: QueueCounts
    outcomes: dict[str, int]
    """Attempts at a run that ended, by kind of error; `returned` for none."""
    retries: int
    """Attempts beyond the first."""
    runs_per_second: float
    queued: Percentiles
    """Time until a run's turn came."""
    start: Percentiles
    """Time from there until it had a worker."""
    wall: Percentiles
    """Time from there to its end."""
    workers_started: int
    workers_ended: dict[str, int]
    """By reason, as in `events.WorkerEnded`."""
    starts_failed: int
    launcher_restarts: int
    unhealthy_because: str | None
    """What the last start failed of, while runs are refused with PoolUnhealthy; None otherwise."""


def taken(ledger: Ledger, supply: Supply, starts: Starts, queue: Admission) -> PoolStats:
    """The numbers of this moment."""
    return PoolStats(
        workers=WorkerCounts(
            starting=starts.going,
            spare=supply.ready(),
            running=len(supply.running),
            idle=len(supply.idle),
            spares_wanted=supply.wanted.now,
        ),
        queue=QueueCounts(
            waiting=queue.waiting,
            max_waiting=queue.rules.max_waiting,
            tenants=[TenantCounts(tenant=name, waiting=w, running=r) for name, w, r in queue.by_tenant()],
            refused_full=queue.refused,
            refused_timeout=queue.gave_up,
        ),
        outcomes=dict(ledger.outcomes),
        retries=ledger.retries,
        runs_per_second=ledger.runs_per_second(),
        queued=_percentiles(ledger, "queued"),
        start=_percentiles(ledger, "start"),
        wall=_percentiles(ledger, "wall"),
        workers_started=ledger.workers_started,
        workers_ended=dict(ledger.workers_ended),
        starts_failed=starts.failed,
        launcher_restarts=starts.launcher_restarts,
        unhealthy_because=supply.unhealthy_because(),
    )


def _percentiles(ledger: Ledger, measure: str) -> Percentiles:
    p50, p90, p99 = (ledger.percentile_ms(measure, percent) for percent in (50, 90, 99))
    count, sum_ms = ledger.count[measure], round(ledger.sum_ms[measure], 3)
    return Percentiles(p50_ms=p50, p90_ms=p90, p99_ms=p99, count=count, sum_ms=sum_ms)
