"""pydantic's check of an argument, ended by the first item that is wrong."""

from __future__ import annotations

from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import SchemaError, SchemaValidator

Validator = SchemaValidator | TypeAdapter[Any]

# What holds as many items as a script likes.
_HOLDS_ITEMS = ("list", "tuple", "set", "frozenset", "deque", "dict", "frozendict", "ordered-dict", "counter")

# Of a schema, what is no schema: anybody's values.
_VALUES = ("default", "expected", "members", "metadata", "serialization")


def ending_at_the_first(adapter: TypeAdapter[Any]) -> Validator:
    """The same check, for no more than one item of each list and object.

    pydantic describes every item that is wrong, at 5 to 30 us each: a megabyte of them took seconds of the event loop,
    and a script is shown the first.
    """
    adapter.rebuild(raise_errors=False)  # of a type that was defined, or is built, after its binding
    schema = _ending(adapter.core_schema)
    if schema is adapter.core_schema:  # of a type that is not defined to this day, and no schema
        return adapter
    try:
        return cast(Any, SchemaValidator)(schema, _use_prebuilt=False)  # a model's own checks are as it was declared
    except SchemaError:  # somebody's own, which is built otherwise: it is checked as it was declared
        return adapter


def _ending(part: object) -> Any:
    """A copy of a schema, or of a part of one; a value of somebody's class is left as it is."""
    if type(part) is list:
        return [_ending(each) for each in cast("list[Any]", part)]
    if type(part) is tuple:
        return tuple(_ending(each) for each in cast("tuple[Any, ...]", part))
    if type(part) is not dict:
        return part
    fields = cast("dict[Any, Any]", part).items()
    copy = {name: each if name in _VALUES else _ending(each) for name, each in fields}
    if copy.get("type") == "generator":  # an Iterable, whose items pydantic checks only when the function asks for them
        copy["type"] = "list"
    if isinstance(kind := copy.get("type"), str) and kind in _HOLDS_ITEMS:
        copy["fail_fast"] = True
    return copy
