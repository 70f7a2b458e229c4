"""What a binding is: a Python function under a name a script may use, and what its author declares of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from stockade.bindings.contract import Contract, contract_of
from stockade.bindings.reserved import RESERVED_NAMES
from stockade.checks import is_number
from stockade.errors import InvalidBinding

Function = TypeVar("Function", bound=Callable[..., Any])

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
_ATTRIBUTE = "__stockade_binding__"


@dataclass(frozen=True)
class BindingInfo:
    """What is declared of a function. Without a declaration it counts as neither read-only nor idempotent."""

    read_only: bool = False
    idempotent: bool = False
    timeout_seconds: float | None = None
    max_calls: int | None = None
    concurrency: int | None = None
    example: str | None = None
    declaration: str | None = None
    contract: Contract | None = None


@dataclass(frozen=True)
class Reply:
    """A value with a `meta` object that the script finds as a non-enumerable property of it (arrays and objects)."""

    value: Any
    meta: Mapping[str, Any]


@overload
def binding(function: Function, /) -> Function: ...
@overload
def binding(
    *,
    read_only: bool = False,
    idempotent: bool = False,
    timeout_seconds: float | None = None,
    max_calls: int | None = None,
    concurrency: int | None = None,
    example: str | None = None,
    declaration: str | None = None,
) -> Callable[[Function], Function]: ...


def binding(
    function: Callable[..., Any] | None = None,
    /,
    *,
    read_only: bool = False,
    idempotent: bool = False,
    timeout_seconds: float | None = None,
    max_calls: int | None = None,
    concurrency: int | None = None,
    example: str | None = None,
    declaration: str | None = None,
) -> Any:
    """Declares a function as a binding, with its contract taken from its signature and docstring.

    Its arguments are then validated by pydantic before it is called, given by position or as one options object,
    in camelCase or as written. `read_only` and `idempotent` decide `ExecutionResult.safe_to_retry`. Within one run a
    call may take `timeout_seconds`, there may be `max_calls` calls, and `concurrency` of them go on at once; what is
    over is rejected or waits. `example` is a line of JavaScript for documentation; `declaration` replaces the
    TypeScript made from the signature. Raises InvalidBinding for a signature that cannot be offered.
    """

    def declare(declared: Function) -> Function:
        for name, kind, given in (
            ("timeout_seconds", int | float, timeout_seconds),
            ("max_calls", int, max_calls),
            ("concurrency", int, concurrency),
        ):
            if given is not None and not (is_number(given) and isinstance(given, kind) and given > 0):
                whole = " and whole" if kind is int else ""
                raise InvalidBinding(f"{declared.__name__}: {name} must be more than 0{whole}, not {given!r}")
        info = BindingInfo(
            read_only=read_only,
            idempotent=idempotent,
            timeout_seconds=timeout_seconds,
            max_calls=max_calls,
            concurrency=concurrency,
            example=example,
            declaration=declaration,
            contract=contract_of(declared),
        )
        setattr(declared, _ATTRIBUTE, info)
        return declared

    return declare if function is None else declare(function)


_UNDECLARED = BindingInfo()


def info_of(function: Callable[..., Any]) -> BindingInfo:
    """What was declared with `@binding`, or the cautious default."""
    info = getattr(function, _ATTRIBUTE, None)
    return info if isinstance(info, BindingInfo) else _UNDECLARED  # a proxy has something under every name


def validated(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """A copy of `bindings` in which every name can be used in a script and every value called.

    Raises InvalidBinding for the first that cannot.
    """
    if not isinstance(bindings, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidBinding(f"bindings are a mapping of names to functions, not {type(bindings).__name__}")
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
