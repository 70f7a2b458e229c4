"""Recording and replaying on the command line, as a person does it."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest

from stockade import RuntimeConfig
from stockade.cli import main
from stockade.commands import run
from stockade.sync import Pool
from stockade.testing import Faults, at_call
from tests.test_cli import stockade

SHOP = """
from stockade import binding

@binding(read_only=True)
def price(sku: str) -> float:
    "What it costs."
    return len(sku) + 0.5
"""

SCRIPT = "await price('tea') + await price('milk')"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with a module `shop` and `run.jsonl`, the recording of SCRIPT."""
    (tmp_path / "shop.py").write_text(SHOP)
    done = stockade(
        "run", "--binding", "shop:price", "--record", "run.jsonl", "-", stdin=SCRIPT, cwd=tmp_path
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "8\n", "")
    (tmp_path / "shop.py").unlink()
    return tmp_path


def test_a_recording_does_not_replace_the_script_it_is_of(tmp_path: Path):
    script, other = tmp_path / "run.js", tmp_path / "other.js"
    script.write_text("1 + 1")
    other.symlink_to(script)

    for named in (script, other):
        done = stockade("run", "--record", str(named), str(script))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"stockade: --record {named}: it is the script\n"
    assert script.read_text() == "1 + 1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a disk that is always full")
def test_a_recording_that_cannot_be_written_does_not_cost_the_value(tmp_path: Path):
    (tmp_path / "shop.py").write_text(SHOP)
    done = stockade("run", "--binding", "shop:price", "--record", "/dev/full", "-", stdin=SCRIPT, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (70, "8\n")
    assert done.stderr == "stockade: /dev/full: No space left on device\n"


def test_a_recorded_run_replays_without_its_functions(recorded: Path):
    done = stockade("run", "--replay", "run.jsonl", "-", stdin=SCRIPT, cwd=recorded)

    assert (done.returncode, done.stdout, done.stderr) == (0, "8\n", "")


def test_a_difference_has_its_exit_code_and_shows_both_calls(recorded: Path):
    done = stockade("run", "--replay", "run.jsonl", "-", stdin=SCRIPT.replace("milk", "mead"), cwd=recorded)

    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr.splitlines()[-4:] == [
        "not as recorded: call 2 has other arguments than the recorded one",
        'expected  price("milk")',
        'got       price("mead")',
        "                  ^",
    ]


def test_calls_left_over_are_a_difference_whatever_the_script_returned(recorded: Path):
    done = stockade("run", "--json", "--replay", "run.jsonl", "-", stdin="await price('tea')", cwd=recorded)

    assert (done.returncode, json.loads(done.stdout)["value"]) == (6, 3.5)
    assert done.stderr.startswith("not as recorded: recorded call 2 was never made")


def test_a_worker_that_died_is_no_difference_from_the_recording(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What the script would have called further is not known."""

    def dying(config: RuntimeConfig, **options: Any) -> Pool:
        return Faults(kill=at_call(1)).attach(Pool(config, **options))

    monkeypatch.setattr(run, "Pool", dying)
    monkeypatch.setattr(logging.getLogger("stockade"), "filters", [])  # the command adds one, for good
    (recorded / "run.js").write_text(SCRIPT)

    code = main(["run", "--replay", str(recorded / "run.jsonl"), str(recorded / "run.js")])

    assert (code, capsys.readouterr()) == (70, ("", "worker_crashed: the worker was ended by SIGKILL in mid-run\n"))


def test_types_and_check_know_the_functions_of_a_recording(recorded: Path):
    types = stockade("types", "--replay", "run.jsonl", cwd=recorded)

    assert types.stdout == "/** What it costs. */\ndeclare function price(sku: string): Promise<number>;\n"
    assert stockade("check", "--replay", "run.jsonl", "-", stdin=SCRIPT, cwd=recorded).returncode == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--replay", "none.jsonl"], "none.jsonl: No such file"),
        (["--replay", "run.jsonl", "--record", "other.jsonl"], "goes without --binding and --record"),
        (["--replay", "run.jsonl", "--binding", "os:getpid"], "goes without --binding and --record"),
        (["--replay", "run.jsonl", "--demo"], "not allowed with"),
        (["--replay", "empty.jsonl"], "empty.jsonl is empty"),
        (["--replay", ""], "argument --replay: the name of the file is empty"),
        (["--record", ""], "argument --record: the name of the file is empty"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_one_sentence(recorded: Path, options: list[str], told: str):
    (recorded / "empty.jsonl").touch()
    done = stockade("run", *options, "-", stdin="1", cwd=recorded)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_wrong_with_a_recording_may_not_move_the_cursor(recorded: Path):
    """It quotes the file, and that may be anybody's."""
    with (recorded / "run.jsonl").open("a") as file:
        file.write('{"type":"\\u009b2J\\u001b[2J"}\n')
    done = stockade("run", "--replay", "run.jsonl", "-", stdin=SCRIPT, cwd=recorded)

    assert done.returncode == 2
    assert "Invalid value '\\x9b2J\\x1b[2J'" in done.stderr


def test_a_run_of_the_embedded_world_replays_without_it(tmp_path: Path):
    script = "(await listRegions()).length"
    first = stockade("run", "--demo", "--record", "run.jsonl", "-", stdin=script, cwd=tmp_path)
    again = stockade("run", "--replay", "run.jsonl", "-", stdin=script, cwd=tmp_path)

    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert first.stdout == again.stdout
