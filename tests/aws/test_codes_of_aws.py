"""The codes that AWS's services have for one and the same thing, as one code of ours."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from stockade.aws.translate import translated


def told(code: str, message: str = "no", status: int = 400):
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return translated(ClientError(answer, "DescribeIt"), service="it", operation="DescribeIt")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Throttled", "RateLimitExceededException"),  # License Manager
        ("Throttled", "KmsThrottlingException"),  # Step Functions
        ("Throttled", "TooManyRequestException"),
        ("Throttled", "ThrottlingException"),
        ("Throttled", "RequestThrottledException"),
        ("AccessDenied", "AccessDeniedFault"),  # DMS
        ("AccessDenied", "AuthorizationException"),  # License Manager
        ("AccessDenied", "CloudHsmAccessDeniedException"),
        ("AccessDenied", "UnauthorizedOperation"),
        ("AccessDenied", "UnauthorizedClientException"),  # Chime, with status 401
        ("AccessDenied", "OrganizationAccessDeniedException"),  # Config
        ("AccessDenied", "KmsAccessDeniedException"),
        ("InvalidArgument", "InvalidParameterValueException"),  # Lambda, ECS, Backup
        ("InvalidArgument", "InvalidParametersException"),  # Service Catalog
        ("InvalidArgument", "InvalidArgument"),  # S3, CloudFront
        ("InvalidArgument", "WAFInvalidParameterException"),
        ("NotFound", "WAFNonexistentItemException"),
        ("NotFound", "UnknownResourceException"),  # RAM
        ("NotFound", "AWS.SimpleQueueService.NonExistentQueue"),
        ("ServiceError", "LimitExceededException"),
        ("ServiceError", "InvalidAccessException"),  # Security Hub, which is not switched on
        ("ServiceError", "InvalidStateException"),
    ],
)
def test_each_spelling_is_one_code(ours, theirs):
    assert told(theirs).code == ours
    assert told(f"com.amazonaws.it#{theirs}:http://internal/").code == ours


def test_no_permission_is_guessed_where_it_is_another_services_refusal_that_is_passed_on():
    assert told("AccessDeniedFault").hint == "the identity needs the IAM permission it:DescribeIt"
    assert told("KmsAccessDeniedException").hint is None
    said = "not authorized to perform: kms:Decrypt"
    assert told("KmsAccessDeniedException", said).hint == "the identity needs the IAM permission kms:Decrypt"
