"""The whole derivation: schemas in, rows out, with a reason for every type left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog_builder.discriminate import told_apart
from catalog_builder.elements import places
from catalog_builder.inputs import Iam, Models, Schema
from catalog_builder.match import Draft, Matcher
from catalog_builder.parents import resolve
from catalog_builder.rows import row_of

Row = dict[str, Any]

# Levels of IAM's own classification that only read.
READS = ("List", "Read")


@dataclass(frozen=True)
class Derived:
    """The rows by type, and for each type without one the reason."""

    rows: dict[str, Row]
    left_out: dict[str, str]
    drafts: dict[str, Draft]


def derive(schemas: Mapping[str, Schema], models: Models, iam: Iam, overlay: Mapping[str, Any]) -> Derived:
    """Every row that can be had."""
    corrections: Mapping[str, Any] = overlay["types"]
    matcher = Matcher(models, iam)
    drafts: dict[str, Draft] = {}
    left: dict[str, str] = {}
    for name, schema in schemas.items():
        correction: Mapping[str, Any] = corrections.get(name, {})
        if "drop" in correction:
            left[name] = f"overlay: {correction['drop']}"
            continue
        draft = _draft(matcher, schema, correction, overlay)
        if draft is None:
            left[name] = "no operation found" if schema.listable else "no list handler and no operation of its name"
        elif draft.tier == "low" and not correction:
            left[name] = f"unsure: {draft.service}:{draft.operation}"
        else:
            drafts[name] = draft
    kept, shared = told_apart(drafts)
    left |= shared
    forced = {name: each["parent"] for name, each in corrections.items() if "parent" in each}
    parents = resolve(kept, forced)
    rows: dict[str, Row] = {}
    for name, draft in kept.items():
        parent = parents[name]
        if draft.wants and parent is None:
            left[name] = f"no parent found for {', '.join(draft.wants)} of {draft.service}:{draft.operation}"
            continue
        row = row_of(draft, parent, models, iam) | corrections.get(name, {}).get("row", {})
        # What a person settled needs no list handler to vouch for it.
        rows[name] = row | ({"tier": "medium"} if row["tier"] == "low" else {})
    _without_orphans(rows, left)
    _only_reads(rows, left, models, iam)
    return Derived(dict(sorted(rows.items())), dict(sorted(left.items())), drafts)


def _draft(matcher: Matcher, schema: Schema, correction: Mapping[str, Any], overlay: Mapping[str, Any]) -> Draft | None:
    if "operation" in correction:
        service, _, operation = str(correction["operation"]).partition(".")
        draft = matcher.forced(schema, service, operation)
        if draft is not None:
            draft = replace(draft, named_by_handler=True, noun_exact=True)
    else:
        draft = matcher.best(schema)
    if draft is None:
        return None
    if "path" in correction:
        draft = _at(draft, matcher.models, str(correction["path"]))
    fills: dict[str, Any] = {
        **overlay["fills"].get(f"{draft.service}.{draft.operation}", {}),
        **correction.get("fills", {}),
    }
    settled = {*fills, *correction.get("optional", ()), *correction.get("parent", {}).get("inputs", {})}
    draft = replace(
        draft,
        fills={
            **{name: fill for name, fill in draft.fills.items() if name not in settled},
            **_enumerated(draft, fills, matcher.models),
        },
        wants=tuple(name for name in draft.wants if name not in settled),
        where=correction.get("where", draft.where),
    )
    if "id" in correction:
        draft = replace(draft, id=tuple(correction["id"]), id_sure=True)
    return draft


def _enumerated(draft: Draft, fills: Mapping[str, Any], models: Models) -> dict[str, Any]:
    """`fills` with each "enum" replaced by the members the model lists."""
    shape: Any = models.operation(draft.service, draft.operation).input_shape
    found = dict(fills)
    for name, fill in fills.items():
        if fill == {"each": "enum"}:
            found[name] = {"each": sorted(shape.members[name].enum)}
    return found


def _at(draft: Draft, models: Models, path: str) -> Draft:
    """The draft with another list of the same answer."""
    output = models.operation(draft.service, draft.operation).output_shape
    for place in places(output, draft.schema.resource):
        if place.path == path:
            return replace(draft, path=path, element=place.element, bare=place.bare, singleton=False)
    if path == "@":
        return replace(draft, path=path, element=output, bare=False, singleton=True)
    # Inside a listed element: each member on the way is found in the model.
    shape: Any = output
    for step in path.replace("[]", "").split("."):
        shape = shape.members.get(step) if shape is not None and shape.type_name == "structure" else None
        if shape is not None and shape.type_name == "list":
            shape = shape.member
    return replace(draft, path=path, element=shape if shape is not None else draft.element, bare=False, singleton=False)


def _without_orphans(rows: dict[str, Row], left: dict[str, str]) -> None:
    """Takes out rows whose parent has no row, until none is left."""
    while True:
        orphans = [name for name, row in rows.items() if "parent" in row and row["parent"]["type"] not in rows]
        if not orphans:
            return
        for name in orphans:
            left[name] = f"its parent {rows.pop(name)['parent']['type']} is not in the table"


def _only_reads(rows: dict[str, Row], left: dict[str, str], models: Models, iam: Iam) -> None:
    """Takes out what IAM itself does not call a read."""
    for name, row in list(rows.items()):
        prefixes = {prefix for prefix, services in models.by_prefix.items() if row["service"] in services}
        operations = [row["operation"], *(each["operation"] for each in row.get("details", ()))]
        for operation in operations:
            levels = {level for prefix in prefixes if (level := iam.access_level(prefix, operation)) is not None}
            if levels and not levels & set(READS) and operation not in KNOWN_READS:
                left[name] = f"{row['service']}:{operation} is {', '.join(sorted(levels))} to IAM"
                rows.pop(name, None)


# Labelled a write in IAM's list, and a read by its documentation and its input.
KNOWN_READS = ("ListConnectionTypes",)
