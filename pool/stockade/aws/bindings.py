"""The functions a script gets, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from stockade.aws.accounts import list_accounts
from stockade.aws.cloudtrail_events import get_trail_events
from stockade.aws.cloudwatch_logs import query_log_events
from stockade.aws.counts import count_resources
from stockade.aws.declarations import declarations
from stockade.aws.errors import AwsError
from stockade.aws.regions import list_regions
from stockade.aws.resources import query_resources
from stockade.aws.schema import get_resource_schema, list_resource_types
from stockade.aws.source import AwsSource
from stockade.aws.translate import translated
from stockade.bindings import binding

AwsBinding = Callable[..., Awaitable[Any]]

FUNCTIONS: dict[str, Callable[[AwsSource, tuple[Any, ...]], Awaitable[Any]]] = {
    "listAccounts": list_accounts,
    "listRegions": list_regions,
    "queryResources": query_resources,
    "queryCloudWatchLogEvents": query_log_events,
    "getCloudTrailEvents": get_trail_events,
    "countResources": count_resources,
    "getResourceSchema": get_resource_schema,
    "listResourceTypes": list_resource_types,
}


def aws_bindings(source: AwsSource) -> dict[str, AwsBinding]:
    """Every binding of the AWS pack, answering from `source`, which must stay open as long as they are used."""
    told = declarations()
    return {name: _bound(source, name, told[name]) for name in FUNCTIONS}


def _bound(source: AwsSource, name: str, declaration: str) -> AwsBinding:
    function = FUNCTIONS[name]

    @binding(read_only=True, idempotent=True, declaration=declaration)
    async def bound(*args: Any) -> Any:
        try:
            return await function(source, args)
        except AwsError:
            raise
        except Exception as error:  # a fault of ours, which must not be the script's to guess at
            raise translated(error, service="stockade", operation=name) from None

    bound.__name__ = bound.__qualname__ = name
    bound.__doc__ = function.__doc__
    return bound
