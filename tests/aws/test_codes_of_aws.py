"""The codes that AWS's services have for one and the same thing, as one code of ours."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConfigParseError

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


@pytest.mark.parametrize(
    ("ours", "code", "message", "status"),
    [
        ("Throttled", "LimitExceededException", "Rate of requests exceeded", 400),
        ("Throttled", "Slow", "no", 429),
        ("Throttled", "Slow", "Rate exceeded", 400),
        ("CredentialsExpired", "Invalid", "The security token included in the request is expired", 400),
        ("ServiceError", "SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier", 403),
        ("CredentialsInvalid", "SignatureDoesNotMatch", "it does not fit", 403),
        ("AccessDenied", "Refused", "no", 403),
        ("NotFound", "Gone", "no", 404),
    ],
)
def test_where_the_code_says_nothing_the_status_or_the_message_does(ours, code, message, status):
    assert told(code, message, status).code == ours


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_fault_of_the_service_itself_may_be_over_the_next_time(status):
    assert told("Broken", status=status).details["retryable"] is (status >= 500)


def test_an_error_without_a_message_is_told_by_its_code():
    assert told("InvalidStateException", "").message == "InvalidStateException"
    assert told("", "").message == "no message"


def test_of_a_signature_that_does_not_fit_the_request_is_not_told():
    """AWS repeats it, with the session token and the id of the key."""
    said = "It does not match.\n\nThe Canonical String for this request should have been\n'x-amz-security-token:IQoJ'"

    assert told("SignatureDoesNotMatch", said).message == "It does not match."
    assert told("IncompleteSignature", "Authorization=AWS4 Credential=AKIA").message == ""


def test_a_path_of_this_machine_is_not_told_and_one_of_aws_is():
    group = "/aws/lambda/shop/orders"
    parsed = translated(ConfigParseError(path="/home/me/.aws/config", error="no"), service="it", operation="DescribeIt")

    assert group in told("ValidationException", f"no log group {group}").message
    assert parsed.code == "CredentialsInvalid"
    assert "/home" not in parsed.message
    assert "<path>" in parsed.message


def test_an_error_that_turns_out_to_be_another_keeps_its_scope():
    before = told("InvalidClientTokenId")
    after = before.become("RegionNotEnabled", "switch it on")

    assert before.aws_code == after.aws_code == "InvalidClientTokenId"
    assert (after.code, after.hint) == ("RegionNotEnabled", "switch it on")
    assert after.details | {"hint": None} == before.details | {"hint": None}
