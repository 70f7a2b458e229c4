"""What is measured of every subject, and which of it we claim to do better. Plain data and arithmetic."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Literal

BOMB_LIMIT_MB = 256

# Who looks at the clock ten times a second is in time for some deadlines and late for others: they are spread over it.
TIMEOUT_SECONDS = 0.5
TIMEOUT_SPREAD_SECONDS = 0.1

_DEADLINES = f"its deadlines of {TIMEOUT_SECONDS:g} to {TIMEOUT_SECONDS + TIMEOUT_SPREAD_SECONDS:g} s"
LARGEST = "how large the process that held it became"


@dataclass(frozen=True)
class Measure:
    """One column. `title` heads it, `what` explains it below the table."""

    key: str
    title: str
    unit: str
    what: str
    more_is_better: bool = False
    # A process of its own for each round: it happens once in a process, or earlier measures would be felt.
    once: bool = False
    # The figure is the largest process of the subject, resident, seen from outside.
    peak: bool = False


MEASURES = (
    Measure("first", "first result", "ms", "from nothing but the import to the first result: pools, probes", once=True),
    Measure("cold", "cold start", "ms", "a run that finds no process ready (bare Node: to its first byte)"),
    Measure("paced", "fresh 1+1, paced", "ms", "`1+1` in an isolate or process of its own, 0.25 s apart"),
    Measure("serial", "fresh 1+1, back to back", "ms", "the same without a pause, one caller: what one run costs"),
    Measure("rate", "fresh runs", "/s", "the same, sustained, from as many callers as cores", more_is_better=True),
    Measure("call", "host call", "us", "a script awaits one call of a Python function after the other"),
    Measure("at_once", "100 calls at once", "ms", "`Promise.all` of 100 such calls, the run included"),
    Measure("float", "float loop", "ms", "3 million turns of a floating-point modulo"),
    Measure("integer", "integer loop", "ms", "20 million turns of an integer addition"),
    Measure("result", "1 MB result", "ms", "11,000 rows, made by the script and decoded into Python"),
    Measure("late", "loop stopped after", "ms", f"an endless loop, past {_DEADLINES}"),
    Measure("heap", "heap bomb", "MiB", f"a heap without end, limit {BOMB_LIMIT_MB} MiB: {LARGEST}", peak=True),
    Measure("buffers", "buffer bomb", "MiB", f"the same outside the heap, limit {BOMB_LIMIT_MB} MiB", peak=True),
    Measure("memory", "memory", "MiB", "private memory of one isolate or process that stands ready", once=True),
)  # fmt: skip
BY_KEY = {measure.key: measure for measure in MEASURES}

Outcome = Literal["measured", "no option", "failed"]


@dataclass(frozen=True)
class Figure:
    """What one subject did in one measure: the median of each round, or why there is none."""

    subject: str
    measure: str
    outcome: Outcome
    rounds: tuple[float, ...] = ()
    why: str = ""

    @property
    def median(self) -> float:
        """Of the rounds' medians."""
        return statistics.median(self.rounds)


@dataclass(frozen=True)
class Claim:
    """A bound on ours against one peer. "at least" is how many times better, "at most" how many times the cost."""

    measure: str
    ours: str
    peer: str
    bound: float
    kind: Literal["at least", "at most"] = "at least"


@dataclass(frozen=True)
class Judged:
    """A claim and what became of it; the ratio is the median of the rounds' ratios."""

    claim: Claim
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    met: bool | None = None
    why: str = ""


CLAIMS = (
    Claim("rate", "stockade", "pydeno", 4),
    Claim("call", "stockade", "pydeno", 5),
    Claim("float", "stockade", "pydeno", 2.5),
    Claim("integer", "stockade", "pydeno", 4),
    Claim("late", "stockade", "pydeno", 20),
    Claim("cold", "stockade", "node", 1.3, "at most"),
    Claim("serial", "context", "mini-racer", 3),
    Claim("serial", "context", "deno eval", 25),
    Claim("serial", "context", "quickjs", 4, "at most"),
    Claim("float", "stockade", "quickjs", 3),
    Claim("float", "stockade", "jsbox", 3),
    Claim("paced", "context", "pebble", 1.3, "at most"),
    Claim("serial", "context", "pebble", 1.3, "at most"),
    Claim("late", "stockade", "pebble", 0.1, "at most"),
)


def judged(claim: Claim, figures: dict[tuple[str, str], Figure]) -> Judged:
    """The claim against the figures of the run; without both sides there is nothing to say."""
    ours, peer = (figures.get((subject, claim.measure)) for subject in (claim.ours, claim.peer))
    for side in (ours, peer):
        if side is None or side.outcome != "measured":
            return Judged(claim, why="not measured" if side is None else f"{side.subject}: {side.outcome} {side.why}")
    assert ours is not None and peer is not None
    costs = [a / b for a, b in zip(ours.rounds, peer.rounds, strict=False)]
    if BY_KEY[claim.measure].more_is_better:
        costs = [1 / cost for cost in costs]
    ratios = costs if claim.kind == "at most" else [1 / cost for cost in costs]
    ratio = statistics.median(ratios)
    met = ratio <= claim.bound if claim.kind == "at most" else ratio >= claim.bound
    return Judged(claim, ratio, min(ratios), max(ratios), met)
