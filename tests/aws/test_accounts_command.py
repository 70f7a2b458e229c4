"""`stockade accounts`, against the embedded world."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys

import pytest

from stockade.aws.command import add_to, command


def run(world, monkeypatch, tmp_path, listed, *arguments):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(listed), "utf-8")
    monkeypatch.setenv("STOCKADE_AWS_ACCOUNTS", str(path))
    top = argparse.ArgumentParser()
    add_to(top.add_subparsers())
    return command(top.parse_args(["accounts", "--aws-endpoint", world.endpoint_url, *arguments]))


PRODUCTION = {"id": "210987654321", "name": "live", "role_arn": "arn:aws:iam::210987654321:role/r"}


def test_each_account_has_its_source_and_the_identity_used_there(world, monkeypatch, tmp_path, capsys):
    assert run(world, monkeypatch, tmp_path, [PRODUCTION]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["account", "name", "source", "identity"]
    assert line.split() == ["210987654321*", "live", "file", "arn:aws:sts::210987654321:assumed-role/r/stockade"]


def test_an_identity_of_another_account_is_a_problem_and_an_exit_code(world, monkeypatch, tmp_path, capsys):
    assert run(world, monkeypatch, tmp_path, [PRODUCTION, {"id": "310987654321"}], "--json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["problem"] is None
    assert rows[1]["problem"].startswith("CredentialsInvalid: the credentials configured for account 310987654321")


def stockade(*arguments, **environment):
    """The command as a person runs it, with an AWS that is set up by these variables alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STOCKADE_AWS_"))}
    kept |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, **environment}
    return subprocess.run(
        [sys.executable, "-m", "stockade", *arguments], input="1", env=kept, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("arguments", [["accounts"], ["run", "--aws", "-"]])
def test_an_aws_config_that_cannot_be_used_is_told_in_one_line(tmp_path, arguments):
    (tmp_path / "config").write_text("no config\n", "utf-8")

    misspelt = stockade(*arguments, AWS_PROFILE="nope")
    garbage = stockade(*arguments, AWS_CONFIG_FILE=str(tmp_path / "config"))

    assert misspelt.stderr == (
        "stockade: CredentialsInvalid: the AWS config cannot be used: The config profile (nope) could not be found\n"
    )
    assert garbage.stderr == (
        "stockade: CredentialsInvalid: the AWS config cannot be used: Unable to parse config file: <path>\n"
    )
    assert [(done.returncode, done.stdout) for done in (misspelt, garbage)] == [(70, "")] * 2


def test_a_region_that_nobody_knows_is_told_in_one_line(world):
    done = stockade(
        "accounts", "--aws-endpoint", world.endpoint_url, STOCKADE_AWS_ROLE="StockadeReadOnly",
        AWS_DEFAULT_REGION="xx-nowhere-9", AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret",
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("stockade: UnsupportedByInstalledSdk: Unknown region: 'xx-nowhere-9'")


def test_a_profile_that_is_not_there_does_not_hide_the_other_accounts(world, monkeypatch, tmp_path, capsys):
    assert run(world, monkeypatch, tmp_path, [PRODUCTION, {"id": "310987654321", "profile": "nope"}], "--json") == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[0]["identity"] == "arn:aws:sts::210987654321:assumed-role/r/stockade"
    assert rows[1]["problem"] == (
        "CredentialsInvalid: the AWS config cannot be used: The config profile (nope) could not be found"
    )
