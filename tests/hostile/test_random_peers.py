"""Workers that say and do anything in any order: each run ends once, as a kind of the list, and the pool goes on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections.abc import Callable
from typing import Any, Literal

import pytest

from stockade import Pool, RuntimeConfig
from stockade.sandbox import PlainLauncher

RUNS = 60
AT_ONCE = 12

ENDING = '{"type":"returned","value":2}\n'
NUMBERS = ["1", "2", "0", "-1", "1.5", "1e400", "NaN", "9" * 400, "9007199254740993", "null", '"1"', "true", "-0"]
ARGUMENTS = ["[]", "[1]", "[1e400]", "[null]", "{}", '["\\ud83d"]', "[" * 1_100 + "]" * 1_100, '[{"__class__":1}]']
VALUES = [*ARGUMENTS, "9" * 5_000, f'"{"x" * 70_000}"', f'"{"x" * 300_000}"']
BINDINGS = ["quick", "large", "never", "fails", "setTimeout", "missing", "__class__"]
SPICE = ['"', "\\", "\n", "\0", "\xff", "\xed\xa0\x80", "[" * 2_000, ',"call":2', ',"type":"ready"', "{", "}"]


def message(chance: random.Random, call: int) -> str:
    number = str(call) if chance.random() < 0.9 else chance.choice(NUMBERS)
    binding, odd = chance.choice(BINDINGS[:5] if chance.random() < 0.9 else BINDINGS), chance.choice(NUMBERS)
    arguments = "[1]" if chance.random() < 0.4 else chance.choice(ARGUMENTS)
    calls = f'{{"type":"call","call":{number},"binding":"{binding}","args":{arguments}}}\n'
    others = [
        '{"type":"console","level":"log","text":"a"}\n',
        f'{{"type":"clear","call":{number}}}\n',
        f'{{"type":"returned","value":{chance.choice(VALUES)},"contexts":{odd}}}\n',
        f'{{"type":"threw","kind":"exception","name":"E","message":"m","line":{number},"fields":{{"a":{odd}}}}}\n',
        '{"type":"ready","version":1,"node":"24.19.0"}\n',
        '{"type":"resolve","call":1,"value":1}\n',
        "\n",
    ]
    return calls if chance.random() < 0.7 else chance.choice(others[:4] if chance.random() < 0.8 else others)


def spoken(chance: random.Random) -> str:
    text = ""
    for call in range(1, chance.choice([2, 3, 6, 40])):
        text += message(chance, call)
    at = chance.randrange(len(text))
    spoilt = [text[:at], text[:at] + chance.choice(SPICE) + text[at:]]
    return chance.choice(spoilt) if chance.random() < 0.2 else text


def plan(chance: random.Random) -> list[tuple[str, Any]]:
    deeds: list[Callable[[], tuple[str, Any]]] = [
        *[lambda: ("send", spoken(chance)), lambda: ("hear", None)] * 4,
        lambda: ("drip", message(chance, 1)[:500]),
        lambda: ("close", chance.randrange(3)),
        lambda: ("mutter", chance.choice([10, 70_000, 2_000_000])),
        lambda: ("wait", chance.choice([0.001, 0.05])),
        lambda: ("stop", None),
        lambda: ("die", chance.choice([6, 9, 11, 15, 34])),
        lambda: ("exit", chance.randrange(256)),
        lambda: ("fork", None),
        lambda: ("spin", None),
    ]
    return [*(chance.choice(deeds)() for _ in range(chance.randrange(1, 8))), ("send", ENDING)]


@pytest.mark.parametrize("mode", ["process", "context"])
async def test_whatever_a_worker_does_its_run_ends_and_the_pool_goes_on(
    mode: Literal["process", "context"],
    config: Callable[[str], RuntimeConfig],
    children: Callable[[], set[int]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    unhandled: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    chance = random.Random(3)
    limits = {"timeout_seconds": 0.5, "max_calls": 50, "max_calls_in_flight": 20, "script_bytes": 2**24}
    before = children(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    bindings = {"quick": _quick, "large": _large, "never": _never, "fails": _fails}
    async with Pool(
        config("does_as_it_is_told").model_copy(update=limits), workers=4, spares=1, isolation=mode, bindings=bindings
    ) as pool:
        for _ in range(RUNS // AT_ONCE):
            plans = [json.dumps(plan(chance)) for _ in range(AT_ONCE)]
            async with asyncio.timeout(60):
                runs = await asyncio.gather(*(pool.execute(each, tenant=str(i % 2)) for i, each in enumerate(plans)))
            for run in runs:
                assert run.text()
                assert len(run.calls) <= 50
            assert (await pool.execute(json.dumps([("send", ENDING)]))).value == 2

    assert unhandled == []
    assert [record for record in caplog.records if record.exc_info or record.levelno > logging.WARNING] == []
    assert (children(), len(os.listdir("/proc/self/fd"))) == before  # noqa: PTH208


async def _quick(*_: object) -> int:
    return 1


async def _large(*_: object) -> str:
    return "x" * 500_000


async def _never(*_: object) -> None:
    await asyncio.Event().wait()


async def _fails(*_: object) -> None:
    raise BaseException("no \ud800")
