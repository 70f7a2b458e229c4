"""queryCloudWatchLogEvents: the events of a log group that match a pattern."""

from __future__ import annotations

from typing import Any

import msgspec
from pydantic import Field

from stockade.aws.arguments import Arguments, read
from stockade.aws.errors import AwsError
from stockade.aws.normalise import plain
from stockade.aws.regions import known_region
from stockade.aws.source import AwsSource, Scope
from stockade.aws.times import span
from stockade.bindings import Reply

# What FilterLogEvents gives at most in one answer, and gives where it is not told less.
PAGE_EVENTS = 10_000


class QueryLogEvents(Arguments):
    """queryCloudWatchLogEvents(logGroupName, startTime, endTime, filterPattern)"""

    log_group_name: str = Field(min_length=1, max_length=512)
    start_time: int | float | str | None = None
    end_time: int | float | str | None = None
    filter_pattern: str | None = Field(default=None, max_length=1024)
    account_id: str | None = None
    region: str | None = None
    limit: int | None = Field(default=None, ge=1)
    log_stream_names: list[str] | None = Field(default=None, max_length=100)


async def query_log_events(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """Matching events, oldest first; every page is followed until a cap, and `truncated` says whether one was hit."""
    given = read(QueryLogEvents, args, ("logGroupName", "startTime", "endTime", "filterPattern"), options=True)
    start, end = span(given.start_time, given.end_time)
    account = await source.account(given.account_id)
    region = known_region(source, given.region)
    state = source.state()
    most = min(given.limit or source.limits.log_events_per_query, source.limits.log_events_per_query)
    params: dict[str, Any] = {"logGroupName": given.log_group_name, "startTime": start, "endTime": end}
    if given.filter_pattern:
        params["filterPattern"] = given.filter_pattern
    if most < PAGE_EVENTS:
        params["limit"] = most
    if given.log_stream_names:
        params["logStreamNames"] = given.log_stream_names

    events: list[dict[str, Any]] = []
    size, pages = 0, 0
    scope = Scope(account.id, region, "logs")
    following: dict[str, Any] | None = params

    def reduce(page: Any, shape: Any) -> tuple[list[dict[str, Any]], bool, int]:
        found = plain(page, shape, string_bytes=source.limits.string_bytes).get("events", [])
        taken = [
            {key: event.get(key) for key in ("timestamp", "message", "ingestionTime", "logStreamName")}
            for event in found[: most - len(events)]
        ]
        return taken, len(taken) < len(found), len(msgspec.json.encode(taken))

    while following is not None and len(events) < most and size < source.limits.log_bytes_per_query:
        asked = following
        try:
            (page, is_cut, page_size), following = await source.page(state, scope, "FilterLogEvents", asked, reduce)
        except AwsError as error:
            if error.code != "NotFound":
                raise
            hint = f"queryResources('AWS::Logs::LogGroup', {account.id!r}, {region!r}) lists the groups that are there"
            raise error.become("NotFound", hint) from None
        state.budget.spend_result(len(page), page_size)
        events += page
        size += page_size
        pages += 1
        if is_cut:
            following = asked  # the token after it would pass over what is left out
    truncated = following is not None
    events.sort(key=lambda event: event["timestamp"] or 0)
    value = {
        "events": events,
        "nextToken": following.get("nextToken") if following else None,
        "totalEvents": len(events),
        "truncated": truncated,
        "statistics": {"pages": pages, "bytes": size, "startTime": start, "endTime": end},
    }
    return Reply(value, {"truncated": truncated, "pages": pages, "warnings": [], "budget": state.budget.as_data()})
