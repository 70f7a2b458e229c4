"""How a page leads to the next: what is asked again, what is not, and where a list ends."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from stockade.aws.paging import Paging, SameToken, paging_of

PAGING = Paging(("Name", "Kind"), ("NextName", "NextKind"), "IsTruncated")


@pytest.mark.parametrize(
    ("page", "following"),
    [
        ({"IsTruncated": True, "NextName": "b", "NextKind": "A"}, {"Zone": "z", "Name": "b", "Kind": "A"}),
        ({"IsTruncated": True, "NextName": "b", "NextKind": None}, {"Zone": "z", "Name": "b"}),
        ({"IsTruncated": False, "NextName": "b"}, None),
        ({"IsTruncated": True}, None),
    ],
)
def test_the_next_page_is_asked_with_all_its_own_tokens_and_none_of_the_last(page: Any, following: Any):
    assert PAGING.following({"Zone": "z", "Name": "a", "Kind": "TXT"}, page) == following


def test_where_no_flag_says_more_the_token_alone_does():
    paging = Paging(("NextToken",), ("NextToken",))

    assert paging.following({"a": 1}, {"NextToken": "2"}) == {"a": 1, "NextToken": "2"}
    assert paging.following({"a": 1, "NextToken": "2"}, {"NextToken": ""}) is None
    with pytest.raises(SameToken):
        paging.following({"a": 1, "NextToken": "2"}, {"NextToken": "2"})


@pytest.mark.parametrize(
    ("service", "operation", "paging"),
    [
        ("iam", "ListRoles", Paging(("Marker",), ("Marker",), "IsTruncated")),
        ("route53", "ListResourceRecordSets", Paging(
            ("StartRecordName", "StartRecordType", "StartRecordIdentifier"),
            ("NextRecordName", "NextRecordType", "NextRecordIdentifier"), "IsTruncated")),
        ("apigatewayv2", "GetVpcLinks", Paging(("NextToken",), ("NextToken",))),
        ("lightsail", "GetAlarms", Paging(("pageToken",), ("nextPageToken",))),
        ("dms", "DescribeDataProviders", Paging(("Marker",), ("Marker",))),
        ("route53", "ListReusableDelegationSets", Paging(("Marker",), ("NextMarker",))),
        ("wafv2", "ListWebACLs", Paging(("NextMarker",), ("NextMarker",))),
        ("apigateway", "GetDomainNameAccessAssociations", Paging(("position",), ("position",))),
        ("cloudfront", "ListFunctions", Paging(("Marker",), ("FunctionList.NextMarker",))),
        ("cloudfront", "ListVpcOrigins", Paging(("Marker",), ("VpcOriginList.NextMarker",))),
        ("pinpoint", "GetApps", Paging(("Token",), ("ApplicationsResponse.NextToken",))),
        ("pinpoint", "ListTemplates", Paging(("NextToken",), ("TemplatesResponse.NextToken",))),
        ("firehose", "ListDeliveryStreams", Paging(
            ("ExclusiveStartDeliveryStreamName",), ("DeliveryStreamNames[-1]",), "HasMoreDeliveryStreams")),
        ("sqs", "GetQueueAttributes", None),
        ("organizations", "DescribeOrganization", None),  # which takes nothing
    ],
)  # fmt: skip
def test_pages_are_as_botocore_says_or_by_a_token_that_goes_both_ways(service: str, operation: str, paging: Any):
    loader = create_loader()
    model = ServiceModel(loader.load_service_model(service, "service-2"), service).operation_model(operation)

    assert paging_of(loader, service, operation, model) == paging
