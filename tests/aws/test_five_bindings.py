"""The five bindings of the seed, in both forms, over real HTTP against the embedded world."""

from __future__ import annotations

import json
import time

import pytest

from stockade.aws import AwsError
from stockade.bindings import info_of

PRODUCTION, STAGING = "210987654321", "310987654321"
HOUR = 3_600_000


def now() -> int:
    return int(time.time() * 1000)


async def test_every_binding_is_declared_read_only_and_idempotent(aws):
    assert {info_of(function).read_only and info_of(function).idempotent for function in aws.values()} == {True}


async def test_list_accounts_names_every_account_and_the_default_first(aws):
    accounts = await aws["listAccounts"]()
    assert [account["name"] for account in accounts] == [
        "acme-management",
        "acme-production",
        "acme-staging",
        "acme-sandbox",
    ]
    assert [account["default"] for account in accounts] == [True, False, False, False]


async def test_list_regions_gives_codes_with_names(aws):
    regions = {region["code"]: region["name"] for region in (await aws["listRegions"]()).value}
    assert regions["eu-west-1"] == "Europe (Ireland)"
    assert len(regions) >= 17


async def test_query_resources_gives_the_same_in_both_forms(aws):
    positional = await aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "us-east-1")
    named = await aws["queryResources"](
        {"resourceType": "AWS::EC2::Instance", "accountId": PRODUCTION, "region": "us-east-1"}
    )
    assert positional.value == named.value
    assert [item["displayName"] for item in positional.value] == ["web-1", "web-2", "batch-1"]
    json.dumps(positional.value, allow_nan=False)


async def test_an_item_has_the_envelope_every_type_shares(aws):
    item = (await aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "eu-west-1")).value[0]
    assert set(item) == {
        "resourceType", "resourceId", "arn", "displayName", "accountId", "region", "status", "tags", "properties",
    }  # fmt: skip
    assert item["accountId"] == PRODUCTION
    assert item["region"] == "eu-west-1"
    assert item["status"] == "running"
    assert item["tags"]["team"] == "web"
    assert item["arn"] == f"arn:aws:ec2:eu-west-1:{PRODUCTION}:instance/{item['resourceId']}"
    assert item["properties"]["InstanceType"] == "t3.micro"
    assert item["properties"]["LaunchTime"].endswith("Z")


async def test_accounts_and_regions_do_not_see_each_other(aws):
    async def ids(account, region):
        return {item["resourceId"] for item in (await aws["queryResources"]("AWS::EC2::Volume", account, region)).value}

    here = await ids(PRODUCTION, "us-east-1")
    assert here
    assert not here & await ids(STAGING, "us-east-1")
    assert not here & await ids(PRODUCTION, "eu-west-1")


async def test_a_child_type_is_found_through_its_parents(aws):
    services = (await aws["queryResources"]("AWS::ECS::Service", PRODUCTION, "us-east-1")).value
    assert [service["resourceId"].rsplit("/", 1)[-1] for service in services] == ["api"]


async def test_log_events_come_in_both_forms_with_default_account_and_region(aws):
    positional = await aws["queryCloudWatchLogEvents"]("/acme/api", now() - HOUR, now())
    named = await aws["queryCloudWatchLogEvents"]({"logGroupName": "/acme/api", "startTime": now() - HOUR})
    assert 10 <= positional.value["totalEvents"] <= 12
    assert abs(named.value["totalEvents"] - positional.value["totalEvents"]) <= 1
    assert set(positional.value["events"][0]) == {"timestamp", "message", "ingestionTime", "logStreamName"}


async def test_trail_events_come_by_name_in_both_forms(aws):
    start = now() - 72 * HOUR
    positional = await aws["getCloudTrailEvents"](start, now(), "DeleteBucket")
    named = await aws["getCloudTrailEvents"](
        {"startTime": start, "eventName": "DeleteBucket", "accountId": PRODUCTION, "region": "eu-west-1"}
    )
    assert [event["username"] for event in positional.value["events"]] == ["ben"]
    assert named.value["events"][0]["resources"] == [{"type": "AWS::S3::Bucket", "name": "acme-old-eu-west-1"}]


@pytest.mark.parametrize(
    ("name", "args", "code", "hint"),
    [
        ("queryResources", ("AWS::EC2::Instanze", PRODUCTION, "us-east-1"), "UnsupportedType", "AWS::EC2::Instance"),
        ("queryResources", ("AWS::EC2::Instance", "210987654320", "us-east-1"), "UnknownAccount", PRODUCTION),
        ("queryResources", ("AWS::EC2::Instance", PRODUCTION, "us-east1"), "UnknownRegion", "us-east-1"),
        ("queryResources", ("AWS::EC2::Instance", PRODUCTION, "ireland"), "UnknownRegion", "eu-west-1"),
        ("queryResources", ("AWS::EC2::Instance", PRODUCTION, ""), "UnknownRegion", "listRegions"),
        ("queryResources", ("AWS::EC2::Instance", PRODUCTION, ["us-east-1", ""]), "UnknownRegion", "listRegions"),
        ("countResources", ("AWS::EC2::Instance", PRODUCTION, ""), "UnknownRegion", "listRegions"),
        ("queryCloudWatchLogEvents", ({"logGroupName": "/acme/api", "region": ""},), "UnknownRegion", "listRegions"),
        ("getCloudTrailEvents", ({"region": ""},), "UnknownRegion", "listRegions"),
        ("queryResources", ("AWS::EC2::Instance", 210987654321, "us-east-1"), "InvalidArgument", None),
        ("queryResources", ({"resourceTyp": "AWS::EC2::Instance"},), "InvalidArgument", "resourceType"),
        ("queryResources", (), "InvalidArgument", None),
        ("listAccounts", (1,), "InvalidArgument", None),
        ("queryCloudWatchLogEvents", ("/acme/none",), "NotFound", None),
        ("queryCloudWatchLogEvents", ("/acme/api", 1_700_000_000), "InvalidArgument", "seconds"),
        ("getCloudTrailEvents", ("2026-02-30",), "InvalidArgument", "ISO"),
        ("getCloudTrailEvents", (2_000_000_000_000, 1_000_000_000_000), "InvalidArgument", "order"),
        ("getCloudTrailEvents", ("2020-01-01", "2020-01-02"), "InvalidArgument", "bucket"),
    ],
)
async def test_bad_arguments_are_refused_with_a_code_and_a_way_out(aws, name, args, code, hint):
    with pytest.raises(AwsError) as caught:
        await aws[name](*args)
    assert caught.value.code == code
    assert caught.value.name == "AwsError"
    assert hint is None or hint in (caught.value.hint or "")
    assert "/work" not in caught.value.message and "Traceback" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "args", "told"),
    [
        ("listAccounts", ("prod",), "1 argument given, and it takes none"),
        ("listAccounts", ({"name": "prod"},), "there is no option 'name'; it takes none"),
        ("queryResources", ("a", "b", "c", "d"), "4 arguments given, and there are 3: resourceType, accountId, region"),
    ],
)
async def test_too_many_arguments_are_told_with_how_many_there_are(aws, name, args, told):
    with pytest.raises(AwsError) as caught:
        await aws[name](*args)
    assert caught.value.message == told
