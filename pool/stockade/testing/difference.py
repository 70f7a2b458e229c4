"""Where a run first asked for something else than the recording it replays holds, told so that a person can act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

# What fits a line beside its label; more of a long call shows nothing more clearly.
_SHOWN_CHARS = 100

# How much stands before the first character that differs.
_BEFORE_CHARS = 40

_LABEL = 10


@dataclass(frozen=True)
class Difference:
    """The first difference. `call` counts from 1 in the replayed run, for "calls_left" in the recording.

    `expected` and `got` are calls as text, whole; None where there is none.
    """

    reason: Literal["other_name", "other_arguments", "extra_call", "calls_left"]
    call: int
    expected: str | None
    got: str | None

    @property
    def message(self) -> str:
        """What differs, the two calls below each other, cut to where they begin to differ."""
        told = {
            "other_name": f"call {self.call} is to another function than the recorded one",
            "other_arguments": f"call {self.call} has other arguments than the recorded one",
            "extra_call": f"call {self.call} is one more than were recorded",
            "calls_left": f"recorded call {self.call} was never made",
        }[self.reason]
        expected, got, at = _cut(self.expected, self.got)
        lines = [told, f"{'expected':<{_LABEL}}{expected}", f"{'got':<{_LABEL}}{got}"]
        return "\n".join(lines if at is None else [*lines, " " * (_LABEL + at) + "^"])

    def __str__(self) -> str:
        return self.message


def shown(name: str, args: list[Any]) -> str:
    """A call as a script writes it: `price("tea", 2)`."""
    return f"{name}({', '.join(msgspec.json.encode(arg, order='deterministic').decode() for arg in args)})"


def _cut(expected: str | None, got: str | None) -> tuple[str, str, int | None]:
    """Both texts as they are shown, and the column at which they part if both are there."""
    if expected is None or got is None:
        return _window(expected, 0), _window(got, 0), None
    alike = next((i for i, (a, b) in enumerate(zip(expected, got, strict=False)) if a != b), None)
    at = min(len(expected), len(got)) if alike is None else alike
    left = max(0, at - _BEFORE_CHARS)
    return _window(expected, left), _window(got, left), at - left + (1 if left else 0)


def _window(text: str | None, left: int) -> str:
    if text is None:
        return "no call"
    end = left + _SHOWN_CHARS
    return f"{'…' if left else ''}{text[left:end]}{'…' if len(text) > end else ''}"
