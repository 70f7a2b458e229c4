"""Which operation lists a type, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from catalog_builder.elements import Place, choose, identifier_in, member_for, places, quoted
from catalog_builder.inputs import Iam, Models, Schema
from catalog_builder.names import KINDS, full_noun, key, kind, noun, stem, verb

# Inputs that say how much and not which.
SIZES = frozenset(
    map(key, ("MaxResults", "Limit", "PageSize", "MaxItems", "MaxRecords", "Count", "MaxNumberOfResults"))
)
ACCOUNT_INPUTS = frozenset(map(key, ("AccountId", "AwsAccountId", "OwnerAccountId", "CatalogId")))
# Beyond this many members an enumeration is a vocabulary and not a few places to look.
MOST_MEMBERS = 8

# Reads by name, and yet what they give is a secret, or nothing about resources.
NEVER = ("GetSecretValue", "GetPasswordData", "GetLoginProfile", "GetParameter", "GetCredentials", "GetFederation")


@dataclass(frozen=True)
class Draft:
    """A row in the making, with what was decided and what it rests on."""

    schema: Schema
    service: str
    operation: str
    path: str
    element: Any
    bare: bool
    points: float
    named_by_handler: bool
    noun_exact: bool
    id: tuple[str, ...] = ()
    id_sure: bool = False
    fills: dict[str, Any] = field(default_factory=dict[str, Any])
    wants: tuple[str, ...] = ()  # inputs a parent must give
    where: str | None = None
    singleton: bool = False
    many: frozenset[str] = frozenset()  # those of `wants` that take a list
    impossible: bool = False  # one of `wants` is no text, so no item of another type supplies it

    @property
    def tier(self) -> str:
        if not self.schema.listable:
            # No list handler vouches for it, so the name must be exact and the answer a list.
            return "medium" if self.noun_exact and self.id and not self.singleton else "low"
        if self.named_by_handler and self.noun_exact and self.id_sure:
            return "high"
        if (self.named_by_handler or self.noun_exact) and self.id:
            return "medium"
        return "low"


class Matcher:
    """Finds, for one schema, the drafts worth comparing, best first."""

    def __init__(self, models: Models, iam: Iam) -> None:
        self.models = models
        self.iam = iam

    def best(self, schema: Schema) -> Draft | None:
        """The best draft, or None where nothing lists the type."""
        drafts = [draft for draft in self._drafts(schema) if draft.points > 0]
        return max(drafts, key=lambda draft: (draft.points, draft.service, draft.operation), default=None)

    def forced(self, schema: Schema, service: str, operation: str) -> Draft | None:
        """The draft of an operation that the overlay names."""
        return self._draft(schema, service, operation, frozenset({operation}))

    def _drafts(self, schema: Schema) -> Iterator[Draft]:
        named = [permission(each) for each in schema.list_permissions if ":" in each]
        prefixes = dict.fromkeys(prefix for prefix, _ in named)
        if not schema.listable or not prefixes:
            prefixes |= dict.fromkeys(permission(each)[0] for each in schema.read_permissions if ":" in each)
        actions = frozenset(action for _, action in named)
        seen: set[tuple[str, str]] = set()
        if not prefixes:
            prefixes = {schema.namespace.lower(): None}
        for service in self._services(schema, tuple(prefixes)):
            for operation in self.models.service(service).operation_names:
                if (service, operation) in seen or not readable(operation):
                    continue
                seen.add((service, operation))
                if operation in actions or _related(schema, operation):
                    draft = self._draft(schema, service, operation, actions)
                    if draft is not None:
                        yield draft

    def _services(self, schema: Schema, prefixes: tuple[str, ...]) -> Iterator[str]:
        """The services the type's permissions speak of; its own namespace first where several share a prefix."""
        found = dict.fromkeys(service for prefix in prefixes for service in self.models.by_prefix.get(prefix, ()))
        own = key(schema.namespace)
        yield from sorted(found, key=lambda name: (key(name.replace("-", "")) != own, name))

    def _draft(self, schema: Schema, service: str, operation: str, actions: frozenset[str]) -> Draft | None:
        model = self.models.operation(service, operation)
        if model.output_shape is None or model.has_streaming_output:
            return None
        resource = schema.resource
        listed = list(places(model.output_shape, resource))
        place = choose(listed, resource, operation, self.models.result_keys(service, operation))
        singleton = place is None or (verb(operation) == "Get" and not _plural(operation))
        if singleton:
            own = _own_structure(model.output_shape, resource)
            if own is not None:
                place = own
        if place is None:
            return None
        named = operation in actions
        fit = noun_fit(schema, operation)
        points = (4.0 if named else 0.0) + fit + _place_fit(place, schema, operation)
        points += {"List": 0.6, "Describe": 0.5, "Get": 0.1, "Search": 0.0}.get(verb(operation) or "", 0.0)
        points += 1.0 if key(service.replace("-", "")) == key(schema.namespace) else 0.0
        points += _own_service(service, schema)
        # Names alone say little, one description per type lists nothing, and a batch needs to be told which.
        points -= (0.8 if place.bare else 0.0) + (1.5 if singleton else 0.0)
        points -= 2.0 if (verb(operation) or "").startswith("Batch") or _names_which(model, resource) else 0.0
        if fit <= 0 and not named:
            return None
        draft = Draft(
            schema,
            service,
            operation,
            place.path,
            place.element,
            place.bare,
            points,
            named,
            fit >= 3.0,
            singleton=singleton,
        )
        draft = self._with_inputs(draft, model)
        if singleton and any(stem(name) in (key(resource), "", "resource") for name in draft.wants):
            return None  # it describes one that is already known
        draft = self._with_identifier(draft, model)
        # Fewer things to supply is the likelier list.
        return replace(draft, points=draft.points - 1.2 * len(draft.wants) + (1.0 if draft.id_sure else 0.0))

    def _with_inputs(self, draft: Draft, model: Any) -> Draft:
        shape = model.input_shape
        if shape is None:
            return draft
        fills: dict[str, Any] = {}
        wants: list[str] = []
        required = list(shape.required_members)
        hinted = {key(each) for each in draft.schema.required_inputs}
        required += [name for name in shape.members if name not in required and key(name) in hinted]
        for name in required:
            member = shape.members[name]
            if key(name) in SIZES and member.type_name in ("integer", "long"):
                fills[name] = {"const": min(int(member.metadata.get("max", 50)), 50)}
            elif key(name) in ACCOUNT_INPUTS and member.type_name == "string":
                fills[name] = "$account"
            elif member.type_name == "string" and 0 < len(member.enum) <= MOST_MEMBERS:
                fills[name] = {"each": list(member.enum)}
            else:
                wants.append(name)
        many = frozenset(name for name in wants if shape.members[name].type_name == "list")
        of_text = [
            shape.members[name].member.type_name == "string"
            if name in many
            else shape.members[name].type_name == "string"
            for name in wants
        ]
        return replace(draft, fills=fills, wants=tuple(wants), many=many, impossible=not all(of_text))

    def _with_identifier(self, draft: Draft, model: Any) -> Draft:
        schema, element = draft.schema, draft.element
        if draft.bare:
            own = [part for part in schema.identifier if not _given(part, draft.wants, draft.fills)]
            return replace(draft, id=(own[0].split("/")[-1],) if own else ("Id",), id_sure=len(own) == 1)
        found: list[str] = []
        sure = True
        for part in schema.identifier:
            leaf = part.split("/")[-1]
            member = member_for(element, leaf, schema.resource)
            if member is not None:
                found.append(quoted(member))
            elif not _given(leaf, draft.wants, draft.fills):
                sure = False
        if not found:
            own = identifier_in(element, schema.resource)
            return replace(draft, id=(quoted(own),) if own else (), id_sure=False)
        return replace(draft, id=tuple(dict.fromkeys(found)), id_sure=sure)


def permission(text: str) -> tuple[str, str]:
    """An IAM action as prefix and name; some schemas write the prefix in capitals."""
    prefix, _, action = text.partition(":")
    return prefix.strip().lower(), action.strip()


@cache
def readable(operation: str) -> bool:
    """Whether an operation may be in the table at all."""
    return verb(operation) is not None and not operation.startswith(NEVER) and not operation.endswith("Token")


def noun_fit(schema: Schema, operation: str) -> float:
    """How well an operation's noun names the type: 4 exactly, 3 with the service's name about it, down to 0."""
    wanted, found = key(schema.resource), noun(operation)
    space = key(schema.namespace)
    if wanted in (found, full_noun(operation)):
        return 4.0
    around = {space + wanted, wanted.removeprefix(space), "resource" + wanted, "db" + wanted, wanted.removeprefix("db")}
    if found in around - {""}:
        return 3.0
    if _through_parent(schema, found):
        return 3.0
    if len(found) > 3 and (wanted.endswith(found) or found.endswith(wanted)):
        return 1.5
    if len(wanted) > 4 and wanted in found:
        return 1.0
    return 0.0


def _through_parent(schema: Schema, found: str) -> bool:
    """Whether the type's name is its parent's and then the noun, as in UserPoolGroup and ListGroups."""
    wanted = key(schema.resource)
    if not wanted.endswith(found) or len(found) < 3:
        return False
    before = wanted.removesuffix(found)
    return any(stem(part.split("/")[-1]) == before for part in (*schema.identifier, *schema.list_inputs))


def _related(schema: Schema, operation: str) -> bool:
    return noun_fit(schema, operation) >= 3.0


def _place_fit(place: Place, schema: Schema, operation: str) -> float:
    names = {key(place.member), key(place.element.name)}
    if key(schema.resource) in names or noun(operation) in names:
        return 1.0
    return 0.0 if place.depth == 0 else -0.5


def _own_structure(output: Any, resource: str) -> Place | None:
    """The answer itself, or its one structure, where it describes a single thing."""
    structures = [(name, member) for name, member in output.members.items() if member.type_name == "structure"]
    for name, member in structures:
        if key(name) == key(resource) or (len(output.members) == 1 and identifier_in(member, resource)):
            return Place(quoted(name), name, member, 0)
    if identifier_in(output, resource) is not None:
        return Place("@", resource, output, 0)
    return None


def _names_which(model: Any, resource: str) -> bool:
    """Whether an operation describes those it is told, and without being told perhaps one default: it has no pages."""
    if model.input_shape is None or any(
        "token" in name.lower() or "marker" in name.lower() for name in model.output_shape.members
    ):
        return False
    return any(
        member.type_name == "list" and member.member.type_name == "string" and stem(name) in (key(resource), "")
        for name, member in model.input_shape.members.items()
    )


def _plural(operation: str) -> bool:
    return operation.endswith("s") and not operation.endswith(("ss", "us", "Status"))


def _own_service(service: str, schema: Schema) -> float:
    """Types whose namespace names another service than their permissions do (Neptune's say rds) stay at home."""
    flat, space = service.replace("-", "").lower(), schema.namespace.lower()
    if flat == space:
        return 1.0
    return 0.4 if flat.startswith(space) or space.startswith(flat) else 0.0


def _given(part: str, wants: tuple[str, ...], fills: dict[str, Any]) -> bool:
    """Whether an identifier's part is an input of the list, so that an element need not repeat it."""
    leaf = part.split("/")[-1]
    names = {key(name) for name in (*wants, *fills)}
    stems = {stem(name) for name in (*wants, *fills)}
    return key(leaf) in names or (kind(leaf) in KINDS and stem(leaf) in stems)
