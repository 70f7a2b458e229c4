"""botocore's exceptions as AwsErrors."""

from __future__ import annotations

import re
from typing import Any

from stockade.aws.errors import AwsError
from stockade.errors import StockadeError


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


THROTTLED = _words(
    """
    RequestLimitExceeded SlowDown PriorRequestNotComplete LimitExceededException
    ProvisionedThroughputExceededException BandwidthLimitExceeded TransactionInProgressException
    """
)
DENIED = _words(
    """
    AccessDenied AccessDeniedException AccessDeniedFault UnauthorizedOperation UnauthorizedAccess AuthorizationError
    AuthorizationException AuthorizationErrorException NotAuthorized NotAuthorizedException Forbidden ForbiddenException
    AccountAccessDenied InsufficientPrivilegesException UnauthorizedException UnauthorizedClientException
    """
)
BAD_CREDENTIALS = _words(
    """
    UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId AuthFailure SignatureDoesNotMatch
    InvalidSignatureException IncompleteSignature IncompleteSignatureException MissingAuthenticationToken
    """
)
EXPIRED = _words("ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired")
NOT_ENABLED = _words("OptInRequired RegionDisabledException")
WRONG_CLOCK = _words("RequestTimeTooSkewed RequestInTheFuture")
# What most services say of it, under a code they have for bad credentials.
WRONG_TIME = ("Signature expired", "Signature not yet current")
ARGUMENT = _words(
    """
    ValidationException ValidationError InvalidRequestException InvalidInputException InvalidInput BadRequestException
    MissingParameter MalformedQueryString SerializationException InvalidTimeRangeException
    InvalidLookupAttributesException
    """
)
# Some services put their own name before such a word, or an end of their own after it.
THROTTLED_LIKE = re.compile("Throttl|RateLimitExceeded|TooManyRequest")
ARGUMENT_LIKE = re.compile("InvalidParameter|InvalidArgument")
NOT_FOUND_LIKE = re.compile("NotFound|^NoSuch|DoesNotExist|[Nn]on[Ee]xistent|^UnknownResource")

# botocore does these by itself within any call whose credentials are not there yet, or not any more.
SIGNS_IN = {"AssumeRole": "sts", "AssumeRoleWithWebIdentity": "sts", "GetRoleCredentials": "sso"}

# By name, for an older botocore has no `aws login`.
LOGIN_ENDED = ("LoginRefreshRequired", "LoginTokenLoadError")

_RENEW = "renew the credentials; with SSO: aws sso login"

# Characters of a message.
MOST_TOLD = 1000

# Characters that are looked at for that: some are taken out. Who looks is the event loop, and a server may say MiB.
MOST_READ = 4 * MOST_TOLD

# A path of the machine in a message (botocore names the config file it could not parse, for one).
_LOCAL_PATH = re.compile(r"(?<![\w:/.-])(?:/(?:[\w.@+-]+/)+[\w.@+-]*|~/[\w./@+-]*)")

# AWS names the identity in each refusal; a role is one only where it has been entered or is to be.
_IDENTITY = re.compile(
    r"\barn:[\w-]+:(?:sts::\d*:(?:assumed-role|federated-user)/|iam::\d*:(?:user/|root\b))[^\s,;'\"]*"
)

# What the identity lacks, by the name IAM has for it: many a service and operation has another one in the SDK.
_PERMISSION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")

# Of a signature that does not fit AWS repeats the request, with the session token and the id of the key.
_REQUEST = re.compile(r"\n|The Canonical String|Authorization=")


def translated(
    error: BaseException,
    *,
    service: str,
    operation: str,
    account_id: str | None = None,
    region: str | None = None,
) -> AwsError:
    """Any exception of a call as an AwsError; one that is one already gets the scope it lacks."""
    if isinstance(error, AwsError):
        scope = {"service": service, "operation": operation, "accountId": account_id, "region": region}
        for key, value in scope.items():
            if error.details.get(key) is None:
                error.details[key] = value
        return error
    asked = str(getattr(error, "operation_name", ""))
    if asked in SIGNS_IN:
        service, operation = SIGNS_IN[asked], asked
    code, message, hint, request_id, retryable = _reading(error, service, operation)
    # AWS speaks of log groups and parameters that look like paths, and of no file of this machine.
    made_by_aws = aws_code(error) != ""
    made = AwsError(
        code,
        message[:MOST_TOLD] if made_by_aws else without_paths(message),
        service=service,
        operation=operation,
        account_id=account_id,
        region=region,
        request_id=request_id,
        hint=hint,
        retryable=retryable,
    )
    made.aws_code = aws_code(error)
    return made


def without_paths(text: str) -> str:
    """A message without the machine's paths, and of bounded length."""
    return _LOCAL_PATH.sub("<path>", text)[:MOST_TOLD]


def aws_code(error: BaseException) -> str:
    """The code AWS itself gave, or nothing."""
    response: Any = getattr(error, "response", None)
    if not isinstance(response, dict):
        return ""
    return str(response.get("Error", {}).get("Code", ""))[:MOST_TOLD]  # pyright: ignore


Reading = tuple[str, str, str | None, str | None, bool | None]


def _reading(error: BaseException, service: str, operation: str) -> Reading:
    import botocore.exceptions as botocore
    from botocore.parsers import ResponseParserError

    from stockade.aws.answers import DeadlinePassed, TooLarge
    from stockade.aws.paging import SameToken
    from stockade.aws.whole import NotWhole

    match error:
        case botocore.ClientError():
            return _of_response(error, service, operation)
        case NotWhole():
            code = "ConnectionFailed" if error.cut else "ServiceError"
            return code, f"{service}: {error}", None, None, True
        case SameToken():
            return "ServiceError", f"{service} gave the same page again and again", None, None, True
        case StockadeError():  # of the accounts file, which names no folder
            return "CredentialsInvalid", str(error), "see docs/aws.md, Set-up", None, None
        case TooLarge():
            return "LimitExceeded", f"{service} gave an {error}", None, None, None
        case DeadlinePassed():
            return "Timeout", "the run ended before AWS was asked again", None, None, None
        case botocore.NoCredentialsError() | botocore.PartialCredentialsError() | botocore.CredentialRetrievalError():
            return "CredentialsInvalid", "no usable AWS credentials were found", "see docs/aws.md, Set-up", None, None
        case botocore.UnauthorizedSSOTokenError() | botocore.SSOTokenLoadError() | botocore.TokenRetrievalError():
            return "CredentialsExpired", "the SSO session has ended", "run: aws sso login", None, None
        case botocore.BotoCoreError() if type(error).__name__ in LOGIN_ENDED:
            return "CredentialsExpired", "the session of aws login has ended", "run: aws login", None, None
        case (
            botocore.ProfileNotFound()
            | botocore.ConfigNotFound()
            | botocore.ConfigParseError()
            | botocore.InvalidConfigError()
        ):
            return "CredentialsInvalid", "the AWS config cannot be used: " + str(error), None, None, None
        case botocore.UnknownServiceError() | botocore.UnknownRegionError() | botocore.DataNotFoundError():
            return "UnsupportedByInstalledSdk", str(error), "upgrade boto3", None, None
        case botocore.NoRegionError():
            return "UnknownRegion", "no region was given and none is configured", "pass a region", None, None
        case botocore.ReadTimeoutError() | botocore.ConnectTimeoutError():
            return "Timeout", f"{service} did not answer in time", None, None, None
        case botocore.EndpointConnectionError() | botocore.ConnectionError() | botocore.HTTPClientError():
            return "ConnectionFailed", f"the connection to {service} failed", None, None, None
        case botocore.ParamValidationError() | botocore.InvalidRegionError() | botocore.EndpointResolutionError():
            return "InvalidArgument", _one_line(str(error)), None, None, None
        case ResponseParserError() | botocore.PaginationError():
            return "ServiceError", f"{service} gave an answer that cannot be read", None, None, True
        case botocore.BotoCoreError():
            return "ServiceError", _one_line(str(error)), None, None, None
        case RuntimeError() if "expired" in str(error):  # botocore of what it has just been given
            return "CredentialsExpired", "the credentials that were given had expired", _RENEW, None, None
        case Exception() if operation == "GetCallerIdentity":  # it may say anything in their place
            said = "what the AWS config names as the source of credentials is not there, or gave none"
            return "CredentialsInvalid", said, "see docs/aws.md, Set-up", None, None
        case _:
            return "ServiceError", f"{operation} failed: {type(error).__name__}", None, None, None


def _of_response(error: Any, service: str, operation: str) -> Reading:
    response: dict[str, Any] = error.response
    found = aws_code(error)
    said = str(response.get("Error", {}).get("Message", "") or found or "no message")[:MOST_READ]
    if _short(found) in BAD_CREDENTIALS:
        said = _REQUEST.split(said.strip())[0]
    message = _IDENTITY.sub("<identity>", _one_line(said))
    metadata: dict[str, Any] = response.get("ResponseMetadata", {})
    request_id, status = metadata.get("RequestId"), int(metadata.get("HTTPStatusCode", 0))
    if message.lower().startswith(("<!doctype", "<html")):
        message = (
            f"{service} answered with a page of status {status}"  # a proxy's or a gateway's: its text helps nobody
        )
    code, hint = _code_of(found, message, status, service, operation)
    retryable = True if code == "ServiceError" and status >= 500 else None
    return code, message, hint, str(request_id)[:MOST_TOLD] if request_id else None, retryable


def _code_of(found: str, message: str, status: int, service: str, operation: str) -> tuple[str, str | None]:
    short = _short(found)
    said = message.lower()
    if short in EXPIRED or "security token included in the request is expired" in said:
        return "CredentialsExpired", _RENEW
    throttled = short in THROTTLED and (short != "LimitExceededException" or "rate" in said)
    if throttled or THROTTLED_LIKE.search(short) or status == 429 or said.startswith("rate exceeded"):
        return "Throttled", "wait a little, or ask for less at once"
    if short in NOT_ENABLED:
        return "RegionNotEnabled", "the account has this region or service switched off"
    if short in WRONG_CLOCK or (short in BAD_CREDENTIALS and message.startswith(WRONG_TIME)):
        return "ServiceError", "the clock of the machine stockade runs on is wrong"
    if short in BAD_CREDENTIALS:
        return "CredentialsInvalid", None
    named = _PERMISSION.search(message)
    permission = named[1] if named else None
    if (short in DENIED or status == 403) and operation == "GetRoleCredentials":
        return "AccessDenied", "SSO does not assign the role of the profile, in its account, to whoever signed in"
    if short in DENIED or status == 403:
        return "AccessDenied", f"the identity needs the IAM permission {permission or f'{service}:{operation}'}"
    if "AccessDenied" in short:  # of another service, or by what is no policy of IAM
        return "AccessDenied", f"the identity needs the IAM permission {permission}" if permission else None
    if short in ARGUMENT or ARGUMENT_LIKE.search(short):
        return "InvalidArgument", None
    if status == 404 or NOT_FOUND_LIKE.search(short):
        return "NotFound", None
    return "ServiceError", None


def _short(code: str) -> str:
    return code.rsplit("#", 1)[-1].split(":")[0]


def _one_line(text: str) -> str:
    return " ".join(text[:MOST_READ].split())
