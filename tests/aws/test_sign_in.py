"""Signing in: where it is asked for, how long it may take, and what is said where it fails."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.exceptions
import psutil
import pytest
from fault_server import ACCOUNT, Answer, FaultServer, data, dripping, error, flood, slow, told

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.aws.translate import translated
from stockade.bindings.context import CURRENT, RunInfo

OTHER = "210987654321"


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


async def refused(**options: Any) -> AwsError:
    with AwsSource.from_environment(**options) as source, pytest.raises(AwsError) as caught:
        await aws_bindings(source)["listAccounts"]()
    return caught.value


def process_that_prints(text: str) -> str:
    return f"[default]\nregion = us-east-1\ncredential_process = echo '{text}'\n"


GOOD = json.dumps({"Version": 1, "AccessKeyId": "key", "SecretAccessKey": "secret"})
EXPIRED = json.dumps({**json.loads(GOOD), "SessionToken": "token", "Expiration": "2020-01-01T00:00:00Z"})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[default]\ncredential_process = /nowhere/to/be/found\n", "CredentialsInvalid"),
        (process_that_prints("no JSON"), "CredentialsInvalid"),
        (process_that_prints("[1]"), "CredentialsInvalid"),
        (process_that_prints(EXPIRED), "CredentialsExpired"),
        ("[default]\ncredential_process = yes\n", "CredentialsInvalid"),
        (f"[default]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/r\nweb_identity_token_file = /nowhere/token\n", None),
        (f"[default]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/r\nsource_profile = none\n", None),
        (
            f"{KEYS}[profile a]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/r\nsource_profile = b\n"
            f"[profile b]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/r\nsource_profile = a\n",
            None,
        ),
    ],
)
async def test_a_config_that_gives_no_credentials_is_told_as_that(config, monkeypatch, text, code):
    config.write_text(text, "utf-8")
    if "[profile a]" in text:
        monkeypatch.setenv("AWS_PROFILE", "a")
        monkeypatch.setenv("STOCKADE_AWS_ROLE", "r")  # so that the one profile counts
    fault = await refused()
    assert fault.code == (code or "CredentialsInvalid")
    assert "/nowhere" not in fault.message and "Error" not in fault.message


async def test_a_role_that_sso_does_not_give_is_told_as_one_that_is_not_assigned(server, config, tmp_path, monkeypatch):
    """SSO answers a GET, which the server takes for that of S3."""
    for place in ("credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", "tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR"):
        monkeypatch.setattr(f"botocore.{place}", str(tmp_path))
    config.write_text(
        f"[default]\nsso_session = s\nsso_account_id = {ACCOUNT}\nsso_role_name = r\nregion = us-east-1\n"
        "[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n",
        "utf-8",
    )
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = {"startUrl": "https://example.com/start", "region": "us-east-1", "accessToken": "x", "expiresAt": until}
    (tmp_path / f"{hashlib.sha1(b's').hexdigest()}.json").write_text(json.dumps(kept), "utf-8")
    server.answers["ListBuckets"] = [error("ForbiddenException", "No access", 403)]
    fault = await refused()
    assert (fault.code, fault.details["service"], fault.details["operation"]) == (
        "AccessDenied",
        "sso",
        "GetRoleCredentials",
    )
    assert fault.hint is not None and "IAM permission" not in fault.hint


@pytest.mark.skipif(not hasattr(botocore.exceptions, "LoginError"), reason="this botocore has no `aws login`")
@pytest.mark.parametrize("name", ["LoginRefreshRequired", "LoginTokenLoadError"])
def test_a_session_of_aws_login_that_has_ended_is_told_with_the_way_out(name):
    raised = getattr(botocore.exceptions, name)(error_msg="Token is expired")
    fault = translated(raised, service="sts", operation="GetCallerIdentity")
    assert (fault.code, fault.hint) == ("CredentialsExpired", "run: aws login")


@pytest.fixture
def hanging(config: Path, tmp_path: Path) -> Path:
    """A credential_process that says nothing, does not end, and has a child: where it writes the ids of both."""
    program = tmp_path / "program"
    pids = tmp_path / "pids"
    program.write_text(f"#!/bin/sh\nsleep 600 &\necho $$ $! >{pids}.new\nmv {pids}.new {pids}\nwait\n", "utf-8")
    program.chmod(0o755)
    config.write_text(f"{KEYS}[profile hanging]\ncredential_process = {program}\n", "utf-8")
    return pids


async def until_there(path: Path) -> None:
    while not path.exists():  # noqa: ASYNC110, ASYNC240
        await asyncio.sleep(0)


async def until_all_gone(pids: Path) -> None:
    for pid in pids.read_text("utf-8").split():  # noqa: ASYNC240
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            while process.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
                await asyncio.sleep(0)


@pytest.mark.parametrize("profile", ["hanging", "role"])
async def test_a_credential_process_that_hangs_is_ended_with_the_run(config, hanging, tmp_path, profile):
    """botocore waits for it without end, in a thread that others want."""
    role = f"[profile role]\nrole_arn = arn:aws:iam::{OTHER}:role/r\nsource_profile = hanging\n"
    config.write_text(config.read_text("utf-8") + role, "utf-8")
    file = tmp_path / "accounts.json"
    file.write_text(json.dumps([{"id": ACCOUNT}, {"id": OTHER, "profile": profile}]), "utf-8")
    with AwsSource.from_environment(accounts_file=file, limits=AwsLimits(threads=1)) as source:
        query = aws_bindings(source)["queryResources"]
        run = asyncio.create_task(query("AWS::DynamoDB::Table", OTHER))
        await until_there(hanging)
        run.cancel()
        assert len((await query("AWS::DynamoDB::Table", ACCOUNT)).value) == 1
        await until_all_gone(hanging)


async def test_closing_ends_a_credential_process_that_hangs_as_the_accounts_are_listed(hanging, monkeypatch):
    """They are listed for all runs, so no run's end ends that."""
    monkeypatch.setenv("AWS_PROFILE", "hanging")
    with AwsSource.from_environment() as source:
        run = asyncio.create_task(aws_bindings(source)["listAccounts"]())
        await until_there(hanging)
    await until_all_gone(hanging)
    with pytest.raises(AwsError):
        await run


async def test_a_credential_process_may_leave_behind_what_holds_its_output(server, config, tmp_path, monkeypatch):
    """As one does that starts an agent: botocore would wait for that."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nsleep 600 &\necho $! >{tmp_path / 'left'}\necho '{GOOD}'\n", "utf-8")
    program.chmod(0o755)
    config.write_text(f"[default]\ncredential_process = {program}\n", "utf-8")
    try:
        with AwsSource.from_environment() as source:
            (account,) = await aws_bindings(source)["listAccounts"]()
    finally:
        os.kill(int((tmp_path / "left").read_text("utf-8")), signal.SIGKILL)
    assert account["id"] == ACCOUNT


@pytest.fixture
def container(server: FaultServer, config: Path, monkeypatch: pytest.MonkeyPatch) -> FaultServer:
    """The server, asked for the credentials of a container. It takes the GET for that of S3."""
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{server.endpoint_url}/credentials")
    return server


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n{", b"HTTP/1.1 200 OK\r\nX-Name: "], ids=["body", "head"])
async def test_closing_ends_the_wait_for_credentials_that_come_byte_by_byte(container, start):
    """botocore asks a container's service by itself, and waits two seconds for each byte of it."""
    container.answers["ListBuckets"] = [told(start, dripping(b" "))]
    with AwsSource.from_environment() as source:
        run = asyncio.create_task(aws_bindings(source)["listAccounts"]())
        while not container.count("ListBuckets"):  # noqa: ASYNC110
            await asyncio.sleep(0)
    with pytest.raises(AwsError):
        await run


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (told(b"HTTP/1.1 200 OK\r\n\r\n", flood), "ConnectionFailed"),
        (data(), "CredentialsInvalid"),
        (lambda handler: handler.reply(200, "[1]"), "CredentialsInvalid"),
    ],
    ids=["flood", "nothing", "list"],
)
async def test_credentials_of_a_container_that_are_none_are_told_as_that(container, answer: Answer, code: str):
    """And of a flood no more is read than of an answer of AWS; botocore would ask for it three times."""
    container.answers["ListBuckets"] = [answer]
    assert (await refused()).code == code
    assert container.count("ListBuckets") == 1
