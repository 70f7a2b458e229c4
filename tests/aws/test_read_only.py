"""Nothing but reads leaves this pack: the hook is on every session, before a request is built or signed."""

from __future__ import annotations

import botocore.loaders
import pytest
from botocore import xform_name
from botocore.model import ServiceModel

from stockade.aws import AwsError
from stockade.aws.clients import Sessions
from stockade.aws.readonly import allowed

LOADER = botocore.loaders.create_loader()


@pytest.fixture(scope="module")
def operations():
    """Every operation of every service there is."""
    found = []
    for service in LOADER.list_available_services("service-2"):
        model = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
        found += [(service, operation) for operation in model.operation_names]
    return found


READING = ("List", "Describe", "Get", "Search", "BatchGet", "BatchDescribe", "Filter", "Lookup", "Head")
# Signing in and taking the role change nothing; SSO and `aws login` renew their own tokens.
SIGNING_IN = {
    ("sts", "AssumeRole"),
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sso-oidc", "CreateToken"),
    ("signin", "CreateOAuth2Token"),
}


def test_no_operation_with_a_mutating_verb_is_let_through(operations):
    mutating = {pair for pair in operations if not pair[1].startswith(READING)}
    assert len(mutating) > 8000
    assert {pair for pair in mutating if allowed(*pair)} == SIGNING_IN


def test_of_the_reads_only_those_the_catalogue_names_are_let_through(operations):
    through = [pair for pair in operations if allowed(*pair)]
    reads = [pair for pair in operations if pair[1].startswith(READING)]
    assert 1500 < len(through) < len(reads) / 2


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("secretsmanager", "GetSecretValue"),
        ("secretsmanager", "BatchGetSecretValue"),
        ("ssm", "GetParameter"),
        ("ssm", "GetParameters"),
        ("ssm", "GetParametersByPath"),
        ("ec2", "GetPasswordData"),
        ("iam", "GetLoginProfile"),
        ("sts", "GetSessionToken"),
        ("sts", "GetFederationToken"),
        ("ecr", "GetAuthorizationToken"),
        ("s3", "GetObject"),
        ("dynamodb", "GetItem"),
        ("dynamodb", "Scan"),
        ("sqs", "ReceiveMessage"),
        ("lambda", "Invoke"),
        ("logs", "StartQuery"),
        ("ce", "GetCostAndUsage"),
    ],
)
def test_secrets_data_and_paid_calls_are_not_let_through(service, operation):
    assert not allowed(service, operation)


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ec2", "TerminateInstances", {"InstanceIds": ["i-1"]}),
        ("s3", "DeleteBucket", {"Bucket": "bucket"}),
        ("iam", "CreateUser", {"UserName": "user"}),
        ("dynamodb", "PutItem", {"TableName": "table", "Item": {}}),
        ("sqs", "PurgeQueue", {"QueueUrl": "https://example.com/1/q"}),
        ("rds", "ModifyDBInstance", {"DBInstanceIdentifier": "db"}),
        ("lambda", "UpdateFunctionCode", {"FunctionName": "f"}),
        ("kms", "ScheduleKeyDeletion", {"KeyId": "1"}),
        ("organizations", "LeaveOrganization", {}),
        ("secretsmanager", "GetSecretValue", {"SecretId": "s"}),
    ],
)
def test_a_real_client_refuses_before_anything_is_sent(service, operation, arguments):
    """The endpoint is a port nobody listens on: a request that was sent would fail otherwise."""
    session = Sessions().make_apart("key", "secret", "us-east-1")
    client = session.create_client(service, region_name="us-east-1", endpoint_url="http://127.0.0.1:9")
    with pytest.raises(AwsError) as caught:
        getattr(client, xform_name(operation))(**arguments)
    client.close()
    assert caught.value.code == "NotReadOnly"
