"""An answer of AWS as JSON: what has no form there, and what has several."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.response import StreamingBody

from stockade.aws.normalise import plain, tags_of


@pytest.mark.parametrize(
    ("value", "crosses"),
    [
        (2**53 - 1, 2**53 - 1),
        (1 - 2**53, 1 - 2**53),
        (2**53, "9007199254740992"),
        (-(2**53), "-9007199254740992"),
        (True, True),
        (None, None),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        (datetime(2026, 1, 31, 12), "2026-01-31T12:00:00.000Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 5000, UTC), "2026-01-31T12:00:00.005Z"),
        (datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T12:00:00.000Z"),
        (StreamingBody(io.BytesIO(b"large"), 5), "[StreamingBody not read]"),
    ],
)
def test_a_value_that_json_or_javascript_would_change_crosses_as_what_it_is_or_not_at_all(
    value: Any, crosses: Any, in_tokyo: None
):
    assert plain({"listed": [value]}) == {"listed": [crosses]}


@pytest.mark.parametrize(
    "found",
    [
        {"Name": "a", "Empty": None},
        [{"Key": "Name", "Value": "a"}, {"Key": "Empty"}],
        [{"key": "Name", "value": "a"}, {"key": "Empty", "value": None}],
        [{"TagKey": "Name", "TagValue": "a"}, {"TagKey": "Empty", "TagValue": ""}],
        [{"tagKey": "Name", "tagValue": "a"}, {"tagKey": "Empty"}, {"other": "x"}, "x"],
    ],
)
def test_tags_are_one_object_however_a_service_spells_them(found: Any):
    assert tags_of(found) == {"Name": "a", "Empty": ""}
    assert tags_of(None) == {}
