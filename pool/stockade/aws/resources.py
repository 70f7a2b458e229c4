"""queryResources: everything of one type in one account and region."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from stockade.aws.arguments import Arguments, read
from stockade.aws.catalog import Row
from stockade.aws.errors import AwsError
from stockade.aws.executor import Query, list_items
from stockade.aws.regions import known_region
from stockade.aws.source import AwsSource
from stockade.bindings import Reply


class QueryResources(Arguments):
    """queryResources(resourceType, accountId, region)"""

    resource_type: str
    account_id: str | None = None
    region: str | None = None
    limit: int | None = Field(default=None, ge=1)


async def query_resources(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """The resources of one scope, complete, or an AwsError; `meta` says what it took."""
    given = read(QueryResources, args, ("resourceType", "accountId", "region"), options=True)
    row = usable_row(source, given.resource_type)
    account = await source.account(given.account_id)
    region = known_region(source, given.region or source.default_region)
    limit = min(given.limit or source.limits.items_per_query, source.limits.items_per_query)
    state = source.state()
    found = await list_items(Query(source, state, row, account.id, region, limit))
    meta = {
        "truncated": found.truncated,
        "pages": found.pages,
        "calls": found.calls,
        "fromCache": False,
        "tier": "verified" if row.tier == "high" else "derived",
        "warnings": found.warnings,
        "budget": state.budget.as_data(),
    }
    return Reply(found.items, meta)


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
