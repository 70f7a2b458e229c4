"""What may be said when: every pair of state and message, against the table."""

from __future__ import annotations

import msgspec
import pytest

from stockade_protocol import (
    Call,
    Caps,
    Clear,
    Console,
    Execute,
    Message,
    ProtocolViolation,
    Ready,
    Reject,
    Resolve,
    Returned,
    State,
    Threw,
    Warm,
    step,
)

MESSAGES: dict[type[Message], Message] = {
    Ready: Ready(1, "24.0.0"),
    Warm: Warm(),
    Execute: Execute("1", [], True, Caps(1, 1, 1, 1, 1)),
    Console: Console("log", ""),
    Call: Call(1, "f", msgspec.Raw(b"[]")),
    Clear: Clear(1),
    Resolve: Resolve(1, msgspec.Raw(b"1")),
    Reject: Reject(1, "Error", ""),
    Returned: Returned(),
    Threw: Threw("exception", "Error", ""),
}

LEGAL = {
    State.STARTING: {Ready: State.IDLE},
    State.IDLE: {Warm: State.IDLE, Execute: State.RUNNING},
    State.RUNNING: {
        Console: State.RUNNING,
        Call: State.RUNNING,
        Clear: State.RUNNING,
        Resolve: State.RUNNING,
        Reject: State.RUNNING,
        Returned: State.IDLE,
        Threw: State.IDLE,
    },
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_is_legal_only_where_the_table_says_so(state: State, kind: type[Message]):
    if kind in LEGAL[state]:
        assert step(state, MESSAGES[kind]) is LEGAL[state][kind]
    else:
        with pytest.raises(ProtocolViolation, match=f"{kind.__name__.lower()!r} is not legal while"):
            step(state, MESSAGES[kind])
