"""A result as text within a budget."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stockade import ResultUnreadable
from stockade.result import CallRecord, ConsoleLine, Evidence, ExecutionResult, RunError, Usage


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


def test_one_call_is_told_as_one():
    call = CallRecord(name="price", ms=1, outcome="resolved", bytes_in=1, bytes_out=1)

    text = ExecutionResult(run_id="r", calls=[call], usage=Usage(calls=1)).text()
    assert text == "value: undefined\nused: 0 ms, 0 MiB, 1 call (price)"


def test_a_value_that_python_cannot_hold_is_shown_as_json():
    digits = "1" * 5000

    assert ExecutionResult(run_id="r", result=digits).text().startswith(f"value: {digits}\n")


def test_a_value_that_python_cannot_hold_can_be_shown_in_a_log():
    """From a worker that its script has taken over, and so when there is most to be logged."""
    result = ExecutionResult(run_id="r", result="[1e999]")

    assert "[1e999]" in repr(result)
    assert "[1e999]" in f"{result}"
    with pytest.raises(ResultUnreadable):
        result.model_dump()


def test_an_error_comes_with_frame_causes_and_hint():
    error = RunError(
        kind="exception", name="TypeError", message="bad", frame="1 | x\n    ^", cause=["Error: why"], hint="try y"
    )

    assert ExecutionResult(run_id="r", error=error).text().splitlines()[:5] == [
        "exception: TypeError: bad", "1 | x", "    ^", "caused by Error: why", "hint: try y",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"name": "E", "message": "bad", "line": 3}, ["exception: E: bad", "at line 3"]),
        ({"name": "E", "message": "E: bad", "frame": "3 | x", "line": 3}, ["exception: E: bad", "3 | x"]),
        ({"kind": "timeout", "name": "Timeout", "message": "late"}, ["timeout: late"]),
        ({"errors": ["a", "b"]}, ["exception: E: m", "one of its errors: a", "one of its errors: b"]),
        ({"fields": {"code": 5, "hint": "wait", "of": None}}, ["exception: E: m", "with code: 5", "hint: wait"]),
        ({"fields": {"hint": None}}, ["exception: E: m"]),
        ({"stack": "E: m\n    at f (script.js:1:1)"}, ["exception: E: m"]),
        ({"stack": "E: m\n    at f\n    at g"}, ["exception: E: m", "    at f", "    at g"]),
        ({"stack": "E: m" + "\n    at f" * 8}, ["exception: E: m", *["    at f"] * 8]),
        ({"name": ""}, ["exception: m"]),
        ({"kind": "worker_crashed", "evidence": Evidence(stderr_tail="\nFATAL\n")},
         ["worker_crashed: m", "the worker's last words: FATAL"]),
        ({"kind": "memory_limit", "evidence": Evidence(stderr_tail="FATAL")}, ["memory_limit: m"]),
    ],
)  # fmt: skip
def test_an_error_is_told_with_all_it_carries_and_nothing_twice(error: dict[str, Any], told: list[str]):
    result = ExecutionResult(
        run_id="r", error=RunError.model_validate({"kind": "exception", "name": "E", "message": "m"} | error)
    )

    assert result.text().splitlines()[:-1] == told


def test_only_lines_of_a_level_that_says_something_are_marked_with_it():
    console = [ConsoleLine(level=level, text="t", at_ms=1) for level in ("log", "info", "warn", "error")]

    assert ExecutionResult(run_id="r", console_output=console).text().splitlines()[1:-1] == [
        "console:", "  t", "  t", "  warn: t", "  error: t",
    ]  # fmt: skip


@pytest.mark.parametrize("budget", [0, 1, 2, 3, 5, 10, 20, 40, 60, 80, 100, 120, 500, 2000])
@pytest.mark.parametrize("count", [0, 1, 3, 500])
@pytest.mark.parametrize("size", [3, 5000])
@pytest.mark.parametrize("width", [1, 20, 500])
def test_no_text_is_longer_than_its_budget_and_cuts_are_marked(budget: int, count: int, size: int, width: int):
    result = ExecutionResult(run_id="r", result=f'"{"v" * size}"', console_output=lines(count, width))
    failed = ExecutionResult(
        run_id="r", error=RunError(kind="exception", name="E", message="m" * size), console_output=lines(count, width)
    )

    for each in (result, failed):
        text, whole = each.text(budget), each.text(1_000_000)
        assert len(text) <= budget
        assert (text == whole) == (len(whole) <= budget)
        assert text == whole or "…" in text or budget <= 0


@pytest.mark.parametrize("budget", [90, 100, 120, 300, 600, 8000, 9000])
@pytest.mark.parametrize("width", [1, 20, 500])
@pytest.mark.parametrize("count", [1, 2, 99, 5000])
def test_each_line_of_the_console_is_shown_or_counted(budget: int, width: int, count: int):
    text = ExecutionResult(run_id="r", result="1", console_output=lines(count, width)).text(budget)

    begun = re.findall(r"^  \d+ x", text, re.MULTILINE)
    [left_out] = re.findall(r"^  … (\d+) more lines?$", text, re.MULTILINE) or ["0"]
    assert len(begun) + int(left_out) == count


@pytest.mark.parametrize("budget", [60, 100, 400])
def test_what_is_cut_and_what_is_shown_are_the_whole(budget: int):
    text = ExecutionResult(run_id="r", result=f'"{"v" * 5000}"').text(budget)

    [missing] = re.findall(r"… \((\d+) more characters\)", text)
    assert text.splitlines()[0].count("v", len("value")) + int(missing) == 5000


def test_the_beginning_of_a_line_that_does_not_fit_is_shown_and_marked():
    result = ExecutionResult(run_id="r", result="1", console_output=[ConsoleLine(level="log", text="x" * 500, at_ms=1)])

    assert result.text(100).splitlines() == [
        "value: 1", "console:", "  " + "x" * 39 + "… (461 more characters)", "used: 0 ms, 0 MiB",
    ]  # fmt: skip


def test_a_small_budget_still_tells_what_went_wrong():
    error = RunError(kind="timeout", name="Timeout", message="the script ran longer than timeout_seconds=0.5")
    result = ExecutionResult(run_id="r", error=error, facts={"aws": {"summary": "s" * 500}})

    assert result.text(100).startswith("timeout: the script ran")


def test_bindings_and_frames_beyond_the_first_are_counted():
    calls = [CallRecord(name=f"f{n}", ms=1, outcome="resolved", bytes_in=1, bytes_out=1) for n in range(9)]
    stack = "Error: deep\n" + "\n".join(f"    at f{n} (script.js:1:{n})" for n in range(10))
    error = RunError(kind="exception", name="Error", message="deep", stack=stack)
    text = ExecutionResult(run_id="r", error=error, calls=calls, usage=Usage(calls=9)).text()

    assert "9 calls (f0, f1, f2, f3, f4, f5, … 3 more)" in text
    assert "    at f7 (script.js:1:7)\n    … 2 more\n" in text


def test_a_large_console_leaves_room_for_the_value():
    text = ExecutionResult(run_id="r", result='"the value"', console_output=lines(1000)).text(600)

    assert text.startswith("value: the value\n")
    assert "more lines" in text


@pytest.mark.parametrize("budget", [-5, 10.5, True, None])
def test_a_budget_that_is_none_is_refused(budget: Any):
    with pytest.raises(ValueError, match=f"budget_chars must be a whole number of at least 0, not {budget}"):
        ExecutionResult(run_id="r").text(budget)
