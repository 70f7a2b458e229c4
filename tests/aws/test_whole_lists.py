"""A list is whole, or an error, or says what it leaves out: half a list misleads a script without a word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import ACCOUNT, Answer, FaultServer, Handler, data, error

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings

CLUSTER, SERVICE = (f"arn:aws:ecs:us-east-1:{ACCOUNT}:{kind}/" for kind in ("cluster", "service"))
SERVICES = {"resourceType": "AWS::ECS::Service", "detail": "count"}


@pytest.fixture
def aws(served: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(served)


def two_clusters(server: FaultServer, second: Answer) -> None:
    """Clusters a and b; the first has two services, and the second answers as it is told."""

    def list_services(handler: Handler) -> None:
        cluster = json.loads(handler.body)["cluster"].rpartition("/")[2]
        (data(serviceArns=[f"{SERVICE}a/{name}" for name in "xy"]) if cluster == "a" else second)(handler)

    server.answers["ListClusters"] = [data(clusterArns=[f"{CLUSTER}{name}" for name in "ab"])]
    server.answers["ListServices"] = [list_services]


async def test_a_list_of_which_one_parent_is_refused_is_an_error_and_not_that_of_the_others(server, aws):
    two_clusters(server, error("AccessDeniedException", "not that one"))
    for ask in (lambda: aws["queryResources"](SERVICES), lambda: aws["countResources"]("AWS::ECS::Service")):
        with pytest.raises(AwsError, match="not that one") as caught:
            await ask()
        assert caught.value.code == "AccessDenied"


async def test_a_list_that_goes_on_after_its_last_name_is_asked_for_to_its_end(server, aws):
    """Firehose gives ten streams at once, and no token."""
    server.answers["ListDeliveryStreams"] = [
        data(DeliveryStreamNames=["a", "b"], HasMoreDeliveryStreams=True),
        data(DeliveryStreamNames=["c"], HasMoreDeliveryStreams=False),
    ]
    reply = await aws["queryResources"]({"resourceType": "AWS::KinesisFirehose::DeliveryStream", "detail": "count"})
    assert (reply.value[0]["count"], reply.meta["pages"]) == (3, 2)


async def test_a_parent_that_went_away_meanwhile_has_nothing_in_it(server, aws):
    two_clusters(server, error("ClusterNotFoundException", "Cluster not found."))
    reply = await aws["queryResources"](SERVICES)
    assert [(each["count"], each["truncated"]) for each in reply.value] == [(2, False)]
    assert reply.meta["warnings"] == []


async def test_a_list_for_which_not_all_parents_were_looked_into_says_so(server, served):
    two_clusters(server, data(serviceArns=[f"{SERVICE}b/z"]))
    limits = AwsLimits(parents_per_query=1)
    with AwsSource.from_environment(endpoint_url=server.endpoint_url, region="us-east-1", limits=limits) as source:
        bindings = aws_bindings(source)
        reply = await bindings["queryResources"](SERVICES)
        counted = await bindings["countResources"]("AWS::ECS::Service")
        many = await bindings["queryResources"]({**SERVICES, "region": ["us-east-1"]})
    assert (reply.value[0]["count"], reply.value[0]["truncated"], reply.meta["truncated"]) == (2, True, True)
    assert reply.meta["warnings"] == ["only the first 1 of AWS::ECS::Cluster were looked into"]
    assert counted.value["counts"][0]["truncated"] is True
    assert (many.value["truncated"], many.meta["warnings"]) == (True, reply.meta["warnings"])


async def test_a_list_that_is_cut_where_a_page_ends_says_so_if_another_follows(server, aws):
    ask = {"resourceType": "AWS::DynamoDB::Table", "limit": 2}
    server.answers["ListTables"] = [data(TableNames=["a", "b"], LastEvaluatedTableName="b"), data(TableNames=["c"])]
    cut = await aws["queryResources"](ask)
    assert ([item["resourceId"] for item in cut.value], cut.meta["truncated"]) == (["a", "b"], True)
    server.answers["ListTables"] = [data(TableNames=["a", "b"])]
    whole = await aws["queryResources"](ask)
    assert ([item["resourceId"] for item in whole.value], whole.meta["truncated"]) == (["a", "b"], False)


async def test_a_filter_by_tags_looks_at_all_there_is_and_its_limit_is_of_what_it_lets_through(server, aws):
    tags = {"a": "test", "b": "prod", "c": "prod"}
    clusters = [
        {"clusterArn": f"{CLUSTER}{name}", "clusterName": name, "tags": [{"key": "env", "value": env}]}
        for name, env in tags.items()
    ]
    server.answers["ListClusters"] = [data(clusterArns=[each["clusterArn"] for each in clusters])]
    server.answers["DescribeClusters"] = [data(clusters=clusters)]
    for limit, names, truncated in ((1, ["b"], True), (2, ["b", "c"], False)):
        asked = {"resourceType": "AWS::ECS::Cluster", "tags": {"env": "prod"}, "limit": limit}
        reply = await aws["queryResources"](asked)
        assert [item["displayName"] for item in reply.value] == names
        assert reply.meta["truncated"] is truncated
