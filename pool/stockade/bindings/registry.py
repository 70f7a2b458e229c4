"""What a binding is: a Python function under a name a script may use, and what its author declares of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MethodType
from typing import Any, TypeVar, cast, overload

from pydantic_core import CoreSchema, core_schema

from stockade.bindings.contract import Contract, contract_of
from stockade.bindings.reserved import RESERVED_NAMES
from stockade.checks import at_least, more_than_zero
from stockade.errors import InvalidBinding

Function = TypeVar("Function", bound=Callable[..., Any])

IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*\Z")
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
    interfaces: Mapping[str, str] = field(default_factory=dict[str, str])  # that a recorded `declaration` speaks of
    by_name: str = ""  # and its other form
    contract: Contract | None = None


@dataclass(frozen=True)
class Reply:
    """A value with a `meta` object that the script finds as a non-enumerable property of it (arrays and objects)."""

    value: Any
    meta: Mapping[str, Any]

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> CoreSchema:
        return core_schema.any_schema()  # a function that is annotated to give one gives its value to the script


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
    in camelCase or as written; those that `**others` takes, by name alone. `read_only` and `idempotent` decide
    `ExecutionResult.safe_to_retry`. Within one run a call may take `timeout_seconds`, there may be `max_calls` calls,
    and `concurrency` of them go on at once; what is over is rejected or waits. `example` is a line of JavaScript for
    documentation; `declaration` replaces the TypeScript made from the signature. A static or class method may be
    declared above or below its own decorator.
    Raises InvalidBinding for what is no function where it is defined (a bound method, say), for a signature that cannot
    be offered, and for bounds that are none.
    """

    def declare(declared: Function) -> Function:
        target = _defined(declared)
        try:
            if timeout_seconds is not None:
                more_than_zero(timeout_seconds, "timeout_seconds")
            at_least(1, max_calls, "max_calls", optional=True)
            at_least(1, concurrency, "concurrency", optional=True)
        except ValueError as error:
            raise InvalidBinding(f"{target.__name__}: {error}") from None
        info = BindingInfo(
            read_only=read_only,
            idempotent=idempotent,
            timeout_seconds=timeout_seconds,
            max_calls=max_calls,
            concurrency=concurrency,
            example=example,
            declaration=declaration,
            contract=contract_of(target),
        )
        setattr(target, _ATTRIBUTE, info)
        return declared

    return declare if function is None else declare(function)


def _defined(declared: object) -> Callable[..., Any]:
    """The function that keeps the declaration: of a static or class method the one its class gives out."""
    target: Any = declared
    if isinstance(declared, staticmethod | classmethod):
        target = cast(Any, declared).__func__
    keeps = hasattr(target, "__dict__") and hasattr(target, "__name__")  # as not all do that are written in C
    if callable(target) and keeps and not isinstance(target, type | MethodType):
        return target
    what = type(target).__name__
    raise InvalidBinding(f"@binding declares functions where they are defined, not a {what}: write one around it")


_UNDECLARED = BindingInfo()


def info_of(function: Callable[..., Any]) -> BindingInfo:
    """What was declared with `@binding`, or the cautious default."""
    info = getattr(function, _ATTRIBUTE, None)
    return info if isinstance(info, BindingInfo) else _UNDECLARED  # a proxy has something under every name


def speaking_of(function: Function, interfaces: Mapping[str, str], by_name: str) -> Function:
    """The same function, whose `declaration` speaks of these types and has this other form, as no signature tells."""
    setattr(function, _ATTRIBUTE, replace(info_of(function), interfaces=interfaces, by_name=by_name))
    return function


def validated(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """A copy of `bindings` in which every name can be used in a script and every value called.

    Raises InvalidBinding for the first that cannot.
    """
    if not isinstance(bindings, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidBinding(f"bindings are a mapping of names to functions, not {type(bindings).__name__}")
    for name, function in bindings.items():
        if not isinstance(name, str) or not IDENTIFIER.match(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidBinding(
                f"{name!r} cannot name a binding: it is no JavaScript identifier (ASCII letters, digits, _ and $)"
            )
        if name in RESERVED_NAMES:
            raise InvalidBinding(
                f"{name!r} cannot name a binding: JavaScript or stockade uses that name; choose another"
            )
        if not callable(function):
            raise InvalidBinding(f"the binding {name!r} is {type(function).__name__}, which cannot be called")
    return {str.__str__(name): function for name, function in bindings.items()}  # plain text, to be sent
