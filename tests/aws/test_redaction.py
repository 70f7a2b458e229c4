"""What AWS does not mark as sensitive and yet is a secret, or may hold one: it comes as `[redacted]`."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel

from stockade.aws.catalog import catalog
from stockade.aws.normalise import plain

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
