"""CloudTrail's LookupEvents for moto, which lacks it: seeded demo events, looked up as AWS documents it."""

from __future__ import annotations

import json
import time
from typing import Any

PAGE = 50
KEYS = ("EventId", "EventName", "ReadOnly", "Username", "EventSource", "AccessKeyId")

# By account and region, in no order.
STORE: dict[tuple[str, str], list[dict[str, Any]]] = {}


def install() -> None:
    """Gives moto's CloudTrail the operation; moto finds it by its name."""
    from moto.cloudtrail.responses import CloudTrailResponse

    untyped: Any = CloudTrailResponse
    untyped.lookup_events = lookup_events


def lookup_events(self: Any) -> str:
    """One page of the caller's events, newest first."""
    from moto.core.exceptions import JsonRESTError

    attributes: list[dict[str, str]] = self._get_param("LookupAttributes") or []
    start = float(self._get_param("StartTime") or 0)
    end = float(self._get_param("EndTime") or time.time())
    most = int(self._get_param("MaxResults") or PAGE)
    if len(attributes) > 1 or any(
        each.get("AttributeKey") not in (*KEYS, "ResourceType", "ResourceName") for each in attributes
    ):
        raise JsonRESTError("InvalidLookupAttributesException", "You can specify one lookup attribute.")
    if start > end:
        raise JsonRESTError("InvalidTimeRangeException", "The start time is after the end time.")
    if not 1 <= most <= PAGE:
        raise JsonRESTError("InvalidMaxResultsException", "MaxResults must be between 1 and 50.")
    events = [
        event
        for event in STORE.get((self.current_account, self.region), [])
        if start <= event["EventTime"] <= end and all(matches(event, each) for each in attributes)
    ]
    events.sort(key=lambda event: event["EventTime"], reverse=True)
    try:
        first = int(self._get_param("NextToken") or 0)
    except ValueError:
        raise JsonRESTError("InvalidNextTokenException", "The token is not valid.") from None
    answer: dict[str, Any] = {"Events": events[first : first + most]}
    if first + most < len(events):
        answer["NextToken"] = str(first + most)
    return json.dumps(answer)


def matches(event: dict[str, Any], attribute: dict[str, str]) -> bool:
    """Whether an event has the attribute's value; values are case-sensitive."""
    key, value = attribute["AttributeKey"], attribute.get("AttributeValue", "")
    if key in KEYS:
        return str(event.get(key)) == value
    return any(each.get(key) == value for each in event.get("Resources", []))


def record(
    account: str,
    region: str,
    name: str,
    source: str,
    user: str,
    at: float,
    *,
    resources: tuple[tuple[str, str], ...] = (),
    read_only: bool = False,
    error_code: str | None = None,
) -> None:
    """Adds one event to the store, in the form LookupEvents gives it."""
    events = STORE.setdefault((account, region), [])
    event_id = f"{len(events):08x}-{account[:4]}-4{region.encode().hex()[:3]}-8000-{account}"
    arn = f"arn:aws:iam::{account}:user/{user}"
    inside: dict[str, Any] = {
        "eventVersion": "1.09",
        "eventID": event_id,
        "eventName": name,
        "eventSource": source,
        "awsRegion": region,
        "recipientAccountId": account,
        "sourceIPAddress": "203.0.113.10",
        "userIdentity": {"type": "IAMUser", "userName": user, "arn": arn, "accountId": account},
        "readOnly": read_only,
    }
    if error_code:
        inside["errorCode"] = error_code
    events.append(
        {
            "EventId": event_id,
            "EventName": name,
            "EventSource": source,
            "EventTime": at,
            "ReadOnly": "true" if read_only else "false",
            "Username": user,
            "AccessKeyId": "AKIADEMODEMODEMODEMO",
            "Resources": [{"ResourceType": kind, "ResourceName": each} for kind, each in resources],
            "CloudTrailEvent": json.dumps(inside),
        }
    )
