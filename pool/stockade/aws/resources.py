"""queryResources: everything of one type in one account and region, or in many of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import jmespath
from pydantic import Field

from stockade.aws.arguments import MOST_MEMBERS, Arguments, Names, named, read
from stockade.aws.catalog import Row
from stockade.aws.details import add_details, add_tags, first_step
from stockade.aws.envelope import GLOBAL
from stockade.aws.errors import AwsError
from stockade.aws.executor import Found, Query, list_items
from stockade.aws.memo import once
from stockade.aws.normalise import REDACTED
from stockade.aws.regions import known_region
from stockade.aws.source import AwsSource, RunState
from stockade.bindings import Reply

# Accounts by regions (by types) of one call.
MOST_SCOPES = 1000

FieldPath = Annotated[str, Field(max_length=200)]
TagValues = Annotated[list[str], Field(max_length=100)]
DetailLevel = Literal["count", "summary", "tags", "full"]

# A path of member names; anything more would be a language to support.
STEP = r"[A-Za-z_][A-Za-z0-9_]*(\[\]|\[[0-9]{1,4}\])?"
FIELD = rf"{STEP}(\.{STEP})*"


class QueryResources(Arguments):
    """queryResources(resourceType, accountId, region, options)"""

    resource_type: str
    account_id: str | Names | None = None
    region: str | Names | None = None
    limit: int | None = Field(default=None, ge=1)
    fields: list[FieldPath] | None = Field(default=None, max_length=50)
    detail: DetailLevel | None = None
    tags: dict[str, str | TagValues] | None = Field(default=None, max_length=MOST_MEMBERS)


async def query_resources(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """One scope: an array, complete, or an AwsError. A list of accounts or regions: {items, errors}, and an AwsError
    only where every scope failed."""
    given = read(QueryResources, args, ("resourceType", "accountId", "region"), options=True)
    row = usable_row(source, given.resource_type)
    _check_fields(given.fields)
    state = source.state()
    if isinstance(given.account_id, list) or isinstance(given.region, list):
        return await _many(source, state, row, given)
    account = await source.account(given.account_id)
    region = known_region(source, given.region, row)
    found, cached = await in_scope(source, state, row, account.id, region, given)
    return Reply(found.items, meta(row, found, state, cached))


async def in_scope(
    source: AwsSource, state: RunState, row: Row, account: str, region: str, given: QueryResources
) -> tuple[Found, bool]:
    """One scope's answer, shared with whoever in the run asks the same."""
    # All regions of a global service are one question.
    asked = GLOBAL if row.home else region
    key = repr((row.type, account, asked, given.limit, given.fields, given.detail, sorted((given.tags or {}).items())))
    real = source.default_region if row.home else region
    return await once(state, key, lambda: _fetch(source, state, row, account, real, given))


async def _fetch(
    source: AwsSource, state: RunState, row: Row, account: str, region: str, given: QueryResources
) -> Found:
    limit = min(given.limit or source.limits.items_per_query, source.limits.items_per_query)
    # A filter by tags looks at everything; the limit is of what it lets through.
    look_at = source.limits.items_per_query if given.tags else limit
    tags = given.detail == "tags" or bool(given.tags)
    query = Query(source, state, row, account, region, look_at)
    found = await list_items(query)
    if given.detail != "count" or given.tags:  # which some types have from a detail operation alone
        full = given.detail == "full"
        await add_details(query, found, full=full, fields=given.fields, tags=tags)
    if tags:
        await add_tags(query, found)
    if given.tags:
        lists = {name: [value] if isinstance(value, str) else value for name, value in given.tags.items()}
        wanted = {name: {REDACTED, *values} for name, values in lists.items()}
        matching = [
            item for item in found.items if all(item["tags"].get(name) in values for name, values in wanted.items())
        ]
        if any(item["tags"][name] == REDACTED for item in matching for name in wanted):
            raise AwsError(
                "InvalidArgument",
                f"the tags of {row.type} come redacted, as AWS marks them as sensitive: no filter can read them",
                service=row.service,
                operation=row.operation,
                account_id=account,
                region=region,
                hint="leave out tags, and tell the items apart by something else",
            )
        found.items = matching
        found.truncated = found.truncated or len(found.items) > limit
        del found.items[limit:]
    if given.fields is None:
        return replace(found, items=_shaped(found, row, account, region, given))
    # Fifty paths into each of five thousand items: a second or two that the event loop does not have.
    items = await source.in_thread(
        lambda: _shaped(found, row, account, region, given), state, service=row.service, operation=row.operation
    )
    return replace(found, items=items)


def _shaped(found: Found, row: Row, account: str, region: str, given: QueryResources) -> list[dict[str, Any]]:
    """The items at the level of detail asked for: an array of objects whatever it is."""
    if given.detail == "count":
        place = GLOBAL if row.home else region
        count = {"resourceType": row.type, "accountId": account, "region": place, "count": len(found.items)}
        return [{**count, "truncated": found.truncated}]
    if given.fields is not None:
        picks = {name: jmespath.compile(name) for name in given.fields}
        return [{**item, "properties": _picked(row, item["properties"], picks)} for item in found.items]
    if given.detail in ("summary", "tags"):
        return [{**item, "properties": {}} for item in found.items]
    return found.items


def _picked(row: Row, properties: Mapping[str, Any], picks: Mapping[str, Any]) -> dict[str, Any]:
    """The fields' values, null where AWS says nothing. What a detail operation could not read is left out, for null
    there means that nothing is configured."""
    unread = {detail.under for detail in row.details} - properties.keys()
    return {name: pick.search(properties) for name, pick in picks.items() if first_step(name) not in unread}


async def _many(source: AwsSource, state: RunState, row: Row, given: QueryResources) -> Reply:
    """Every combination of the accounts and regions; what failed is named beside what did not."""
    accounts_named, regions_named = named(given.account_id), named(given.region)
    check_scopes(len(accounts_named) * (1 if row.home else len(regions_named)))
    accounts = [(await source.account(each)).id for each in accounts_named]
    regions = [known_region(source, each, row) for each in regions_named]
    if row.home:
        regions = regions[:1]
    scopes = list(dict.fromkeys((account, region) for account in accounts for region in regions))
    results = await asyncio.gather(
        *(in_scope(source, state, row, account, region, given) for account, region in scopes), return_exceptions=True
    )
    total = Found(warnings=nothing_named(len(scopes)))
    errors: list[AwsError] = []
    for result in results:
        if isinstance(result, AwsError):
            errors.append(result)
        elif isinstance(result, BaseException):
            raise result
        else:
            found = result[0]
            total.items += found.items
            total.calls += found.calls
            total.pages += found.pages
            total.truncated = total.truncated or found.truncated
            total.warnings += found.warnings
    if errors and len(errors) == len(scopes):
        raise errors[0]
    value = {"items": total.items, "errors": [error.as_data() for error in errors], "truncated": total.truncated}
    return Reply(value, meta(row, total, state, False))


def meta(row: Row, found: Found, state: RunState, cached: bool) -> Mapping[str, Any]:
    """What a script finds beside the items."""
    return {
        "truncated": found.truncated,
        "pages": found.pages,
        "calls": found.calls,
        "fromCache": cached,
        "tier": row.tier,
        "warnings": list(found.warnings),
        "budget": state.budget.as_data(),
    }


def usable_row(source: AwsSource, resource_type: str) -> Row:
    """The row of a type that this source can be asked for."""
    row = source.catalog.row(resource_type)
    if source.embedded and not row.moto:
        raise AwsError(
            "NotSupportedInDemo",
            f"{row.type} works against AWS, and the embedded world does not have it",
            service=row.service,
            operation=row.operation,
            hint="listResourceTypes() lists what there is here",
        )
    return row


def check_scopes(count: int) -> None:
    """Refuses a call that asks for more scopes than there may be, before any list of them is made."""
    if count > MOST_SCOPES:
        raise AwsError(
            "LimitExceeded",
            f"{count} scopes in one call; there may be {MOST_SCOPES}",
            hint="ask for some of the accounts and regions at a time",
        )


def nothing_named(scopes: int) -> list[str]:
    """A warning where a list of accounts or regions was empty: the answer is then empty too, and nothing was asked."""
    return [] if scopes else ["nothing was asked: a list of types, accounts or regions is empty"]


def _check_fields(fields: list[str] | None) -> None:
    for name in fields or []:
        if not re.fullmatch(FIELD, name):
            raise AwsError(
                "InvalidArgument",
                f"fields: {name[:60]!r} is no path of property names",
                hint="like InstanceId or State.Name or SecurityGroups[0].GroupId; getResourceSchema(type) lists them",
            )
