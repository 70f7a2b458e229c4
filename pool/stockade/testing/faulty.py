"""A process that something happens to: every byte between it and the supervisor passes here."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from stockade.process import Process
from stockade.testing.points import Effect, Where
from stockade_protocol import Console, Execute, encode

if TYPE_CHECKING:
    from stockade.testing.faults import Faults

# How each kind of line begins; `type` comes first in all of them.
_BEGINS: tuple[tuple[bytes, Where], ...] = (
    (b'{"type":"call"', "call"),
    (b'{"type":"console"', "console"),
    (b'{"type":"returned"', "ending"),
    (b'{"type":"threw"', "ending"),
)

# One turn of the loop's worth of a flood: as much as a pipe holds.
_FLOOD = encode(Console("log", "flood " * 170)) * 64

# No byte of UTF-8: whatever it stands in, the line cannot be read.
_SPOILT = b"\xff"


class FaultyProcess(Process):
    """A process under faults. What happens to it is real: signals to it, or other bytes than it wrote."""

    faults: ClassVar[Faults]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._script: str | None = None
        self._seen: dict[Where, int] = {}
        self._part = bytearray()
        self._silent = False  # what it says is not heard any more
        self._held: bytearray | None = None
        self._ended_late = False
        self._at_ready: Effect | None = self._begin_with(self._meet("start", 1))

    # ---- towards the worker ----

    def write(self, *parts: bytes | memoryview) -> None:
        """As of any process; a script is a point at which it can go wrong."""
        data = bytes(parts[0]) if len(parts) == 1 else b""
        if not data.startswith(b'{"type":"execute"'):
            super().write(*parts)
            return
        self._script = msgspec.json.decode(data, type=Execute).script
        self._seen.clear()
        match self._meet("script", 1):
            case "corrupt":
                super().write(_SPOILT + data[1:])  # within a text the worker would read it as U+FFFD, and go on
            case "delay":
                self._loop.call_later(self.faults.delay_seconds, super().write, data)
            case effect:
                self._strike(effect)
                super().write(data)

    # ---- from the worker ----

    def _take(self, data: bytes) -> None:
        if self.cause is not None:
            # The last of a pipe, after the supervisor's own kill.
            if not self._silent:
                super()._take(data)
        elif self._held is not None:
            self._held += data
        elif not self._silent:
            self._part += data
            self._look_through()

    def _look_through(self) -> None:
        """Hands on whole lines up to where something goes wrong."""
        start = 0
        while (end := self._part.find(b"\n", start)) >= 0:
            line = bytes(self._part[start : end + 1])
            start = end + 1
            if not self._goes_well(line):
                rest = self._part[start:]
                self._part.clear()
                if self._held is not None:
                    self._held += rest
                return
        del self._part[:start]
        if len(self._part) > self._splitter.line_bytes:
            super()._take(bytes(self._part))  # to be found too long
            self._part.clear()

    def _goes_well(self, line: bytes) -> bool:
        """Hands on one line, unless its point says otherwise; whether what follows is heard as well."""
        effect, where = self._at_ready, None
        self._at_ready = None
        if effect is None and (where := _where(line)) is not None:
            self._seen[where] = nth = self._seen.get(where, 0) + 1
            effect = self._meet(where, nth)
        match effect:
            case None:
                super()._take(line)
                return self.cause is None
            case "corrupt":
                super()._take(self._spoil(line))
                return self.cause is None
            case "delay":
                self._held = bytearray()
                self._loop.call_later(self.faults.delay_seconds, self._release, line)
            case _:
                self._strike(effect)
                if where != "ending":
                    super()._take(line)
        return False

    def _release(self, line: bytes) -> None:
        held, self._held = self._held or b"", None
        if self.cause is None and not self._silent:
            super()._take(line)
            self._take(bytes(held))
        if self._ended_late:
            self._end()

    def _end(self) -> None:
        if self._held is not None and self.cause is None:
            self._ended_late = True  # what it said before comes first
            return
        super()._end()

    # ---- what happens ----

    def _meet(self, where: Where, nth: int) -> Effect | None:
        return self.faults.meet(where, nth, self.child.pid, self._script)

    def _begin_with(self, effect: Effect | None) -> Effect | None:
        """Strikes a worker that starts; what befalls its first line waits for that."""
        if effect in ("corrupt", "delay"):
            return effect
        self._strike(effect)
        return None

    def _strike(self, effect: Effect | None) -> None:
        if effect is None:
            return
        self._silent = True
        match effect:
            case "kill":
                self.child.kill()
            case "freeze":
                # One that has another uid than we and may not be stopped is as good as frozen: nothing of it is heard.
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(self.child.pid, signal.SIGSTOP)
            case _:
                self._loop.call_soon(self._flood)

    def _flood(self) -> None:
        if self.cause is None and not self.ended:
            super()._take(_FLOOD)
            self._loop.call_soon(self._flood)

    def _spoil(self, line: bytes) -> bytes:
        at = len(line) // 2
        return line[:at] + _SPOILT + line[at + 1 :]


def _where(line: bytes) -> Where | None:
    return next((where for begins, where in _BEGINS if line.startswith(begins)), None)
