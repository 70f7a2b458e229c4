"""getResourceSchema and listResourceTypes: what there is to ask for, known without asking AWS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from stockade.aws.arguments import Arguments, read
from stockade.aws.catalog import Detail, Row
from stockade.aws.source import AwsSource

# Deep enough for every type's useful parts; some shapes contain themselves.
MOST_LEVELS = 4


class GetResourceSchema(Arguments):
    """getResourceSchema(resourceType)"""

    resource_type: str


class ListResourceTypes(Arguments):
    """listResourceTypes(filter)"""

    filter: str | None = Field(default=None, max_length=200)


async def get_resource_schema(source: AwsSource, args: tuple[Any, ...]) -> dict[str, Any]:
    """The properties that queryResources gives for a type, by botocore's model of the operation."""
    given = read(GetResourceSchema, args, ("resourceType",))
    row = source.catalog.row(given.resource_type)
    return await source.in_thread(
        lambda: schema_of(source.sessions.model(row.service), row, source.catalog.marks.get(row.service, {})),
        source.state(),
        service=row.service,
        operation=row.operation,
    )


async def list_resource_types(source: AwsSource, args: tuple[Any, ...]) -> list[dict[str, Any]]:
    """The types that can be queried here and whose name has every word of the filter."""
    given = read(ListResourceTypes, args, ("filter",))
    wanted = re.split(r"[\s*]+", (given.filter or "").lower().strip())
    rows = (source.catalog.row(name) for name in source.catalog.types)
    return [
        {"type": row.type, "service": row.service, "tier": row.tier, "parent": row.parent.type if row.parent else None}
        for row in rows
        if (row.moto or not source.embedded) and all(word in row.type.lower() for word in wanted)
    ]


def schema_of(model: Any, row: Row, marks: Mapping[str, bool]) -> dict[str, Any]:
    """A type's schema as JSON, by its service's model; `marks` overrules that on what is redacted, as in answers."""
    *around, element = way_to(model.operation_model(row.operation).output_shape, row.path)
    within = any(each is not None and each.metadata.get("sensitive") for each in around)
    properties: dict[str, Any] = {"type": "unknown"}
    if element is not None:
        properties = _shape(element, MOST_LEVELS, marks, within)
    bare = element is not None and element.type_name == "string"
    made: dict[str, Any] = {
        "resourceType": row.type,
        "service": row.service,
        "operation": row.operation,
        "scope": "global" if row.home else "regional",
        "tier": row.tier,
        "identifier": list(row.id),
        "tagsInList": row.tags is not None and not any(each.tags for each in row.details),
        "parent": row.parent.type if row.parent else None,
        "properties": {row.id[-1]: {"type": "string"}} if bare else properties.get("properties", {}),
    }
    if row.details:
        made["details"] = [_detail(model, each, marks) for each in row.details]
    return made


def _detail(model: Any, detail: Detail, marks: Mapping[str, bool]) -> dict[str, Any]:
    """What one detail operation adds, where `detail: 'full'` asks for it."""
    output = model.operation_model(detail.operation).output_shape
    more = way_to(output, detail.path or "@")[-1] if output is not None else None
    shape = _shape(more, MOST_LEVELS, marks) if more is not None else {"type": "object"}
    properties: Any = {detail.under: shape} if detail.under else shape.get("properties")
    return {"operation": detail.operation, "properties": properties or {}}


def way_to(output: Any, path: str) -> list[Any]:
    """The shape at a path of members and lists, last, and before it those it stands in; None where the path is more."""
    passed = [output]
    for step in [] if path == "@" else path.replace("[]", "").split("."):
        shape = passed[-1]
        members: dict[str, Any] = shape.members if shape is not None and shape.type_name == "structure" else {}
        passed.append(members.get(step.strip('"')))
        if passed[-1] is not None and passed[-1].type_name == "list":
            passed.append(passed[-1].member)
    return passed


def _shape(
    shape: Any, levels: int, marks: Mapping[str, bool], within: bool = False, mark: bool | None = None
) -> dict[str, Any]:
    """As `plain` reads an answer: all is secret that stands `within` something secret, but for true and false."""
    secret = within or bool(shape.metadata.get("sensitive")) if mark is None else mark
    sensitive = {"redacted": True} if secret else {}
    match shape.type_name:
        case "structure":
            if levels == 0:
                return {"type": "object", **sensitive}
            members = {
                name: _shape(member, levels - 1, marks, secret, marks.get(f"{shape.name}.{name}"))
                for name, member in shape.members.items()
            }
            return {"type": "object", "properties": members, **sensitive}
        case "list":
            return {"type": "array", "items": _shape(shape.member, levels, marks, secret), **sensitive}
        case "map":
            values = _shape(shape.value, levels - 1 if levels else 0, marks, secret)
            return {"type": "object", "values": values, **sensitive}
        case "timestamp":
            return {"type": "string", "format": "date-time", **sensitive}
        case "integer" | "long" | "float" | "double":
            return {"type": "number", **sensitive}
        case "boolean":
            return {"type": "boolean"}
        case _:
            choices = {"enum": list(shape.enum)} if getattr(shape, "enum", None) else {}
            return {"type": "string", **choices, **sensitive}
