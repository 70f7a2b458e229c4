"""What callers hand in, looked at before anything is spent on it: ValueError names the argument and what it must be."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from inspect import iscoroutinefunction
from math import inf
from typing import Any


def at_least(floor: int, value: object, name: str, *, optional: bool = False) -> None:
    """A whole number of at least `floor`."""
    if value is None and optional:
        return
    if not _is_whole(value) or value < floor:  # pyright: ignore[reportOperatorIssue]
        raise ValueError(f"{name} must be a whole number of at least {floor}, not {value!r}")


def whole(value: object, name: str) -> None:
    """A whole number, of whatever size."""
    if not _is_whole(value):
        raise ValueError(f"{name} must be a whole number, not {value!r}")


def more_than_zero(value: object, name: str) -> None:
    """A number above 0 that a clock can count to, or infinity."""
    if not is_number(value) or not (0 < value < 1e300 or value == inf):  # pyright: ignore[reportOperatorIssue]
        raise ValueError(f"{name} must be more than 0, not {value!r:.40}")


def finite(value: object, name: str) -> None:
    """A number of at least 0 that a clock can count to."""
    if not is_number(value) or not 0 <= value < 1e300:  # pyright: ignore[reportOperatorIssue]
        raise ValueError(f"{name} must be a finite number of at least 0, not {value!r:.40}")


def of_type(kind: type[Any], value: object, name: str, *, optional: bool = False) -> None:
    """An instance of `kind`; `optional`: or None. Its value is not told: it may be large, or a secret."""
    if not isinstance(value, kind) and not (optional and value is None):
        raise ValueError(f"{name} must be of type {kind.__name__}, not {type(value).__name__}")


def plain_function(value: Callable[..., Any] | None, name: str, *, optional: bool = False) -> None:
    """A function that is called and not awaited."""
    if optional and value is None:
        return
    if not callable(value):
        raise ValueError(f"{name} must be a function, not {type(value).__name__}")
    if is_async(value):
        raise ValueError(f"{name} must be a plain function, not `async def`: nobody would await it")


def several(scripts: object) -> None:
    """Not one script where there should be many: text is a sequence of letters, each of which might run."""
    if isinstance(scripts, str | bytes) or not isinstance(scripts, Iterable | AsyncIterable):
        told = "one text" if isinstance(scripts, str | bytes) else type(scripts).__name__
        raise ValueError(f"scripts must be several, as a list or any other iterable, not {told}")


def is_number(value: object) -> bool:
    """Whether it is a number; to Python, True is one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_async(function: Callable[..., Any]) -> bool:
    """Whether what it gives has to be awaited."""
    return iscoroutinefunction(function) or iscoroutinefunction(type(function).__call__)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
