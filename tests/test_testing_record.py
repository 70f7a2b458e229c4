"""A run's calls are recorded as they happen, and replay without the functions that answered them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel

from stockade import BindingError, ExecutionResult, Pool, RetryPolicy, RuntimeConfig, binding
from stockade import sync as blocking
from stockade.bindings import Reply, RunInfo, current_run, info_of, typescript
from stockade.bindings.context import CURRENT
from stockade.testing import Faults, Recording, at_call, record, replay


class Offer(BaseModel):
    sku: str
    price: float


@binding(read_only=True, idempotent=True, max_calls=50)
async def price(sku: str, currency: str = "EUR") -> Offer:
    """What something costs."""
    if sku == "none":
        raise BindingError("there is none", name="NotFound", code="E404", details={"known": ["tea"]})
    return Offer(sku=sku, price=len(sku) + 0.5)


@binding
def best(offers: list[Offer]) -> Offer:
    return min(offers, key=lambda offer: offer.price)


def stock(sku: str) -> object:
    return Reply([sku], {"truncated": True})


def broken(path: str) -> None:
    raise FileNotFoundError(2, "No such file or directory", "/etc/secret")


def cannot_cross() -> object:
    return object()


SHOP = {"price": price, "best": best, "stock": stock, "broken": broken, "cannotCross": cannot_cross}

SCRIPT = """
const offers = await Promise.all(['tea', 'milk', 'tea'].map((sku) => price(sku)));
const caught = [];
for (const go of [() => price('none'), () => price({ skuu: 1 }), () => broken('x'), () => cannotCross()]) {
  try { await go() } catch (e) { caught.push([e.name, e.message, e.code, e.known]) }
}
const held = await stock('tea');
[offers, caught, await best(offers), held, held.meta];
"""


@pytest_asyncio.fixture(scope="module")
async def pool() -> AsyncIterator[Pool]:
    async with Pool(RuntimeConfig(timeout_seconds=20), workers=2, spares=1) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module")
async def recorded(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The file of one run of SCRIPT, and its value."""
    file = tmp_path_factory.mktemp("recorded") / "run.jsonl"
    with record(SHOP, file) as bindings:
        run = await pool.execute(SCRIPT, bindings=bindings)
    assert run.result is not None, run.error
    return file, run.result


async def test_recording_changes_nothing_for_the_script(pool: Pool, recorded: tuple[Path, str]):
    bare = await pool.execute(SCRIPT, bindings=SHOP)

    assert bare.result == recorded[1]


async def test_a_replay_gives_the_same_values_errors_and_meta_without_the_functions(
    pool: Pool, recorded: tuple[Path, str]
):
    replayed = replay(recorded[0])
    run = await pool.execute(SCRIPT, bindings=replayed)

    assert run.result == recorded[1]
    assert replayed.difference is None
    assert [record.outcome for record in run.calls].count("rejected") == 4


async def test_one_replay_serves_many_runs_each_from_the_beginning(pool: Pool, recorded: tuple[Path, str]):
    replayed = replay(recorded[0])
    runs = await asyncio.gather(*(pool.execute(SCRIPT, bindings=replayed) for _ in range(4)))

    assert {run.result for run in runs} == {recorded[1]}
    assert replayed.difference is None


def test_all_that_was_declared_of_a_function_is_declared_of_what_stands_for_it(tmp_path: Path):
    @binding(read_only=True, idempotent=True, timeout_seconds=2, max_calls=3, concurrency=4, declaration="type A = 1;")
    async def ask() -> None: ...

    with record({"ask": ask}, tmp_path / "run.jsonl") as recording:
        infos = [info_of(recording["ask"]), info_of(replay(tmp_path / "run.jsonl")["ask"])]

    assert infos == [replace(info_of(ask), contract=info.contract) for info in infos]


def test_declarations_and_bounds_survive(recorded: tuple[Path, str]):
    replayed = replay(recorded[0])

    assert sorted(typescript(replayed).splitlines()) == sorted(typescript(SHOP).splitlines())
    info = info_of(replayed["price"])
    assert (info.read_only, info.idempotent, info.max_calls) == (True, True, 50)
    assert not info_of(replayed["stock"]).read_only


async def test_a_script_finds_out_the_same_of_each_function_while_it_is_recorded_and_replayed(
    pool: Pool, tmp_path: Path
):
    script = """
    const names = ['stock', 'price', 'best'];
    const described = await Promise.all(names.map((name) => describeApi(name)));
    await stock('tea');
    [await searchApi('costs'), await searchApi('sku'), ...described];
    """
    bare = await pool.execute(script, bindings=SHOP)
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert "interface Offer" in bare.value[-1] and "interface Offer" in bare.value[-2]
    assert bare.value == first.value == again.value


def test_only_the_owner_may_read_the_file_even_one_that_was_there_before(tmp_path: Path):
    file = tmp_path / "run.jsonl"
    file.write_text("old")
    file.chmod(0o666)
    record({}, file).close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [json.loads(line)["type"] for line in file.read_text().splitlines()] == ["recording"]


async def test_what_a_killed_run_did_before_is_kept_and_what_hung_hangs_again(pool: Pool, tmp_path: Path):
    async def never() -> None:
        await asyncio.Event().wait()

    config = RuntimeConfig(timeout_seconds=1)
    script = "console.log((await price('tea')).price); await never()"
    with record({"price": price, "never": never}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings, config=config)
    replayed = replay(tmp_path / "run.jsonl")
    again = await pool.execute(script, bindings=replayed, config=config)

    for run in (first, again):
        assert run.error is not None
        assert (run.error.kind, run.error.evidence.calls_in_flight) == ("timeout", ["never"])
        assert [line.text for line in run.console_output] == ["3.5"]
    assert replayed.difference is None


@pytest.mark.parametrize("kind", ["async", "plain"])
async def test_a_call_that_outlasts_its_own_time_is_rejected_again(pool: Pool, tmp_path: Path, kind: str):
    released = threading.Event()

    @binding(timeout_seconds=0.2)
    async def slow() -> str:
        await asyncio.Event().wait()
        return "late"

    @binding(timeout_seconds=0.2)
    def blocked() -> str:
        released.wait()
        return "late"

    script = "try { await slow() } catch (e) { return e.code }"
    with record({"slow": slow if kind == "async" else blocked}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
        released.set()
        for thread in threading.enumerate():
            if thread.name.startswith("stockade-slow"):
                await asyncio.to_thread(thread.join)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert (first.value, again.value) == ("Timeout", "Timeout")


async def test_a_plain_function_that_goes_on_keeps_its_turn_while_it_is_recorded_too(pool: Pool, tmp_path: Path):
    """No thread can be stopped: what may go on once at a time would go on as often as it was called."""
    released, turns = threading.Event(), threading.Semaphore(1)
    beside: list[int] = []

    @binding(timeout_seconds=0.2, concurrency=1)
    def blocked(number: int) -> None:
        if not turns.acquire(blocking=False):
            beside.append(number)
            return
        released.wait()
        turns.release()

    script = "const codes = []; for (const n of [1, 2, 3]) await blocked(n).catch((e) => codes.push(e.code)); codes"
    with record({"blocked": blocked}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
    released.set()
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert beside == []
    assert first.value == again.value == ["Timeout"] * 3


class Outcome(BaseException):
    """As that of pytest.fail()."""


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("raised", [Outcome, SystemExit, GeneratorExit, asyncio.CancelledError])
async def test_what_is_no_exception_to_python_is_an_answer_in_a_recording_too(
    pool: Pool, tmp_path: Path, raised: type[BaseException], waits: bool
):
    async def fails() -> None:
        if waits:
            await asyncio.sleep(0)
        raise raised("of mine")

    script = "try { await fails() } catch (e) { [e.name, e.message] }"
    bare = await pool.execute(script, bindings={"fails": fails})
    with record({"fails": fails}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert bare.value == first.value == again.value
    assert [call.outcome for call in again.calls] == ["rejected"]


async def test_a_value_that_raises_while_it_is_made_json_is_recorded_as_what_the_script_was_told(
    pool: Pool, tmp_path: Path
):
    class Moody(BaseModel):
        def model_dump(self, **_: Any) -> dict[str, Any]:
            raise LookupError("not today")

    async def offer() -> Moody:
        return Moody()

    script = "try { await offer() } catch (e) { [e.name, e.message] }"
    with record({"offer": offer}, tmp_path / "run.jsonl") as bindings:
        first = await pool.execute(script, bindings=bindings)
    again = await pool.execute(script, bindings=replay(tmp_path / "run.jsonl"))

    assert first.value == again.value == ["LookupError", "not today"]


async def test_a_recording_is_of_one_run(pool: Pool, tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as bindings:
        assert (await pool.execute("(await price('tea')).price", bindings=bindings)).value == 3.5
        second = await pool.execute("await price('tea')", bindings=bindings)

    assert second.error is not None
    assert (second.error.name, second.error.message) == (
        "RecordingError",
        "this recording is of another run; make one for each",
    )
    assert (await pool.execute("(await price('tea')).price", bindings=replay(tmp_path / "run.jsonl"))).value == 3.5


async def made_again(bindings: Mapping[str, Callable[..., Any]]) -> ExecutionResult:
    script = "const a = await price('tea'); const b = await price('milk'); [a.price, b.price]"
    faulty = Faults(kill=at_call(2)).attach(Pool(workers=1, spares=0, retry=RetryPolicy(backoff_seconds=0.01)))
    async with faulty as pool:
        return await pool.execute(script, bindings=bindings)


async def test_of_a_run_that_is_made_again_the_last_attempt_is_recorded_and_each_attempt_replays(tmp_path: Path):
    with record(SHOP, tmp_path / "run.jsonl") as recording:
        first = await made_again(recording)
    replayed = replay(tmp_path / "run.jsonl")
    again = await made_again(replayed)

    assert (first.value, first.attempt) == (again.value, again.attempt) == ([3.5, 4.5], 2)
    assert replayed.difference is None
    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [line["type"] for line in lines] == ["recording", "call", "value", "call", "value"]


async def test_what_an_attempt_left_behind_is_no_answer_and_holds_no_turn_of_the_next(tmp_path: Path):
    """A plain function goes on when the worker it was asked by is gone, and its number is another call's then."""
    asked, released, answers = threading.Event(), threading.Event(), {1: "early", 2: "late"}

    @binding(concurrency=1)
    def ask() -> str:
        run = current_run()
        assert run is not None
        if run.attempt == 1:
            asked.set()
            released.wait()
        return answers[run.attempt]

    async def attempt(number: int) -> Any:
        CURRENT.set(RunInfo("r", None, 0.0, attempt=number))
        return await recording["ask"]()

    with record({"ask": ask}, tmp_path / "run.jsonl") as recording:
        before = asyncio.create_task(attempt(1))
        await asyncio.to_thread(asked.wait)
        try:
            async with asyncio.timeout(30):
                assert bytes(await asyncio.create_task(attempt(2))) == b'"late"'
        finally:
            released.set()
        assert bytes(await before) == b'"early"'

    lines = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [line.get("value", line["type"]) for line in lines] == ["recording", "call", "late"]


def test_a_blocking_pool_records_and_replays_as_well(tmp_path: Path):
    with blocking.Pool(RuntimeConfig(timeout_seconds=20), workers=1, spares=0) as pool:
        with record(SHOP, tmp_path / "run.jsonl") as bindings:
            first = pool.execute(SCRIPT, bindings=bindings)
        replayed = replay(tmp_path / "run.jsonl")
        again = pool.execute(SCRIPT, bindings=replayed)

    assert first.result == again.result is not None
    assert replayed.difference is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a disk that is always full")
async def test_a_file_that_cannot_be_written_further_harms_no_run_and_is_told_at_the_end(pool: Pool):
    recording = Recording(SHOP, "/dev/full")
    run = await pool.execute("(await price('tea')).price", bindings=recording)

    assert run.value == 3.5
    with pytest.raises(OSError, match="No space left"):
        recording.close()


async def test_a_file_that_cannot_begin_again_for_the_next_attempt_is_named_too(tmp_path: Path):
    """A pipe takes nothing back."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        recording = Recording(SHOP, pipe)
        run = await made_again(recording)
        with pytest.raises(OSError, match=re.escape(str(pipe))) as caught:
            recording.close()
    finally:
        os.close(reader)

    assert (run.value, run.attempt) == ([3.5, 4.5], 2)
    assert caught.value.filename == str(pipe)


async def test_a_binding_can_be_replayed_outside_of_a_run(recorded: tuple[Path, str]):
    replayed = replay(recorded[0])

    with pytest.raises(BindingError, match="other arguments"):
        await replayed["price"]("cocoa")
