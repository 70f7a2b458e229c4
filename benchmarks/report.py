"""The rows as a table for a person and as JSON for a program."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from benchmarks.measure import Goal, Row, Size
from benchmarks.yardsticks import language_of_ping_pong
from stockade import Pool
from stockade.node import find_node

HEAD = ("", "measured", "yardstick", "floor", "ratio", "rounds", "goal", "2x goal", "verdict", "yardstick is")


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text. Under "rounds": the lowest and highest ratio of a round."""
    lines = _lines(rows)
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    text = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
    reasons = [f"{row.name}: {row.why}" for row in rows if row.why]
    return "\n".join([text, *reasons])


def markdown(rows: Sequence[Row]) -> str:
    """The same for a page."""
    head, *lines = ("| " + " | ".join(line) + " |" for line in _lines(rows))
    reasons = [f"- {row.name}: {row.why}" for row in rows if row.why]
    return "\n".join([head, "| --- " * len(HEAD) + "|", *lines, *([""] if reasons else []), *reasons])


def blocks(data: dict[str, Any]) -> dict[str, str]:
    """The table for a page, with its date and machine, under the name of its markers."""
    looked = "" if data["part"] == 1 else ", a quick look and no result"
    return {"bench": f"{data['date']}: {told(data['machine'])}{looked}.\n\n{markdown(rows_of(data))}"}


def rows_of(data: dict[str, Any]) -> list[Row]:
    """The rows of an earlier run."""
    return [Row(**{**row, "goal": None if row["goal"] is None else Goal(**row["goal"])}) for row in data["rows"]]


def as_data(rows: Sequence[Row], machine: dict[str, Any], size: Size) -> dict[str, Any]:
    """Everything a later comparison needs, and no path."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        **asdict(size),
        "rows": [asdict(row) for row in rows],
    }


async def machine_facts() -> dict[str, Any]:
    """What the figures depend on, and how the workers were held: isolation costs time at each start."""
    node = subprocess.run([find_node().path, "--version"], capture_output=True, text=True, check=True)  # noqa: ASYNC221
    async with Pool(workers=1, spares=0) as pool:
        isolation = pool.isolation
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "node": node.stdout.strip().removeprefix("v"),
        "ping_pong": language_of_ping_pong(),
        "isolation": isolation.level,
        "layers": [layer.name for layer in isolation.layers if layer.active],
        "load_before": _load(),
    }


def told(machine: dict[str, Any]) -> str:
    """The machine in one line above the table."""
    return (
        f"{machine['cores']} x {machine['cpu']}, {machine['system']} {machine['kernel']}, CPython {machine['python']}, "
        f"Node {machine['node']}, isolation {machine['isolation']}, load {machine['load_before']} before"
    )


def _lines(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return [HEAD, *(_cells(row) for row in rows)]


def _cells(row: Row) -> tuple[str, ...]:
    def figure(value: float | None, unit: str) -> str:
        return "-" if value is None else f"{_short(value)}{unit}"

    spread = "-" if row.low is None or row.high is None else f"{_short(row.low)}..{_short(row.high)}x"
    return (
        row.name,
        figure(row.measured, f" {row.unit}"),
        figure(row.yardstick, f" {row.unit}"),
        "" if row.floor is None else figure(row.floor, f" {row.unit}"),
        figure(row.ratio, "x"),
        spread,
        *("" if row.goal is None else _bound(row.goal, bound, row.unit) for bound in _bounds(row.goal)),
        row.verdict,
        row.yardstick_name,
    )


def _bounds(goal: Goal | None) -> tuple[float, float]:
    return (0, 0) if goal is None else (goal.bound, goal.twice)


def _bound(goal: Goal, bound: float, unit: str) -> str:
    return f"{'>=' if goal.at_least else '<='} {bound:g}{'x' if goal.of == 'ratio' else f' {unit}'}"


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _cpu_model() -> str:
    if sys.platform == "linux":
        with open("/proc/cpuinfo") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"


def _load() -> float:
    return round(os.getloadavg()[0], 2)
