"""Calls made at once replay in the order in which they were answered, and the same call by how often it was made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from stockade import Pool
from stockade.testing import record, replay


async def price(sku: str) -> float:
    return len(sku) + 0.5


@pytest_asyncio.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(workers=1) as pool:
        yield pool


async def test_calls_made_at_once_replay_in_the_recorded_order_of_answers(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Whoever wins `Promise.race` depends on it."""
    monkeypatch.setattr("stockade.testing.replayer.ORDER_SECONDS", 3600)  # none waits in vain
    turns = {"slow": asyncio.Event(), "fast": asyncio.Event()}
    turns["fast"].set()

    async def ask(name: str) -> str:
        await turns[name].wait()
        turns["slow"].set()
        return name

    script = (
        "const order = []; await Promise.all(['slow', 'fast'].map((n) => ask(n).then((a) => order.push(a)))); order"
    )
    with record({"ask": ask}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert first.value == again.value == ["fast", "slow"]


async def test_who_won_wins_again_however_long_its_way_from_the_answer_was(pool: Pool, tmp_path: Path):
    """While it was recorded the second answer came later; from a file both come at once."""
    first_is_there = asyncio.Event()

    async def ask(name: str) -> str:
        if name == "second":
            await first_is_there.wait()
        return name

    script = """
        const order = [];
        const first = async () => { const answer = await ask('first'); await null; await null; order.push(answer); };
        const both = [first(), ask('second').then((answer) => order.push(answer))];
        both[0].then(() => console.log('first is there'));
        await Promise.all(both); order"""
    with record({"ask": ask}, tmp_path / "run.jsonl") as bindings:
        live = await pool.execute(script, bindings=bindings, on_console=lambda _: first_is_there.set())
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert live.value == again.value == ["first", "second"]


async def test_an_answer_does_not_wait_for_ever_for_one_before_it_that_nobody_asks_for_any_more(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.testing.replayer.ORDER_SECONDS", 0.01)
    with record({"price": price}, tmp_path / "run.jsonl") as bindings:
        await pool.execute("await price('tea'); await price('milk')", bindings=bindings)
    replayed = replay(tmp_path / "run.jsonl")
    run = await pool.execute("await price('milk')", bindings=replayed)

    assert run.value == 4.5
    assert replayed.difference is not None
    assert (replayed.difference.reason, replayed.difference.expected) == ("calls_left", 'price("tea")')


async def test_the_same_call_made_again_is_answered_as_it_was_then(pool: Pool, tmp_path: Path):
    count = 0

    async def following() -> int:
        nonlocal count
        count += 1
        return count

    script = "[await following(), await following(), ...await Promise.all([following(), following()])]"
    with record({"following": following}, tmp_path / "run.jsonl") as bindings:
        await pool.execute(script, bindings=bindings)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert again.value == [1, 2, 3, 4]


async def test_once_an_answer_has_waited_in_vain_nobody_waits_again_for_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with record({"price": price}, tmp_path / "run.jsonl") as recording:
        for sku in ("tea", "milk", "cocoa"):
            await recording["price"](sku)
    replayed = replay(tmp_path / "run.jsonl")
    monkeypatch.setattr("stockade.testing.replayer.ORDER_SECONDS", 0.01)
    assert bytes(await replayed["price"]("milk")) == b"4.5"
    monkeypatch.setattr("stockade.testing.replayer.ORDER_SECONDS", 3600)

    async with asyncio.timeout(30):
        assert bytes(await replayed["price"]("cocoa")) == b"5.5"
        assert bytes(await replayed["price"]("tea")) == b"3.5"


async def test_an_object_is_the_same_argument_in_whichever_order_its_fields_stand(tmp_path: Path):
    async def sold(order: object) -> None: ...

    with record({"sold": sold}, tmp_path / "run.jsonl") as recording:
        await recording["sold"]([{"sku": "tea", "of": {"a": 1, "b": 2}}])
    replayed = replay(tmp_path / "run.jsonl")
    await replayed["sold"]([{"of": {"b": 2, "a": 1}, "sku": "tea"}])

    assert replayed.difference is None
