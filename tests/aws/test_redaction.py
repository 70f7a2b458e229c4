"""What AWS does not mark as sensitive and yet is a secret, or may hold one: it comes as `[redacted]`."""

from __future__ import annotations

import json
from contextlib import closing

import jmespath
import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel
from fault_server import ACCOUNT, FaultServer, data

from stockade.aws import AwsError, AwsSource, aws_bindings
from stockade.aws.catalog import catalog
from stockade.aws.normalise import plain
from stockade.aws.schema import schema_of

LOADER = create_loader()

# Of each service an operation of the table, and where in its answer the secret stands.
PLACES = [
    ("amplify", "ListWebhooks", "webhooks[].webhookUrl"),
    ("apigateway", "GetStages", "item[].variables{x}"),
    ("apigatewayv2", "GetStages", "Items[].StageVariables{x}"),
    ("appsync", "ListApiKeys", "apiKeys[].id"),
    ("batch", "DescribeJobDefinitions", "jobDefinitions[].containerProperties.environment[].value"),
    ("batch", "DescribeJobDefinitions", "jobDefinitions[].eksProperties.podProperties.containers[].env[].value"),
    ("batch", "DescribeJobDefinitions", "jobDefinitions[].eksProperties.podProperties.initContainers[].env[].value"),
    ("datazone", "ListConnections", "items[].physicalEndpoints[].glueConnection.connectionProperties{x}"),
    ("datazone", "ListConnections", "items[].physicalEndpoints[].glueConnection.authenticationConfiguration."
     "oAuth2Properties.authorizationCodeProperties.authorizationCode"),
    ("directconnect", "DescribeVirtualInterfaces", "virtualInterfaces[].authKey"),
    ("directconnect", "DescribeVirtualInterfaces", "virtualInterfaces[].customerRouterConfig"),
    ("directconnect", "DescribeVirtualInterfaces", "virtualInterfaces[].bgpPeers[].authKey"),
    ("firehose", "DescribeDeliveryStream",
     "DeliveryStreamDescription.Destinations[].SplunkDestinationDescription.HECToken"),
    ("gamelift", "DescribeContainerGroupDefinition",
     "ContainerGroupDefinition.GameServerContainerDefinition.EnvironmentOverride[].Value"),
    ("glue", "GetConnections", "ConnectionList[].ConnectionProperties{x}"),
    ("glue", "GetConnections", "ConnectionList[].SparkProperties{x}"),
    ("glue", "GetDevEndpoints", "DevEndpoints[].Arguments{x}"),
    ("glue", "GetJobs", "Jobs[].NonOverridableArguments{x}"),
    ("glue", "GetTriggers", "Triggers[].Actions[].Arguments{x}"),
    ("glue", "GetWorkflow", "Workflow.DefaultRunProperties{x}"),
    ("glue", "GetWorkflow", "Workflow.LastRun.WorkflowRunProperties{x}"),
    ("grafana", "ListWorkspaces", "workspaces[].grafanaToken"),
    ("managedblockchain", "GetAccessor", "Accessor.BillingToken"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "place"), PLACES)
def test_a_secret_that_aws_does_not_mark_is_taken_out(service, operation, place):
    assert f"{service}.{operation}" in set(catalog().operations())
    model = ServiceModel(LOADER.load_service_model(service, "service-2"), service)
    shape = model.operation_model(operation).output_shape
    answer = plain(built(shape, place), shape, marks=catalog().marks.get(service, {}))
    assert "[redacted]" in json.dumps(answer)
    assert "hunter2" not in json.dumps(answer)


def built(shape, place):
    """An answer with the secret at a place of the model, every step of which must be there."""
    if not place:
        return "hunter2"
    step, _, rest = place.partition(".")
    name = step.removesuffix("[]").removesuffix("{x}")
    member = shape.members[name]
    if step.endswith("[]"):
        return {name: [built(member.member, rest)]}
    if step.endswith("{x}"):
        return {name: {"x": built(member.value, rest)}}
    return {name: built(member, rest)}


@pytest.mark.parametrize(
    "name",
    [
        "AWS::GameLift::ContainerFleet",  # numbers
        "AWS::Location::Map",  # times
        "AWS::FraudDetector::EventType",  # a whole item, but for its name
        "AWS::CustomerProfiles::ObjectType",  # a whole list
    ],
)
def test_a_schema_says_of_each_property_whether_it_comes_redacted(name):
    row = catalog().row(name)
    marks = catalog().marks.get(row.service, {})
    model = ServiceModel(LOADER.load_service_model(row.service, "service-2"), row.service)
    shape = model.operation_model(row.operation).output_shape
    [item] = jmespath.search(row.path, plain(example(shape, 9), shape, marks=marks))
    told = set(paths_told(schema_of(model, row, marks)))
    assert told
    assert set(paths_found(item)) == told


def example(shape, levels):
    """An answer with something in every place of the model."""
    match shape.type_name:
        case "structure":
            return {name: example(member, levels - 1) for name, member in shape.members.items()} if levels else {}
        case "list":
            return [example(shape.member, levels)]
        case "map":
            return {"*": example(shape.value, levels - 1)} if levels else {}
        case "boolean":
            return True
        case _:
            return "x"


def paths_found(value, path=""):
    """Where an item has `[redacted]`."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from paths_found(each, f"{path}.{name}")
    elif isinstance(value, list):
        yield from paths_found(value[0], path)
    elif value == "[redacted]":
        yield path


def paths_told(schema, path=""):
    """The same as its schema says it."""
    inner = dict(schema.get("properties", {}))
    if "values" in schema:
        inner["*"] = schema["values"]
    for name, each in inner.items():
        yield from paths_told(each, f"{path}.{name}")
    if "items" in schema:
        yield from paths_told(schema["items"], path)
    elif not inner and schema.get("redacted") and schema["type"] != "object":
        yield path


async def test_a_filter_by_tags_that_come_redacted_is_an_error_and_not_an_empty_list(monkeypatch):
    """AWS marks all tags of some services; that an item has none of a name is known even so."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with closing(FaultServer()) as server:
        arn = f"arn:aws:drs:us-east-1:{ACCOUNT}:source-network/sn-1"
        server.answers["DescribeSourceNetworks"] = [data(items=[{"arn": arn, "tags": {"env": "prod"}}])]
        with AwsSource.from_environment(endpoint_url=server.endpoint_url, region="us-east-1") as source:
            ask = aws_bindings(source)["queryResources"]
            asked = {"resourceType": "AWS::DRS::SourceNetwork"}
            for detail in (None, "count"):
                with pytest.raises(AwsError) as caught:
                    await ask({**asked, "tags": {"env": "prod"}, "detail": detail})
                assert caught.value.code == "InvalidArgument"
                assert caught.value.details["operation"] == "DescribeSourceNetworks"
            assert (await ask({**asked, "tags": {"env": "prod", "team": "a"}})).value == []
            assert (await ask(asked)).value[0]["tags"] == {"env": "[redacted]"}
