"""Scripts in everyday styles, each with its value or its error, on both Node lines and in both isolation modes.

A case is a block of a .txt file beside this one:

    === its name
    the script, as it would be sent
    --- value            or: --- undefined   or: --- error exception 2:5 (the place may be left out)
    JSON of the value    or: a part of "Name: message", and on further lines, if any, `hint: a part of it`
    --- console          if any
    level: text, one entry a line

"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stockade import BindingError, ExecutionResult, Pool, RuntimeConfig
from stockade.worker import IsolationMode

FOLDER = Path(__file__).parent
# So many at once that two cores are busy, so few that a case is not slow for its neighbours.
AT_ONCE = 4

INSTANCES = [
    {"id": "i-1", "type": "t3.micro", "region": "eu-west-1", "tags": {"Name": "web", "env": "prod"}, "cost": 7.5},
    {"id": "i-2", "type": "m5.large", "region": "us-east-1", "tags": {"Name": "db", "env": "prod"}, "cost": 70},
    {"id": "i-3", "type": "t3.micro", "region": "us-east-1", "tags": {}, "cost": 7.5},
]


@dataclass(frozen=True)
class Case:
    name: str
    script: str
    expected: str  # value, undefined, error
    detail: str
    hints: tuple[str, ...]
    console: tuple[str, ...] | None


def cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in parsed(path)]


def parsed(path: Path) -> list[Case]:
    found: list[Case] = []
    for block in re.split(r"^=== ", path.read_text("utf-8"), flags=re.M)[1:]:
        name, rest = block.split("\n", 1)
        script, *sections = re.split(r"^--- ", rest, flags=re.M)
        head, body = (sections[0] + "\n").split("\n", 1)
        lines = body.strip("\n").split("\n")
        hints = tuple(line.removeprefix("hint: ") for line in lines if line.startswith("hint: "))
        detail = "\n".join(line for line in lines if not line.startswith("hint: "))
        console = tuple(sections[1].strip("\n").split("\n")[1:]) if len(sections) > 1 else None
        found.append(Case(f"{path.stem}: {name}", script.removesuffix("\n"), head, detail, hints, console))
    return found


def instances(region: str | None = None) -> list[dict[str, Any]]:
    return [one for one in INSTANCES if region in (None, one["region"])]


async def price(sku: str, count: int = 1) -> float:
    await asyncio.sleep(0)
    prices = {"tea": 4.0, "milk": 1.5}
    if sku not in prices:
        raise BindingError(f"no such thing: {sku}", name="NotFound", code="E404", details={"sku": sku})
    return prices[sku] * count


def echo(*args: Any) -> Any:
    return args[0] if len(args) == 1 else list(args)


BINDINGS = {"queryInstances": instances, "price": price, "echo": echo}


@pytest.fixture
async def pool(mode: IsolationMode, node: Path) -> AsyncIterator[Pool]:
    config = RuntimeConfig(node=node, timeout_seconds=30)
    async with Pool(config, workers=AT_ONCE, spares=1, isolation=mode, bindings=BINDINGS) as opened:
        yield opened


@pytest.mark.timeout(300)
async def test_every_script_does_what_it_says(pool: Pool):
    gate = asyncio.Semaphore(AT_ONCE)

    async def check(case: Case) -> str | None:
        async with gate:
            run = await pool.execute(case.script)
        wrong = difference(case, run)
        return None if wrong is None else f"{case.name}\n    {wrong}"

    all_cases = cases()
    wrong = [found for found in await asyncio.gather(*map(check, all_cases)) if found is not None]

    assert len(all_cases) >= 150
    assert not wrong, "\n".join(wrong)


def difference(case: Case, run: ExecutionResult) -> str | None:
    """What is not as the case has it; None if all is."""
    console = tuple(f"{line.level}: {line.text}" for line in run.console_output)
    told = "\n".join(console)
    if case.console is not None and told != "\n".join(case.console):
        return f"the console said {told!r}"
    if not case.expected.startswith("error"):
        if run.error is not None:
            return f"it failed: {run.error.model_dump(exclude_defaults=True)}"
        if case.expected == "undefined":
            return None if run.result is None else f"its value is {run.result}"
        return None if run.result is not None and run.value == json.loads(case.detail) else f"its value is {run.result}"
    if run.error is None:
        return f"it returned {run.result}"
    error = run.error
    _, kind, *place = case.expected.split(" ")
    if error.kind != kind:
        return f"it failed as {error.kind}: {error.message}"
    if place and f"{error.line}:{error.column}" != place[0]:
        return f"it failed at {error.line}:{error.column}"
    if case.detail not in f"{error.name}: {error.message}":
        return f"it said {error.name}: {error.message}"
    for hint in case.hints:
        if hint not in (error.hint or ""):
            return f"its hint was {error.hint}"
    return None


def test_no_two_cases_have_the_same_name():
    names = [case.name for case in cases()]

    assert sorted(set(names)) == sorted(names)


async def test_without_webassembly_types_cannot_be_removed_and_what_has_none_runs():
    """A model that was told of TypeScript says so of all that it writes."""
    async with Pool(RuntimeConfig(jitless=True), workers=1, spares=0) as pool:
        plain = await pool.execute("```ts\nconst n = await 1; n + 1\n```")
        typed = await pool.execute("```ts\nconst n: number = 1; n + 1\n```")

    assert plain.value == 2
    assert typed.error is not None
    assert typed.error.message == "TypeScript needs WebAssembly, and jitless has none"
