"""The codes that AWS's services have for one and the same thing, as one code of ours."""

from __future__ import annotations

import time

import botocore.exceptions as botocore
import pytest
from botocore.exceptions import ClientError, ConfigParseError

from stockade.aws.answers import DeadlinePassed, TooLarge
from stockade.aws.errors import AwsError
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
        ("CredentialsExpired", "ExpiredToken"),
        ("CredentialsExpired", "TokenRefreshRequired"),
        ("RegionNotEnabled", "OptInRequired"),
        ("RegionNotEnabled", "RegionDisabledException"),
        ("ServiceError", "LimitExceededException"),
        ("ServiceError", "InvalidAccessException"),  # Security Hub, which is not switched on
        ("ServiceError", "InvalidStateException"),
    ],
)
def test_each_spelling_is_one_code(ours, theirs):
    assert told(theirs).code == ours
    assert told(f"com.amazonaws.it#{theirs}:http://internal/").code == ours


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch", "c" * 20_000_000])
def test_of_a_refusal_without_end_no_more_is_looked_at_than_is_told(code):
    """An answer may be of many MiB, and it is looked at where the event loop should be."""
    said = "not authorized to perform: a:" + "b" * 20_000_000
    answer = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"RequestId": said}}
    before = time.thread_time()
    made = translated(ClientError(answer, "DescribeIt"), service="it", operation="DescribeIt")

    assert time.thread_time() - before < 0.1
    assert len(str(made.as_data())) < 20_000
    assert len(made.aws_code) < 2_000


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
        ("InvalidArgument", "ValidationException", "Signature expired is no name", 400),
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


def test_a_page_of_a_proxy_is_told_by_its_status():
    for page in ("<html><body>Bad gateway</body></html>", "<!DOCTYPE html><title>no</title>"):
        assert told("502", page, 502).message == "it answered with a page of status 502"


def test_an_error_says_where_it_arose_and_by_which_number_aws_knows_it():
    answer = {"Error": {"Code": "Broken"}, "ResponseMetadata": {"HTTPStatusCode": 500, "RequestId": "r-1"}}
    asked = {"service": "it", "operation": "DescribeIt", "account_id": "1", "region": "eu-west-1"}
    details = translated(ClientError(answer, "DescribeIt"), **asked).details
    scope = {"service": "it", "operation": "DescribeIt", "accountId": "1", "region": "eu-west-1"}

    assert details.items() >= (scope | {"requestId": "r-1"}).items()
    assert told("Broken").details.get("requestId") is None
    assert (
        translated(AwsError("NotFound", "no", region="us-east-1"), **asked).details.items()
        >= (scope | {"region": "us-east-1"}).items()
    )


def test_what_is_refused_while_signing_in_is_told_of_that():
    asked = {"service": "it", "operation": "DescribeIt"}
    refused = ClientError({"Error": {"Code": "Refused"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "AssumeRole")
    unassigned = ClientError({"Error": {"Code": "ForbiddenException", "Message": "No"}}, "GetRoleCredentials")

    assert translated(refused, **asked).hint == "the identity needs the IAM permission sts:AssumeRole"
    assert translated(unassigned, **asked).hint.startswith("SSO does not assign the role")
    assert told("ForbiddenException").hint == "the identity needs the IAM permission it:DescribeIt"
    other = ClientError({"Error": {"Code": "InvalidRequestException"}}, "GetRoleCredentials")
    assert translated(other, **asked).code == "InvalidArgument"


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DeadlinePassed(), "Timeout", "the run ended before AWS was asked again"),
        (TooLarge(), "LimitExceeded", "it gave an answer of more than 32 MiB"),
        (botocore.UnauthorizedSSOTokenError(), "CredentialsExpired", "the SSO session has ended"),
        (botocore.NoCredentialsError(), "CredentialsInvalid", "no usable AWS credentials were found"),
        (botocore.DataNotFoundError(data_path="it/service-2"), "UnsupportedByInstalledSdk", "it/service-2"),
        (botocore.NoRegionError(), "UnknownRegion", "no region was given"),
        (botocore.ReadTimeoutError(endpoint_url="https://it"), "Timeout", "it did not answer in time"),
        (
            botocore.EndpointConnectionError(endpoint_url="https://it"),
            "ConnectionFailed",
            "the connection to it failed",
        ),
        (botocore.ParamValidationError(report="Missing\n  required: a"), "InvalidArgument", "Missing required: a"),
        (botocore.PaginationError(message="no"), "ServiceError", "it gave an answer that cannot be read"),
        (botocore.OperationNotPageableError(operation_name="a\nb"), "ServiceError", "cannot be paginated: a b"),
        (RuntimeError("the refreshed credentials are still expired"), "CredentialsExpired", "had expired"),
        (RuntimeError("no"), "ServiceError", "DescribeIt failed: RuntimeError"),
        (OSError("no"), "ServiceError", "DescribeIt failed: OSError"),
    ],
)
def test_what_the_sdk_itself_raises_has_a_code_and_words_of_ours(error, code, message):
    made = translated(error, service="it", operation="DescribeIt")

    assert (made.code, message in made.message) == (code, True), made.message
