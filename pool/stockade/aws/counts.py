"""countResources: how many of each type there are, by account and region."""

from __future__ import annotations

import asyncio
from typing import Any

from stockade.aws.arguments import Arguments, Names, named, read
from stockade.aws.catalog import Row
from stockade.aws.errors import AwsError
from stockade.aws.regions import known_region
from stockade.aws.resources import QueryResources, check_scopes, in_scope, nothing_named, usable_row
from stockade.aws.source import AwsSource
from stockade.bindings import Reply


class CountResources(Arguments):
    """countResources(types, accounts, regions)"""

    types: Names | str
    accounts: Names | str | None = None
    regions: Names | str | None = None


async def count_resources(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """{counts: [{resourceType, accountId, region, count, truncated}], total, errors}; a global type once an account."""
    given = read(CountResources, args, ("types", "accounts", "regions"))
    types, accounts_named, regions_named = named(given.types), named(given.accounts), named(given.regions)
    check_scopes(len(types) * len(accounts_named) * len(regions_named))
    rows = [usable_row(source, each or "") for each in types]
    accounts = [(await source.account(each)).id for each in accounts_named]
    regions = [source.default_region if each is None else each for each in regions_named]
    for row in rows:
        for region in regions:
            known_region(source, region, row)
    state = source.state()
    asked = {
        (row.type, account, "" if row.home else region): (row, account, region)
        for row in rows
        for account in accounts
        for region in regions
    }
    results = await asyncio.gather(
        *(in_scope(source, state, row, account, region, counting(row)) for row, account, region in asked.values()),
        return_exceptions=True,
    )
    counts: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    warnings = nothing_named(len(asked))
    for (row, _, _), result in zip(asked.values(), results, strict=True):
        if isinstance(result, AwsError):
            errors.append({"resourceType": row.type, **result.as_data()})
        elif isinstance(result, BaseException):
            raise result
        else:
            counts += result[0].items
            warnings += [f"{row.type}: {warning}" for warning in result[0].warnings]
    if errors and not counts:
        first = next(each for each in results if isinstance(each, AwsError))
        raise first
    total = sum(each["count"] for each in counts)
    facts = {"warnings": list(dict.fromkeys(warnings)), "budget": state.budget.as_data()}
    return Reply({"counts": counts, "total": total, "errors": errors}, facts)


def counting(row: Row) -> QueryResources:
    """The query that a count is."""
    return QueryResources.model_validate({"resourceType": row.type, "detail": "count"})
