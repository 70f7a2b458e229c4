"""What a recording is: one run's calls and their answers, a JSON object a line, written and read here alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self

import msgspec
from msgspec import UNSET, Raw, Struct

from stockade.bindings import binding, info_of
from stockade.bindings.declarations import by_name, declare, interfaces
from stockade.bindings.directory import summary
from stockade.bindings.registry import speaking_of
from stockade.errors import StockadeError

# Another number is refused: a recording is made anew more easily than it is understood half.
VERSION = 1

# Enough of what is wrong with a line to find it.
_REASON_CHARS = 200


class InvalidRecording(StockadeError, ValueError):
    """A file is no recording that can be replayed: missing, empty, cut off, of another version. Nothing has run."""


class Declared(Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What `@binding` said of a function, so that a replay is offered, declared and bounded as the original was."""

    declaration: str
    by_name: str = ""
    interfaces: dict[str, str] = {}
    doc: str = ""
    read_only: bool = False
    idempotent: bool = False
    timeout_seconds: float | None = None
    max_calls: int | None = None
    concurrency: int | None = None

    @classmethod
    def of(cls, name: str, function: Callable[..., Any]) -> Self:
        """What is declared of a function, under this name."""
        info = info_of(function)
        return cls(
            declaration=declare(name, function),
            by_name=by_name({name: function}),
            interfaces=interfaces({name: function}),
            doc=summary(function),
            read_only=info.read_only,
            idempotent=info.idempotent,
            timeout_seconds=info.timeout_seconds,
            max_calls=info.max_calls,
            concurrency=info.concurrency,
        )

    def on(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same declared of a stand-in, which takes a call's arguments as the script sent them."""
        function.__doc__ = self.doc or None
        declared = binding(
            read_only=self.read_only,
            idempotent=self.idempotent,
            timeout_seconds=self.timeout_seconds,
            max_calls=self.max_calls,
            concurrency=self.concurrency,
            declaration=self.declaration,
        )(function)
        return speaking_of(declared, self.interfaces, self.by_name)


class _Line(Struct, tag_field="type", forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The base of all lines; `type` names the kind."""


class Head(_Line, tag="recording", frozen=True):
    """The first line."""

    version: int
    bindings: dict[str, Declared]


class Called(_Line, tag="call", frozen=True):
    """The script called a binding. Calls count 1, 2, 3 … in the order in which the functions were entered."""

    call: int
    name: str
    args: list[Any]


class Answered(_Line, tag="value", frozen=True):
    """A call returned, with its value as JSON."""

    call: int
    value: Raw
    meta: Any = UNSET


class Failed(_Line, tag="error", frozen=True):
    """A call was rejected, in the words the script was given."""

    call: int
    name: str
    message: str
    code: str | None = None
    details: dict[str, Any] = {}


Line = Head | Called | Answered | Failed


class _Version(Struct, tag_field="type", tag="recording"):
    version: int


@dataclass(frozen=True)
class RecordedCall:
    """One call of a recording. `turn` is its place among the answers, from 0; without an answer both are None."""

    number: int
    name: str
    args: list[Any]
    answer: Answered | Failed | None
    turn: int | None


@dataclass(frozen=True)
class Recorded:
    """A recording as it was read."""

    bindings: Mapping[str, Declared]
    calls: Sequence[RecordedCall]


def line_of(line: Line) -> bytes:
    """One line, LF included. Raises TypeError or ValueError for what JSON cannot hold."""
    return msgspec.json.encode(line) + b"\n"


def read(file: str | PathLike[str]) -> Recorded:
    """A whole recording. Raises InvalidRecording, with the line that is wrong."""
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise InvalidRecording(f"{fspath(file)}: {error.strerror}") from None
    if not data:
        raise InvalidRecording(f"{fspath(file)} is empty: nothing was recorded there")
    *lines, rest = data.split(b"\n")
    if not lines:
        raise InvalidRecording(f"{fspath(file)} is no recording, or its first line is cut off")
    head, calls, answers = _head(fspath(file), lines[0]), dict[int, Called](), dict[int, Answered | Failed]()
    for number, text in enumerate(lines[1:], 2):
        _take(_decoded(fspath(file), number, text), head, calls, answers, f"{fspath(file)}, line {number}")
    if rest:
        raise InvalidRecording(
            f"{fspath(file)}, line {len(lines) + 1} is cut off: whoever wrote it was ended; "
            "without that line the rest can be replayed"
        )
    turns = {call: turn for turn, call in enumerate(answers)}
    return Recorded(
        head.bindings,
        [RecordedCall(n, c.name, c.args, answers.get(n), turns.get(n)) for n, c in calls.items()],
    )


def _head(file: str, text: bytes) -> Head:
    try:
        version = msgspec.json.decode(text, type=_Version).version
    except (ValueError, RecursionError):
        raise InvalidRecording(f"{file} is no recording: its first line does not say so") from None
    if version != VERSION:
        raise InvalidRecording(f"{file} is a recording of version {version}, and this stockade replays {VERSION}")
    head = _decoded(file, 1, text)
    assert isinstance(head, Head)  # its type was looked at above
    return head


def _decoded(file: str, number: int, text: bytes) -> Line:
    try:
        # As text: what is not looked into, a value, need not be UTF-8 otherwise.
        return msgspec.json.decode(text.decode(), type=Line)
    except (ValueError, RecursionError) as error:
        raise InvalidRecording(
            f"{file}, line {number} is no part of a recording: {str(error)[:_REASON_CHARS]}"
        ) from None


def _take(line: Line, head: Head, calls: dict[int, Called], answers: dict[int, Answered | Failed], place: str) -> None:
    match line:
        case Called() if line.call == len(calls) + 1 and line.name in head.bindings:
            calls[line.call] = line
        case Answered() | Failed() if line.call in calls and line.call not in answers:
            answers[line.call] = line
        case _:
            told = "does not follow from those before it; was the file edited, or written by two?"
            raise InvalidRecording(f"{place} {told}")
