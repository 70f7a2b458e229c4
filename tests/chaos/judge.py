"""Whether what was done to a run explains how it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stockade.testing import Injected
from tests.chaos.cases import Case

# What a fault makes of a run. A worker that is sent garbage ends itself; one that sends garbage is ended.
KINDS = {"kill": "worker_crashed", "freeze": "timeout", "flood": "output_limit", "corrupt": "protocol_violation"}

# Ways in which the supervisor ends a run, as the script's own doing: they may come before the fault is seen.
LIMITS = frozenset({"timeout", "memory_limit", "output_limit", "call_limit"})

# A launcher that is killed takes its workers with it; until the next one stands, starts fail.
LAUNCHER_SECONDS = 5.0


@dataclass
class Story:
    """One run of the storm: what was planned, what was done to it, and how it ended."""

    number: int
    case: Case
    retried: bool = False
    burst: bool = False
    cancelled: bool = False  # by its handle, or by the task that waits for it
    closed: bool = False  # its pool was closed while it was out
    asked: float = 0.0
    ended: float = 0.0
    end: str = ""  # `returned`, a kind of error, or the name of an exception
    attempt: int = 1
    detail: str = ""
    endings: int = 0  # how often the caller got one


def allowed(story: Story, injected: Iterable[Injected], launcher_kills: Sequence[float]) -> set[str]:
    """Every way this run may have ended."""
    struck = [fault for fault in injected if fault.effect != "delay"]
    ends = set(story.case.ends)
    if struck:
        ends &= LIMITS
        ends |= {_kind(fault) for fault in struck}
        if story.retried:
            ends |= story.case.ends
    elif any(fault.effect == "delay" for fault in injected):
        ends |= {"timeout"}
    if story.cancelled:
        ends |= {"cancelled", "CancelledError"}
    if story.closed:
        ends |= {"cancelled", "PoolClosed"}
    if story.burst:
        ends |= {"QueueFull"}
    if any(story.asked <= at + LAUNCHER_SECONDS and story.ended >= at for at in launcher_kills):
        ends |= {"worker_crashed", "start_failed"}
    return ends


def faults_of(story: Story, injected: Sequence[Injected], launcher_kills: Sequence[float], starts: int) -> list[str]:
    """What is wrong with how this run ended, in words; nothing if all is well. `starts`: faults met at a start."""
    wrong: list[str] = []
    if story.endings != 1:
        wrong.append(f"it ended {story.endings} times")
    ends = allowed(story, injected, launcher_kills) | ({"start_failed"} if starts else set())
    if story.end not in ends:
        met = ", ".join(f"{fault.effect} at {fault.where} {fault.nth}" for fault in injected) or "nothing"
        wrong.append(f"it ended as {story.end} ({story.detail}) where {met} explains {sorted(ends)}")
    return [f"run {story.number} ({story.case.name}): {what}" for what in wrong]


def _kind(fault: Injected) -> str:
    return "worker_crashed" if (fault.effect, fault.where) == ("corrupt", "script") else KINDS[fault.effect]
