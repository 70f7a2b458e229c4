"""A success that is none of AWS's answers is an error and no empty list: no fleet is gone for the page of a proxy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stockade.aws import AwsError, AwsSource, aws_bindings

PAGE = "<!DOCTYPE html>\n<html><body>Please log in</body></html>"
REFUSAL = "<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>"

# Of each form of protocol one type, by the operation that lists it.
TYPES = {
    "DescribeInstances": "AWS::EC2::Instance",
    "ListTopics": "AWS::SNS::Topic",
    "ListBuckets": "AWS::S3::Bucket",
    "ListTables": "AWS::DynamoDB::Table",
}


@pytest.fixture
def attempts() -> int:
    return 1


@pytest.fixture
def aws(served: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(served)


@pytest.mark.parametrize("operation", TYPES)
@pytest.mark.parametrize(
    "body",
    [PAGE, f'<?xml version="1.0"?>{PAGE}', '<html xmlns="http://www.w3.org/1999/xhtml"/>', "", "null", "[]", '"x"'],
)
async def test_what_is_no_answer_of_the_service_is_told_as_that(server, aws, operation, body):
    server.answers[operation] = [lambda handler: handler.reply(200, body, "text/xml")]
    with pytest.raises(AwsError) as caught:
        await aws["queryResources"](TYPES[operation])
    assert (caught.value.code, caught.value.details["retryable"]) == ("ServiceError", True)
    assert "Error:" not in caught.value.message and "failed:" not in caught.value.message


@pytest.mark.parametrize("operation", ["DescribeInstances", "ListTopics"])
@pytest.mark.parametrize("body", [REFUSAL, "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>"])
async def test_an_answer_to_something_else_is_none(server, aws, operation, body):
    server.answers[operation] = [lambda handler: handler.reply(200, body, "text/xml")]
    with pytest.raises(AwsError) as caught:
        await aws["queryResources"](TYPES[operation])
    assert (caught.value.code, caught.value.details["retryable"]) == ("ServiceError", True)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("DescribeInstances", "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>"),
        ("DescribeInstances", '<?xml version="1.0"?>\n<a:DescribeInstancesResponse xmlns:a="urn:a"/>'),
        ("ListTopics", "<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult></ListTopicsResponse>"),
        ("ListBuckets", "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
        ("ListTables", "{}"),
    ],
)
async def test_an_answer_that_lists_nothing_is_an_empty_list(server, aws, operation, body):
    server.answers[operation] = [lambda handler: handler.reply(200, body, "text/xml")]
    assert (await aws["queryResources"](TYPES[operation])).value == []


async def test_an_answer_that_does_not_say_how_long_it_is_is_read_to_its_end(server, aws):
    """Many of AWS's do not: they come in chunks."""

    def in_chunks(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b'f\r\n{"TableNames":[\r\n5\r\n"a"]}\r\n0\r\n\r\n')

    server.answers["ListTables"] = [in_chunks]
    assert [item["resourceId"] for item in (await aws["queryResources"](TYPES["ListTables"])).value] == ["a"]
