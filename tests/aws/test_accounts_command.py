"""`stockade accounts`, against the embedded world."""

from __future__ import annotations

import argparse
import json

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
