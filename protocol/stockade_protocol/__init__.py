"""The wire between supervisor and worker, as pure code: messages, codec, conversation. See protocol/README.md."""

from stockade_protocol.codec import Lines, decode_code, decode_value, decode_worker, encode, encode_around
from stockade_protocol.conversation import State, step
from stockade_protocol.messages import (
    PROTOCOL_VERSION,
    Call,
    Caps,
    Clear,
    Code,
    Console,
    Execute,
    HostMessage,
    Message,
    Part,
    Ready,
    Reject,
    Resolve,
    Returned,
    Threw,
    Warm,
    WorkerMessage,
)
from stockade_protocol.violation import ProtocolViolation

__all__ = [
    "PROTOCOL_VERSION",
    "Call",
    "Caps",
    "Clear",
    "Code",
    "Console",
    "Execute",
    "HostMessage",
    "Lines",
    "Message",
    "Part",
    "ProtocolViolation",
    "Ready",
    "Reject",
    "Resolve",
    "Returned",
    "State",
    "Threw",
    "Warm",
    "WorkerMessage",
    "decode_code",
    "decode_value",
    "decode_worker",
    "encode",
    "encode_around",
    "step",
]
