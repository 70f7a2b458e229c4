"""getCloudTrailEvents: who did what, from the ninety days of history every account has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, cast

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from stockade.aws.arguments import Arguments, read
from stockade.aws.errors import AwsError
from stockade.aws.normalise import plain
from stockade.aws.regions import known_region
from stockade.aws.source import AwsSource, Scope
from stockade.aws.times import iso, now_ms, span
from stockade.bindings import Reply

DAY_MS = 86_400_000
# LookupEvents reaches back this far; older events are in a trail's bucket, if there is one.
HISTORY_DAYS = 90
# What LookupEvents gives at most in one answer.
PAGE_EVENTS = 50
# Two calls a second of so many events each: five seconds for what a script gets without asking for more.
DEFAULT_EVENTS = 500

AttributeName = Literal[
    "EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"
]


class LookupAttribute(BaseModel):
    """One attribute to look up by, spelled as AWS spells it."""

    model_config = ConfigDict(extra="forbid")

    AttributeKey: AttributeName
    AttributeValue: str = Field(max_length=2000)


class GetTrailEvents(Arguments):
    """getCloudTrailEvents(startTime, endTime, eventName)"""

    start_time: int | float | str | None = None
    end_time: int | float | str | None = None
    event_name: str | None = Field(default=None, max_length=2000)
    account_id: str | None = None
    region: str | None = None
    lookup_attributes: list[LookupAttribute] | None = Field(default=None, max_length=20)
    max_results: int | None = Field(default=None, ge=1)


async def get_trail_events(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """Events, newest first. AWS looks up by one attribute; the others are matched here."""
    given = read(GetTrailEvents, args, ("startTime", "endTime", "eventName"), options=True)
    start, end, warnings = within_history(*span(given.start_time, given.end_time))
    account = await source.account(given.account_id)
    region = known_region(source, given.region)
    state = source.state()
    wanted = [(each.AttributeKey, each.AttributeValue) for each in given.lookup_attributes or []]
    if given.event_name:
        wanted.insert(0, ("EventName", given.event_name))
    most = min(given.max_results or DEFAULT_EVENTS, source.limits.trail_events_per_query)
    params: dict[str, Any] = {
        "StartTime": datetime.fromtimestamp(start / 1000, UTC),
        "EndTime": datetime.fromtimestamp(end / 1000, UTC),
        # What is matched here as well may want many more.
        "MaxResults": PAGE_EVENTS if len(wanted) > 1 else min(most, PAGE_EVENTS),
    }
    if wanted:
        key, value = wanted[0]
        params["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]

    found: list[dict[str, Any]] = []
    looked_at, pages = 0, 0
    scope = Scope(account.id, region, "cloudtrail")
    following: dict[str, Any] | None = params

    def reduce(page: Any, shape: Any) -> tuple[list[dict[str, Any]], bool, int, int]:
        events = plain(page, shape, string_bytes=256 * 1024).get("Events", [])
        kept = [shaped(event) for event in events if all(_has(event, *each) for each in wanted[1:])]
        taken = kept[: most - len(found)]
        return taken, len(taken) < len(kept), len(events), len(msgspec.json.encode(taken))

    while following is not None and len(found) < most and looked_at < source.limits.trail_events_per_query:
        asked = following
        (page, is_cut, count, size), following = await source.page(state, scope, "LookupEvents", asked, reduce)
        state.budget.spend_result(len(page), size)
        found += page
        looked_at += count
        pages += 1
        if is_cut:
            following = asked  # the token after it would pass over what is left out
    truncated = following is not None
    value = {
        "events": found,
        "nextToken": following.get("NextToken") if following else None,
        "totalEvents": len(found),
        "truncated": truncated,
    }
    meta = {"truncated": truncated, "pages": pages, "warnings": warnings, "budget": state.budget.as_data()}
    return Reply(value, meta)


def within_history(start: int, end: int) -> tuple[int, int, list[str]]:
    """The span cut to what LookupEvents can see, with a warning where something was cut."""
    oldest = now_ms() - HISTORY_DAYS * DAY_MS
    if end < oldest:
        raise AwsError(
            "InvalidArgument",
            f"endTime ({iso(end)}) is more than {HISTORY_DAYS} days ago, and event history goes no further back",
            hint="older events are in the bucket of a trail, if the account has one",
        )
    if start < oldest:
        return oldest, end, [f"startTime was moved to {iso(oldest)}: event history goes back {HISTORY_DAYS} days"]
    return start, end, []


def shaped(event: dict[str, Any]) -> dict[str, Any]:
    """One event with the fields a script wants most, some of them from the record inside."""
    record = _record(event)
    found: Any = record.get("userIdentity")
    identity = cast(dict[str, Any], found) if isinstance(found, dict) else {}
    return {
        "eventId": event.get("EventId"),
        "eventName": event.get("EventName"),
        "eventTime": event.get("EventTime"),
        "eventSource": event.get("EventSource"),
        "username": event.get("Username") or identity.get("arn"),
        "readOnly": event["ReadOnly"] == "true" if "ReadOnly" in event else record.get("readOnly"),
        "resources": [
            {"type": each.get("ResourceType"), "name": each.get("ResourceName")} for each in event.get("Resources", [])
        ],
        "sourceIpAddress": record.get("sourceIPAddress"),
        "awsRegion": record.get("awsRegion"),
        "errorCode": record.get("errorCode"),
        "errorMessage": record.get("errorMessage"),
    }


def _record(event: dict[str, Any]) -> dict[str, Any]:
    try:
        record: Any = msgspec.json.decode(event.get("CloudTrailEvent") or "{}")
    except msgspec.DecodeError:
        return {}
    return cast(dict[str, Any], record) if isinstance(record, dict) else {}


def _has(event: dict[str, Any], key: str, value: str) -> bool:
    if key in ("ResourceType", "ResourceName"):
        return any(each.get(key) == value for each in event.get("Resources", []))
    return str(event.get(key, "")).lower() == value.lower() if key == "ReadOnly" else event.get(key) == value
