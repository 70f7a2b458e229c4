"""countResources: how many of each type there are, by account and region."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import Field

from stockade.aws.arguments import Arguments, read
from stockade.aws.catalog import Row
from stockade.aws.errors import AwsError
from stockade.aws.regions import known_region
from stockade.aws.resources import QueryResources, in_scope, usable_row
from stockade.aws.source import AwsSource
from stockade.bindings import Reply

# Types by accounts by regions of one call.
MOST_SCOPES = 1000


class CountResources(Arguments):
    """countResources(types, accounts, regions)"""

    types: list[str] | str
    accounts: list[str] | str | None = Field(default=None)
    regions: list[str] | str | None = Field(default=None)


async def count_resources(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """{counts: [{resourceType, accountId, region, count, truncated}], total, errors}; a global type once an account."""
    given = read(CountResources, args, ("types", "accounts", "regions"))
    rows = [usable_row(source, each) for each in _listed(given.types)]
    accounts = [(await source.account(each)).id for each in _listed(given.accounts)]
    regions = [known_region(source, each or source.default_region) for each in _listed(given.regions)]
    state = source.state()
    asked = {
        (row.type, account, "" if row.home else region): (row, account, region)
        for row in rows
        for account in accounts
        for region in regions
    }
    if len(asked) > MOST_SCOPES:
        raise AwsError("LimitExceeded", f"{len(asked)} scopes in one call; there may be {MOST_SCOPES}")
    results = await asyncio.gather(
        *(in_scope(source, state, row, account, region, counting(row)) for row, account, region in asked.values()),
        return_exceptions=True,
    )
    counts: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for (row, _, _), result in zip(asked.values(), results, strict=True):
        if isinstance(result, AwsError):
            errors.append({"resourceType": row.type, **result.as_data()})
        elif isinstance(result, BaseException):
            raise result
        else:
            counts += result[0].items
    if errors and not counts:
        first = next(each for each in results if isinstance(each, AwsError))
        raise first
    total = sum(each["count"] for each in counts)
    return Reply({"counts": counts, "total": total, "errors": errors}, {"budget": state.budget.as_data()})


def counting(row: Row) -> QueryResources:
    """The query that a count is."""
    return QueryResources.model_validate({"resourceType": row.type, "detail": "count"})


def _listed(given: list[str] | str | None) -> list[Any]:
    return list(given) if isinstance(given, list) else [given]
