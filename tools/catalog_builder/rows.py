"""One row of the table, from a draft: what its items are called, tagged, and how more is learned of them."""

from __future__ import annotations

import re
from typing import Any

from catalog_builder.elements import Place, arn_of, choose, member_for, name_of, places, quoted, status_of, tags_of
from catalog_builder.inputs import Iam, Models
from catalog_builder.match import Draft, permission, readable
from catalog_builder.names import key, kind, noun, stem

Row = dict[str, Any]

# Describe operations that take many at once take at least this many, but for the few that the models bound lower.
BATCH = 10


def row_of(draft: Draft, parent: Row | None, models: Models, iam: Iam) -> Row:
    """The row as the package reads it; an absent key is the default."""
    element, resource = draft.element, draft.schema.resource
    row: Row = {"service": draft.service, "operation": draft.operation, "path": draft.path, "id": list(draft.id)}
    row["tier"] = draft.tier
    if not draft.bare:
        optional = {
            "name": name_of(element, resource),
            "arn": arn_of(element, resource),
            "tags": tags_of(element),
            "status": status_of(element, resource),
        }
        row |= {name: value for name, value in optional.items() if value is not None}
    elif kind(draft.id[0] if draft.id else "") == "Arn":
        row["arn"] = draft.id[0]
    if "arn" not in row:
        template = arn_template(draft, parent, iam)
        if template is not None:
            row["arn_template"] = template
    if draft.fills:
        row["fills"] = draft.fills
    if draft.where:
        row["where"] = draft.where
    if parent is not None:
        row["parent"] = parent
    detail = detail_of(draft, parent, models)
    if detail is not None:
        row["details"] = [detail]
    home = models.home_regions.get(draft.service)
    if home is not None:
        row["home"] = home
    return row


def arn_template(draft: Draft, parent: Row | None, iam: Iam) -> str | None:
    """AWS's ARN format of the type with each variable named as the element (or the parent) names it."""
    prefixes = {permission(each)[0] for each in (*draft.schema.list_permissions, *draft.schema.read_permissions)}
    wanted = key(draft.schema.resource)
    for prefix in sorted(prefixes):
        formats = {key(name): text for name, text in iam.arn_formats(prefix).items()}
        text = formats.get(wanted) or formats.get(wanted.removeprefix(key(draft.schema.namespace)))
        if text is None:
            continue
        filled = _with_members(text, draft, parent)
        if filled is not None:
            return filled
    return None


_VARIABLE = re.compile(r"\$\{(\w+)\}")


def _with_members(text: str, draft: Draft, parent: Row | None) -> str | None:
    names = [name for name in _VARIABLE.findall(text) if name not in ("Partition", "Region", "Account")]
    found: dict[str, str] = {}
    for name in names:
        path = _source(name, draft, parent)
        if path is None and len(names) == 1 and len(draft.id) == 1 and kind(draft.id[0]) != "Arn":
            path = draft.id[0]  # the one thing the format asks for is the one thing that identifies it
        if path is None:
            return None
        found[name] = path
    # A format that does not end in what identifies the item is the format of something around it.
    if not names or not text.endswith(f"${{{names[-1]}}}") or found[names[-1]] not in draft.id:
        return None
    return _VARIABLE.sub(lambda match: f"${{{found.get(match[1], match[1])}}}", text)


def _source(wanted: str, draft: Draft, parent: Row | None) -> str | None:
    """Where a variable or an input comes from: the element's member, or what the parent gave."""
    resource = draft.schema.resource
    if draft.bare:
        own = draft.id[0]
        if key(wanted) == key(own) or (stem(wanted) in (key(resource), stem(own)) and kind(wanted) == kind(own)):
            return own
    else:
        member = member_for(draft.element, wanted, resource)
        if member is not None and draft.element.members[member].type_name in ("string", "integer", "long"):
            return quoted(member)
    for name in parent["inputs"] if parent else ():
        same_kind = kind(name) == kind(wanted) or {kind(name), kind(wanted)} <= {"Id", "Identifier", None}
        if key(name) == key(wanted) or (stem(name) == stem(wanted) and same_kind and name not in draft.many):
            return f"parent.{quoted(name)}"
    return None


def detail_of(draft: Draft, parent: Row | None, models: Models) -> Row | None:
    """The operation that describes one item, from the read handler, where the item has all it asks for."""
    named = {permission(each)[1] for each in draft.schema.read_permissions}
    best: tuple[float, str, Row] | None = None
    for operation in models.service(draft.service).operation_names:
        fits = noun(operation) == key(draft.schema.resource) or noun(operation) == noun(draft.operation)
        if operation == draft.operation or not readable(operation) or operation.startswith(("List", "Search")):
            continue
        if operation not in named and not fits:
            continue
        detail = _detail(draft, parent, models, operation)
        if detail is None:
            continue
        points = (2.0 if operation in named else 0.0) + (2.0 if fits else 0.0) - 0.1 * len(detail["inputs"])
        if points >= 2.0 and fits and (best is None or (points, operation) > best[:2]):
            best = (points, operation, detail)
    return best[2] if best else None


def _detail(draft: Draft, parent: Row | None, models: Models, operation: str) -> Row | None:
    model = models.operation(draft.service, operation)
    shape = model.input_shape
    if shape is None or model.output_shape is None or model.has_streaming_output:
        return None
    inputs: dict[str, str] = {}
    batch = 1
    for name in shape.required_members:
        member: Any = shape.members[name]
        if member.type_name == "list" and member.member.type_name == "string":
            path = _source(name.removesuffix("s"), draft, parent) or _own_id(name, draft)
            batch = min(BATCH, int(member.metadata.get("max", BATCH)))
        elif key(name) in ("accountid", key("AwsAccountId")):
            inputs[name] = "$account"
            continue
        elif member.type_name == "string":
            path = _source(name, draft, parent) or _own_id(name, draft)
        else:
            return None
        if path is None:
            return None
        inputs[name] = path
    if not any(not path.startswith(("parent.", "$")) for path in inputs.values()):
        return None
    if batch > 1 and len(inputs) > 1:
        batch = 1
    row: Row = {"operation": operation, "inputs": inputs}
    place = _place(model.output_shape, draft, operation, many=any(_is_list(shape, name) for name in inputs))
    if place is not None:
        row["path"] = place.path
    lists = [name for name in inputs if _is_list(shape, name)]
    if lists:
        row["batch"] = batch
        row["inputs"] = {name: f"[{path}]" if name in lists and batch == 1 else path for name, path in inputs.items()}
    return row


def _own_id(name: str, draft: Draft) -> str | None:
    """An Identifier, or the one thing asked for under the type's own name, is whatever identifies the item."""
    if len(draft.id) != 1:
        return None
    about_it = stem(name) in ("", key(draft.schema.resource), "resource")
    free = kind(name) in ("Identifier", None) or kind(name) == kind(draft.id[0])
    return draft.id[0] if about_it and free else None


def _place(output: Any, draft: Draft, operation: str, many: bool) -> Place | None:
    if many:
        return choose(list(places(output, draft.schema.resource)), draft.schema.resource, operation, ())
    structures = [(name, each) for name, each in output.members.items() if each.type_name == "structure"]
    meant = [pair for pair in structures if key(pair[0]) in (key(draft.schema.resource), noun(operation))]
    if len(output.members) == 1 and structures:
        meant = structures
    return Place(quoted(meant[0][0]), meant[0][0], meant[0][1], 0) if len(meant) == 1 else None


def _is_list(shape: Any, name: str) -> bool:
    return shape.members[name].type_name == "list"
