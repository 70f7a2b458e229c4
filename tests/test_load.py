"""Many callers at once: fair turns beside a greedy neighbour, and an event loop that is free for others."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from benchmarks.load import LARGE, LARGE_ROWS, ROWS, longest_callback

from stockade import Pool, QueueRules, RuntimeConfig
from stockade.admission import Admission
from stockade.events import Event, RunStarted


async def test_a_tenant_with_ten_thousand_busy_loops_takes_at_most_twice_its_share_from_another():
    """Counted in turns, not in time: of two tenants each is due every other one."""
    turns: dict[str | None, list[float]] = {"greedy": [], "modest": []}
    busy = asyncio.Event()

    def note(event: Event) -> None:
        if isinstance(event, RunStarted):
            # A turn comes before its process: that takes its time, and others may be there sooner.
            turns[event.tenant].append(time.monotonic() - event.start_ms / 1000)
            busy.set()

    loops = RuntimeConfig(timeout_seconds=0.05)
    asked: list[float] = []
    async with Pool(workers=2, queue=QueueRules(max_waiting=20_000), on_event=note) as pool:
        handles = [pool.submit("for (;;) {}", config=loops, tenant="greedy") for _ in range(10_000)]
        await busy.wait()
        for _ in range(10):
            asked.append(time.monotonic())
            run = await pool.execute("1 + 1", tenant="modest")
            assert run.value == 2
        assert pool.stats().queue.waiting > 9_000
        for handle in handles:
            handle.cancel()
        assert {(await handle).error.kind for handle in handles} <= {"timeout", "cancelled"}

    taken = [
        sum(since < turn < own for turn in turns["greedy"]) for since, own in zip(asked, turns["modest"], strict=True)
    ]
    assert max(taken) <= 2, taken


@pytest.mark.parametrize("weights", [{}, {"regular": 0.5}, {"regular": 5.0}])
async def test_a_tenant_has_one_turn_after_another_while_newcomers_come_without_end(weights: dict[str | None, float]):
    """A service with more callers than turns, and one that calls again and again."""
    admission = Admission(1, QueueRules(weights=weights))
    now = admission.ask("regular")
    waiting = {admission.ask("regular"): 0}
    waits: dict[str | None, list[int]] = {"regular": [], "newcomer": []}
    for n in range(500):
        waiting[admission.ask(f"newcomer {n}")] = n
        now.leave()
        (now,) = (turn for turn in waiting if turn.due and turn.due.done())
        waits["regular" if now.name == "regular" else "newcomer"].append(n - waiting.pop(now))
        if now.name == "regular":
            waiting[admission.ask("regular")] = n

    assert len(waits["regular"]) >= 4
    assert max(waits["newcomer"]) <= 50

    for turn in (now, *waiting):
        turn.leave()
    assert (admission.free, admission.waiting, admission._weight, len(admission._used)) == (1, 0, 0.0, 0)


async def test_no_large_message_holds_up_the_loop_for_long():
    """In CPU time of the loop's thread, beside what decoding one such message takes there in the same minute."""
    rows = [{"id": n, "name": f"row {n}", "region": "eu-west-1", "open": True} for n in range(LARGE_ROWS)]

    async def give() -> list[dict[str, object]]:
        return rows

    async with Pool(LARGE, workers=2, isolation="context", bindings={"give": give}) as pool:
        with longest_callback() as longest:
            large = [pool.execute(script) for script in (ROWS, "(await give()).length") for _ in range(2)]
            runs = await asyncio.gather(*large, *(pool.execute("1 + 1") for _ in range(200)))
        assert all(run.ok for run in runs)
        text = runs[0].result

    before = time.thread_time()
    json.loads(text)
    decoding_ms = (time.thread_time() - before) * 1000
    assert len(text) > 10_000_000
    assert longest[0] < decoding_ms / 2
