"""What a run used of AWS, and as whom it asked, is in its result; the script does not see it."""

from __future__ import annotations

import json

import pytest

from stockade import Pool, RuntimeConfig
from stockade.aws import AwsLimits, aws_bindings

PRODUCTION = "210987654321"
ASKS = f"const found = await queryResources('AWS::EC2::Instance', '{PRODUCTION}', 'us-east-1'); found.length"


@pytest.fixture(scope="module")
async def pool():
    async with Pool(RuntimeConfig(timeout_seconds=100)) as started:
        yield started


async def test_the_result_says_what_was_used_and_what_was_granted(pool, world):
    with world.source(AwsLimits(calls_per_run=40)) as source:
        run = await pool.execute(ASKS, bindings=aws_bindings(source))
    assert run.value == 3
    facts = run.facts["aws"]
    assert facts["calls"] == {"used": 1, "limit": 40}
    assert facts["items"] == {"used": 3, "limit": 50_000}
    assert 1000 < facts["bytes"]["used"] < facts["bytes"]["limit"]
    assert facts["identities"] == {PRODUCTION: f"arn:aws:sts::{PRODUCTION}:assumed-role/StockadeReadOnly/stockade"}
    json.dumps(run.model_dump(mode="json"))


async def test_the_text_of_a_result_ends_with_what_was_used(pool, source):
    run = await pool.execute(ASKS, bindings=aws_bindings(source))
    assert run.text().endswith("; aws: 1 of 500 API calls, 3 items")
    assert "arn:" not in run.text()


async def test_a_run_that_ends_badly_says_what_it_had_used(pool, source):
    script = f"{ASKS}; throw new Error('after the call')"
    run = await pool.execute(script, bindings=aws_bindings(source))
    assert run.error.kind == "exception"
    assert run.facts["aws"]["calls"]["used"] == 1


async def test_a_script_does_not_see_as_whom_it_asks(pool, source):
    script = f"const found = await queryResources('AWS::SNS::Topic', '{PRODUCTION}', 'us-east-1'); [found, found.meta]"
    run = await pool.execute(script, bindings=aws_bindings(source))
    assert "assumed-role" not in run.result
    assert run.facts["aws"]["identities"]


async def test_a_run_that_asks_nothing_has_no_facts_of_aws(pool, source):
    assert (await pool.execute("1 + 1", bindings=aws_bindings(source))).facts == {}
