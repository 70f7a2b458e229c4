"""The command line where its standard streams are closed, have no reader, or lack a character."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import STOCKADE


def with_streams(arguments: list[str], redirected: str, script: str = "", **environment: str):
    """As a shell starts it, with its streams redirected."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *STOCKADE, *arguments],
        input=script, capture_output=True, text=True, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip


TELLS = "console.log('hi'); 5"


@pytest.mark.parametrize(
    ("arguments", "redirected", "told"),
    [
        (["run", "-"], ">&-", ("", "hi\n")),
        (["run", "-"], "2>&-", ("5\n", "")),
        (["run", "-"], ">&- 2>&-", ("", "")),
        (["run", "-"], "<&-", ("", "")),
        (["run", "--json", "-"], ">&-", ("", "")),
        (["types", "--demo"], ">&-", ("", "")),
    ],
)
def test_a_closed_stream_leads_nowhere(arguments: list[str], redirected: str, told: tuple[str, str]):
    done = with_streams(arguments, redirected, TELLS)

    assert (done.stdout, done.stderr, done.returncode) == (*told, 0)


def without_reader(stream: str, script: str, *options: str):
    """A run whose stdout or stderr is a pipe that nobody reads."""
    ours, theirs = os.pipe()
    os.close(ours)
    try:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: theirs}
        return subprocess.run([*STOCKADE, "run", *options, "-"], input=script, text=True, timeout=60, **streams)
    finally:
        os.close(theirs)


@pytest.mark.parametrize(
    ("script", "options", "code"),
    [
        (TELLS, [], 0),
        ("console.log('hi'); throw new Error('bad')", [], 1),
        ("console.log('hi'); for (;;) {}", ["--timeout", "0.2"], 3),
    ],
)
def test_a_run_has_its_own_exit_code_though_nobody_reads_what_it_tells(script: str, options: list[str], code: int):
    done = without_reader("stderr", script, *options)
    whole = without_reader("stdout", script, *options, "--json")

    assert (done.returncode, done.stdout) == (code, "5\n" if code == 0 else "")
    assert (whole.returncode, whole.stderr) == (code, "")


def test_a_value_that_nobody_reads_to_its_end_is_no_failure():
    done = without_reader("stdout", "'x'.repeat(200_000)")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that takes nothing")
def test_a_value_that_cannot_be_written_is_a_failure():
    done = with_streams(["run", "-"], ">/dev/full", "1")

    assert (done.returncode, done.stderr) == (70, "stockade: No space left on device\n")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_whatever_the_encoding_lacks(encoding: str):
    script = "({ é: '€ 😀' })"
    value, whole = (
        with_streams(["run", *options, "-"], "", script, PYTHONIOENCODING=f"{encoding}:backslashreplace").stdout
        for options in (["--format", "json"], ["--json"])
    )

    assert json.loads(value) == json.loads(whole)["value"] == {"é": "€ 😀"}
    assert ("😀" in value) == (encoding == "utf-8")
