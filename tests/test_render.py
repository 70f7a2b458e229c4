"""A result as text within a budget."""

from __future__ import annotations

from typing import Any

import pytest

from stockade.result import CallRecord, ConsoleLine, ExecutionResult, RunError, Usage


def lines(count: int, width: int = 20) -> list[ConsoleLine]:
    return [ConsoleLine(level="log", text=f"{n} " + "x" * width, at_ms=n) for n in range(count)]


def test_a_value_comes_with_its_console_and_what_was_used():
    calls = [CallRecord(name="price", ms=1, outcome="resolved", bytes_in=1, bytes_out=1)] * 2
    result = ExecutionResult(
        run_id="r",
        result='{"a":1}',
        console_output=[ConsoleLine(level="warn", text="careful\nnow", at_ms=1)],
        calls=calls,
        usage=Usage(wall_ms=12.3, peak_rss_mb=61, calls=2),
    )

    assert result.text() == (
        'value: {"a":1}\nconsole:\n  warn: careful\n  now\nused: 12 ms, 61 MiB, 2 calls (price x2)'
    )


def test_an_error_comes_with_frame_causes_and_hint():
    error = RunError(
        kind="exception", name="TypeError", message="bad", frame="1 | x\n    ^", cause=["Error: why"], hint="try y"
    )

    assert ExecutionResult(run_id="r", error=error).text().splitlines()[:5] == [
        "exception: TypeError: bad", "1 | x", "    ^", "caused by Error: why", "hint: try y",
    ]  # fmt: skip


@pytest.mark.parametrize("budget", [0, 10, 100, 500, 2000])
@pytest.mark.parametrize("count", [0, 3, 500])
@pytest.mark.parametrize("size", [3, 5000])
def test_no_text_is_longer_than_its_budget_and_cuts_are_marked(budget: int, count: int, size: int):
    result = ExecutionResult(run_id="r", result=f'"{"v" * size}"', console_output=lines(count))
    failed = ExecutionResult(
        run_id="r", error=RunError(kind="exception", name="E", message="m" * size), console_output=lines(count)
    )

    for text in (result.text(budget), failed.text(budget)):
        assert len(text) <= budget
        if budget >= 500 and (count == 500 or size == 5000):
            assert "more characters)" in text or "more lines" in text


def test_a_large_console_leaves_room_for_the_value():
    text = ExecutionResult(run_id="r", result='"the value"', console_output=lines(1000)).text(600)

    assert text.startswith("value: the value\n")
    assert "more lines" in text


@pytest.mark.parametrize("budget", [-5, 10.5, True, None])
def test_a_budget_that_is_none_is_refused(budget: Any):
    with pytest.raises(ValueError, match=f"budget_chars must be a whole number of at least 0, not {budget}"):
        ExecutionResult(run_id="r").text(budget)
