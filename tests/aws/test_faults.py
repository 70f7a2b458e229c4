"""AWS at its worst: each fault its own code, nothing lost without a word, and the next call answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import ACCOUNT, FaultServer, Handler, cut, data, drop, error, garbage, identity, slow

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.bindings.context import CURRENT, RunInfo


@pytest.fixture
def aws(served: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(served)


async def tables(aws, region="us-east-1"):
    return await aws["queryResources"]("AWS::DynamoDB::Table", ACCOUNT, region)


async def test_one_throttled_answer_is_tried_again_and_nothing_is_missing(server, aws):
    server.answers["ListTables"] = [error("ThrottlingException", "Rate exceeded"), data(TableNames=["a", "b"])]
    assert [item["resourceId"] for item in (await tables(aws)).value] == ["a", "b"]
    assert server.count("ListTables") == 2


@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        (error("ThrottlingException", "Rate exceeded"), "Throttled", True),
        (
            error("ExpiredTokenException", "The security token included in the request is expired"),
            "CredentialsExpired",
            False,
        ),
        (error("AccessDeniedException", "User is not authorized"), "AccessDenied", False),
        (
            error("AccessDeniedException", "with an explicit deny in a service control policy", 403),
            "AccessDenied",
            False,
        ),
        (error("OptInRequired", "You are not subscribed to this service"), "RegionNotEnabled", False),
        (error("ResourceNotFoundException", "gone"), "NotFound", False),
        (error("ValidationException", "bad"), "InvalidArgument", False),
        (error("InternalServerError", "oops", 500), "ServiceError", True),
        (garbage, "ServiceError", True),
        (cut, "ConnectionFailed", True),
        (drop, "ConnectionFailed", True),
    ],
)
async def test_each_fault_has_its_own_code(server, aws, answer, code, retryable):
    server.answers["ListTables"] = [answer]
    with pytest.raises(AwsError) as caught:
        await tables(aws)
    fault = caught.value
    assert (fault.code, fault.details["retryable"]) == (code, retryable)
    assert (fault.details["service"], fault.details["operation"]) == ("dynamodb", "ListTables")
    assert (fault.details["accountId"], fault.details["region"]) == (ACCOUNT, "us-east-1")
    server.answers["ListTables"] = [data(TableNames=["a"])]
    assert len((await tables(aws)).value) == 1


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "AccessDeniedException",
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Hidden/stockade is not authorized to perform: x:List",
            "User: <identity> is not authorized to perform: x:List",
        ),
        (
            "AccessDeniedException",
            f"arn:aws-cn:iam::{ACCOUNT}:user/team/hidden, and on resource: arn:aws:iam::{ACCOUNT}:role/r",
            f"<identity>, and on resource: arn:aws:iam::{ACCOUNT}:role/r",
        ),
        (
            "ValidationException",
            "Value '/aws/lambda/shop' at 'tableName' failed to satisfy constraint",
            "Value '/aws/lambda/shop' at 'tableName' failed to satisfy constraint",
        ),
        (
            "InvalidSignatureException",
            "The signature does not match.\n\nThe Canonical String was\n'POST\nx-amz-security-token:hidden\n'",
            "The signature does not match.",
        ),
        (
            "IncompleteSignatureException",
            "Authorization header requires 'Signature'. Authorization=AWS4-HMAC-SHA256 Credential=hidden/20260101",
            "Authorization header requires 'Signature'.",
        ),
    ],
)
async def test_what_aws_says_of_the_identity_and_its_request_does_not_reach_the_script(
    server, aws, code, message, told
):
    """AWS names the identity in each refusal, and of a wrong signature it says which request it had expected."""
    server.answers["ListTables"] = [error(code, message)]
    with pytest.raises(AwsError) as caught:
        await tables(aws)
    assert caught.value.message == told


async def test_the_permission_that_lacks_has_the_name_that_iam_has_for_it(server, aws):
    said = f"User: arn:aws:iam::{ACCOUNT}:user/test is not authorized to perform: elasticfilesystem:ListThings because"
    server.answers["ListTables"] = [error("AccessDeniedException", said)]
    with pytest.raises(AwsError) as caught:
        await tables(aws)
    assert caught.value.hint == "the identity needs the IAM permission elasticfilesystem:ListThings"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        ("InvalidSignatureException", "Signature expired: 20261127T000000Z is now earlier than 20261127T000500Z"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261127T000000Z is still later than 20261126T235000Z"),
    ],
)
async def test_a_clock_that_is_wrong_is_told_as_neither_a_permission_nor_credentials_that_lack(server, aws, code, said):
    server.answers["ListTables"] = [error(code, said, 403)]
    with pytest.raises(AwsError) as caught:
        await tables(aws)
    assert caught.value.code == "ServiceError"
    assert "clock" in caught.value.hint


async def test_a_region_that_is_not_switched_on_is_told_from_bad_credentials(server, aws):
    """AWS answers both with the same words; sts says which it is."""
    server.answers["ListTables"] = [error("UnrecognizedClientException", "The security token is invalid")]
    with pytest.raises(AwsError) as caught:
        await tables(aws, "ap-east-1")
    assert caught.value.code == "RegionNotEnabled"


async def test_bad_credentials_are_told_from_a_region_that_is_not_switched_on(server, aws, served):
    await served.accounts()
    served.book.session(ACCOUNT)
    server.answers["GetCallerIdentity"] = [error("InvalidClientTokenId", status=403)]
    server.answers["ListTables"] = [error("UnrecognizedClientException", "The security token is invalid")]
    with pytest.raises(AwsError) as caught:
        await tables(aws, "ap-east-1")
    assert caught.value.code == "CredentialsInvalid"


async def test_which_of_the_two_it_is_is_found_out_by_each_run_anew(server, aws, served):
    """Keys are withdrawn while a service runs, and sts may be out of order for a moment."""
    server.answers["ListTables"] = [error("UnrecognizedClientException", "The security token is invalid")]
    codes: list[str] = []
    await served.accounts()
    served.book.session(ACCOUNT)
    for answer in (error("ServiceUnavailable", status=503), identity, error("InvalidClientTokenId", status=403)):
        server.answers["GetCallerIdentity"] = [answer]
        with pytest.raises(AwsError) as caught:
            await tables(aws, "ap-east-1")
        codes.append(caught.value.code)
    assert codes == ["CredentialsInvalid", "RegionNotEnabled", "CredentialsInvalid"]


async def test_a_connection_that_fails_in_a_region_of_ones_own_is_told_as_that(server, served):
    """A stand-in for AWS may call its region as it likes; botocore has no data on it."""
    server.answers["ListTables"] = [drop]
    with (
        AwsSource.from_environment(endpoint_url=server.endpoint_url, region="local-1") as opened,
        pytest.raises(AwsError) as caught,
    ):
        await tables(aws_bindings(opened), "local-1")
    assert (caught.value.code, caught.value.details["region"]) == ("ConnectionFailed", "local-1")


async def test_empty_pages_with_a_token_are_followed_to_the_end(server, aws):
    event = {"timestamp": 1_700_000_000_000, "message": "m", "ingestionTime": 1, "logStreamName": "s", "eventId": "1"}
    server.answers["FilterLogEvents"] = [
        data(events=[], nextToken="1"),
        data(events=[], nextToken="2"),
        data(events=[event], nextToken="3"),
        data(events=[]),
    ]
    reply = await aws["queryCloudWatchLogEvents"]("/group", 1_700_000_000_000)
    assert reply.value["totalEvents"] == 1
    assert reply.value["truncated"] is False
    assert reply.meta["pages"] == 4


async def test_an_absent_result_key_is_an_empty_list(server, aws):
    server.answers["ListQueues"] = [data()]
    assert (await aws["queryResources"]("AWS::SQS::Queue", ACCOUNT, "us-east-1")).value == []


async def test_a_body_that_does_not_come_ends_with_the_run_and_not_later(server, aws):
    server.answers["ListTables"] = [slow]
    started = time.monotonic()
    token = CURRENT.set(RunInfo("run", None, started + 1.0))
    try:
        with pytest.raises(AwsError) as caught:
            await tables(aws)
    finally:
        CURRENT.reset(token)
        server.released.set()
        server.released.clear()
    assert caught.value.code == "Timeout"
    assert time.monotonic() - started < 10


async def test_a_call_that_hangs_keeps_its_thread_no_longer_than_its_run(server, served):
    """The threads are for all runs, and one attempt of botocore waits for half a minute."""
    server.answers["ListTables"] = [
        data(TableNames=["a"]),
        slow,
        data(TableNames=["a"]),
    ]  # the first has the client made
    codes: list[str] = []
    with AwsSource.from_environment(
        endpoint_url=server.endpoint_url, region="us-east-1", limits=AwsLimits(threads=1)
    ) as opened:
        for seconds in (15, 0.5, 15):
            token = CURRENT.set(RunInfo("run", None, time.monotonic() + seconds))
            try:
                codes += [item["resourceId"] for item in (await tables(aws_bindings(opened))).value]
            except AwsError as fault:
                codes.append(fault.code)
            finally:
                CURRENT.reset(token)
        server.released.set()
        server.released.clear()
    assert codes == ["a", "Timeout", "a"]


async def test_a_call_that_nobody_waits_for_any_more_makes_no_further_attempt(server, served):
    """A script that has ended left its threads to attempt after attempt, which other runs wanted."""

    def late(handler: Handler) -> None:
        handler.server.released.wait()
        error("InternalServerError", "try again", 500)(handler)

    server.answers["ListTables"] = [late]
    with AwsSource.from_environment(
        endpoint_url=server.endpoint_url, region="us-east-1", limits=AwsLimits(threads=1)
    ) as opened:
        left = asyncio.create_task(tables(aws_bindings(opened)))
        while server.count("ListTables") == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        left.cancel()
        await asyncio.wait([left])
        server.released.set()
        await opened.in_thread(lambda: None, opened.state(), service="none", operation="None")  # which has one thread
        server.released.clear()
    assert server.count("ListTables") == 1


async def test_what_fails_in_a_list_of_regions_is_named_beside_what_did_not(server, aws):
    server.answers["ListTables"] = [
        lambda handler: (
            error("AccessDeniedException", "no")(handler)
            if handler.region == "eu-west-1"
            else data(TableNames=[handler.region])(handler)
        )
    ]
    reply = await aws["queryResources"]("AWS::DynamoDB::Table", ACCOUNT, ["us-east-1", "eu-west-1", "eu-west-2"])
    assert [item["resourceId"] for item in reply.value["items"]] == ["us-east-1", "eu-west-2"]
    assert [(each["code"], each["region"]) for each in reply.value["errors"]] == [("AccessDenied", "eu-west-1")]


async def test_when_every_region_fails_the_call_fails(server, aws):
    server.answers["ListTables"] = [error("AccessDeniedException")]
    with pytest.raises(AwsError) as caught:
        await aws["queryResources"]("AWS::DynamoDB::Table", ACCOUNT, ["us-east-1", "eu-west-1"])
    assert caught.value.code == "AccessDenied"
    assert caught.value.hint == "the identity needs the IAM permission dynamodb:ListTables"


async def test_a_token_that_comes_again_is_an_error_and_not_half_a_list(server, aws):
    server.answers["ListTables"] = [data(TableNames=["same"], LastEvaluatedTableName="same")]
    with pytest.raises(AwsError) as caught:
        await tables(aws)
    assert (caught.value.code, caught.value.details["retryable"]) == ("ServiceError", True)
    assert server.count("ListTables") == 2


async def test_tags_that_only_a_detail_operation_gives_are_known_to_a_count(server, aws):
    arns = [f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/{name}" for name in "ab"]
    tagged = {"clusterArn": arns[0], "tags": [{"key": "env", "value": "prod"}]}
    server.answers["ListClusters"] = [data(clusterArns=arns)]
    server.answers["DescribeClusters"] = [data(clusters=[tagged, {"clusterArn": arns[1]}])]
    asked = {"resourceType": "AWS::ECS::Cluster", "tags": {"env": "prod"}}
    assert len((await aws["queryResources"](asked)).value) == 1
    assert (await aws["queryResources"]({**asked, "detail": "count"})).value[0]["count"] == 1


@pytest.mark.parametrize("answer", [error("AccessDeniedException"), error("InternalServerError", status=500), drop])
async def test_a_filter_by_tags_that_could_not_be_read_is_an_error_and_not_an_empty_list(server, aws, answer):
    """Without a filter the clusters come as listed, with a warning: there nothing is left out."""
    server.answers["ListClusters"] = [data(clusterArns=[f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/a"])]
    server.answers["DescribeClusters"] = [answer]
    for detail in (None, "count"):
        with pytest.raises(AwsError) as caught:
            await aws["queryResources"]("AWS::ECS::Cluster", None, None, {"tags": {"env": "prod"}, "detail": detail})
        assert caught.value.details["operation"] == "DescribeClusters"
    plain = await aws["queryResources"]("AWS::ECS::Cluster")
    assert [item["displayName"] for item in plain.value] == ["a"]
    assert len(plain.meta["warnings"]) == 1


async def test_the_tags_of_a_bucket_are_asked_for_in_its_own_region(server, aws):
    """The tagging service knows what is in the region it is asked in."""
    names = {"us-east-1": "here", "eu-west-1": "there"}
    listed = (
        f"<Bucket><Name>{name}</Name><BucketRegion>{region}</BucketRegion></Bucket>" for region, name in names.items()
    )
    buckets = f"<ListAllMyBucketsResult><Buckets>{''.join(listed)}</Buckets></ListAllMyBucketsResult>"

    def tags(handler: Handler) -> None:
        arn = f"arn:aws:s3:::{names[handler.region]}"
        known = [{"ResourceARN": arn, "Tags": [{"Key": "env", "Value": "prod"}]}] if f'"{arn}"' in handler.body else []
        data(ResourceTagMappingList=known)(handler)

    server.answers["ListBuckets"] = [lambda handler: handler.reply(200, buckets, "text/xml")]
    server.answers["GetResources"] = [tags]
    reply = await aws["queryResources"]("AWS::S3::Bucket", ACCOUNT, "global", {"tags": {"env": "prod"}})
    assert [(item["resourceId"], item["region"]) for item in reply.value] == [
        ("here", "us-east-1"),
        ("there", "eu-west-1"),
    ]


PARTS = ("AWS::WAFv2::WebACL", ACCOUNT, "us-east-1")


def only_regional(answer):
    """Of the two parts that a list of web ACLs has there, one is given."""
    return lambda handler: (data(WebACLs=[{"Id": "1"}]) if '"REGIONAL"' in handler.body else answer)(handler)


async def test_a_list_of_which_a_part_failed_for_the_moment_is_an_error_and_not_half_a_list(server, aws):
    server.answers["ListWebACLs"] = [only_regional(error("ThrottlingException"))]
    for ask in (aws["queryResources"], aws["countResources"]):
        with pytest.raises(AwsError) as caught:
            await ask(*PARTS)
        assert (caught.value.code, caught.value.details["retryable"]) == ("Throttled", True)


async def test_a_part_that_is_refused_does_not_hide_the_others_and_is_told(server, aws):
    server.answers["ListWebACLs"] = [only_regional(error("AccessDeniedException", "not that one"))]
    listed, counted = await aws["queryResources"](*PARTS), await aws["countResources"](*PARTS)
    assert (len(listed.value), counted.value["total"]) == (1, 1)
    assert listed.meta["warnings"] == ["a part could not be listed: AccessDenied: not that one"]
    assert counted.meta["warnings"] == [f"{PARTS[0]}: {listed.meta['warnings'][0]}"]


@pytest.fixture
def by_role(server: FaultServer, served, tmp_path):
    """An accounts file with one account that is entered by its role."""
    path = tmp_path / "accounts.json"
    path.write_text(f'[{{"id": "{ACCOUNT}", "role_arn": "arn:aws:iam::{ACCOUNT}:role/r"}}]', "utf-8")
    return {"endpoint_url": server.endpoint_url, "region": "us-east-1", "accounts_file": path}


async def test_a_role_that_may_not_be_taken_is_told_with_the_permission_that_lacks(server, by_role):
    server.answers["AssumeRole"] = [error("AccessDenied", "no", 403)]
    with AwsSource.from_environment(**by_role) as opened, pytest.raises(AwsError) as caught:
        await tables(aws_bindings(opened))
    fault = caught.value
    assert (fault.code, fault.details["service"], fault.details["operation"]) == ("AccessDenied", "sts", "AssumeRole")
    assert fault.hint == "the identity needs the IAM permission sts:AssumeRole"


async def test_a_role_without_credentials_to_take_it_with_says_that_there_are_none(by_role, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with AwsSource.from_environment(**by_role) as opened, pytest.raises(AwsError) as caught:
        await tables(aws_bindings(opened))
    assert (caught.value.code, caught.value.hint) == ("CredentialsInvalid", "see docs/aws.md, Set-up")


async def test_an_accounts_file_that_cannot_be_used_says_what_is_wrong_with_it(by_role):
    by_role["accounts_file"].write_text("[]", "utf-8")
    with AwsSource.from_environment(**by_role) as opened, pytest.raises(AwsError) as caught:
        await aws_bindings(opened)["listAccounts"]()
    assert (caught.value.code, caught.value.message) == (
        "CredentialsInvalid",
        "the accounts file accounts.json lists no account",
    )


async def test_without_credentials_the_code_says_so(server, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with AwsSource.from_environment(endpoint_url=server.endpoint_url) as source, pytest.raises(AwsError) as caught:
        await aws_bindings(source)["listAccounts"]()
    assert caught.value.code == "CredentialsInvalid"
