"""Bytes to messages and back. The only module that knows JSON, and the first to see what a hostile worker wrote."""

from __future__ import annotations

from typing import Any

import msgspec

from stockade_protocol.messages import HostMessage, Message, WorkerMessage
from stockade_protocol.violation import ProtocolViolation

LF = b"\n"

# Enough of a bad line to recognise it, too little to flood a log.
_QUOTED_BYTES = 80

_encoder = msgspec.json.Encoder()
_worker_decoder: msgspec.json.Decoder[WorkerMessage] = msgspec.json.Decoder(WorkerMessage)
_host_decoder: msgspec.json.Decoder[HostMessage] = msgspec.json.Decoder(HostMessage)
_value_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def encode(message: Message) -> bytes:
    """One message as one line, LF included."""
    return _encoder.encode(message) + LF


def decode_worker(line: bytes) -> WorkerMessage:
    """One line from a worker. Raises ProtocolViolation for anything that is not exactly one of its messages."""
    try:
        return _worker_decoder.decode(line)
    except (ValueError, RecursionError) as error:
        raise _violation(line, error) from None


def decode_host(line: bytes) -> HostMessage:
    """One line from the host, for a worker written in Python: the tests replay transcripts with it."""
    try:
        return _host_decoder.decode(line)
    except (ValueError, RecursionError) as error:
        raise _violation(line, error) from None


def decode_value(text: bytes | msgspec.Raw) -> Any:
    """A value as plain Python data. Raises ProtocolViolation where Python cannot hold it (depth, range, encoding)."""
    try:
        return _value_decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise _violation(bytes(text), error) from None


def _violation(line: bytes, error: Exception) -> ProtocolViolation:
    # UnicodeDecodeError, msgspec's errors and its RecursionError all describe the place without quoting the line.
    quoted = line[:_QUOTED_BYTES].decode("ascii", "backslashreplace")
    return ProtocolViolation(f"a line is not a message ({error}): {quoted}")


class Lines:
    """Splits a byte stream on LF alone, and holds at most `line_bytes` of an unfinished line."""

    def __init__(self, line_bytes: int) -> None:
        self.line_bytes = line_bytes
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes. Raises ProtocolViolation as soon as a line is longer than the bound."""
        first, *rest = data.split(LF)
        self._held += len(first)
        self._parts.append(first)
        if not rest:
            self._check(self._held)
            return []
        *complete, last = rest
        lines = [b"".join(self._parts), *complete]
        self._parts, self._held = [last], len(last)
        for line in lines:
            self._check(len(line))
        self._check(self._held)
        return lines

    def _check(self, length: int) -> None:
        if length > self.line_bytes:
            raise ProtocolViolation(f"a line is longer than {self.line_bytes} bytes")
