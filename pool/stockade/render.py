"""A result as text for whoever has to act on it: a model within its budget, a person on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from stockade.checks import at_least

if TYPE_CHECKING:
    from stockade.result import ConsoleLine, ExecutionResult, RunError

# Enough for most results, a small part of any model's window.
BUDGET_CHARS = 8_000

# The error is what a script is mended by, so it is cut last; the value may take what the console leaves.
_ERROR_PART = 0.5
_CONSOLE_PART = 0.3

_FRAMES = 8


def text_of(result: ExecutionResult, budget_chars: int = BUDGET_CHARS) -> str:
    """Error or value, console, and what was used, in at most `budget_chars` characters; every cut is marked.

    Raises ValueError for a budget that is no whole number of at least 0.
    """
    at_least(0, budget_chars, "budget_chars")
    footer = _footer(result)
    room = max(0, budget_chars - len(footer) - 2)
    if result.error is not None:
        head = _cut(error_text(result.error), max(int(room * _ERROR_PART), room - _console_length(result)))
    else:
        value = "undefined" if result.result is None else result.result
        if isinstance(result.value, str):
            value = result.value
        if result.hint:
            value += f"\nhint: {result.hint}"
        head = _cut(f"value: {value}", max(int(room * (1 - _CONSOLE_PART)), room - _console_length(result)))
    console = _console(result.console_output, room - len(head) - 2)
    return _cut("\n".join(filter(None, [head, console, footer])), budget_chars)


def error_text(error: RunError) -> str:
    """Kind and message, the line with its caret, the user's frames, causes, fields and hint."""
    named = error.kind == "exception" and error.name and not error.message.startswith(error.name)
    parts = [f"{error.kind}: {error.name}: {error.message}" if named else f"{error.kind}: {error.message}"]
    if error.frame:
        parts.append(error.frame)
    elif error.line is not None:
        parts.append(f"at line {error.line}")
    frames = [line for line in (error.stack or "").splitlines() if line.startswith("    at ")]
    parts += frames[:_FRAMES] if len(frames) > 1 else []
    parts += [f"caused by {cause}" for cause in error.cause]
    parts += [f"one of its errors: {one}" for one in error.errors]
    fields = {name: value for name, value in error.fields.items() if value is not None}
    hint = error.hint or fields.pop("hint", None)  # ours, or the one that the error itself carries
    if fields:
        parts.append("with " + ", ".join(f"{name}: {value}" for name, value in fields.items()))
    if hint:
        parts.append(f"hint: {hint}")
    if error.kind in ("worker_crashed", "start_failed") and error.evidence.stderr_tail:
        parts.append(f"the worker's last words: {error.evidence.stderr_tail.strip()}")
    return "\n".join(parts)


def _console(lines: Iterable[ConsoleLine], room: int) -> str:
    shown: list[str] = []
    left = room - len("console:\n")
    told = list(lines)
    for number, line in enumerate(told):
        mark = "" if line.level in ("log", "info") else f"{line.level}: "
        text = f"  {mark}{line.text}".replace("\n", "\n  ")
        if len(text) + 1 > left - 40:
            cut = _cut(text, max(0, left - 60))
            more = len(told) - number - 1
            shown += [cut] if cut else []
            shown += [f"  … {more} more lines"] if more else []
            break
        shown.append(text)
        left -= len(text) + 1
    return "console:\n" + "\n".join(shown) if shown else ""


def _console_length(result: ExecutionResult) -> int:
    return sum(len(line.text) + 12 for line in result.console_output) + 12


def _footer(result: ExecutionResult) -> str:
    usage = result.usage
    used = [f"{usage.wall_ms:.0f} ms", f"{usage.peak_rss_mb:.0f} MiB"]
    if usage.calls:
        names: dict[str, int] = {}
        for call in result.calls:
            names[call.name] = names.get(call.name, 0) + 1
        listed = ", ".join(f"{name} x{count}" if count > 1 else name for name, count in list(names.items())[:6])
        used.append(f"{usage.calls} calls" + (f" ({listed})" if listed else ""))
    said = [f"; {name}: {facts['summary']}" for name, facts in result.facts.items() if _has_summary(facts)]
    return f"used: {', '.join(used)}{''.join(said)}"


def _has_summary(facts: Any) -> bool:
    """A set of bindings may put one line for readers among its facts."""
    return isinstance(facts, dict) and isinstance(facts.get("summary"), str)  # pyright: ignore[reportUnknownMemberType]


def _cut(text: str, limit: int) -> str:
    """The text, or its beginning and a mark that says how much is missing."""
    if len(text) <= limit:
        return text
    mark = f"… ({len(text) - limit} more characters)"
    kept = max(0, limit - len(mark))
    return text[:kept] + mark if kept else text[:limit]
