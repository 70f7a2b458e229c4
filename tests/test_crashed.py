"""What is told of a run whose worker ended by a stranger's hand: the right kind, and figures that are its own."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Literal

import psutil
import pytest
from msgspec import Struct

from stockade import Pool, RuntimeConfig
from stockade.bindings import current_run
from stockade.events import Event, RunEnded
from stockade.result import ExecutionResult
from stockade.worker import Worker


def _worker_of(pool: Pool) -> Worker:
    (worker,) = pool._supply.running
    return worker


async def _killed_by(pool: Pool, number: int, held_mb: int | None = None) -> ExecutionResult:
    """A run whose worker gets that signal; `held_mb` is what the kernel then says it had held at most."""

    async def die() -> None:
        (worker,) = pool._supply.running
        child = worker.process.child
        if held_mb is not None:
            ended = child.ended
            child.ended = lambda exited: ended(replace(exited, max_rss_kb=held_mb * 1024))
        os.kill(child.pid, number)
        await asyncio.Event().wait()

    return await pool.execute("await die()", bindings={"die": die})


@pytest.mark.parametrize(("runs_before", "kind"), [(0, "memory_limit"), (1, "worker_crashed")])
async def test_a_crash_is_blamed_on_the_memory_of_its_own_run_alone(runs_before: int, kind: str):
    """What a dead process held at most is of its whole life, so with a run before it that proves nothing."""
    async with Pool(workers=1, spares=0, isolation="context") as pool:
        for _ in range(runs_before):
            await pool.execute("1")
        run = await _killed_by(pool, signal.SIGABRT, held_mb=300)

    assert run.error is not None
    assert run.error.kind == kind
    assert (run.usage.peak_rss_mb == 300) is (runs_before == 0)


async def test_an_answer_for_which_there_is_no_memory_left_ends_as_memory_limit(node: Path):
    """The worker itself is refused it, before the script sees anything of the answer."""

    async def answer() -> str:
        return "x" * 15_000_000

    async with Pool(RuntimeConfig(node=node, memory_limit_mb=24), workers=1, spares=0) as pool:
        run = await pool.execute("(await answer()).length", bindings={"answer": answer})

    assert run.error is not None
    assert (run.error.kind, run.error.evidence.limit) == ("memory_limit", "memory_limit_mb")


async def test_a_signal_without_a_name_is_told_by_its_number(pool: Pool):
    run = await _killed_by(pool, signal.SIGRTMIN + 6)

    assert run.error is not None
    assert (run.error.kind, run.error.evidence.signal) == ("worker_crashed", signal.SIGRTMIN + 6)
    assert f"signal {signal.SIGRTMIN + 6}" in run.error.message


async def test_a_worker_whose_exit_is_not_known_is_told_to_have_ended():
    """Its caller gave up between the end of its pipe and the news of how it exited."""
    told: list[RunEnded] = []
    dying = asyncio.Event()

    async def die() -> None:
        os.kill(launcher.pid, signal.SIGSTOP)  # it tells late
        os.kill(_worker_of(pool).process.child.pid, signal.SIGKILL)
        dying.set()
        await asyncio.Event().wait()

    def hear(event: Event) -> None:
        if isinstance(event, RunEnded):
            told.append(event)

    async with Pool(workers=1, spares=0, on_event=hear) as pool:
        launcher = pool._starts.spawner
        caller = asyncio.create_task(pool.execute("await die()", bindings={"die": die}))
        await dying.wait()
        process = _worker_of(pool).process
        while process.cause is None:  # noqa: ASYNC110 - its exit is waited for then
            await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        os.kill(launcher.pid, signal.SIGCONT)

    (event,) = told
    assert event.result.error is not None
    assert (event.result.error.kind, event.result.error.message) == ("worker_crashed", "the worker ended in mid-run")


async def test_a_run_whose_launcher_died_tells_the_cpu_time_it_used():
    """Then the status of the worker goes to init, and with it what the kernel says of its time."""
    async with Pool(workers=1, spares=0) as pool:
        run = pool.submit("console.log(1); for (;;) {}")
        async with asyncio.timeout(20):
            await anext(aiter(run.console()))
            (worker,) = pool._supply.running
            while worker.meter.cpu_seconds() < 0.5:
                await asyncio.to_thread(lambda: None)
        assert pool._starts.spawner is not None
        os.kill(pool._starts.spawner.pid, signal.SIGKILL)
        result = await run

    assert result.error is not None
    assert result.error.kind == "worker_crashed"
    assert result.usage.cpu_ms > 200


async def test_what_a_binding_says_wrongly_of_its_run_does_not_cost_the_result(pool: Pool):
    async def note() -> None:
        run = current_run()
        assert run is not None
        run.facts.update({5: 1, "of": {"summary": "two"}, "object": object()})  # pyright: ignore

    run = await pool.execute("await note(); 7", bindings={"note": note})

    assert run.value == 7
    assert run.facts == {"5": 1, "of": {"summary": "two"}, "object": "no JSON: object"}
    assert ExecutionResult.model_validate_json(run.model_dump_json()).facts == run.facts


async def test_what_a_binding_says_of_its_run_is_in_the_result_as_json(pool: Pool):
    """Else a result whose fact is JSON to one library and not to the other could not be dumped."""

    class Entry(Struct):
        at: bytes

    class Unnamed:
        def __str__(self) -> str:
            raise LookupError

    late: list[int] = []

    async def note() -> None:
        run = current_run()
        assert run is not None
        run.facts.update({"entry": Entry(b"\xff"), "late": late, "odd\ud800": 1, Unnamed(): 1})  # pyright: ignore

    run = await pool.execute("await note(); 7", bindings={"note": note})
    late.append(1)

    assert run.value == 7
    assert run.facts == {"entry": {"at": "/w=="}, "late": [], "odd?": "no JSON: int", "Unnamed": "no JSON: int"}
    assert ExecutionResult.model_validate_json(run.model_dump_json()) == run


async def test_a_signal_that_asks_a_whole_service_to_end_ends_no_run(mode: Literal["process", "context"], node: Path):
    """systemd's: it goes to each process of the service, and the supervisor is the one to make something of it."""

    async def ask() -> str:
        assert pool._starts.spawner is not None
        launcher = psutil.Process(pool._starts.spawner.pid)
        for process in [*launcher.children(recursive=True), launcher]:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                process.send_signal(number)
        return "asked"

    async with Pool(RuntimeConfig(node=node), workers=1, spares=0, isolation=mode, bindings={"ask": ask}) as pool:
        run = await pool.execute("[await ask(), await ask()]")
        assert (await pool.execute("1 + 1")).value == 2
        stats = pool.stats()

    assert run.value == ["asked", "asked"], run.error
    assert (stats.launcher_restarts, stats.outcomes) == (0, {"returned": 2})
