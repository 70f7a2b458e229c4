"""The one way every type is listed: resolve parents, expand fills, follow the pages, put each item in its envelope."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import msgspec

from stockade.aws.catalog import Row
from stockade.aws.envelope import GLOBAL, Place, envelope, home_of
from stockade.aws.errors import AwsError
from stockade.aws.normalise import plain
from stockade.aws.paging import expression
from stockade.aws.source import AwsSource, RunState, Scope


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
        region = self.source.default_region if self.region == GLOBAL else self.region
        return Scope(self.account, home_of(self.row, region), self.row.service)


async def list_items(query: Query) -> Found:
    """Every item of the query's type in its scope; raises AwsError where the answer would not be the whole truth."""
    found = Found()
    fills = list(_fills(query))
    parents = await _parents(query, found)
    asks = [(parent, fill) for parent in parents for fill in fills]
    failures: list[AwsError] = []

    async def one(parent: dict[str, Any], fill: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            return await _all_pages(query, {**fill, **parent}, parent, found)
        except AwsError as error:
            # A parent may go away between the two calls, and a policy or the like may not be there at all.
            if not (error.code == "NotFound" and parent):
                failures.append(error)
            return []

    results = await asyncio.gather(*(one(parent, fill) for parent, fill in asks))
    if failures and (len(failures) == len(asks) or len(fills) == 1):
        raise failures[0]
    for each in failures:
        # What moto lacks within a service fails in the same way each time.
        lacking = query.source.embedded and each.code == "ServiceError"
        if each.code == "LimitExceeded" or (each.details["retryable"] and not lacking):
            raise each
    # Of an enumeration one member may be refused (a service not switched on) and must not hide the others.
    found.warnings += dict.fromkeys(f"a part could not be listed: {each.code}: {each.message}" for each in failures)
    found.items = list(itertools.chain.from_iterable(results))
    if len(found.items) > query.limit:
        del found.items[query.limit :]
        found.truncated = True
    return found


def _fills(query: Query) -> list[dict[str, Any]]:
    """The inputs that are known beforehand, once for each member where a row says `each`."""
    choices: list[list[tuple[str, Any]]] = []
    for name, fill in query.row.fills.items():
        match fill:
            case {"each": members, **rest}:
                only = cast(dict[str, str], rest.get("only", {}))
                here = [
                    each
                    for each in cast(list[Any], members)
                    if only.get(each, query.scope.region) == query.scope.region
                ]
                choices.append([(name, member) for member in here])
            case {"const": value}:
                choices.append([(name, value)])
            case "$account":
                choices.append([(name, query.account)])
            case "$region":
                if query.region != GLOBAL:  # asked for that, an account-wide list is not narrowed
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
    above = await list_items(replace(query, row=query.source.catalog.row(parent.type), limit=bound))
    found.calls += above.calls
    found.pages += above.pages
    found.warnings += above.warnings
    if above.truncated:
        found.truncated = True
        found.warnings.append(f"only the first {bound} of {parent.type} were looked into")
    inputs: list[dict[str, Any]] = []
    for item in above.items:
        values = {name: expression(path).search(item) for name, path in parent.inputs.items()}
        if all(value is not None and value != "" for value in values.values()) and values not in inputs:
            inputs.append(values)
    return inputs


async def _all_pages(
    query: Query, params: dict[str, Any], parent: Mapping[str, Any], found: Found
) -> list[dict[str, Any]]:
    row, source = query.row, query.source
    place = Place(query.account, query.region, parent)
    marks = source.catalog.marks.get(row.service, {})
    items: list[dict[str, Any]] = []

    def reduce(page: Any, shape: Any) -> tuple[list[dict[str, Any]], int]:
        clean = plain(page, shape, string_bytes=source.limits.string_bytes, marks=marks)
        enveloped = [envelope(row, each, place) for each in elements(row, clean)]
        if row.region_of and query.region != GLOBAL:
            enveloped = [each for each in enveloped if each["region"] == query.region]
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


def elements(row: Row, page: Any) -> list[Any]:
    """The page's items of the row's type; a key that is absent means none."""
    listed: Any = expression(row.path).search(page)
    found = cast(list[Any], listed if isinstance(listed, list) else [] if listed is None else [listed])
    # A single thing that is not there comes as an empty answer.
    present = [each for each in found if each not in (None, {}, "")]
    return [each for each in present if row.where is None or expression(row.where).search(each)]
