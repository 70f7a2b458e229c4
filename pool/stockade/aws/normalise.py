"""AWS's answers as JSON, with what AWS marks as secret taken out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from stockade.aws.times import iso_of

REDACTED = "[redacted]"

# JavaScript's Number.MAX_SAFE_INTEGER: a larger integer crosses as text, or it would arrive changed.
LARGEST_INTEGER = 2**53 - 1


def plain(
    value: Any,
    shape: Any = None,
    *,
    string_bytes: int = 16 * 1024,
    marks: Mapping[str, bool] | None = None,
) -> Any:
    """`value` as JSON; `shape` is botocore's model of it.

    A member that the model marks sensitive is redacted, its keys and its form kept; `marks` overrules the model by
    "ShapeName.member".
    """
    overrule = marks or {}

    def walk(item: Any, model: Any, secret: bool) -> Any:
        secret = secret or bool(model is not None and model.metadata.get("sensitive"))
        if isinstance(item, dict):
            return walk_object(cast(dict[str, Any], item), model, secret)
        if isinstance(item, list):
            element = model.member if model is not None and model.type_name == "list" else None
            return [walk(each, element, secret) for each in cast(list[Any], item)]
        if item is None or isinstance(item, bool):
            return item
        return REDACTED if secret else _scalar(item, string_bytes)

    def walk_object(item: dict[str, Any], model: Any, secret: bool) -> dict[str, Any]:
        if model is not None and model.type_name == "map":
            return {str(key): walk(each, model.value, secret) for key, each in item.items()}
        members: Mapping[str, Any] = model.members if model is not None and model.type_name == "structure" else {}
        result: dict[str, Any] = {}
        for key, each in item.items():
            member = members.get(key)
            mark = overrule.get(f"{model.name}.{key}") if model is not None else None
            if mark is None:
                result[str(key)] = walk(each, member, secret)
            elif mark:
                result[str(key)] = walk(each, member, True)
            else:
                result[str(key)] = plain(each, string_bytes=string_bytes)
        return result

    return walk(value, shape, False)


def _scalar(item: Any, string_bytes: int) -> Any:
    match item:
        case str():
            return item if len(item) <= string_bytes else f"{item[:string_bytes]}… [{len(item)} characters]"
        case int():
            return item if -LARGEST_INTEGER <= item <= LARGEST_INTEGER else str(item)
        case float():
            # NaN and the infinities have no JSON.
            return item if item == item and abs(item) != float("inf") else None
        case datetime():
            return iso_of(item)
        case bytes():
            cut = {"$base64": base64.b64encode(item[:string_bytes]).decode()}
            return cut if len(item) <= string_bytes else {**cut, "$cutFrom": len(item)}
        case _:
            # Streaming bodies and anything a later botocore brings: named, never read.
            return f"[{type(item).__name__} not read]"


def tags_of(found: Any) -> dict[str, str]:
    """Tags as one object, whichever of AWS's five spellings they came in."""
    if isinstance(found, dict):
        return {str(key): _text(value) for key, value in cast(dict[str, Any], found).items()}
    tags: dict[str, str] = {}
    if isinstance(found, list):
        for entry in cast(list[Any], found):
            if isinstance(entry, dict):
                pair = {key.lower(): value for key, value in cast(dict[str, Any], entry).items()}
                key = pair.get("key", pair.get("tagkey"))
                if key is not None:
                    tags[str(key)] = _text(pair.get("value", pair.get("tagvalue", "")))
    return tags


def _text(value: Any) -> str:
    return "" if value is None else str(value)
