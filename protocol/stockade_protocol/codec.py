"""Bytes to messages and back. The only module that knows JSON, and the first to see what a hostile worker wrote."""

from __future__ import annotations

import gc
import sys
from typing import Any

import msgspec
from msgspec import structs

from stockade_protocol.messages import Code, Message, Resolve, WorkerMessage
from stockade_protocol.violation import ProtocolViolation

LF = b"\n"

# Enough of a bad line, and of what is wrong with it, to recognise it; too little to flood a log.
_QUOTED_BYTES = 80
_REASON_CHARS = 200

# 16 MiB of `[],` are five million lists, which Python's collector would walk again and again while they are made:
# seven times the CPU time, and the event loop stands still for all of it.
_COLLECTOR_RESTS_BYTES = 64 * 1024

# Python 3.11 lets C code go as deep as sys.getrecursionlimit(). Where a program has raised that, a line of brackets
# would use up the stack and end it: a level takes some 300 bytes, and a thread has 8 MiB, or less.
_MOST_LEVELS = 10_000

# More than a `threw` takes whose texts are all as long as the worker makes them, and escaped throughout. msgspec counts
# the parts of an error only once it has made them: 16 MiB of its fields kept the event loop for a second.
_MOST_WITHOUT_VALUE_BYTES = 2 * 1024 * 1024
_HOLD_VALUES = (b'{"type":"call"', b'{"type":"returned"')

_NULL = msgspec.Raw(b"null")

_encoder = msgspec.json.Encoder()
_worker_decoder: msgspec.json.Decoder[WorkerMessage] = msgspec.json.Decoder(WorkerMessage)
_code_decoder: msgspec.json.Decoder[Code] = msgspec.json.Decoder(Code)
_value_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def encode(message: Message) -> bytes:
    """One message as one line, LF included."""
    return _encoder.encode(message) + LF


def encode_around(message: Resolve) -> tuple[bytes, memoryview, bytes]:
    """The same line in three parts, of which the second is the value itself and not a copy: it may be 16 MiB."""
    head, _, tail = encode(structs.replace(message, value=_NULL)).partition(b"null")
    return head, memoryview(message.value), tail


def decode_worker(line: bytes | bytearray) -> WorkerMessage:
    """One line from a worker. Raises ProtocolViolation for anything that is not exactly one of its messages."""
    try:
        if len(line) > _MOST_WITHOUT_VALUE_BYTES and not line.startswith(_HOLD_VALUES):
            raise ValueError(f"{len(line)} bytes, and neither `call` nor `returned`")
        return _decoded(_worker_decoder, line)
    except (ValueError, RecursionError) as error:
        raise _violation(line, error) from None


def decode_code(line: bytes | bytearray) -> Code:
    """The line of a process that compiles. Raises ProtocolViolation for anything else."""
    try:
        return _code_decoder.decode(line)
    except (ValueError, RecursionError) as error:
        raise _violation(line, error) from None


def decode_value(text: bytes | msgspec.Raw) -> Any:
    """A value as plain Python data. Raises ProtocolViolation where Python cannot hold it (depth, range, encoding)."""
    try:
        return _decoded(_value_decoder, text)
    except (ValueError, RecursionError) as error:
        raise _violation(bytes(text), error) from None


def _decoded(decoder: msgspec.json.Decoder[Any], text: bytes | bytearray | msgspec.Raw) -> Any:
    if len(text) > _MOST_LEVELS and (limit := sys.getrecursionlimit()) > _MOST_LEVELS:
        sys.setrecursionlimit(_MOST_LEVELS)
        try:
            return _without_collector(decoder, text)
        finally:
            sys.setrecursionlimit(limit)
    return _without_collector(decoder, text)


def _without_collector(decoder: msgspec.json.Decoder[Any], text: bytes | bytearray | msgspec.Raw) -> Any:
    if len(text) <= _COLLECTOR_RESTS_BYTES or not gc.isenabled():
        return decoder.decode(text)
    gc.disable()
    try:
        return decoder.decode(text)
    finally:
        gc.enable()


def _violation(line: bytes | bytearray, error: Exception) -> ProtocolViolation:
    # msgspec quotes tags and field names: as long as the line may be, and with every character they hold.
    reason, quoted = str(error)[:_REASON_CHARS], line[:_QUOTED_BYTES].decode("ascii", "backslashreplace")
    return ProtocolViolation(_printable(f"a line is not a message ({reason}): {quoted}"))


def _printable(text: str) -> str:
    """Without what could move a terminal's cursor or begin a line of its own in a log."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class Lines:
    """Splits a byte stream on LF alone, and holds at most `line_bytes` of an unfinished line."""

    def __init__(self, line_bytes: int) -> None:
        self.line_bytes = line_bytes
        # One buffer, not a list of parts: a peer that writes byte by byte would fill the list with tiny objects.
        self._part = bytearray()

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun that has not ended."""
        return bool(self._part)

    def feed(self, data: bytes) -> list[bytes | bytearray]:
        """The lines that `data` completes. Raises ProtocolViolation as soon as a line is longer than the bound."""
        *complete, rest = data.split(LF)
        lines: list[bytes | bytearray] = [*complete]
        whole = len(self._part) + len(data)
        if lines and self._part:
            self._part += lines[0]
            lines[0], self._part = self._part, bytearray()  # handed on, not copied: it may be 16 MiB
        self._part += rest
        if whole > self.line_bytes and any(len(line) > self.line_bytes for line in (*lines, self._part)):
            raise ProtocolViolation(f"a line is longer than {self.line_bytes} bytes")
        return lines
