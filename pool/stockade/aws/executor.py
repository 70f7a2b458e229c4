"""The one way every type is listed: resolve parents, expand fills, follow the pages, put each item in its envelope."""

from __future__ import annotations

import asyncio
import itertools
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from stockade.aws.catalog import Row
from stockade.aws.errors import AwsError
from stockade.aws.normalise import plain, tags_of
from stockade.aws.paging import expression
from stockade.aws.source import AwsSource, RunState, Scope

GLOBAL = "global"

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b"}


@dataclass
class Found:
    """What one query of one scope brought: enveloped items, and the facts for `meta`."""

    items: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    truncated: bool = False
    pages: int = 0
    calls: int = 0
    warnings: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Query:
    """One type in one scope, and how many items are wanted."""

    source: AwsSource
    state: RunState
    row: Row
    account: str
    region: str
    limit: int

    @property
    def scope(self) -> Scope:
        return Scope(self.account, self.row.home or self.region, self.row.service)


async def list_items(query: Query) -> Found:
    """Every item of the query's type in its scope; raises AwsError where the answer would not be the whole truth."""
    found = Found()
    combinations = list(_fills(query))
    parents = await _parents(query, found)
    failures: list[AwsError] = []
    asks = [(parent, fill) for parent in parents for fill in combinations]

    async def one(parent: dict[str, Any], fill: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return await _all_pages(query, {**fill, **parent}, parent, found)
        except AwsError as error:
            if error.code == "NotFound" and parent:
                return []  # the parent went away between the two calls
            failures.append(error)
            return []

    results = await asyncio.gather(*(one(parent, fill) for parent, fill in asks))
    if failures:
        if len(failures) == len(asks) or len(combinations) == 1:
            raise failures[0]
        found.warnings += [f"a part could not be listed: {error.code}: {error.message}" for error in failures]
    found.items = list(itertools.chain.from_iterable(results))
    if len(found.items) > query.limit:
        del found.items[query.limit :]
        found.truncated = True
    return found


def _fills(query: Query) -> list[dict[str, Any]]:
    """The constant inputs, once for each member where a row says `each`."""
    choices: list[list[tuple[str, Any]]] = []
    for name, fill in query.row.fills.items():
        match fill:
            case {"each": members}:
                choices.append([(name, member) for member in cast(list[Any], members)])
            case {"const": value}:
                choices.append([(name, value)])
            case "$account":
                choices.append([(name, query.account)])
            case "$region":
                choices.append([(name, query.region)])
            case _:
                raise AwsError("ServiceError", f"the catalogue's row for {query.row.type} has an unknown fill")
    return [dict(combination) for combination in itertools.product(*choices)]


async def _parents(query: Query, found: Found) -> list[dict[str, Any]]:
    """The inputs that each parent supplies; one empty set where the type has no parent."""
    parent = query.row.parent
    if parent is None:
        return [{}]
    bound = query.source.limits.parents_per_query
    row = query.source.catalog.row(parent.type)
    above = await list_items(Query(query.source, query.state, row, query.account, query.region, bound))
    found.calls += above.calls
    found.pages += above.pages
    if above.truncated:
        found.truncated = True
        found.warnings.append(f"only the first {bound} of {parent.type} were looked into")
    inputs: list[dict[str, Any]] = []
    for item in above.items:
        values = {name: expression(path).search(item) for name, path in parent.inputs.items()}
        if all(value is not None for value in values.values()):
            inputs.append(values)
    return inputs


async def _all_pages(
    query: Query, params: dict[str, Any], parent: Mapping[str, Any], found: Found
) -> list[dict[str, Any]]:
    row, source = query.row, query.source
    items: list[dict[str, Any]] = []
    marks = source.catalog.marks.get(row.service, {})

    def reduce(page: Any, shape: Any) -> tuple[list[dict[str, Any]], int]:
        clean = plain(page, shape, string_bytes=source.limits.string_bytes, marks=marks)
        listed: Any = expression(row.path).search(clean) or []
        elements = cast(list[Any], listed if isinstance(listed, list) else [listed])
        wanted = [each for each in elements if row.where is None or expression(row.where).search(each)]
        enveloped = [envelope(query, each, parent) for each in wanted]
        return enveloped, len(msgspec.json.encode(enveloped))

    following: dict[str, Any] | None = params
    while following is not None:
        (page, size), following = await source.page(query.state, query.scope, row.operation, following, reduce)
        found.calls += 1
        found.pages += 1
        query.state.budget.spend_result(len(page), size)
        items += page
        if len(items) >= query.limit:
            found.truncated = found.truncated or following is not None
            break
    return items


def envelope(query: Query, item: Any, parent: Mapping[str, Any]) -> dict[str, Any]:
    """One item in the form every type shares."""
    row = query.row
    bare = {row.id[0] if row.id else "Id": item}
    properties = cast(dict[str, Any], item) if isinstance(item, dict) else bare
    ids = [
        _text(properties.get(name, parent.get(name)) if name.isidentifier() else expression(name).search(properties))
        for name in row.id
    ]
    resource_id = "|".join(part for part in ids if part)
    tags = tags_of(expression(row.tags).search(properties)) if row.tags else {}
    name = _text(expression(row.name).search(properties)) if row.name else ""
    region = GLOBAL if row.home else query.region
    if row.region_of:
        region = _text(expression(row.region_of).search(properties)) or region
    status = _text(expression(row.status).search(properties)) if row.status else ""
    return {
        "resourceType": row.type,
        "resourceId": resource_id,
        "arn": _arn(query, properties, region),
        "displayName": tags.get("Name") or name or resource_id,
        "accountId": query.account,
        "region": region,
        "status": status or None,
        "tags": tags,
        "properties": properties,
    }


def _arn(query: Query, properties: dict[str, Any], region: str) -> str | None:
    row = query.row
    if row.arn:
        found = expression(row.arn).search(properties)
        if found:
            return _text(found)
    if row.arn_template is None:
        return None
    names = {"Partition": partition_of(region), "Region": query.scope.region, "Account": query.account}
    try:
        return string.Template(row.arn_template).substitute({**properties, **names})
    except (KeyError, ValueError):
        return None


def partition_of(region: str) -> str:
    """The partition a region belongs to, by its name."""
    for prefix, partition in (
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
    ):
        if region.startswith(prefix):
            return partition
    return "aws"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
