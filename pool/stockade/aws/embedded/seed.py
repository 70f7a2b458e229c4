"""What the embedded world holds: one company, four accounts, three regions, with the faults the examples look for.

The requests go through botocore straight into moto's handlers in this process, without a socket: about a millisecond
each, and nothing depends on moto's inner models.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

MANAGEMENT, PRODUCTION, STAGING, SANDBOX = "123456789012", "210987654321", "310987654321", "410987654321"
ACCOUNTS = {
    MANAGEMENT: "acme-management",
    PRODUCTION: "acme-production",
    STAGING: "acme-staging",
    SANDBOX: "acme-sandbox",
}
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
HOUR = 3600

Client = Callable[[str], Any]


def fill(role_name: str) -> None:
    """Fills every account and region."""
    from moto.moto_api._internal import mock_random

    mock_random.seed(20_260_101)  # the same ids each time, so that a script's output can be compared
    with _one_private_key(), _in_process() as client_in:
        _organization(client_in(MANAGEMENT, "us-east-1"))
        for account in ACCOUNTS:
            _account_wide(account, client_in(account, "us-east-1"), role_name)
            for region in REGIONS:
                client = client_in(account, region)
                _network_and_machines(account, region, client)
                _data(account, region, client)
                _applications(account, region, client)
                _logs(account, region, client)
                _trail(account, region)


def _organization(client: Client) -> None:
    import moto.organizations.models as models

    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    # moto names it "master" and offers no request that renames it.
    models.organizations_backends[MANAGEMENT]["aws"].accounts[0].name = ACCOUNTS[MANAGEMENT]
    for account, name in ACCOUNTS.items():
        if account == MANAGEMENT:
            continue
        models.utils.make_random_account_id = lambda account=account: account  # type: ignore[assignment]
        organizations.create_account(AccountName=name, Email=f"{name}@example.com")


def _account_wide(account: str, client: Client, role_name: str) -> None:
    iam = client("iam")
    iam.create_account_alias(AccountAlias=ACCOUNTS[account])
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    for name in (role_name, "web-server", "nightly-backup"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for name in ("ana", "ben", "ci-deploy"):
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": "platform" if name == "ci-deploy" else "web"}])


def _network_and_machines(account: str, region: str, client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    groups = {
        "web": [(80, "0.0.0.0/0"), (443, "0.0.0.0/0")],
        "bastion": [(22, "203.0.113.0/24")],
        "database": [(5432, "10.0.0.0/8")],
    }
    if account == SANDBOX or (account == STAGING and region == "eu-west-1"):
        groups["quick-test"] = [(22, "0.0.0.0/0")]
    if account == PRODUCTION and region == "us-east-1":
        groups["legacy-jump-host"] = [(22, "0.0.0.0/0"), (3389, "0.0.0.0/0")]
    made: dict[str, str] = {}
    for name, rules in groups.items():
        made[name] = ec2.create_security_group(GroupName=name, Description=f"{name} of acme", VpcId=vpc)["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=made[name],
            IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}
                for port, source in rules
            ],
        )
    for index, (name, size) in enumerate((("web-1", "t3.micro"), ("web-2", "t3.micro"), ("batch-1", "m5.large"))):
        tags = [{"Key": "Name", "Value": name}, {"Key": "env", "Value": ACCOUNTS[account].removeprefix("acme-")}]
        if index < 2 and account != SANDBOX:
            tags.append({"Key": "team", "Value": "web"})
        ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            InstanceType=size,
            SecurityGroupIds=[made["web"]],
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
    for size, encrypted in ((20, True), (100, account == PRODUCTION and region != "us-east-1")):
        ec2.create_volume(AvailabilityZone=f"{region}a", Size=size, Encrypted=encrypted, VolumeType="gp3")


def _data(account: str, region: str, client: Client) -> None:
    short = ACCOUNTS[account].removeprefix("acme-")
    s3 = client("s3")
    for name in ("logs", "assets"):
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        bucket = f"acme-{short}-{name}-{region}"
        s3.create_bucket(Bucket=bucket, **where)
        if account == PRODUCTION or name == "logs":
            s3.put_public_access_block(
                Bucket=bucket,
                PublicAccessBlockConfiguration=dict.fromkeys(
                    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
                ),
            )
        if account == PRODUCTION and name == "assets":
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    dynamodb = client("dynamodb")
    for name in ("orders", "sessions"):
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    client("rds").create_db_instance(
        DBInstanceIdentifier=f"{short}-main",
        DBInstanceClass="db.t3.medium",
        Engine="postgres",
        AllocatedStorage=50,
        MasterUsername="acme",
        MasterUserPassword="not-a-real-password",
        StorageEncrypted=account == PRODUCTION,
        PubliclyAccessible=account == SANDBOX,
    )
    client("kms").create_key(Description=f"key of {short}")
    client("secretsmanager").create_secret(Name=f"{short}/database", SecretString="not-a-real-secret")


def _applications(account: str, region: str, client: Client) -> None:
    short = ACCOUNTS[account].removeprefix("acme-")
    sqs = client("sqs")
    for name in ("jobs", "jobs-failed"):
        sqs.create_queue(QueueName=name)
    client("sns").create_topic(Name="alerts", Tags=[{"Key": "team", "Value": "platform"}])
    ecs = client("ecs")
    ecs.create_cluster(clusterName="apps")
    ecs.register_task_definition(family="api", containerDefinitions=[{"name": "api", "image": "api:1", "memory": 256}])
    ecs.create_service(cluster="apps", serviceName="api", taskDefinition="api", desiredCount=2)
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{short}-cpu-high",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=3,
        MetricName="CPUUtilization",
        Namespace="AWS/EC2",
        Period=60,
        Statistic="Average",
        Threshold=90.0,
    )


def _logs(account: str, region: str, client: Client) -> None:
    """A day of an application's log, one event in five minutes, with a burst of errors three hours ago."""
    logs = client("logs")
    now = int(time.time())
    for group in ("/acme/api", "/acme/worker"):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="main")
        events: list[dict[str, Any]] = []
        for step in range(288, 0, -1):
            at = now - step * 300
            spike = 34 <= step <= 38 and account == PRODUCTION and group == "/acme/api"
            status = 503 if spike or step % 47 == 0 else 200
            level = "ERROR" if status == 503 else "INFO"
            message = {"level": level, "path": "/orders", "status": status, "ms": 15 + step % 40, "request": f"r{step}"}
            events += [{"timestamp": at * 1000, "message": json.dumps(message)}] * (6 if spike else 1)
        logs.put_log_events(logGroupName=group, logStreamName="main", logEvents=events)


def _trail(account: str, region: str) -> None:
    """Events of the last three days."""
    from stockade.aws.embedded.cloudtrail_ext import record

    now = time.time()
    for step in range(60):
        record(
            account, region, "DescribeInstances", "ec2.amazonaws.com", "ci-deploy", now - step * HOUR, read_only=True
        )
    for step in range(20):
        record(account, region, "ConsoleLogin", "signin.amazonaws.com", "ana", now - step * 3 * HOUR)
    removed = (
        ("DeleteBucket", "s3.amazonaws.com", "AWS::S3::Bucket", f"acme-old-{region}", "ben", 5),
        ("TerminateInstances", "ec2.amazonaws.com", "AWS::EC2::Instance", "i-0123456789abcdef0", "ci-deploy", 9),
        ("DeleteSecurityGroup", "ec2.amazonaws.com", "AWS::EC2::SecurityGroup", "sg-0fedcba9876543210", "ana", 30),
    )
    for name, source, kind, resource, user, hours in removed:
        record(account, region, name, source, user, now - hours * HOUR, resources=((kind, resource),))
    record(account, region, "DeleteUser", "iam.amazonaws.com", "ben", now - 2 * HOUR, error_code="AccessDenied")


@contextmanager
def _one_private_key() -> Generator[None]:
    """moto makes an RSA key of 50 ms for every KMS key, also for those that have none; here they share one."""
    import moto.kms.models

    kms: Any = moto.kms.models
    real = kms.generate_private_key
    kms.generate_private_key = cache(real)
    try:
        yield
    finally:
        kms.generate_private_key = real


@contextmanager
def _in_process() -> Generator[Callable[[str, str], Client]]:
    """Clients by account and region whose requests moto answers in this process."""
    import botocore.loaders
    import botocore.session
    from moto.core.models import botocore_stubber

    loader = botocore.loaders.create_loader()
    session: Any = botocore.session.Session()
    session.register_component("data_loader", loader)
    session.set_credentials("stockade-demo", "stockade-demo")
    accounts: list[str] = []

    def as_account(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["x-moto-account-id"] = accounts[-1]

    session.register("before-call", as_account)
    kept: dict[tuple[str, str], Any] = {}

    def client_in(account: str, region: str) -> Client:
        def client(service: str) -> Any:
            accounts[:] = [account]
            key = (service, region)
            if key not in kept:
                kept[key] = session.create_client(service, region_name=region)
            return kept[key]

        return client

    botocore_stubber.enabled = True
    try:
        yield client_in
    finally:
        botocore_stubber.enabled = False
        for each in kept.values():
            each.close()
