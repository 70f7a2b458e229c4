"""Signing in: where it is asked for, how long it may take, and what is said where it fails."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import ACCOUNT, FaultServer, data, slow

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.bindings.context import CURRENT, RunInfo

OTHER = "210987654321"


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    made = FaultServer()
    yield made
    made.close()


@pytest.fixture
def config(server: FaultServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The path of an AWS config of its own, and nothing else of AWS in the environment."""
    server.reset()
    server.answers["ListTables"] = [data(TableNames=["a"])]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint_url)
    return tmp_path / "config"


KEYS = "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n"


@pytest.mark.parametrize(
    ("configured", "region", "asked"),
    [
        ("", "cn-north-1", "cn-north-1"),
        ("region = us-east-1\n", "us-gov-west-1", "us-gov-west-1"),
        ("", "ap-east-1", "us-east-1"),  # which an account may have switched off
        ("region = eu-west-1\n", "ap-east-1", "eu-west-1"),
    ],
)
async def test_an_identity_is_asked_for_in_its_own_partition(server, config, configured, region, asked):
    config.write_text(KEYS + configured, "utf-8")
    with AwsSource.from_environment(region=region) as source:
        assert len((await aws_bindings(source)["queryResources"]("AWS::DynamoDB::Table")).value) == 1
    places = {where for operation, where in server.asked if operation in ("GetCallerIdentity", "ListAccountAliases")}
    assert places == {asked}


async def test_an_account_whose_sign_in_hangs_keeps_no_thread_longer_than_the_run(server, config, tmp_path):
    """The threads are for all runs, and botocore would try four times for half a minute each."""
    config.write_text(KEYS, "utf-8")
    file = tmp_path / "accounts.json"
    role = f"arn:aws:iam::{OTHER}:role/r"
    file.write_text(json.dumps([{"id": ACCOUNT}, {"id": OTHER, "role_arn": role}]), "utf-8")
    server.answers["AssumeRole"] = [slow]
    codes: list[str] = []
    with AwsSource.from_environment(accounts_file=file, limits=AwsLimits(threads=1)) as source:
        for account, seconds in ((OTHER, 0.5), (OTHER, 0.5), (ACCOUNT, 15)):
            token = CURRENT.set(RunInfo("run", None, time.monotonic() + seconds))
            try:
                reply = await aws_bindings(source)["queryResources"]("AWS::DynamoDB::Table", account)
                codes += [item["resourceId"] for item in reply.value]
            except AwsError as fault:
                codes.append(fault.code)
            finally:
                CURRENT.reset(token)
        server.released.set()
        server.released.clear()
    assert codes == ["Timeout", "Timeout", "a"]
