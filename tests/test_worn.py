"""When a reused worker is replaced, and when it is not."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import weakref
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from stockade import Pool, RuntimeConfig
from stockade.events import Event, WorkerEnded, WorkerStarted
from stockade.memory import young_flag
from stockade.worker import IsolationMode, Worker


async def test_a_worker_that_keeps_too_much_memory_is_replaced():
    async with Pool(RuntimeConfig(memory_limit_mb=64), workers=1, isolation="context") as pool:
        held = "const kept = new Uint8Array(50 * 2 ** 20).fill(1); console.log(1); kept.length"
        pids: list[int] = []
        for script in (held, "console.log(1)"):
            await pool.execute(
                script, on_console=lambda _: pids.extend(w.process.child.pid for w in pool._supply.running)
            )

    assert len(set(pids)) == 2


async def test_a_worker_is_not_replaced_for_objects_that_came_and_went():
    """Unless it has a bound, what V8 was given to make them in counts as held from then on."""
    churn = "let held = []; for (let i = 0; i < 3e6; i++) { held.push({ i, o: {} }); if (held.length > 3e4) held = [] }"
    async with Pool(workers=1, isolation="context") as pool:
        for _ in range(2):
            (await pool.execute(churn)).raise_for_error()
        (worker,) = pool._supply.idle
        assert worker.runs == 2


@pytest.mark.parametrize(
    ("limit_mb", "most_mb", "young_mb"), [(8, 64, 1), (100, 64, 4), (128, 64, 8), (4096, 64, 64), (4096, 16, 16)]
)
def test_young_objects_have_a_sixteenth_of_the_limit_in_a_power_of_two_and_no_more_than_is_right(
    limit_mb: int, most_mb: int, young_mb: int
):
    assert young_flag(limit_mb, most_mb) == f"--max-semi-space-size={young_mb}"


async def test_a_worker_that_has_served_its_runs_is_replaced(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stockade.worker.MAX_RUNS", 2)
    async with Pool(workers=1, isolation="context") as pool:
        for _ in range(3):
            await pool.execute("1")
        (worker,) = pool._supply.idle
        assert worker.runs == 1

    assert pool.stats().workers_ended["worn"] == 1


@pytest.mark.parametrize(("mode", "counted"), [("process", "spare"), ("context", "idle")])
async def test_a_worker_that_dies_while_nobody_uses_it_is_told_and_counts_no_more(
    monkeypatch: pytest.MonkeyPatch, mode: IsolationMode, counted: str
):
    monkeypatch.setattr("stockade.supply.REPLACE_AFTER_SECONDS", 0)
    died: asyncio.Queue[WorkerEnded] = asyncio.Queue()
    started: list[int] = []

    def hear(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            started.append(event.pid)
        elif isinstance(event, WorkerEnded) and event.reason == "worker_crashed":
            died.put_nowait(event)

    async with Pool(workers=1, spares=1 if counted == "spare" else 0, isolation=mode, on_event=hear) as pool:
        async with asyncio.timeout(30):
            await pool.execute("1")
            while getattr(pool.stats().workers, counted) == 0:
                await asyncio.to_thread(lambda: None)
            victim = started[-1]
            os.kill(victim, signal.SIGKILL)

            assert (await died.get()).pid == victim
            if counted == "idle":
                assert pool.stats().workers.idle == 0
            while pool.stats().workers.spare < pool.stats().workers.spares_wanted:  # another takes its place
                await asyncio.to_thread(lambda: None)
        assert (await pool.execute("1 + 1")).value == 2


async def test_a_worker_that_can_remove_no_types_any_more_is_replaced(node: Path):
    """Node's stripper is WebAssembly, which a script nested too deeply leaves without a stack, for good."""
    async with Pool(RuntimeConfig(node=node), workers=1, isolation="context") as pool:
        for deep in ("(" * 5000, "let n: A" + "[]" * 30_000 + " = 1", "!" * 50_000 + "1"):
            assert (await pool.execute(deep)).error is not None
            assert (await pool.execute("const n: number = 1; n")).value == 1

    assert pool.stats().workers_ended["worn"] == 3


async def test_a_script_of_which_node_says_much_ends_as_itself_and_its_worker_is_replaced(node: Path):
    """Node tells on stderr, with the line of the script, of each promise that is rejected where the stack ends."""
    script = "let made = 0; const walk = async () => { if (made++ < 9000) await Promise.all([walk(), walk()]) };"
    line = f"/*{'x' * 200_000}*/ {script} try {{ await walk() }} catch (e) {{ console.log(e.name) }}"
    async with Pool(RuntimeConfig(node=node), workers=1, isolation="context") as pool:
        run = await pool.execute(line)
        assert [entry.text for entry in run.console_output] == ["RangeError"]
        assert run.error is None or run.error.name == "RangeError"
        assert (await pool.execute("1 + 1")).value == 2

    assert pool.stats().workers_ended["worn"] == 1


async def test_a_script_of_which_node_says_much_and_which_then_runs_out_of_memory_is_told_so(node: Path):
    """V8 says why it ends on a stderr that is read no more."""
    script = "let made = 0; const walk = async () => { if (made++ < 9000) await Promise.all([walk(), walk()]) };"
    line = f"/*{'x' * 200_000}*/ {script} try {{ await walk() }} catch (e) {{ console.log(e.name) }}\n"
    async with Pool(RuntimeConfig(node=node), workers=1) as pool:
        run = await pool.execute(line + "[...'x'.repeat(2 ** 28)]")

    assert run.error is not None
    assert (run.error.kind, run.error.evidence.limit) == ("memory_limit", "memory_limit_mb")
    assert "memory" not in (run.error.evidence.stderr_tail or "")


class Request:
    """What a program keeps in a context variable while it serves somebody."""


ASKING: ContextVar[Request] = ContextVar("ASKING")


async def forgotten(pool: Pool) -> None:
    """Returns once nothing is left of who asked for a run."""

    async def serve() -> weakref.ref[Request]:
        request = Request()
        ASKING.set(request)
        await pool.execute("1")
        return weakref.ref(request)

    held = await asyncio.create_task(serve())
    async with asyncio.timeout(20):
        while held() is not None:
            gc.collect()
            await asyncio.sleep(0)


async def test_a_worker_that_waits_for_its_next_run_keeps_nothing_of_who_asked_for_the_last():
    """It is looked at all the while, by a timer: that is of nobody's context."""
    async with Pool(workers=1, isolation="context") as pool:
        await forgotten(pool)
        assert pool._supply.idle


async def test_a_spare_on_its_way_keeps_nothing_of_the_run_that_took_the_last(monkeypatch: pytest.MonkeyPatch):
    """On a busy machine it is on its way for seconds."""
    go = asyncio.Event()
    really = Worker.start

    async def start(*args: Any) -> Worker:
        await go.wait()
        return await really(*args)

    async with Pool(workers=1, spares=1) as pool:
        monkeypatch.setattr(Worker, "start", start)
        await forgotten(pool)
        assert [spare.done() for spare in pool._supply.spares] == [False]
        go.set()


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[Worker]:
    """Each worker that was looked at between two runs and is still well."""
    seen: asyncio.Queue[Worker] = asyncio.Queue()
    look = Worker.look

    def tell(worker: Worker) -> None:
        look(worker)
        if worker.usable:
            seen.put_nowait(worker)

    monkeypatch.setattr(Worker, "look", tell)
    return seen


async def test_what_a_worker_has_used_for_its_runs_and_had_from_the_start_does_not_end_it_between_two(
    monkeypatch: pytest.MonkeyPatch, looked_at: asyncio.Queue[Worker]
):
    """By then it may have computed for an hour, and Node alone holds more than a small limit."""
    monkeypatch.setattr("stockade.worker.IDLE_CPU_SECONDS", 0.05)
    async with Pool(RuntimeConfig(memory_limit_mb=16), workers=1, isolation="context") as pool:
        (await pool.execute("for (let i = 0; i < 3e8; i++);")).raise_for_error()
        (worker,) = pool._supply.idle
        assert worker.idle_cpu > 0.05
        async with asyncio.timeout(30):
            assert await looked_at.get() is worker


async def test_a_worker_is_looked_at_between_two_runs_also_where_none_was_idle_for_a_while(
    monkeypatch: pytest.MonkeyPatch, looked_at: asyncio.Queue[Worker]
):
    monkeypatch.setattr("stockade.supply.LOOK_SECONDS", 0.001)
    async with Pool(workers=1, isolation="context") as pool, asyncio.timeout(30):
        await pool.execute("1")
        worker = await looked_at.get()
        os.kill(worker.process.child.pid, signal.SIGKILL)
        while pool._supply._looking is not None:  # noqa: ASYNC110 - until there is none to look at
            await asyncio.sleep(0)
        await pool.execute("1")
        while await looked_at.get() is worker:
            pass


async def test_idle_workers_are_looked_at_by_one_timer_however_many_runs_there_were(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stockade.supply.LOOK_SECONDS", 3600)
    async with Pool(workers=1, isolation="context") as pool:
        await pool.execute("1")
        timer = pool._supply._looking
        await pool.execute("1")
        assert pool._supply._looking is timer
