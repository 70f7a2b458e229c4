"""Every example script, run as a user runs it, against the embedded world."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stockade import Pool, RuntimeConfig

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
async def run(aws):
    async with Pool(RuntimeConfig(timeout_seconds=100, max_calls=5000)) as pool:

        async def running(name):
            result = await pool.execute((EXAMPLES / name).read_text("utf-8"), bindings=aws)
            assert result.ok, result.error
            assert not [line.text for line in result.console_output if line.level == "warn"]
            return result.value

        yield running


async def test_open_ssh_finds_every_group_that_lets_the_world_in(run):
    found = {(row["account"], row["region"], row["name"]) for row in await run("open_ssh.js")}
    everywhere = ("us-east-1", "eu-west-1", "ap-southeast-2")
    assert found == {
        ("acme-production", "us-east-1", "legacy-jump-host"),
        ("acme-staging", "eu-west-1", "quick-test"),
        *(("acme-sandbox", region, "quick-test") for region in everywhere),
    }


async def test_unencrypted_storage_finds_volumes_databases_and_buckets(run):
    rows = await run("unencrypted_storage.js")
    databases = {(row["account"], row["region"]) for row in rows if row["type"] == "RDS DBInstance"}
    assert len(databases) == 9
    assert not any(account == "acme-production" for account, _ in databases)
    assert {row["gigabytes"] for row in rows if row["type"] == "EC2 Volume"} >= {100}
    buckets = {row["id"] for row in rows if row["type"] == "S3 Bucket"}
    assert len(buckets) == 4 * 3 * 2 - 3
    assert not any(name.startswith("acme-production-assets") for name in buckets)  # those have a KMS key


async def test_who_deleted_what_names_the_person_and_the_refusal(run):
    rows = await run("who_deleted_what.js")
    assert len(rows) == 4 * 3 * 4
    assert {row["who"] for row in rows if row["did"] == "DeleteBucket"} == {"ben"}
    assert {row["refused"] for row in rows if row["did"] == "DeleteUser"} == {"AccessDenied"}


async def test_error_spikes_finds_the_bad_minutes_of_production_alone(run):
    rows = await run("error_spikes.js")
    assert {row["account"] for row in rows} == {"acme-production"}
    assert {row["region"] for row in rows} == {"us-east-1", "eu-west-1", "ap-southeast-2"}


async def test_untagged_spend_counts_what_has_no_team(run):
    rows = {(row["account"], row["type"]): row for row in await run("untagged_spend.js")}
    assert rows["acme-sandbox", "AWS::EC2::Instance"]["without"] == 9
    assert rows["acme-production", "AWS::EC2::Instance"]["without"] == 3


async def test_the_seeds_own_example_works_as_it_is_written(aws):
    script = """
    const acct = (await listAccounts())[1].id;
    const instances = await queryResources('AWS::EC2::Instance', acct, 'us-east-1'); JSON.stringify(instances);
    """
    async with Pool() as pool:
        result = await pool.execute(script, bindings=aws)
    assert result.ok
    assert '"displayName":"web-1"' in result.value


async def test_the_readmes_script_works_as_it_is_written_and_it_names_every_function(aws):
    readme = (ROOT / "README.md").read_text("utf-8")
    [script] = re.findall(r"```js\n(.*?)```", readme, re.DOTALL)
    async with Pool() as pool:
        result = await pool.execute(script, bindings=aws)

    assert result.ok, result.error
    assert "web-1" in [instance["displayName"] for instance in json.loads(result.value)]
    assert all(f"`{name}(" in readme for name in aws)
