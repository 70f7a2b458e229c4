"""A result as text for whoever has to act on it: a model within its budget, a person on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from stockade.checks import at_least
from stockade.errors import ResultUnreadable

if TYPE_CHECKING:
    from stockade.result import ConsoleLine, ExecutionResult, RunError

# Enough for most results, a small part of any model's window.
BUDGET_CHARS = 8_000

# The error is what a script is mended by, so it is cut last; the value may take what the console leaves.
_ERROR_PART = 0.5
_VALUE_PART = 0.7

# Less of a line than this says nothing: it is counted among those left out.
_LINE_PART_CHARS = 40

_FRAMES = 8
_NAMES = 6


def text_of(result: ExecutionResult, budget_chars: int) -> str:
    """Error or value, console, and what was used, in at most `budget_chars` characters; every cut is marked.

    Raises ValueError for a budget that is no whole number of at least 0.
    """
    at_least(0, budget_chars, "budget_chars")
    footer = _cut(f"\n{_footer(result)}", budget_chars // 2)
    room = budget_chars - len(footer)
    if result.error is not None:
        head, part = error_text(result.error), _ERROR_PART
    else:
        head, part = _value(result), _VALUE_PART
    head = _cut(head, max(int(room * part), room - len(_console(result.console_output, room))))
    return head + _console(result.console_output, room - len(head)) + footer


def error_text(error: RunError) -> str:
    """Kind and message, the line with its caret, the user's frames, causes, fields and hint."""
    named = error.kind == "exception" and not error.message.startswith(error.name)  # as any does with no name
    parts = [f"{error.kind}: {error.name}: {error.message}" if named else f"{error.kind}: {error.message}"]
    if error.frame:
        parts.append(error.frame)
    elif error.line is not None:
        parts.append(f"at line {error.line}")
    frames = [line for line in (error.stack or "").splitlines() if line.startswith("    at ")]
    parts += frames[:_FRAMES] if len(frames) > 1 else []
    parts += [f"    … {len(frames) - _FRAMES} more"] if len(frames) > _FRAMES else []
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


def _value(result: ExecutionResult) -> str:
    value = "undefined" if result.result is None else result.result
    with suppress(ResultUnreadable):  # as JSON, then
        if isinstance(result.value, str):
            value = result.value
    return f"value: {value}\nhint: {result.hint}" if result.hint else f"value: {value}"


def _console(lines: Sequence[ConsoleLine], room: int) -> str:
    """As many lines as there is room for, the beginning of the next, and how many more there are."""
    shown = ["\nconsole:"] if lines else []
    size = len("\nconsole:")
    for line in lines:
        shown.append(_line(line))
        size += len(shown[-1])
        if size > room:
            break
    else:
        return "".join(shown)
    while len(shown) > 1:
        last = shown.pop()
        size -= len(last)
        after = _more(len(lines) - len(shown))
        part = room - size - len(after)
        if part >= min(len(last), _LINE_PART_CHARS):
            return f"{''.join(shown)}{_cut(last, part)}{after}"
        mark = _more(len(lines) - len(shown) + 1)
        if size + len(mark) <= room:
            return f"{''.join(shown)}{mark}"
    return _cut("\n…", room)


def _line(line: ConsoleLine) -> str:
    mark = "" if line.level in ("log", "info") else f"{line.level}: "
    return f"\n{mark}{line.text}".replace("\n", "\n  ")


def _more(count: int) -> str:
    return f"\n  … {count} more line{'s' if count > 1 else ''}" if count else ""


def _footer(result: ExecutionResult) -> str:
    usage = result.usage
    used = [f"{usage.wall_ms:.0f} ms", f"{usage.peak_rss_mb:.0f} MiB"]
    if usage.calls:
        names: dict[str, int] = {}
        for call in result.calls:
            names[call.name] = names.get(call.name, 0) + 1
        listed = [f"{name} x{count}" if count > 1 else name for name, count in names.items()]
        if len(listed) > _NAMES:
            listed[_NAMES:] = [f"… {len(listed) - _NAMES} more"]
        calls = "1 call" if usage.calls == 1 else f"{usage.calls} calls"
        used.append(calls + (f" ({', '.join(listed)})" if listed else ""))
    said = [f"; {name}: {facts['summary']}" for name, facts in result.facts.items() if _has_summary(facts)]
    return f"used: {', '.join(used)}{''.join(said)}"


def _has_summary(facts: Any) -> bool:
    """A set of bindings may put one line for readers among its facts."""
    return isinstance(facts, dict) and isinstance(facts.get("summary"), str)  # pyright: ignore[reportUnknownMemberType]


def _cut(text: str, limit: int) -> str:
    """The text, or its beginning and a mark that says how much is missing; where that has no room, a mark alone."""
    if len(text) <= limit:
        return text
    kept = limit - len(_missing(len(text)))
    if kept > 0:
        return text[:kept] + _missing(len(text) - kept)
    return f"{text[: limit - 1]}…" if limit > 0 else ""


def _missing(count: int) -> str:
    return f"… ({count} more characters)"
