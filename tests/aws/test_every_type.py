"""Every type that moto answers is asked for once, and nothing comes back that is outside the error model."""

from __future__ import annotations

import asyncio
import json

import pytest

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.aws.embedded import EmbeddedWorld
from stockade.aws.errors import CODES

ALLOWED = {"NotFound", "InvalidArgument", "AccessDenied", "ServiceError"}


@pytest.fixture(scope="module")
def everything(world: EmbeddedWorld):
    with world.source(AwsLimits(calls_per_run=100_000, items_per_run=10**6, bytes_per_run=10**9)) as source:
        yield source


@pytest.mark.timeout(600)  # half a minute on two idle cores
async def test_every_type_with_a_moto_verdict_answers_within_the_error_model(everything: AwsSource):
    """The claim "exercised against moto" is this test."""
    query = aws_bindings(everything)["queryResources"]
    types = [name for name in everything.catalog.types if everything.catalog.row(name).moto]
    outcomes: dict[str, str] = {}

    async def one(name: str) -> None:
        try:
            reply = await query(name, "210987654321", "us-east-1")
        except AwsError as error:
            outcomes[name] = str(error.code)
            assert error.code in CODES
            assert "Traceback" not in error.message
        else:
            outcomes[name] = "ok"
            json.dumps(reply.value, allow_nan=False)
            assert all(item["resourceType"] == name and item["accountId"] == "210987654321" for item in reply.value)

    # Eight at a time: the server is one process, and more would only wait longer.
    slots = asyncio.Semaphore(8)

    async def bounded(name: str) -> None:
        async with slots:
            await one(name)

    results = await asyncio.gather(*(bounded(name) for name in types), return_exceptions=True)
    assert [(name, result) for name, result in zip(types, results, strict=True) if result is not None] == []
    refused = {name: outcome for name, outcome in outcomes.items() if outcome != "ok"}
    assert len(types) >= 427
    assert set(refused.values()) <= ALLOWED, refused
    assert len(refused) <= 5, refused


async def test_a_type_moto_lacks_is_refused_without_asking_it(everything: AwsSource):
    lacking = [name for name in everything.catalog.types if not everything.catalog.row(name).moto]
    assert len(lacking) > 900
    with pytest.raises(AwsError) as caught:
        await aws_bindings(everything)["queryResources"](lacking[0], "210987654321", "us-east-1")
    assert caught.value.code == "NotSupportedInDemo"
    assert "embedded world" in caught.value.message
