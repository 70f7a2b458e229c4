"""The benchmarks run, at their smallest size. How fast is not asked: a test must not depend on the machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from benchmarks.__main__ import ALL, main
from benchmarks.measure import SMALLEST, Benchmark, Goal, Sides, Size, take

from benchmarks import report


@pytest.mark.parametrize("benchmark", ALL, ids=lambda benchmark: benchmark.figures[0].name)
async def test_a_benchmark_gives_its_rows(benchmark: Benchmark) -> None:
    rows = await take(benchmark, SMALLEST)

    assert [row.name for row in rows] == [figure.name for figure in benchmark.figures]
    for row in rows:
        assert row.verdict != "failed", row.why
        assert row.verdict == "skipped" or (row.measured > 0 and row.yardstick > 0 and row.ratio > 0)


def test_a_goal_judges_in_its_own_direction():
    assert [Goal(2.0).judge(ratio) for ratio in (1.9, 3.9, 4.1)] == ["goal met", "within twice", "missed"]
    assert [Goal(0.6, at_least=True).judge(ratio) for ratio in (0.7, 0.4, 0.2)] == [
        "goal met",
        "within twice",
        "missed",
    ]


def test_the_command_prints_a_table_and_writes_json(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("benchmarks.__main__.QUICK", SMALLEST)
    file = tmp_path / "results.json"

    assert main(["--quick", "--only", "100 calls", "--json", str(file)]) == 0

    assert "100 calls at once" in capsys.readouterr().out
    data = json.loads(file.read_text())
    assert data["rows"][0]["name"] == "100 calls at once"
    assert {"date", "machine"} <= data.keys()
    assert "/" not in json.dumps(data["machine"])


def test_an_unknown_row_is_refused_with_the_way_out(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--only", "no such row"])

    assert exit_.value.code == 2
    assert "--list" in capsys.readouterr().err


async def test_a_benchmark_that_breaks_becomes_a_row_that_says_why():
    """One thing that does not work must not take the other figures with it."""

    @asynccontextmanager
    async def broken(size: Size) -> AsyncIterator[Sides]:
        raise RuntimeError("no such luck")
        yield

    rows = await take(Benchmark(ALL[0].figures, "ms", "nothing", broken), SMALLEST)

    assert [row.verdict for row in rows] == ["failed"]
    assert "no such luck" in report.table(rows)
