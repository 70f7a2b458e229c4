"""What a binding is: a Python function under a name a script may use, and what is known of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from stockade.bindings.reserved import RESERVED_NAMES
from stockade.errors import InvalidBinding

Function = TypeVar("Function", bound=Callable[..., Any])

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_ATTRIBUTE = "__stockade_binding__"


@dataclass(frozen=True)
class BindingInfo:
    """What its author declares of a function: whether a call that may have happened can safely happen again."""

    read_only: bool = False
    idempotent: bool = False


@dataclass(frozen=True)
class Reply:
    """A value with a `meta` object that the script finds as a non-enumerable property of it (arrays and objects)."""

    value: Any
    meta: Mapping[str, Any]


def binding(*, read_only: bool = False, idempotent: bool = False) -> Callable[[Function], Function]:
    """Declares what is known of a function, for `ExecutionResult.safe_to_retry`.

    A function without the decorator can be a binding too; it then counts as neither read-only nor idempotent.
    """

    def declare(function: Function) -> Function:
        setattr(function, _ATTRIBUTE, BindingInfo(read_only=read_only, idempotent=idempotent))
        return function

    return declare


def info_of(function: Callable[..., Any]) -> BindingInfo:
    """What was declared with `@binding`, or the cautious default."""
    return getattr(function, _ATTRIBUTE, BindingInfo())


def validated(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """A copy of `bindings` in which every name can be used in a script and every value called.

    Raises InvalidBinding for the first that cannot.
    """
    for name, function in bindings.items():
        if not isinstance(name, str) or not _IDENTIFIER.match(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidBinding(
                f"{name!r} cannot name a binding: it is no JavaScript identifier (ASCII letters, digits, _ and $)"
            )
        if name in RESERVED_NAMES:
            raise InvalidBinding(
                f"{name!r} cannot name a binding: JavaScript or stockade uses that name; choose another"
            )
        if not callable(function):
            raise InvalidBinding(f"the binding {name!r} is {type(function).__name__}, which cannot be called")
    return dict(bindings)
