"""What goes beyond the five: counts, schemas, types, and the options of queryResources."""

from __future__ import annotations

import pytest

from stockade.aws import AwsError
from stockade.aws.normalise import plain

PRODUCTION, SANDBOX = "210987654321", "410987654321"
ENVELOPE = {
    "resourceType", "resourceId", "arn", "displayName", "accountId", "region", "status", "tags", "properties",
}  # fmt: skip


async def instances(aws, **options):
    return (await aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "us-east-1", options)).value


async def test_the_shape_is_the_same_at_every_level_of_detail(aws):
    for detail in ("summary", "tags", "full"):
        found = await instances(aws, detail=detail)
        assert [set(item) for item in found] == [ENVELOPE] * 3
    assert (await instances(aws, detail="summary"))[0]["properties"] == {}
    assert await instances(aws, detail="count") == [
        {
            "resourceType": "AWS::EC2::Instance",
            "accountId": PRODUCTION,
            "region": "us-east-1",
            "count": 3,
            "truncated": False,
        }
    ]


async def test_fields_picks_properties_by_path(aws):
    found = await instances(aws, fields=["InstanceType", "State.Name", "SecurityGroups[0].GroupName", "Nothing"])
    assert found[0]["properties"] == {
        "InstanceType": "t3.micro", "State.Name": "running", "SecurityGroups[0].GroupName": "web", "Nothing": None,
    }  # fmt: skip


async def test_fields_takes_paths_and_no_language(aws):
    with pytest.raises(AwsError) as caught:
        await instances(aws, fields=["length(@)"])
    assert caught.value.code == "InvalidArgument"


async def test_tags_filter_and_take_alternatives(aws):
    assert [item["displayName"] for item in await instances(aws, tags={"team": "web"})] == ["web-1", "web-2"]
    assert len(await instances(aws, tags={"Name": ["web-1", "batch-1"]})) == 2
    assert await instances(aws, tags={"team": "nobody"}) == []


async def test_details_add_what_the_list_does_not_say(aws):
    plain = (await aws["queryResources"]("AWS::DynamoDB::Table", PRODUCTION, "us-east-1")).value[0]
    full = (await aws["queryResources"]("AWS::DynamoDB::Table", PRODUCTION, "us-east-1", {"detail": "full"})).value[0]
    assert plain["properties"] == {"TableName": plain["resourceId"]}
    assert full["properties"]["TableStatus"] == "ACTIVE"
    assert full["resourceId"] == plain["resourceId"]


async def test_a_type_whose_list_says_too_little_comes_with_details_by_itself(aws):
    cluster = (await aws["queryResources"]("AWS::ECS::Cluster", PRODUCTION, "us-east-1")).value[0]
    service = (await aws["queryResources"]("AWS::ECS::Service", PRODUCTION, "us-east-1")).value[0]
    assert (cluster["displayName"], cluster["status"]) == ("apps", "ACTIVE")
    assert service["properties"]["desiredCount"] == 2
    assert service["parent"]["cluster"] == cluster["arn"]


async def test_lists_of_accounts_and_regions_give_items_and_errors(aws):
    reply = await aws["queryResources"]("AWS::EC2::Instance", [PRODUCTION, SANDBOX], ["us-east-1", "eu-west-1"])
    assert {(item["accountId"], item["region"]) for item in reply.value["items"]} == {
        (account, region) for account in (PRODUCTION, SANDBOX) for region in ("us-east-1", "eu-west-1")
    }
    assert reply.value["errors"] == []
    assert len(reply.value["items"]) == 12


async def test_a_type_of_which_moto_has_a_part_answers_with_that_part(aws):
    shares = await aws["queryResources"]("AWS::RAM::ResourceShare", PRODUCTION, "us-east-1")
    assert shares.value == []
    assert "a part could not be listed" in shares.meta["warnings"][0]


async def test_counts_come_by_type_account_and_region_and_global_types_once(aws):
    reply = await aws["countResources"](
        ["AWS::EC2::Instance", "AWS::IAM::User"], [PRODUCTION, SANDBOX], ["us-east-1", "eu-west-1"]
    )
    counts = {
        (each["resourceType"], each["accountId"], each["region"]): each["count"] for each in reply.value["counts"]
    }
    assert counts["AWS::EC2::Instance", PRODUCTION, "eu-west-1"] == 3
    assert counts["AWS::IAM::User", SANDBOX, "global"] == 3
    assert len(counts) == 6
    assert reply.value["total"] == 4 * 3 + 2 * 3


def test_what_is_cut_says_so_whether_text_or_bytes():
    cut = plain({"text": "abcdef", "word": "abc", "bytes": b"abcdef", "short": b"abc"}, string_bytes=3)
    assert (cut["text"], cut["word"]) == ("abc… [6 characters]", "abc")
    assert cut["bytes"] == {"$base64": "YWJj", "$cutFrom": 6}
    assert cut["short"] == {"$base64": "YWJj"}


async def test_a_schema_is_known_without_asking_aws(aws):
    schema = await aws["getResourceSchema"]("AWS::EC2::Instance")
    assert schema["properties"]["State"]["properties"]["Name"]["enum"][:2] == ["pending", "running"]
    assert schema["operation"] == "DescribeInstances"
    beyond_the_demo = await aws["getResourceSchema"]("AWS::BedrockAgentCore::ConfigurationBundle")
    assert "bundleName" in beyond_the_demo["properties"]
    secret = await aws["getResourceSchema"]("AWS::Lambda::Function")
    assert secret["properties"]["Environment"]["properties"]["Variables"]["redacted"] is True
    marked_by_hand = await aws["getResourceSchema"]("AWS::Glue::Job")
    assert marked_by_hand["properties"]["DefaultArguments"]["redacted"] is True
    assert "redacted" not in (await aws["getResourceSchema"]("AWS::Organizations::Account"))["properties"]["Name"]


async def test_every_type_has_a_schema(aws, source):
    empty = []
    for name in source.catalog.types:
        schema = await aws["getResourceSchema"](name)
        if not schema["properties"]:
            empty.append(name)
    assert len(empty) <= 5, empty


async def test_types_are_found_by_the_words_of_their_names(aws):
    found = [each["type"] for each in await aws["listResourceTypes"]("ec2 gateway")]
    assert "AWS::EC2::InternetGateway" in found
    assert all("gateway" in name.lower() for name in found)
    assert len(await aws["listResourceTypes"]()) >= 427


async def test_a_bucket_is_found_in_its_own_region_and_all_of_them_globally(aws):
    here = (await aws["queryResources"]("AWS::S3::Bucket", PRODUCTION, "eu-west-1")).value
    every = (await aws["queryResources"]("AWS::S3::Bucket", PRODUCTION, "global")).value
    assert {item["region"] for item in here} == {"eu-west-1"}
    assert (len(here), len(every)) == (2, 6)


async def test_tags_are_filled_in_for_types_whose_list_has_none(aws):
    reply = await aws["queryResources"]("AWS::SNS::Topic", PRODUCTION, "us-east-1", {"detail": "tags"})
    assert reply.value[0]["tags"] == {"team": "platform"}


ENCRYPTION, BLOCK = "ServerSideEncryptionConfiguration", "PublicAccessBlockConfiguration"


async def buckets(aws, **options):
    reply = await aws["queryResources"]("AWS::S3::Bucket", PRODUCTION, "eu-west-1", {"detail": "full", **options})
    return {item["resourceId"]: item["properties"] for item in reply.value}, reply.meta


async def test_the_parts_of_a_bucket_come_under_their_names_and_what_is_not_configured_is_null(aws):
    found, meta = await buckets(aws)
    assets, logs = found["acme-production-assets-eu-west-1"], found["acme-production-logs-eu-west-1"]
    assert assets[ENCRYPTION]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert assets[BLOCK]["BlockPublicAcls"] is True
    assert logs[ENCRYPTION] is None
    assert {"PolicyStatus", "VersioningConfiguration", "LoggingEnabled", "LifecycleConfiguration"} <= set(logs)
    assert meta["warnings"] == []


async def test_only_the_details_that_fields_picks_are_asked_for(aws):
    found, meta = await buckets(aws, fields=[f"{BLOCK}.BlockPublicAcls"])
    assert list(found.values()) == [{f"{BLOCK}.BlockPublicAcls": True}] * 2
    assert meta["calls"] == 1 + 2


async def test_a_schema_names_what_each_detail_operation_adds(aws):
    details = (await aws["getResourceSchema"]("AWS::S3::Bucket"))["details"]
    added = {name: each["operation"] for each in details for name in each["properties"]}
    assert added[ENCRYPTION] == "GetBucketEncryption"
    assert added[BLOCK] == "GetPublicAccessBlock"
