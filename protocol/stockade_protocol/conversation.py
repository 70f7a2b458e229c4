"""What may be said when: one enum, one table, one function."""

from __future__ import annotations

from enum import IntEnum, auto

from stockade_protocol.messages import (
    Call,
    Clear,
    Console,
    Execute,
    Message,
    Ready,
    Reject,
    Resolve,
    Returned,
    Threw,
    Warm,
)
from stockade_protocol.violation import ProtocolViolation


class State(IntEnum):
    """Where a worker stands in its conversation."""

    STARTING = auto()  # spawned, has not said Ready
    IDLE = auto()
    RUNNING = auto()


NEXT: dict[tuple[State, type[Message]], State] = {
    (State.STARTING, Ready): State.IDLE,
    (State.IDLE, Warm): State.IDLE,
    (State.IDLE, Execute): State.RUNNING,
    (State.RUNNING, Console): State.RUNNING,
    (State.RUNNING, Call): State.RUNNING,
    (State.RUNNING, Clear): State.RUNNING,
    (State.RUNNING, Resolve): State.RUNNING,
    (State.RUNNING, Reject): State.RUNNING,
    (State.RUNNING, Returned): State.IDLE,
    (State.RUNNING, Threw): State.IDLE,
}


def step(state: State, message: Message) -> State:
    """The state after `message`. Raises ProtocolViolation, changing nothing, for a message that is not legal now."""
    try:
        return NEXT[state, type(message)]
    except KeyError:
        name = type(message).__name__.lower()
        raise ProtocolViolation(f"{name!r} is not legal while {state.name.lower()}") from None
