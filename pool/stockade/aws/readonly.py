"""The hook on every session that lets nothing through but reads: it runs before a request is built or signed."""

from __future__ import annotations

from functools import cache
from typing import Any

from stockade.aws.catalog import catalog
from stockade.aws.errors import AwsError

# What the pack calls beside the operations of the catalogue. AssumeRole changes nothing in an account.
EXTRAS = frozenset(
    {
        "sts.AssumeRole",
        "sts.GetCallerIdentity",
        "organizations.ListAccounts",
        "iam.ListAccountAliases",
        "ec2.DescribeRegions",
        "logs.FilterLogEvents",
        "cloudtrail.LookupEvents",
        "resourcegroupstaggingapi.GetResources",
    }
)

# What botocore calls by itself: to sign in with a web identity, SSO or `aws login`, and to keep S3 requests in their
# bucket's region.
BY_BOTOCORE = frozenset(
    {
        "sts.AssumeRoleWithWebIdentity",
        "sso.GetRoleCredentials",
        "sso-oidc.CreateToken",
        "signin.CreateOAuth2Token",
        "s3.HeadBucket",
    }
)

VERBS = ("List", "Describe", "Get", "Search", "BatchGet", "BatchDescribe")

# Reads by their verb, and yet what they return is a secret or a credential.
NEVER = ("GetSecretValue", "BatchGetSecretValue", "GetPasswordData", "GetLoginProfile", "GetSessionToken")
NEVER_PREFIXES = ("GetParameter", "GetFederationToken", "GetCredentials", "GetAuthorizationToken")


def allowed(service: str, operation: str) -> bool:
    """Whether `service.operation` may be sent."""
    name = f"{service}.{operation}"
    if name in EXTRAS or name in BY_BOTOCORE:
        return True
    return name in _named_in_catalog() and is_read(operation)


def is_read(operation: str) -> bool:
    """Whether an operation's name says that it reads, and that it reads no secret."""
    if operation in NEVER or operation.startswith(NEVER_PREFIXES):
        return False
    if operation.startswith("Get") and operation.endswith("Token"):
        return False
    return operation.startswith(VERBS)


def refuse_writes(model: Any, **_: Any) -> None:
    """Raises NotReadOnly for any operation that is not on the list."""
    service = str(model.service_model.service_name)
    operation = str(model.name)
    if not allowed(service, operation):
        raise AwsError(
            "NotReadOnly",
            f"{service}:{operation} is not one of the read-only operations this pack may call",
            service=service,
            operation=operation,
        )


@cache
def _named_in_catalog() -> frozenset[str]:
    return frozenset(catalog().operations())
