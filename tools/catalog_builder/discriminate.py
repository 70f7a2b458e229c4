"""Types that share one operation: each keeps it only where something in the answer provably tells them apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog_builder.elements import quoted
from catalog_builder.match import Draft
from catalog_builder.names import key, noun, words


def told_apart(drafts: Mapping[str, Draft]) -> tuple[dict[str, Draft], dict[str, str]]:
    """The drafts that may stay, some of them with a predicate or a fixed input; and why each of the others may not."""
    groups: dict[tuple[str, str, str, str | None], list[str]] = defaultdict(list)
    for name, draft in drafts.items():
        groups[draft.service, draft.operation, draft.path, draft.where].append(name)
    kept: dict[str, Draft] = {}
    left: dict[str, str] = {}
    for members in groups.values():
        if len(members) == 1:
            kept[members[0]] = drafts[members[0]]
            continue
        owner = _owner([drafts[name] for name in members])
        for name in members:
            narrowed = narrow(drafts[name])
            if narrowed is not None:
                kept[name] = narrowed
            elif name == owner:
                kept[name] = drafts[name]
            else:
                left[name] = f"shares {drafts[name].service}:{drafts[name].operation} with {owner or 'others'}"
    return kept, left


def _owner(drafts: list[Draft]) -> str | None:
    """The one whose name the operation has."""
    exact = [draft for draft in drafts if noun(draft.operation) == key(draft.schema.resource)]
    exact = exact or [draft for draft in drafts if draft.noun_exact]
    return max(exact, key=lambda draft: draft.points).schema.type if exact else None


def narrow(draft: Draft) -> Draft | None:
    """The draft for its own kind only, by an enumerated input or member that has the type's name as a value."""
    rests = _rests(draft)
    for name, fill in draft.fills.items():
        if isinstance(fill, dict) and "each" in fill:
            value = _meant(fill["each"], rests)
            if value is not None:
                return replace(draft, fills={**draft.fills, name: {"const": value}})
    if draft.element.type_name != "structure":
        return None
    for name, member in draft.element.members.items():
        if member.type_name == "string" and member.enum:
            value = _meant(member.enum, rests)
            if value is not None:
                return replace(draft, where=f"{quoted(name)} == '{value}'")
    return None


def _rests(draft: Draft) -> set[tuple[str, ...]]:
    """What of the type's name the operation does not say: PrivateDnsNamespace and ListNamespaces leave private dns."""
    parts = words(draft.schema.resource)
    general = {noun(draft.operation), key(draft.element.name), *(each for each in parts[-1:])}
    rests: set[tuple[str, ...]] = {tuple(sorted(parts))}
    for cut in range(1, len(parts)):
        if "".join(parts[cut:]) in general or any(each.endswith("".join(parts[cut:])) for each in general):
            rests.add(tuple(sorted(parts[:cut])))
        if "".join(parts[:cut]) in general:
            rests.add(tuple(sorted(parts[cut:])))
    return rests


def _meant(values: Any, rests: set[tuple[str, ...]]) -> str | None:
    found = [value for value in values if tuple(sorted(words(value))) in rests]
    joined = [value for value in values if any(key(value) == "".join(rest) for rest in rests)]
    both = list(dict.fromkeys([*found, *joined]))
    return both[0] if len(both) == 1 and "'" not in both[0] else None
