"""What can be made to go wrong, where in a worker's life, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stockade.checks import at_least, is_number

Effect = Literal["kill", "freeze", "flood", "corrupt", "delay"]
Where = Literal["start", "script", "call", "console", "ending"]


@dataclass(frozen=True)
class Point:
    """A place, made by `at_start()` and its kin."""

    where: Where
    nth: int
    times: int | None
    probability: float | None

    def __post_init__(self) -> None:
        at_least(1, self.nth, "n")
        at_least(1, self.times, "times", optional=True)
        if self.probability is not None and not (is_number(self.probability) and 0 < self.probability <= 1):
            raise ValueError(f"probability must be more than 0 and at most 1, not {self.probability!r}")


def at_start(*, times: int | None = None, probability: float | None = None) -> Point:
    """When a worker has been spawned, before it says that it is ready."""
    return _point("start", 1, times, probability)


def at_script(*, times: int | None = None, probability: float | None = None) -> Point:
    """When a run begins: its script is on its way to the worker, and nothing of it has run."""
    return _point("script", 1, times, probability)


def at_call(n: int = 1, *, times: int | None = None, probability: float | None = None) -> Point:
    """When a run makes its n-th call, timers included. The call itself arrives."""
    return _point("call", n, times, probability)


def at_console(n: int = 1, *, times: int | None = None, probability: float | None = None) -> Point:
    """When a run has written its n-th console line. The line itself arrives."""
    return _point("console", n, times, probability)


def before_ending(*, times: int | None = None, probability: float | None = None) -> Point:
    """When a run has come to its end, and its worker says so: its value or error does not arrive."""
    return _point("ending", 1, times, probability)


def _point(where: Where, nth: int, times: int | None, probability: float | None) -> Point:
    """Once; or so many times; or, where a probability is given, as often as the lot falls so."""
    return Point(where, nth, 1 if times is None and probability is None else times, probability)
