"""What an operation's answer holds: the path to its list, and what in an element is its id, name, ARN, tags, status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog_builder.names import KINDS, key, kind, noun, stem

# Lists in an answer that are never the resources.
ASIDE = frozenset(
    (
        *("error", "failure", "failed", "unprocessed", "warning", "tag", "nexttoken", "failedentry", "failedresource"),
        *("filter", "column", "facet", "unprocessedresource", "errormessage", "responsemetadata", "processingfailure"),
    )
)


@dataclass(frozen=True)
class Place:
    """A list in an answer: its jmespath, the member's name and the shape of its elements."""

    path: str
    member: str
    element: Any
    depth: int

    @property
    def bare(self) -> bool:
        return self.element.type_name == "string"


def places(output: Any, resource: str) -> Iterator[Place]:
    """Every list an answer could hold its resources in, and lists within lists of structures."""
    if output is None or output.type_name != "structure":
        return
    yield from _within(output, "", 0, key(resource))


def _within(shape: Any, before: str, depth: int, wanted: str) -> Iterator[Place]:
    for name, member in shape.members.items():
        if key(name) in ASIDE and key(name) != wanted:
            continue
        if member.type_name == "list":
            path = f"{before}{quoted(name)}[]"
            if member.member.type_name in ("structure", "string"):
                yield Place(path, name, member.member, depth)
            if member.member.type_name == "structure" and depth < 1:
                yield from _within(member.member, f"{path}.", depth + 1, wanted)
        elif member.type_name == "structure" and depth < 2:
            yield from _within(member, f"{before}{quoted(name)}.", depth + 1, wanted)


def quoted(name: str) -> str:
    """A member's name in jmespath."""
    return name if name.replace("_", "a").isalnum() and not name[0].isdigit() else f'"{name}"'


def choose(found: list[Place], resource: str, operation: str, result_keys: tuple[str, ...]) -> Place | None:
    """The list that holds the resources."""

    def score(place: Place) -> tuple[float, str]:
        points = 0.0
        names = {key(place.member), key(place.element.name)}
        wanted = key(resource)
        if any((place.path.startswith(f"{each}[]") and place.depth == 0) or each in place.path for each in result_keys):
            points += 2
        if wanted in names or noun(operation) in names:
            points += 3
        elif any(wanted.endswith(name) or name.startswith(wanted) or name.endswith(wanted) for name in names if name):
            points += 1.5
        points += 1 if place.element.type_name == "structure" else 0
        if place.element.type_name == "structure" and identifier_in(place.element, resource) is not None:
            points += 1
        return points - 1.5 * place.depth, place.path

    return max(found, key=score, default=None)


def member_for(shape: Any, wanted: str, resource: str) -> str | None:
    """The member of an element that a property or an input of that name means."""
    if shape.type_name != "structure":
        return None
    members: list[str] = list(shape.members)
    by_key = {key(name): name for name in members}
    if key(wanted) in by_key:
        return by_key[key(wanted)]
    of_kind, start = kind(wanted), stem(wanted)
    if of_kind is None:
        return by_key.get(key(resource) + key(wanted))
    same_thing = (
        start in ("", key(resource), *KIND_KEYS) or key(resource).endswith(start) or start.endswith(key(resource))
    )
    if not same_thing:
        return None
    kinds = ("Id", "Identifier") if of_kind in ("Id", "Identifier") else (of_kind,)
    for each in kinds:
        for begin in (key(resource), start, "", "resource"):
            if begin + key(each) in by_key:
                return by_key[begin + key(each)]
    ending = [name for name in members if kind(name) in kinds and stem(name) and key(resource).endswith(stem(name))]
    return ending[0] if len(ending) == 1 else None


KIND_KEYS = tuple(key(each) for each in KINDS)


def identifier_in(shape: Any, resource: str) -> str | None:
    """The member that identifies an element, where nothing says which: its own id, ARN or name."""
    for each in ("Id", "Identifier", "Arn", "Name"):
        found = member_for(shape, each, resource)
        if found is not None:
            return found
    return None


def text_member(shape: Any, *names: str) -> str | None:
    """The first of `names` that is a member of text."""
    if shape.type_name != "structure":
        return None
    lowered = {name.lower(): name for name in shape.members}
    for name in names:
        found = lowered.get(name.lower())
        if found is not None and shape.members[found].type_name == "string":
            return quoted(found)
    return None


def arn_of(shape: Any, resource: str) -> str | None:
    """The member that is the element's own ARN."""
    # Of an association, the resource's ARN is that of what is associated.
    general = () if resource.endswith(("Association", "Attachment")) else ("ResourceArn",)
    return text_member(shape, f"{resource}Arn", "Arn", *general) or _only_arn(shape, resource)


def _only_arn(shape: Any, resource: str) -> str | None:
    found = member_for(shape, "Arn", resource)
    return quoted(found) if found is not None and shape.members[found].type_name == "string" else None


def name_of(shape: Any, resource: str) -> str | None:
    """The member a person would call the element by."""
    exact = text_member(shape, f"{resource}Name", "Name", "DisplayName", "FriendlyName", "Title")
    found = exact or member_for(shape, "Name", resource)
    return quoted(found) if found is not None and exact is None else exact


def tags_of(shape: Any) -> str | None:
    """The member that holds the element's tags, of a form that can be read."""
    if shape.type_name != "structure":
        return None
    for name, member in shape.members.items():
        if key(name) in ("tag", "taglist", "tagset", "tagmap", "resourcetag"):
            if member.type_name == "map" and member.value.type_name == "string":
                return quoted(name)
            if member.type_name == "list" and member.member.type_name == "structure":
                parts = {each.lower() for each in member.member.members}
                if {"key"} <= parts or {"tagkey"} <= parts:
                    return quoted(name)
    return None


def status_of(shape: Any, resource: str) -> str | None:
    """The member that says the element's state."""
    if shape.type_name != "structure":
        return None
    last = resource if resource[-6:].lower() != "status" else "Resource"
    direct = text_member(
        shape, "Status", "State", f"{last}Status", f"{last}State", "LifecycleState", "StateValue", "CurrentState"
    )
    if direct is not None:
        return direct
    for name, member in shape.members.items():
        if key(name) in ("state", "status") and member.type_name == "structure":
            inner = text_member(member, "Name", "Code", "State", "Status", "Value")
            if inner is not None:
                return f"{quoted(name)}.{inner}"
    ending = [
        name
        for name, member in shape.members.items()
        if member.type_name == "string" and member.enum and key(name).endswith(("status", "state"))
    ]
    suffix = [name for name in ending if key(resource).endswith(key(name).removesuffix("status").removesuffix("state"))]
    return quoted(suffix[0]) if len(suffix) == 1 else None
