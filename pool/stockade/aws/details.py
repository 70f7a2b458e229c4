"""More of each item than its list says: the detail operation, and tags from the tagging service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from stockade.aws.catalog import Detail
from stockade.aws.envelope import Place, envelope
from stockade.aws.errors import AwsError
from stockade.aws.executor import Found, Query
from stockade.aws.normalise import plain, tags_of
from stockade.aws.paging import expression
from stockade.aws.source import Scope

# What one request of the tagging service takes.
ARNS_AT_ONCE = 100


async def add_details(query: Query, found: Found) -> None:
    """Merges what the detail operation says into each item; an item that is gone by now stays as listed."""
    detail = query.row.detail
    if detail is None:
        found.warnings.append(f"{query.row.type} has no detail operation: these are the listed properties")
        return
    bound = query.source.limits.details_per_query
    if len(found.items) > bound and not detail.always:
        found.warnings.append(f"details were read for the first {bound} of {len(found.items)} items")
    wanted = found.items if detail.always else found.items[:bound]
    batches = [wanted[start : start + detail.batch] for start in range(0, len(wanted), detail.batch)]
    results = await asyncio.gather(*(_one(query, detail, batch, found) for batch in batches), return_exceptions=True)
    failures = [error for error in results if isinstance(error, BaseException)]
    for error in failures:
        if not isinstance(error, AwsError) or error.code in ("LimitExceeded", "Timeout", "Throttled"):
            raise error
    problems = dict.fromkeys(f"{each.code}: {each.message}" for each in failures if isinstance(each, AwsError))
    found.warnings += [f"some details could not be read: {problem}" for problem in list(problems)[:5]]


async def _one(query: Query, detail: Detail, batch: list[dict[str, Any]], found: Found) -> None:
    params: dict[str, Any] = dict(detail.extra)
    for name, path in detail.inputs.items():
        values = [_input(query, path, item) for item in batch]
        one_for_all = path.startswith(("parent.", "$"))
        params[name] = values[0] if detail.batch == 1 or one_for_all else values
    marks = query.source.catalog.marks.get(query.row.service, {})

    def reduce(page: Any, shape: Any) -> Any:
        clean = plain(page, shape, string_bytes=query.source.limits.string_bytes, marks=marks)
        return expression(detail.path).search(clean) if detail.path else clean

    answer, _ = await query.source.page(query.state, query.scope, detail.operation, params, reduce)
    found.calls += 1
    more = cast(list[Any], answer if isinstance(answer, list) else [answer])
    for item in batch:
        said = _of_item(query, item, more) if detail.batch > 1 else (more[0] if more else None)
        if isinstance(said, dict):
            _merge(query, item, cast(dict[str, Any], said))


def _input(query: Query, path: str, item: Mapping[str, Any]) -> Any:
    if path == "$account":
        return query.account
    return expression(path).search({**item["properties"], "parent": item.get("parent", {})})


def _of_item(query: Query, item: Mapping[str, Any], more: list[Any]) -> Any:
    """The batch's entry about an item: the one that has its id or its ARN."""
    known = {item["resourceId"], item["arn"]} - {None}
    for said in more:
        if isinstance(said, dict):
            again = envelope(query.row, said, Place(query.account, query.region, item.get("parent", {})))
            if {again["resourceId"], again["arn"]} & known:
                return cast(Any, said)
    return None


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
    for item in found.items:
        if item["arn"]:
            by_arn.setdefault(item["arn"], []).append(item)
    unknown = sum(not item["arn"] for item in found.items)
    if unknown:
        found.warnings.append(f"the tags of {unknown} items are unknown: they have no ARN to ask by")
    arns = list(by_arn)
    groups = [arns[start : start + ARNS_AT_ONCE] for start in range(0, len(arns), ARNS_AT_ONCE)]
    scope = Scope(query.account, query.scope.region, "resourcegroupstaggingapi")
    for answer in await asyncio.gather(*(_tags(query, scope, group) for group in groups)):
        found.calls += 1
        for arn, tags in answer.items():
            for item in by_arn.get(arn, []):
                item["tags"] = tags
                item["displayName"] = tags.get("Name") or item["displayName"]


async def _tags(query: Query, scope: Scope, arns: list[str]) -> dict[str, dict[str, str]]:
    def reduce(page: Any, _shape: Any) -> dict[str, dict[str, str]]:
        listed: list[Any] = page.get("ResourceTagMappingList", [])
        return {each["ResourceARN"]: tags_of(each.get("Tags")) for each in listed}

    answer, _ = await query.source.page(query.state, scope, "GetResources", {"ResourceARNList": arns}, reduce)
    return answer
