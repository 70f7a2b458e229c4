"""The comparison with peers: its arithmetic, its tables, and that a peer which fails is told and not left out."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from benchmarks.measure import SMALLEST
from benchmarks.peers import __main__ as command
from benchmarks.peers import table
from benchmarks.peers.conductor import Driver, Subject, take
from benchmarks.peers.measures import BY_KEY, Claim, Figure, judged
from benchmarks.peers.subjects import base

from benchmarks import pages


def figures(*taken: tuple[str, str, tuple[float, ...]]) -> dict[tuple[str, str], Figure]:
    return {(name, measure): Figure(name, measure, "measured", rounds) for name, measure, rounds in taken}


def run_of(**changed: Any) -> dict[str, Any]:
    """A run of two subjects and two measures, as it stands in the JSON."""
    machine = {"cores": 2, "cpu": "a CPU", "system": "Linux", "kernel": "6", "python": "3.11", "node": "24"}
    return {
        "date": "2026-11-25",
        "machine": {**machine, "isolation": "full", "load_before": 0.1},
        "rounds": 3,
        "part": 1.0,
        "subjects": [
            {"name": "stockade", "title": "us", "between": "a", "settings": "s", "versions": {"v": "1"}, "missing": ""},
            {"name": "pydeno", "title": "them", "between": "b", "settings": "t", "versions": {"w": "2"}, "missing": ""},
        ],
        "figures": [
            asdict(Figure("stockade", "call", "measured", (100.0, 110.0, 90.0))),
            asdict(Figure("pydeno", "call", "measured", (800.0, 825.0, 810.0))),
            asdict(Figure("stockade", "late", "measured", (2.0, 2.0, 2.0))),
            asdict(Figure("pydeno", "late", "failed", why="no answer within 90 s")),
        ],
        **changed,
    }


@pytest.mark.parametrize(
    ("claim", "ours", "theirs", "ratio", "met"),
    [
        (Claim("call", "a", "b", 5), (10.0, 20.0, 10.0), (60.0, 60.0, 70.0), 6.0, True),
        (Claim("call", "a", "b", 7), (10.0, 20.0, 10.0), (60.0, 60.0, 70.0), 6.0, False),
        (Claim("rate", "a", "b", 4), (40.0, 50.0, 45.0), (10.0, 10.0, 10.0), 4.5, True),
        (Claim("cold", "a", "b", 1.3, "at most"), (12.0, 13.0, 14.0), (10.0, 10.0, 10.0), 1.3, True),
        (Claim("cold", "a", "b", 1.3, "at most"), (14.0, 14.0, 14.0), (10.0, 10.0, 10.0), 1.4, False),
    ],
)
def test_a_claim_is_judged_by_the_median_of_its_rounds_ratios(
    claim: Claim, ours: tuple[float, ...], theirs: tuple[float, ...], ratio: float, met: bool
) -> None:
    found = judged(claim, figures(("a", claim.measure, ours), ("b", claim.measure, theirs)))

    assert found.ratio == pytest.approx(ratio)
    assert found.met is met


def test_a_claim_without_both_sides_is_neither_met_nor_missed() -> None:
    found = judged(Claim("call", "a", "b", 5), figures(("a", "call", (1.0,))))

    assert (found.ratio, found.met, found.why) == (None, None, "not measured")


def test_a_claim_that_was_missed_stays_in_the_table_and_is_marked() -> None:
    ours, theirs = Figure("stockade", "call", "measured", (400.0,)), Figure("pydeno", "call", "measured", (800.0,))

    text = table.claims(run_of(figures=[asdict(ours), asdict(theirs)]))

    assert "| 2.00 (2.00 to 2.00) | 5 times better | **missed** |" in text


def test_the_tables_tell_what_a_peer_lacks_and_what_it_failed_of() -> None:
    text = table.figures(run_of()) + table.notes(run_of())

    assert "| them | b | 810 | failed |" in text
    assert "- *failed*: them, loop stopped after: no answer within 90 s." in text


def test_a_quick_look_says_that_it_is_no_result() -> None:
    assert "a quick look and no result" in table.when_and_where(run_of(part=0.2))
    assert "quick" not in table.when_and_where(run_of())


def test_figures_from_a_busy_machine_say_so() -> None:
    busy = run_of()["machine"] | {"load_before": 7.5}

    assert "The machine was busy" in table.when_and_where(run_of(machine=busy))
    assert "busy" not in table.when_and_where(run_of())


def test_tables_are_renewed_from_the_figures_of_an_earlier_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, page = tmp_path / "run.json", tmp_path / "page.md"
    source.write_text(json.dumps(run_of()))
    page.write_text(f"{pages.BEGIN.format('rival')}\n{pages.END.format('rival')}\n")

    assert command.main(["--from", str(source), "--put", str(page)]) == 0
    line = "| host call: us against them | 100 us | 810 us | 8.00 (7.50 to 9.00) | 5 times better | met |"
    assert line in page.read_text()
    assert "2026-11-25, 2 x a CPU" in capsys.readouterr().out


@pytest.mark.parametrize(
    "changed",
    [
        {"figures": [asdict(Figure("stockade", "rate", "failed", why="it broke"))]},
        {"figures": [asdict(Figure("context", "rate", "failed", why="it broke"))]},
        {"figures": [], "subjects": [{"name": "stockade", "missing": "it did not start: it broke"}]},
    ],
    ids=["a figure", "a figure of the other mode", "all figures"],
)
def test_what_failed_of_ours_makes_the_exit_code_1(tmp_path: Path, changed: dict[str, Any]) -> None:
    source = tmp_path / "run.json"
    us = {"title": "us", "between": "a", "settings": "s", "versions": {}, "missing": ""}
    subjects = [{"name": "stockade", **us}, {"name": "context", **us}]
    source.write_text(json.dumps(run_of(**{"subjects": subjects, **changed})))

    assert command.main(["--from", str(source)]) == 1


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "run.json"
    source.write_text(json.dumps(run_of()))

    with pytest.raises(SystemExit) as refused:
        command.main(["--from", str(source), "--json", str(tmp_path / "nowhere" / "run.json")])

    assert refused.value.code == 2
    assert "does not exist" in capsys.readouterr().err


async def test_a_round_is_taken_of_ourselves_in_a_process_of_its_own() -> None:
    subjects, found = await take(["stockade"], [BY_KEY["call"], BY_KEY["late"]], SMALLEST)

    assert subjects[0].missing == ""
    assert [(figure.measure, figure.outcome, len(figure.rounds)) for figure in found] == [
        ("call", "measured", 1),
        ("late", "measured", 1),
    ]
    assert all(figure.median > 0 for figure in found)


async def test_a_peer_that_is_not_installed_is_named_and_the_others_are_measured() -> None:
    """The development environment holds none of them."""
    subjects, found = await take(["pydeno", "stockade"], [BY_KEY["call"]], SMALLEST)

    assert "pydeno" in subjects[0].missing
    assert [figure.subject for figure in found] == ["stockade"]


async def test_a_peer_that_takes_its_process_with_it_is_told_and_may_be_asked_again() -> None:
    driver = Driver(Subject("stockade"))
    await driver.start()
    try:
        assert driver.process is not None
        driver.process.kill()
        dead = await driver.hear(60)
        again = await driver.ask(BY_KEY["call"], SMALLEST)
    finally:
        await driver.close()

    assert dead == {"outcome": "failed", "why": "the caller's own process died of SIGKILL"}
    assert again["outcome"] == "measured"


async def test_a_peer_that_never_answers_is_ended_and_told() -> None:
    driver = Driver(Subject("stockade"))
    await driver.start()
    try:
        assert driver.process is not None
        silent = await driver.hear(0.01)  # nothing was asked
        assert driver.process.returncode is not None
    finally:
        await driver.close()

    assert silent == {"outcome": "failed", "why": "no answer within 0.01 s"}


async def test_a_program_that_is_stopped_is_not_charged_with_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a run of ours: the clock of each starts with its deadline."""
    happened: list[str] = []
    spawn = asyncio.create_subprocess_exec

    async def spawned(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await spawn(*command, **options)
        happened.append("started")
        return process

    def looked() -> float:
        happened.append("looked at the clock")
        return 0.0

    monkeypatch.setattr(base.asyncio, "create_subprocess_exec", spawned)
    monkeypatch.setattr(base, "time", SimpleNamespace(perf_counter=looked))

    await base.until_killed([sys.executable, "-c", "while True: pass"], 0.01)

    assert happened == ["started", "looked at the clock", "looked at the clock"]
