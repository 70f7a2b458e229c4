"""Which type's items supply the inputs that a list insists on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog_builder.elements import arn_of, member_for, name_of, quoted
from catalog_builder.match import Draft
from catalog_builder.names import key, kind, stem

# Inputs whose name says nothing about what they are of.
VAGUE = frozenset(
    ("", "resource", "target", "source", "owner", "principal", "user", "filter", "pattern", "type", "name")
)

# Parents of parents of parents: the calls multiply with each.
MOST_LEVELS = 3

Row = dict[str, Any]


def resolve(drafts: Mapping[str, Draft], forced: Mapping[str, Row]) -> dict[str, Row | None]:
    """The parent of each type that wants one, by type; None where none was found. `forced` are the overlay's."""
    done: dict[str, Row | None] = {name: None for name, draft in drafts.items() if not draft.wants}
    levels = dict.fromkeys(done, 0)
    for name, parent in forced.items():
        if name in drafts:
            done[name], levels[name] = parent, 1
    for level in range(1, MOST_LEVELS + 1):
        ready = [name for name in done if levels[name] < level]
        for name, draft in drafts.items():
            if name in done:
                continue
            parent = _parent_of(draft, [drafts[each] for each in ready if each != name], done)
            if parent is not None:
                done[name], levels[name] = parent, level
    return {name: done.get(name) for name in drafts}


def _parent_of(draft: Draft, others: Iterable[Draft], done: Mapping[str, Row | None]) -> Row | None:
    best: tuple[float, str, Row] | None = None
    if draft.impossible:
        return None
    for other in others:
        points = _closeness(draft, other)
        if points <= 0:
            continue
        inputs: dict[str, str] = {}
        exact = 0.0
        for want in draft.wants:
            path, fit = value_of(other, want, done.get(other.schema.type))
            if path is None:
                break
            inputs[want] = f"[{path}]" if want in draft.many else path
            exact += fit
        else:
            # At least one want must name the parent itself, or any neighbour with a like member would do.
            if exact > 0:
                candidate = (points + exact, other.schema.type, {"type": other.schema.type, "inputs": inputs})
                best = max(best, candidate, key=lambda each: (each[0], each[1])) if best else candidate
    return best[2] if best else None


def _closeness(draft: Draft, other: Draft) -> float:
    points = 0.0
    if other.schema.namespace == draft.schema.namespace:
        points += 3
    elif other.service == draft.service:
        points += 2
    else:
        return 0.0
    points += {"high": 1.0, "medium": 0.5, "low": -5.0}[other.tier]
    return points


def value_of(other: Draft, want: str, above: Row | None) -> tuple[str | None, float]:
    """Where an item of `other` has the input `want`, and how surely it names that type (0 for a lucky neighbour)."""
    start, of_kind = stem(want), kind(want)
    resource = key(other.schema.resource)
    if above is not None:
        for name in above["inputs"]:
            if key(name) == key(want) or (stem(name) == start and start and kind(name) == of_kind):
                return f"parent.{quoted(name)}", 0.0
    if start in VAGUE and key(want) != resource:
        return None, 0.0
    names_it = start in (resource, key(other.schema.namespace) + resource) or resource == key(want)
    ends_so = not names_it and len(start) > 3 and (resource.endswith(start) or start.endswith(resource))
    if not names_it and not ends_so:
        member = _exact(other.element, want)
        own_id = any(key(part.split("/")[-1]) == key(want) for part in other.schema.identifier)
        return (f"properties.{quoted(member)}", 1.0) if member is not None and own_id else (None, 0.0)
    fit = 4.0 if names_it else 1.5
    if other.bare:
        return "resourceId", fit
    for each in (want, f"{other.schema.resource}{of_kind or 'Id'}"):
        member = member_for(other.element, each, other.schema.resource)
        if member is not None and other.element.members[member].type_name == "string":
            return f"properties.{quoted(member)}", fit
    return _any_kind(other, of_kind, fit)


def _any_kind(other: Draft, of_kind: str | None, fit: float) -> tuple[str | None, float]:
    """Where the exact kind is missing: an Identifier may be any, an Arn only an ARN."""
    resource = other.schema.resource
    if of_kind == "Arn":
        return ("arn", fit) if arn_of(other.element, resource) else (None, 0.0)
    if of_kind in (None, "Identifier", "Id") and other.id:
        return (f"properties.{other.id[-1]}", fit - 0.5)
    if of_kind == "Name":
        found = name_of(other.element, resource)
        return (f"properties.{found}", fit) if found else (None, 0.0)
    return None, 0.0


def _exact(element: Any, want: str) -> str | None:
    if element.type_name != "structure":
        return None
    return next((name for name in element.members if key(name) == key(want)), None)
