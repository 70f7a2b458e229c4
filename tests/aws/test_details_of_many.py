"""Details that are asked for many items at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from fault_server import ACCOUNT, Handler, data, error, slow

from stockade.aws import AwsError, AwsSource, aws_bindings, details

CLUSTER, SERVICE = (f"arn:aws:ecs:us-east-1:{ACCOUNT}:{kind}/" for kind in ("cluster", "service"))


@pytest.fixture
def aws(served: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(served)


def tagged(kind: str, arn: str) -> dict[str, Any]:
    name = arn.rpartition("/")[2]
    return {f"{kind}Arn": arn, f"{kind}Name": name, "tags": [{"key": "name", "value": name}]}


async def test_services_of_different_clusters_are_asked_for_apart(server, aws):
    """As AWS does, the server refuses a service that is not of the cluster it is asked about."""

    def list_services(handler: Handler) -> None:
        cluster = json.loads(handler.body)["cluster"].rpartition("/")[2]
        data(serviceArns=[f"{SERVICE}{cluster}/{cluster}-{number}" for number in range(3)])(handler)

    def describe_services(handler: Handler) -> None:
        asked = json.loads(handler.body)
        cluster = asked["cluster"].rpartition("/")[2]
        if any(arn.split("/")[1] != cluster for arn in asked["services"]):
            error("InvalidParameterException", f"Identifier is for another. Your cluster is {cluster}")(handler)
        else:
            data(services=[tagged("service", arn) for arn in asked["services"]])(handler)

    server.answers["ListClusters"] = [data(clusterArns=[f"{CLUSTER}{name}" for name in "ab"])]
    server.answers["DescribeClusters"] = [data(clusters=[])]
    server.answers["ListServices"] = [list_services]
    server.answers["DescribeServices"] = [describe_services]
    reply = await aws["queryResources"]("AWS::ECS::Service")
    named = [f"{cluster}-{number}" for cluster in "ab" for number in range(3)]
    assert [item["tags"] for item in reply.value] == [{"name": name} for name in named]
    assert reply.meta["warnings"] == []
    found = await aws["queryResources"]("AWS::ECS::Service", None, None, {"tags": {"name": "b-1"}})
    assert [item["displayName"] for item in found.value] == ["b-1"]


async def test_who_is_who_in_a_large_answer_is_found_out_with_one_look_at_each(server, aws, monkeypatch):
    """Each look is work on the event loop, which all runs share: with one at every other for each, a hundred clusters
    stopped it for a third of a second."""
    looks: list[str] = []

    def counted(row: Any, item: Any, place: Any) -> dict[str, Any]:
        looks.append(row.type)
        return made(row, item, place)

    made = details.envelope
    monkeypatch.setattr(details, "envelope", counted)
    names = [f"{CLUSTER}c{number}" for number in range(150)]

    def describe(handler: Handler) -> None:
        asked = json.loads(handler.body)["clusters"]
        data(clusters=[tagged("cluster", arn) for arn in reversed(asked)])(handler)

    server.answers["ListClusters"] = [data(clusterArns=names)]
    server.answers["DescribeClusters"] = [describe]
    reply = await aws["queryResources"]("AWS::ECS::Cluster")
    assert [item["tags"]["name"] for item in reply.value] == [f"c{number}" for number in range(150)]
    assert server.count("DescribeClusters") == 2
    assert len(looks) <= 2 * len(names)


async def test_tags_that_may_not_be_read_are_asked_for_no_further(server, aws):
    """The rest went on when the script had its error, and after its run, on the threads of all runs."""
    server.answers["ListTables"] = [data(TableNames=[f"table-{number}" for number in range(250)])]
    server.answers["GetResources"] = [error("AccessDeniedException"), slow]
    try:
        with pytest.raises(AwsError) as caught:
            await aws["queryResources"]("AWS::DynamoDB::Table", None, None, {"detail": "tags"})
        assert caught.value.code == "AccessDenied"
        assert asyncio.all_tasks() == {asyncio.current_task()}
    finally:
        server.released.set()
        server.released.clear()
