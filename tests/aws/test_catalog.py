"""Every row of the shipped catalogue against the installed botocore, and nothing in it that writes."""

from __future__ import annotations

import re

import botocore.loaders
import jmespath
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.model import ServiceModel

from stockade.aws import AwsError
from stockade.aws.catalog import catalog
from stockade.aws.envelope import Place, envelope, home_of, partition_of
from stockade.aws.paging import paging_of
from stockade.aws.readonly import EXTRAS, is_read
from stockade.aws.schema import way_to

# How an input is called that says where to go on.
TOKEN = re.compile("Token$|Marker$|^ExclusiveStart|^position$|Cursor$", re.IGNORECASE)

LOADER = botocore.loaders.create_loader()
MODELS: dict[str, ServiceModel] = {}


def model(service: str) -> ServiceModel:
    if service not in MODELS:
        MODELS[service] = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
    return MODELS[service]


@pytest.fixture(scope="module")
def rows():
    return [catalog().row(name) for name in catalog().types]


def test_the_claims_made_in_public_hold(rows):
    assert len(rows) >= 1500
    assert sum(row.moto for row in rows) >= 427
    assert {row.tier for row in rows} == {"high", "medium"}


def test_every_row_names_an_operation_botocore_has_with_the_inputs_it_takes(rows):
    wrong: list[str] = []
    for row in rows:
        try:
            operation = model(row.service).operation_model(row.operation)
        except UnknownServiceError:
            continue  # a row of a newer botocore: refused at run time as UnsupportedByInstalledSdk
        members = operation.input_shape.members if operation.input_shape else {}
        given = {*row.fills, *(row.parent.inputs if row.parent else ())}
        required = set(operation.input_shape.required_members) if operation.input_shape else set()
        if given - set(members):
            wrong.append(f"{row.type}: {row.operation} has no {given - set(members)}")
        if required - given:
            wrong.append(f"{row.type}: {row.operation} wants {required - given}")
    assert wrong == []


def test_no_list_takes_a_token_that_is_not_followed(rows):
    """What is not whole is an error, or says so; of a list whose second page nobody asks for nobody is told."""
    kept: list[str] = []
    for service, operation in sorted({(row.service, row.operation) for row in rows}):
        listed = model(service).operation_model(operation)
        if paging_of(LOADER, service, operation, listed) is None:
            taken = listed.input_shape.members if listed.input_shape else ()
            kept += [f"{service}.{operation}({name})" for name in taken if TOKEN.search(name)]
    assert kept == []


def test_tags_that_a_list_gives_only_on_request_are_requested(rows):
    """ECS leaves them out where it is not told to include them, and the form of its answers has them all the same."""
    silent: list[str] = []
    for row in rows:
        shape = model(row.service).operation_model(row.operation).input_shape if row.tags else None
        for name, member in shape.members.items() if shape else ():
            choices = member.member.metadata.get("enum", []) if member.type_name == "list" else []
            if choices == ["TAGS"] and row.fills.get(name) != {"const": ["TAGS"]}:
                silent.append(row.type)
    assert silent == []


def test_a_type_that_its_list_gives_with_others_of_its_kind_is_told_apart():
    """Each list has AWS's own beside those of the account, and that of templates has every kind of message."""
    row = catalog().row
    assert row("AWS::Bedrock::ApplicationInferenceProfile").fills == {"typeEquals": {"const": "APPLICATION"}}
    for name in ("BrowserCustom", "CodeInterpreterCustom"):
        assert row(f"AWS::BedrockAgentCore::{name}").fills == {"type": {"const": "CUSTOM"}}
    where = jmespath.compile(row("AWS::Pinpoint::InAppTemplate").where or "`true`")
    assert [where.search({"TemplateType": kind}) for kind in ("INAPP", "EMAIL")] == [True, False]


def test_every_rows_paths_can_be_read_and_its_parent_is_there(rows):
    types = set(catalog().types)
    for row in rows:
        paths = [row.path, *row.id, row.name, row.arn, row.tags, row.status, row.where, row.region_of]
        for path in filter(None, paths):
            jmespath.compile(path)
        assert row.parent is None or row.parent.type in types - {row.type}


def test_every_row_and_detail_reads(rows):
    unlike = [row.type for row in rows if not is_read(row.operation)]
    unlike += [row.type for row in rows for detail in row.details if not is_read(detail.operation)]
    assert unlike == []


def test_every_detail_operation_has_its_required_inputs(rows):
    wrong: list[str] = []
    for row in rows:
        for detail in row.details:
            shape = model(row.service).operation_model(detail.operation).input_shape
            missing = set(shape.required_members if shape else ()) - {*detail.inputs, *detail.extra}
            if missing:
                wrong.append(f"{row.type}: {detail.operation} wants {missing}")
    assert wrong == []


def test_every_mark_names_a_member_that_there_is():
    """A mark whose shape was renamed would let a secret through without a word."""
    wrong: list[str] = []
    for service, marks in catalog().marks.items():
        for mark in marks:
            shape, _, member = mark.partition(".")
            shapes = model(service).shape_names
            if shape not in shapes or member not in model(service).shape_for(shape).members:
                wrong.append(f"{service}: {mark}")
    assert wrong == []


def test_what_is_redacted_identifies_nothing_and_nothing_is_asked_by_it(rows):
    """AWS marks some identifiers as sensitive; a detail operation would be asked about `[redacted]`."""
    asked = [
        (row.type, path)
        for row in rows
        for path in [*row.id, *(path for detail in row.details for path in detail.inputs.values())]
        if is_redacted(row, path)
    ]
    assert asked == [
        ("AWS::AppStream::StackUserAssociation", "UserName"),  # a person
        ("AWS::AppStream::User", "UserName"),  # a person
        ("AWS::AppSync::ApiKey", "id"),  # the key itself
        ("AWS::Cognito::UserPoolUser", "Username"),  # a person
    ]


def is_redacted(row, path):
    """Whether a listed item's member at a path of names is taken out, of itself or with what it stands in."""
    *around, shape = way_to(model(row.service).operation_model(row.operation).output_shape, row.path)
    secret = any(each is not None and each.metadata.get("sensitive") for each in [*around, shape])
    for step in path.split("."):
        if shape is None or shape.type_name != "structure":
            break
        if step not in shape.members:
            return False  # of its parent, say
        mark = catalog().marks.get(row.service, {}).get(f"{shape.name}.{step}")
        shape = shape.members[step]
        secret = mark if mark is not None else secret or bool(shape.metadata.get("sensitive"))
    return secret


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("AWS::EC2::Instanse", "AWS::EC2::Instance"),
        ("AWS::S3::Buckets", "AWS::S3::Bucket"),
        ("AWS::Lambda::Functon", "AWS::Lambda::Function"),
        ("AWS::Dynamo::Table", "AWS::DynamoDB::Table"),
    ],
)
def test_a_mistyped_type_gets_the_nearest_names(asked, meant):
    with pytest.raises(AwsError) as caught:
        catalog().row(asked)
    assert caught.value.code == "UnsupportedType"
    assert meant in caught.value.hint


def test_a_type_is_found_whatever_its_case():
    assert catalog().row("aws::ec2::instance").type == "AWS::EC2::Instance"


@pytest.mark.parametrize(
    ("kind", "item", "region", "arn"),
    [
        ("AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/1/jobs", "eu-west-1", "arn:aws:sqs:eu-west-1:1:jobs"),
        ("AWS::Route53::HostedZone", {"Id": "/hostedzone/Z1"}, "us-east-1", "arn:aws:route53:::hostedzone/Z1"),
        ("AWS::CodeDeploy::Application", "/a", "us-east-1", "arn:aws:codedeploy:us-east-1:1:application:/a"),
        ("AWS::Route53::HealthCheck", {"Id": "h1"}, "cn-north-1", "arn:aws-cn:route53:::healthcheck/h1"),
    ],
)
def test_an_arn_is_made_as_aws_makes_it_whatever_the_identifier_looks_like(kind, item, region, arn):
    """The tagging service is asked by it, and of one that does not exist it says nothing."""
    assert envelope(catalog().row(kind), item, Place("1", region, {}))["arn"] == arn


@pytest.mark.parametrize(
    ("kind", "item", "parent", "told"),
    [
        ("SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/1/jobs", {}, {"displayName": "jobs", "tags": {}}),
        ("EC2::Instance", {"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "web"}]}, {},
         {"resourceId": "i-1", "displayName": "web", "tags": {"Name": "web"}, "region": "eu-west-1", "status": None}),
        ("EC2::Instance", {"State": {"Name": "running"}}, {}, {"resourceId": "", "arn": None, "status": "running"}),
        ("EC2::SecurityGroup", {"GroupId": "sg-1", "GroupName": "open"}, {}, {"displayName": "open"}),
        ("S3::Bucket", {"Name": "logs", "BucketRegion": "us-west-2"}, {}, {"region": "us-west-2"}),
        ("IAM::Role", {"RoleName": "r", "Arn": "arn:aws:iam::1:role/of/r"}, {},
         {"region": "global", "displayName": "r", "arn": "arn:aws:iam::1:role/of/r"}),
        ("ApiGateway::Account", {}, {}, {"resourceId": "1"}),
        ("CodeDeploy::Application", "/a", {}, {"resourceId": "/a", "displayName": "/a"}),
        ("EC2::Route", {"DestinationCidrBlock": "::/0"}, {"RouteTableIds": ["rtb-1"]},
         {"resourceId": "rtb-1|::/0", "parent": {"RouteTableIds": ["rtb-1"]}}),
        ("EC2::Route", {}, {"RouteTableIds": ["rtb-1"]}, {"resourceId": "rtb-1"}),
    ],
)  # fmt: skip
def test_an_item_is_told_by_what_it_says_of_itself_and_by_where_it_was_found(kind, item, parent, told):
    made = envelope(catalog().row(f"AWS::{kind}"), item, Place("1", "eu-west-1", parent))

    assert made | told == made
    assert ("parent" in made) == bool(parent)
    assert item in (made["properties"], *made["properties"].values())


def test_every_partition_that_botocore_knows_has_its_regions_and_its_home():
    global_row = catalog().row("AWS::IAM::Role")
    homes = {
        each["id"]: each["outputs"]["implicitGlobalRegion"] for each in LOADER.load_data("partitions")["partitions"]
    }
    for partition in LOADER.load_data("endpoints")["partitions"]:
        name = partition["partition"]
        assert {partition_of(region) for region in partition["regions"]} == {name}
        assert {home_of(global_row, region) for region in partition["regions"]} == {homes[name]}
    assert home_of(catalog().row("AWS::EC2::Instance"), "eu-west-1") == "eu-west-1"


def test_the_extras_are_few_and_exist():
    assert len(EXTRAS) <= 12
    for name in EXTRAS - {"sso-oidc.CreateToken"}:
        service, _, operation = name.partition(".")
        assert operation in model(service).operation_names
