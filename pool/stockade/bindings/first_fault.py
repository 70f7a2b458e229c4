"""pydantic's check of an argument, ended by the first item that is wrong, and where it would go on for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import SchemaError, SchemaValidator

# A union whose members hold it in a field of the same name is tried once for each of them at every level: twelve levels
# are 350 bytes, 8,000 looks and a quarter of a second, twenty a minute. Any other looks at each value a time or two.
LOOKS = 5_000
LOOKS_PER_VALUE = 4

# What holds as many items as a script likes.
_HOLDS_ITEMS = ("list", "tuple", "set", "frozenset", "deque", "dict", "frozendict", "ordered-dict", "counter")

# Of a schema, what is no schema: anybody's values.
_VALUES = ("default", "expected", "members", "metadata", "serialization")


Validator = SchemaValidator | TypeAdapter[Any]


class TooManyWays(Exception):
    """An argument can be understood in more ways than there is time to try."""


class Check:
    """pydantic's check of a type that may hold itself. Raises TooManyWays."""

    def __init__(self, validator: SchemaValidator) -> None:
        self._validator = validator

    def validate_python(self, value: Any) -> Any:
        """The value as its type has it. Raises ValidationError as well."""
        with _looks.at(value):
            return self._validator.validate_python(value)

    def validate_json(self, text: str) -> Any:
        """The same, of its JSON."""
        with _looks.at(json.loads(text)):
            return self._validator.validate_json(text)


def ending_at_the_first(adapter: TypeAdapter[Any]) -> Check | Validator:
    """The same check, for no more than one item of each list and object.

    pydantic describes every item that is wrong, at 5 to 30 us each: a megabyte of them took seconds of the event loop,
    and a script is shown the first.
    """
    adapter.rebuild(raise_errors=False)  # of a type that was defined, or is built, after its binding
    counted = _holding_themselves(adapter.core_schema)
    schema = _ending(adapter.core_schema, counted)
    if schema is adapter.core_schema:  # of a type that is not defined to this day, and no schema
        return adapter
    try:  # without what is prebuilt: a model's own checks are as it was declared
        validator = cast(Any, SchemaValidator)(schema, _use_prebuilt=False)
    except SchemaError:  # somebody's own, which is built otherwise: it is checked as it was declared
        return adapter
    return Check(validator) if counted else validator


def _ending(part: object, counted: frozenset[str], counts: bool = False) -> Any:
    """A copy of a schema, or of a part of one; a value of somebody's class is left as it is."""
    if type(part) is list:
        return [_ending(each, counted, counts) for each in cast("list[Any]", part)]
    if type(part) is tuple:
        return tuple(_ending(each, counted, counts) for each in cast("tuple[Any, ...]", part))
    if type(part) is not dict:
        return part
    fields = cast("dict[Any, Any]", part)
    counts = counts or fields.get("ref") in counted
    copy = {name: each if name in _VALUES else _ending(each, counted, counts) for name, each in fields.items()}
    if copy.get("type") == "generator":  # an Iterable, whose items pydantic checks only when the function asks for them
        copy["type"] = "list"
    if isinstance(kind := copy.get("type"), str) and kind in _HOLDS_ITEMS:
        copy["fail_fast"] = True
    if kind == "union" and counts:  # of a list of numbers or texts, a look at each takes longer than to try them
        ref = {"ref": copy.pop("ref")} if "ref" in copy else {}
        return {"type": "function-before", "function": {"type": "no-info", "function": _look}, "schema": copy, **ref}
    return copy


def _holding_themselves(schema: object) -> frozenset[str]:
    """The names of those parts of a schema that refer to themselves, by others perhaps."""
    held: dict[str, set[str]] = {}
    rest: list[tuple[object, frozenset[str]]] = [(schema, frozenset())]
    while rest:
        part, within = rest.pop()
        if type(part) is dict:
            fields = cast("dict[Any, Any]", part)
            if "ref" in fields:
                within |= {fields["ref"]}
            if fields.get("type") == "definition-ref":
                for name in within:
                    held.setdefault(name, set()).add(fields["schema_ref"])
            rest.extend((each, within) for name, each in fields.items() if name not in _VALUES)
        elif type(part) in (list, tuple):
            rest.extend((each, within) for each in cast("list[Any]", part))
    for _ in held:
        for others in held.values():
            others.update(*(held.get(name, ()) for name in tuple(others)))
    return frozenset(name for name, others in held.items() if name in others)


class _Looks(threading.local):
    """At the unions of the check under way; of each thread, since several may share a binding."""

    value: Any = None
    left = 0
    are_last = False

    @contextmanager
    def at(self, value: Any) -> Generator[None]:
        """Around a check of this value, which is let go of after it; a check within a check counts for itself."""
        before = self.value, self.left, self.are_last
        self.value, self.left, self.are_last = value, LOOKS, False
        try:
            yield
        finally:
            self.value, self.left, self.are_last = before


_looks = _Looks()


def _look(value: Any) -> Any:
    _looks.left -= 1
    if _looks.left < 0:
        if _looks.are_last:
            raise TooManyWays
        _looks.left, _looks.are_last = LOOKS_PER_VALUE * _values_in(_looks.value), True  # few get here to be counted
    return value


_PUT_IN = f"function-before[{_look.__name__}(), "


def as_declared(kind: str) -> str:
    """pydantic's name of a type, without the looks that are put into it here."""
    while _PUT_IN in kind:
        before, _, rest = kind.partition(_PUT_IN)
        at, depth = 0, 1
        while at < len(rest) and (depth := depth + (rest[at] == "[") - (rest[at] == "]")):
            at += 1
        kind = before + rest[:at] + rest[at + 1 :]
    return kind


def _values_in(value: Any) -> int:
    count, rest = 0, [value]
    while rest:
        each = rest.pop()
        count += 1
        if isinstance(each, dict):
            rest.extend(cast("dict[str, Any]", each).values())
        elif isinstance(each, list):
            rest.extend(cast("list[Any]", each))
    return count
