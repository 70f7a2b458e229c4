"""The table that says, for each CloudFormation resource type, which read-only AWS operation lists it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from stockade.aws.errors import MOST_NAME, AwsError, did_you_mean


@dataclass(frozen=True)
class Parent:
    """The type whose items supply an input: `inputs` names, for each input, the jmespath into the parent's item."""

    type: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Detail:
    """An operation that says more of one item, or of a batch where `batch` is above 1.

    `inputs` names, for each input, the jmespath into the listed item (`parent.X` into what the parent gave). What it
    says is merged into the properties, or stands in them under the name `under`.
    """

    operation: str
    inputs: Mapping[str, str]
    path: str | None = None
    batch: int = 1
    always: bool = False  # the list alone says too little (bare names), so a plain query asks for it too
    tags: bool = False  # it gives the tags, which the list leaves out though they are in its form
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])  # inputs that are the same for all
    under: str | None = None
    absent: Sequence[str] = ()  # AWS's codes for "nothing is configured": the property is then null


@dataclass(frozen=True)
class Row:
    """How one type is listed. All paths are jmespath."""

    type: str
    service: str
    operation: str
    path: str
    id: tuple[str, ...]
    name: str | None = None
    arn: str | None = None
    arn_template: str | None = None
    tags: str | None = None
    status: str | None = None
    region_of: str | None = None  # the item's own region, for an account-wide list asked of one region
    fills: Mapping[str, Any] = field(default_factory=dict[str, Any])
    where: str | None = None  # a jmespath predicate that tells this type from others on the same operation
    parent: Parent | None = None
    details: tuple[Detail, ...] = ()
    home: str | None = None  # the one region a global service answers in
    tier: str = "high"
    moto: bool = False


class Catalog:
    """All rows, found by type; `marks` overrules botocore's marks of sensitive members, by service."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._raw: Mapping[str, Mapping[str, Any]] = data["rows"]
        self.marks: Mapping[str, Mapping[str, bool]] = data.get("marks", {})
        self._rows: dict[str, Row] = {}
        self._by_lower = {name.lower(): name for name in self._raw}

    @property
    def types(self) -> list[str]:
        """Every type there is, in order."""
        return sorted(self._raw)

    def operations(self) -> Iterator[str]:
        """Every operation a row names, as service.Operation."""
        for raw in self._raw.values():
            yield f"{raw['service']}.{raw['operation']}"
            for detail in raw.get("details", ()):
                yield f"{raw['service']}.{detail['operation']}"

    def row(self, resource_type: str) -> Row:
        """The row of a type, whatever its case; UnsupportedType with the nearest names where there is none."""
        name = resource_type if resource_type in self._raw else self._by_lower.get(resource_type[:MOST_NAME].lower())
        if name is None:
            raise AwsError(
                "UnsupportedType",
                f"there is no resource type {resource_type[:120]!r} in the catalogue of {len(self._raw)}",
                hint=did_you_mean(resource_type, self._raw) or "listResourceTypes('part of a name') lists the types",
            )
        if name not in self._rows:
            self._rows[name] = row_from(name, self._raw[name])
        return self._rows[name]


def row_from(name: str, raw: Mapping[str, Any]) -> Row:
    """One row from its JSON; the keys are those of Row, and a key that is absent has Row's default."""
    known: dict[str, Any] = dict(raw)
    if "parent" in known:
        known["parent"] = Parent(**known["parent"])
    listed: list[dict[str, Any]] = known.get("details", [])
    known["details"] = tuple(Detail(**each) for each in listed)
    known["id"] = tuple(known["id"])
    return Row(type=name, **known)


@cache
def catalog() -> Catalog:
    """The catalogue this package ships."""
    packed = resources.files("stockade.aws").joinpath("data/catalog.json.gz").read_bytes()
    return Catalog(json.loads(gzip.decompress(packed)))
