"""More of each item than its list says: the detail operations, and tags from the tagging service."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import msgspec

from stockade.aws.catalog import Detail
from stockade.aws.envelope import GLOBAL, Place, envelope
from stockade.aws.errors import AwsError
from stockade.aws.executor import Found, Query
from stockade.aws.normalise import plain, tags_of
from stockade.aws.paging import expression
from stockade.aws.source import Scope

# What one request of the tagging service takes.
ARNS_AT_ONCE = 100


async def add_details(
    query: Query, found: Found, *, full: bool, fields: Sequence[str] | None, tags: bool = False
) -> None:
    """Merges what the detail operations say into each item; an item that is gone by now stays as listed.

    Without `full` only those run that the type is nothing without and, where `tags` are wanted, those that give them.
    Where `fields` picks properties, an operation whose answer none of them is from is left out. What gives the tags
    that are wanted may not fail: an item whose tags could not be read would be taken for one that has none.
    """
    if full and not query.row.details:
        found.warnings.append(f"{query.row.type} has no detail operation: these are the listed properties")
    bound = query.source.limits.details_per_query
    picked = None if fields is None else {first_step(each) for each in fields}
    asks: list[Coroutine[Any, Any, None]] = []
    needed: list[bool] = []
    for detail in query.row.details:
        of_all = detail.always or (tags and detail.tags)
        if not of_all and not (full and (picked is None or detail.under is None or detail.under in picked)):
            continue
        wanted = found.items if of_all else found.items[:bound]
        asks += [_one(query, detail, batch, found) for batch in _batches(detail, wanted)]
        needed += [tags and of_all and query.row.tags is not None] * (len(asks) - len(needed))
        if len(wanted) < len(found.items):
            found.warnings.append(f"{detail.operation} was asked for the first {bound} of {len(found.items)} items")
    results = await asyncio.gather(*asks, return_exceptions=True)
    failures: list[AwsError] = []
    for error, must in zip(results, needed, strict=True):
        if not isinstance(error, BaseException):
            continue
        if not isinstance(error, AwsError) or error.code in ("LimitExceeded", "Timeout", "Throttled"):
            raise error
        if must and error.code != "NotFound":
            raise error
        failures.append(error)
    problems = Counter(f"{each.code}: {each.message}" for each in failures)
    found.warnings += [
        f"some details could not be read ({times} of {len(asks)} calls): {problem}"
        for problem, times in problems.most_common(5)
    ]


def _batches(detail: Detail, items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The items that one call each may be about: of one parent, since what it gives is given once for all of them."""
    if detail.batch == 1:
        return [[item] for item in items]
    families: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        families.setdefault(repr(item.get("parent")), []).append(item)
    return [
        family[start : start + detail.batch]
        for family in families.values()
        for start in range(0, len(family), detail.batch)
    ]


def first_step(field: str) -> str:
    """The property that a path of `fields` begins with."""
    return re.split(r"[.\[]", field)[0]


async def _one(query: Query, detail: Detail, batch: list[dict[str, Any]], found: Found) -> None:
    """One call: about one item, or about a batch of them."""
    params: dict[str, Any] = dict(detail.extra)
    for name, path in detail.inputs.items():
        values = [_input(query, path, item) for item in batch]
        one_for_all = path.startswith(("parent.", "$"))
        params[name] = values[0] if detail.batch == 1 or one_for_all else values
    marks = query.source.catalog.marks.get(query.row.service, {})

    def reduce(page: Any, shape: Any) -> tuple[Any, int]:
        clean = plain(page, shape, string_bytes=query.source.limits.string_bytes, marks=marks)
        answer = expression(detail.path).search(clean) if detail.path else clean
        return answer, len(msgspec.json.encode(answer))

    scope = replace(query.scope, region=_region_of(query, batch[0]))
    found.calls += 1
    try:
        (answer, size), _ = await query.source.page(query.state, scope, detail.operation, params, reduce)
        query.state.budget.spend_result(0, size)
    except AwsError as error:
        if error.aws_code not in detail.absent or not error.aws_code:
            raise
        answer = None
    if detail.under is not None:
        for item in batch:
            item["properties"] = {**item["properties"], detail.under: answer}
        return
    more = cast(list[Any], answer if isinstance(answer, list) else [answer])
    known = _by_name(query, more, batch[0].get("parent", {})) if detail.batch > 1 else {}
    for item in batch:
        of_it = known.get(item["resourceId"]) or known.get(item["arn"])
        said = of_it if detail.batch > 1 else (more[0] if more else None)
        if isinstance(said, dict):
            _merge(query, item, cast(dict[str, Any], said))


def _region_of(query: Query, item: Mapping[str, Any]) -> str:
    """Where to ask about an item: one that was listed from elsewhere, in its own region."""
    own: str = item["region"] if query.row.region_of else GLOBAL
    return query.scope.region if own == GLOBAL else own


def _input(query: Query, path: str, item: Mapping[str, Any]) -> Any:
    if path == "$account":
        return query.account
    return expression(path).search({**item["properties"], "parent": item.get("parent", {})})


def _by_name(query: Query, more: list[Any], parent: Mapping[str, Any]) -> dict[str | None, dict[str, Any]]:
    """The entries of an answer about a batch, by their id and by their ARN."""
    known: dict[str | None, dict[str, Any]] = {}
    for said in more:
        if isinstance(said, dict):
            entry = cast(dict[str, Any], said)
            again = envelope(query.row, entry, Place(query.account, query.region, parent))
            known |= {name: entry for name in (again["resourceId"], again["arn"]) if name}
    return known


def _merge(query: Query, item: dict[str, Any], said: dict[str, Any]) -> None:
    properties = {**item["properties"], **said}
    again = envelope(query.row, properties, Place(query.account, query.region, item.get("parent", {})))
    tags = again["tags"] or tags_of(said.get("Tags", said.get("tags"))) or item["tags"]
    item.update(again, resourceId=item["resourceId"], arn=again["arn"] or item["arn"], tags=tags)
    if tags.get("Name"):
        item["displayName"] = tags["Name"]


async def add_tags(query: Query, found: Found) -> None:
    """Fills in the tags of items whose list does not give them, by their ARNs."""
    if query.row.tags is not None or not found.items:
        return
    by_arn: dict[str, list[dict[str, Any]]] = {}
    by_region: dict[str, dict[str, None]] = {}  # of each its ARNs, once and in order
    for item in found.items:
        if item["arn"]:
            by_arn.setdefault(item["arn"], []).append(item)
            by_region.setdefault(_region_of(query, item), {})[item["arn"]] = None
    unknown = sum(not item["arn"] for item in found.items)
    if unknown:
        found.warnings.append(f"the tags of {unknown} items are unknown: they have no ARN to ask by")
    groups = [
        (Scope(query.account, region, "resourcegroupstaggingapi"), arns[start : start + ARNS_AT_ONCE])
        for region, arns in ((region, list(those)) for region, those in by_region.items())
        for start in range(0, len(arns), ARNS_AT_ONCE)
    ]
    # One that fails is the answer: the others are not to go on asking when that is given, or the run is over.
    try:
        async with asyncio.TaskGroup() as asking:
            answers = [asking.create_task(_tags(query, scope, group)) for scope, group in groups]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    for answer in answers:
        found.calls += 1
        for arn, tags in answer.result().items():
            for item in by_arn.get(arn, []):
                item["tags"] = tags
                item["displayName"] = tags.get("Name") or item["displayName"]


async def _tags(query: Query, scope: Scope, arns: list[str]) -> dict[str, dict[str, str]]:
    def reduce(page: Any, _shape: Any) -> dict[str, dict[str, str]]:
        listed: list[Any] = page.get("ResourceTagMappingList", [])
        return {each["ResourceARN"]: tags_of(each.get("Tags")) for each in listed}

    answer, _ = await query.source.page(query.state, scope, "GetResources", {"ResourceARNList": arns}, reduce)
    return answer
