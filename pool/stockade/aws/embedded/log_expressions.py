"""The regular expressions of log patterns, in time that grows with the text and not faster.

AWS's have no groups, so an expression is a choice of sequences of repeated characters: where such a sequence can have
come to is one list of positions, which each of its parts moves on. Python's own engine tries one way after another, and
a script's `%.*.*.*.*.*.*Z%` would hold up the embedded world, and whoever shares it, for years.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache


class PatternError(ValueError):
    """The pattern is none that CloudWatch Logs accepts."""


# Of the symbols those AWS lists; a backslash before a symbol, or one of the classes and codes it names.
_ALLOWED = re.compile(r"(?:\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[!-/:-@\[-`{-~])|[A-Za-z0-9 :_#=@/;,\-^$?\[\]{}|*+.])+")
_PART = re.compile(
    r"(?P<atom>\\x..|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[^\\\[])(?P<times>[*+?]|\{(?=[\d,])\d*,?\d*\})?(?P<lazy>\??)"
)


@dataclass(frozen=True)
class _Part:
    """A character of some kind so many times, or an anchor."""

    atom: str
    accepts: Callable[[str], bool]
    least: int
    most: int | None


def expression(text: str) -> Callable[[str], bool]:
    """Whether a text has the expression somewhere in it; PatternError where AWS would refuse it."""
    if not _ALLOWED.fullmatch(text):
        raise PatternError("this regular expression is not supported")
    try:
        re.compile(text)
    except re.error:
        raise PatternError("the regular expression is malformed") from None
    choices: list[list[_Part]] = [[]]
    for match in _PART.finditer(text):
        atom, times = match["atom"], match["times"]
        if atom in ("*", "+", "?"):  # after another of them
            raise PatternError("this regular expression is not supported")
        if atom == "|":
            choices.append([])
        choices[-1] += [] if atom == "|" else [_Part(atom, _accepts(atom), *_times(times))]
    return lambda given: any(_has(choice, given) for choice in choices)


def _accepts(atom: str) -> Callable[[str], bool]:
    if atom in ("^", "$"):
        return lambda _character: False
    if atom == "{":  # one that counts nothing
        atom = r"\{"
    one = re.compile(atom, re.ASCII | re.DOTALL)

    def accepts(character: str) -> bool:
        return one.fullmatch(character) is not None

    return cache(accepts)


def _times(text: str | None) -> tuple[int, int | None]:
    match text:
        case None:
            return 1, 1
        case "*":
            return 0, None
        case "+":
            return 1, None
        case "?":
            return 0, 1
        case _:
            least, comma, most = text[1:-1].partition(",")
            return int(least or 0), int(most) if most else None if comma else int(least)


def _has(parts: list[_Part], text: str) -> bool:
    reached = [True] * (len(text) + 1)  # it may begin anywhere
    for part in parts:
        if part.atom == "^":
            reached = [reached[0], *[False] * len(text)]
        elif part.atom == "$":
            reached = [*[False] * len(text), reached[-1]]
        else:
            reached = _moved(reached, part, text)
        if not any(reached):
            return False
    return True


def _moved(reached: list[bool], part: _Part, text: str) -> list[bool]:
    """Where a repeated character leads from the positions reached."""
    moved: list[bool] = []
    fitting = 0  # characters of its kind right before the position
    more = -1  # beyond the fewest it wants, since the nearest place where it had them; -1: nowhere
    for at in range(len(text) + 1):
        fits = at > 0 and part.accepts(text[at - 1])
        fitting = fitting + 1 if fits else 0
        if at >= part.least and fitting >= part.least and reached[at - part.least]:
            more = 0
        elif fits and more >= 0:
            more += 1
        else:
            more = -1
        moved.append(more >= 0 and (part.most is None or more <= part.most - part.least))
    return moved
