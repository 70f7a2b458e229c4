"""What a script may make up for arguments: each ends as an answer or as an AwsError, and holds up nobody.

Some of these would take minutes or gigabytes if every name in them were looked at; the test would then time out.
"""

from __future__ import annotations

import pytest

from stockade import Pool, RuntimeConfig
from stockade.aws import AwsError
from stockade.aws.errors import CODES
from stockade.bindings import Reply

PRODUCTION = "210987654321"
TYPE, REGION = "AWS::EC2::Instance", "us-east-1"
# A call may have a megabyte of arguments.
LONG = "x" * 1_000_000
FAR_MS = 8_640_000_000_000_000  # new Date(8.64e15): the year 275760

pytestmark = pytest.mark.timeout(100)


def deep(levels):
    made = {"a": "b"}
    for _ in range(levels):
        made = {"a": made}
    return made


HOSTILE = {
    "a long type": ("queryResources", LONG),
    "a long account": ("queryResources", TYPE, LONG),
    "a long region": ("queryResources", TYPE, PRODUCTION, LONG),
    "a long text that is no options": ("queryResources", TYPE, PRODUCTION, REGION, LONG),
    "a long option": ("queryResources", {LONG: 1}),
    "ten thousand options": ("queryResources", {f"option{n}": n for n in range(10_000)}),
    "deep tags": ("queryResources", TYPE, PRODUCTION, REGION, {"tags": deep(200)}),
    "a long field": ("queryResources", TYPE, PRODUCTION, REGION, {"fields": ["a." * 100_000 + "a"]}),
    "a field of brackets": ("queryResources", TYPE, PRODUCTION, REGION, {"fields": ["a" + "[0]" * 60]}),
    "a field with a dash": ("queryResources", TYPE, PRODUCTION, REGION, {"fields": ["a-b"]}),
    "a field with a line end": ("queryResources", TYPE, PRODUCTION, REGION, {"fields": ["InstanceId\n"]}),
    "a field beyond ASCII": ("queryResources", TYPE, PRODUCTION, REGION, {"fields": ["é"]}),
    "a hundred thousand values of a tag": (
        "queryResources", TYPE, PRODUCTION, REGION, {"tags": {"a": ["b"] * 100_000}},
    ),
    "eighty thousand tags that are none": (
        "queryResources", TYPE, PRODUCTION, REGION, {"tags": {f"tag{n}": n for n in range(80_000)}},
    ),
    "attributes with eighty thousand keys": (
        "getCloudTrailEvents", {"lookupAttributes": [{f"key{n}": n for n in range(4_000)}] * 20},
    ),
    "a limit of nothing": ("queryResources", TYPE, PRODUCTION, REGION, {"limit": 0}),
    "a limit beyond integers": ("queryResources", TYPE, PRODUCTION, REGION, {"limit": 1e308}),
    "a hundred thousand regions": ("queryResources", TYPE, PRODUCTION, [REGION] * 100_000),
    "a thousand regions that are none": ("queryResources", TYPE, PRODUCTION, [f"xx-{n}" for n in range(1000)]),
    "too many scopes": ("queryResources", TYPE, [PRODUCTION, "310987654321"], [f"r{n}" for n in range(1000)]),
    "too many counts": ("countResources", *([f"n{n}" for n in range(1000)] for _ in range(3))),
    "a lone surrogate": ("queryResources", TYPE, PRODUCTION, "\ud800"),
    "a lone surrogate in a type": ("queryResources", "\ud800"),
    "a list for a type": ("queryResources", [TYPE], PRODUCTION, REGION),
    "a long filter": ("listResourceTypes", LONG),
    "a schema of a long type": ("getResourceSchema", LONG),
    "regions of a long account": ("listRegions", LONG),
    "the last Date there is": ("getCloudTrailEvents", FAR_MS),
    "a span at the end of time": ("getCloudTrailEvents", FAR_MS - 1, FAR_MS),
    "logs at the end of time": ("queryCloudWatchLogEvents", "/acme/api", FAR_MS - 1, FAR_MS),
    "a text after the end of time": ("getCloudTrailEvents", "2026-01-01", "9999-12-31T23:59:59-10:00"),
    "a time before 1970": ("getCloudTrailEvents", -1),
    "a time before Christ": ("getCloudTrailEvents", "-000001-01-01T00:00:00Z"),
    "the year 1": ("queryCloudWatchLogEvents", "/acme/api", "0001-01-01"),
    "a time of a million digits": ("getCloudTrailEvents", "9" * 1_000_000),
    "a time that is NaN": ("getCloudTrailEvents", {"startTime": None}),
    "an end that is no Date": ("queryCloudWatchLogEvents", "/acme/api", {"endTime": None}),
    "a long event name": ("getCloudTrailEvents", {"eventName": LONG}),
    "a long attribute": (
        "getCloudTrailEvents", {"lookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": LONG}]},
    ),
    "many attributes": (
        "getCloudTrailEvents", {"lookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "a"}] * 10_000},
    ),
    "a long log group": ("queryCloudWatchLogEvents", LONG),
    "a long pattern": ("queryCloudWatchLogEvents", {"logGroupName": "/acme/api", "filterPattern": LONG}),
    "a pattern of parentheses": (
        "queryCloudWatchLogEvents", {"logGroupName": "/acme/api", "filterPattern": "{" + "(" * 1000 + "}"},
    ),
    "a table of no region": ("queryResources", "AWS::DynamoDB::Table", PRODUCTION, ["global", "us-east-1"]),
    "a count of no region": ("countResources", ["AWS::IAM::Role", "AWS::EC2::VPC"], PRODUCTION, "global"),
    "logs of no region": ("queryCloudWatchLogEvents", {"logGroupName": "/acme/api", "region": "global"}),
    "a trail of no region": ("getCloudTrailEvents", {"region": "global"}),
    "many log streams": ("queryCloudWatchLogEvents", {"logGroupName": "/acme/api", "logStreamNames": ["a"] * 10_000}),
    "too many arguments": ("listAccounts", *range(10_000)),
}  # fmt: skip


@pytest.mark.parametrize("args", [pytest.param(args, id=name) for name, args in HOSTILE.items()])
async def test_it_ends_as_an_error_that_says_what_is_wrong_and_is_short(aws, args):
    with pytest.raises(AwsError) as caught:
        await aws[args[0]](*args[1:])
    fault = caught.value
    assert fault.code in set(CODES) - {"ServiceError"}
    assert len(fault.message) < 1200
    assert len(fault.hint or "") < 600


@pytest.mark.parametrize("regions", [[], ["us-east-1", "us-east-1"]])
async def test_no_region_is_asked_twice_and_none_is_told(aws, regions):
    reply = await aws["queryResources"](TYPE, [PRODUCTION, PRODUCTION], regions)
    assert isinstance(reply, Reply)
    assert len(reply.value["items"]) == 3 * len(set(regions))
    assert reply.value["errors"] == []
    assert ("nothing was asked" in str(reply.meta["warnings"])) == (not regions)


async def test_an_empty_list_of_types_is_told(aws):
    reply = await aws["countResources"]([], [PRODUCTION], [REGION])
    assert reply.value == {"counts": [], "total": 0, "errors": []}
    assert "nothing was asked" in reply.meta["warnings"][0]


async def test_odd_but_possible_arguments_are_answered(aws):
    tagged = await aws["queryResources"](TYPE, PRODUCTION, REGION, {"tags": {"\ud800": "\udfff"}})
    assert tagged.value == []
    assert len(await aws["listResourceTypes"]("a " * 100)) > 100


@pytest.mark.parametrize(
    "call",
    [
        "getCloudTrailEvents({ startTime: NaN })",
        "getCloudTrailEvents({ startTime: new Date('no date') })",
        "getCloudTrailEvents({ startTime: new Date(8.64e15) })",
        "queryResources('\\ud800')",
        "queryResources('x'.repeat(900_000))",
    ],
)
async def test_a_script_catches_it_as_an_aws_error_and_may_go_on(aws, call):
    script = f"let caught; try {{ await {call} }} catch (error) {{ caught = [error.name, error.code] }}; caught"
    async with Pool(RuntimeConfig(timeout_seconds=60)) as pool:
        run = await pool.execute(script, bindings=aws)
    assert run.value in (["AwsError", "InvalidArgument"], ["AwsError", "UnsupportedType"]), run


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (HOSTILE["eighty thousand tags that are none"], "tags: 80000 members given, and there may be 20"),
        (HOSTILE["attributes with eighty thousand keys"], "lookupAttributes: 4000 members given, and there may be 20"),
    ],
)
async def test_of_too_many_members_none_is_described(aws, args, told):
    """That would take a second of the event loop, on which other runs are served."""
    with pytest.raises(AwsError) as caught:
        await aws[args[0]](*args[1:])
    assert caught.value.message == told
