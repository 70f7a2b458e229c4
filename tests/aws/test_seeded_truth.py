"""A world filled by plain boto3, and every scope of it told completely and truly."""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from meddling_proxy import MeddlingProxy

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.aws.embedded import EmbeddedWorld

ACCOUNTS = ("111111111111", "222222222222", "333333333333")
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
# Where a service has things of its own beside those that were made.
BESIDE = {"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::SecurityGroup", "AWS::EC2::Volume"}
# More than a page of each, in one scope.
PAGED = {"AWS::DynamoDB::Table": 105, "AWS::Logs::LogGroup": 55, "AWS::SSM::Parameter": 55, "AWS::IAM::Role": 105}
CROWDED = (ACCOUNTS[0], REGIONS[0])
REFUSED = "eu-south-1"

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'

Truth = dict[tuple[str, str, str], set[str]]


@pytest.fixture(scope="module")
def world():
    with EmbeddedWorld.start(seed=False) as started:
        yield started


@pytest.fixture(scope="module")
def truth(world: EmbeddedWorld) -> Truth:
    found: Truth = defaultdict(set)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda account: fill(world.endpoint_url, account, found), ACCOUNTS))
    return found


def fill(endpoint_url: str, account: str, truth: Truth) -> None:
    session = boto3.Session("key", "secret", region_name="us-east-1")
    sts = session.client("sts", endpoint_url=endpoint_url)
    role = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/fill", RoleSessionName="fill")["Credentials"]
    sts.close()
    session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
    for region in REGIONS:
        clients: dict[str, Any] = {}

        def client(name, region=region, clients=clients):
            if name not in clients:
                clients[name] = session.client(name, region_name=region, endpoint_url=endpoint_url)
            return clients[name]

        def made(kind, *ids, region=region):
            truth[kind, account, region].update(each.rpartition("/")[2] for each in ids)

        crowded = (account, region) == CROWDED
        fill_region(
            client, made, account, region, lambda kind, usual, crowded=crowded: PAGED[kind] if crowded else usual
        )
        for each in clients.values():
            each.close()


def fill_region(client, made, account, region, how_many) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made("AWS::EC2::VPC", vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    made("AWS::EC2::Subnet", subnet)
    made("AWS::EC2::SecurityGroup", ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"])
    made("AWS::EC2::Volume", ec2.create_volume(AvailabilityZone=f"{region}a", Size=1)["VolumeId"])
    made("AWS::EC2::InternetGateway", ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
    run = ec2.run_instances(ImageId="ami-12c6146b", MinCount=2, MaxCount=2, SubnetId=subnet)
    made("AWS::EC2::Instance", *(each["InstanceId"] for each in run["Instances"]))
    made("AWS::EC2::EIP", *(f"{(a := ec2.allocate_address())['PublicIp']}|{a['AllocationId']}" for _ in range(2)))
    s3 = client("s3")
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    bucket = f"truth-{account}-{region}"
    s3.create_bucket(Bucket=bucket, **where)
    made("AWS::S3::Bucket", bucket)
    if region != "eu-west-1":  # there the service leaves its result key out
        made("AWS::SQS::Queue", *(client("sqs").create_queue(QueueName=f"q{n}")["QueueUrl"] for n in range(2)))
    made("AWS::SNS::Topic", client("sns").create_topic(Name="t")["TopicArn"])
    for n in range(how_many("AWS::DynamoDB::Table", 2)):
        client("dynamodb").create_table(
            TableName=f"table{n}",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        made("AWS::DynamoDB::Table", f"table{n}")
    for n in range(how_many("AWS::Logs::LogGroup", 2)):
        client("logs").create_log_group(logGroupName=f"group{n}")
        made("AWS::Logs::LogGroup", f"group{n}")
    for n in range(how_many("AWS::SSM::Parameter", 2)):
        client("ssm").put_parameter(Name=f"parameter{n}", Value="v", Type="String")
        made("AWS::SSM::Parameter", f"parameter{n}")
    made("AWS::KMS::Key", client("kms").create_key()["KeyMetadata"]["KeyId"])
    made("AWS::SecretsManager::Secret", client("secretsmanager").create_secret(Name="s", SecretString="x")["ARN"])
    made("AWS::ECR::Repository", client("ecr").create_repository(repositoryName="repo")["repository"]["repositoryName"])
    client("cloudwatch").put_metric_alarm(
        AlarmName="alarm", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m",
        Namespace="n", Period=60, Statistic="Average", Threshold=1.0,
    )  # fmt: skip
    made("AWS::CloudWatch::Alarm", "alarm")
    ecs = client("ecs")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}])
    for cluster in ("one", "two"):
        made("AWS::ECS::Cluster", ecs.create_cluster(clusterName=cluster)["cluster"]["clusterArn"])
        service = ecs.create_service(cluster=cluster, serviceName=f"in-{cluster}", taskDefinition="f", desiredCount=1)
        made("AWS::ECS::Service", service["service"]["serviceArn"])
    for name, engine in (("AWS::RDS::DBInstance", "mysql"),):
        client("rds").create_db_instance(
            DBInstanceIdentifier=engine, DBInstanceClass="db.r5.large", Engine=engine, AllocatedStorage=10,
            MasterUsername="user", MasterUserPassword="not-a-secret",
        )  # fmt: skip
        made(name, engine)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", "")
    if region == "us-east-1":
        iam = client("iam")
        for n in range(how_many("AWS::IAM::Role", 2)):
            iam.create_role(RoleName=f"role{n}", AssumeRolePolicyDocument="{}")
            made("AWS::IAM::Role", f"role{n}")
        iam.create_user(UserName="user")
        made("AWS::IAM::User", "user")
        policy = iam.create_policy(PolicyName="p", PolicyDocument=POLICY)
        made("AWS::IAM::ManagedPolicy", policy["Policy"]["Arn"])
        zone = client("route53").create_hosted_zone(Name="truth.example.", CallerReference=account)["HostedZone"]["Id"]
        made("AWS::Route53::HostedZone", zone)
    role = f"arn:aws:iam::{account}:role/role0"
    if region == "us-east-1":  # where its role is
        client("lambda").create_function(
            FunctionName="function", Runtime="python3.12", Role=role, Handler="f.f",
            Code={"ZipFile": packed.getvalue()}, Environment={"Variables": {"PASSWORD": "hidden from scripts"}},
        )  # fmt: skip
        made("AWS::Lambda::Function", "function")
    machine = client("stepfunctions").create_state_machine(
        name="m", definition='{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}', roleArn=role
    )
    made("AWS::StepFunctions::StateMachine", machine["stateMachineArn"])


@pytest.fixture(scope="module")
def proxy(world: EmbeddedWorld):
    throttled = iter([(400, '{"__type": "ThrottlingException", "message": "Rate exceeded"}')])

    def meddle(operation: str, region: str) -> tuple[int, str] | None:
        if operation == "LookupEvents":
            return next(throttled, None)
        if region == REFUSED and operation == "ListTables":
            return 400, '{"__type": "UnrecognizedClientException", "message": "The security token is invalid"}'
        return None

    with MeddlingProxy(world.endpoint_url, meddle) as started:
        yield started


@pytest.fixture(scope="module")
def source(proxy: MeddlingProxy, tmp_path_factory, truth):
    """Real clients with their retries, entering each account through a role, as on AWS."""
    listed = [{"id": account, "role_arn": f"arn:aws:iam::{account}:role/reader"} for account in ACCOUNTS]
    path = tmp_path_factory.mktemp("accounts") / "accounts.json"
    path.write_text(json.dumps({"accounts": listed}), "utf-8")
    patch = pytest.MonkeyPatch()
    patch.setenv("AWS_ACCESS_KEY_ID", "base")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "base")
    patch.setenv("AWS_CONFIG_FILE", "/dev/null")
    patch.delenv("AWS_PROFILE", raising=False)
    limits = AwsLimits(calls_per_run=5000)
    with AwsSource.from_environment(proxy.endpoint_url, path, region="us-east-1", limits=limits) as opened:
        yield opened
    patch.undo()


@pytest.fixture(scope="module")
def aws(source: AwsSource):
    return aws_bindings(source)


def kinds(truth: Truth) -> list[str]:
    return sorted({kind for kind, _, _ in truth})


@pytest.mark.timeout(300)
async def test_every_scope_of_every_type_is_complete(aws, truth):
    assert len(kinds(truth)) >= 21
    wrong = {}
    scopes = 0
    for kind in kinds(truth):
        for account in ACCOUNTS:
            for region in REGIONS:
                reply = await aws["queryResources"](kind, account, region)
                # A queue's URL has the address it was asked at: the proxy's here, moto's when it was made.
                found = [item["resourceId"].rpartition("/")[2] for item in reply.value]
                is_global = bool(reply.value) and reply.value[0]["region"] == "global"
                expected = truth.get((kind, account, "us-east-1" if is_global else region), set())
                beside = set(found) - expected if kind in BESIDE else set[str]()
                if sorted(found) != sorted(expected | beside):
                    wrong[kind, account, region] = (sorted(found), sorted(expected))
                assert reply.meta["truncated"] is False
                scopes += 1
    assert wrong == {}
    assert scopes >= 21 * 9


async def test_pages_were_forced(aws, proxy):
    """More than one page each, and every item once: see the test above."""
    for kind in PAGED:
        reply = await aws["queryResources"](kind, *CROWDED)
        assert reply.meta["pages"] > 1, kind
        assert len(reply.value) == PAGED[kind]


async def test_a_queue_service_that_leaves_its_key_out_has_no_queues(aws):
    assert (await aws["queryResources"]("AWS::SQS::Queue", ACCOUNTS[0], "eu-west-1")).value == []


async def test_a_lookup_that_is_throttled_once_answers_all_the_same(aws, proxy):
    reply = await aws["getCloudTrailEvents"]({"accountId": ACCOUNTS[0], "region": "us-east-1"})
    assert reply.value["events"] == []
    assert proxy.asked["LookupEvents", "us-east-1"] == 2


async def test_a_region_that_refuses_is_named_and_the_others_answer(aws):
    reply = await aws["queryResources"]("AWS::DynamoDB::Table", ACCOUNTS[1], ["us-east-1", REFUSED])
    assert len(reply.value["items"]) == 2
    assert [(each["code"], each["region"]) for each in reply.value["errors"]] == [("RegionNotEnabled", REFUSED)]


async def test_secrets_in_a_list_are_redacted_and_their_names_kept(aws):
    function = (await aws["queryResources"]("AWS::Lambda::Function", ACCOUNTS[0], "us-east-1")).value[0]
    assert function["properties"]["Environment"]["Variables"] == {"PASSWORD": "[redacted]"}


async def test_an_unknown_account_is_refused_though_moto_would_know_any(aws):
    with pytest.raises(AwsError) as caught:
        await aws["queryResources"]("AWS::SNS::Topic", "444444444444", "us-east-1")
    assert caught.value.code == "UnknownAccount"
