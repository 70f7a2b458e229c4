"""What a pool tells as it happens, and that nobody who listens can harm a run."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from contextlib import nullcontext
from contextvars import ContextVar
from typing import Any

import pytest

from stockade import Pool, RuntimeConfig
from stockade.events import Event, RunEnded, RunStarted, WorkerEnded, WorkerStarted, telling

SPAN: ContextVar[str] = ContextVar("span", default="none")


async def test_a_run_and_its_worker_are_told_from_start_to_end():
    told: list[Event] = []
    async with Pool(workers=1, spares=0, on_event=told.append) as pool:
        run = await pool.execute("1 + 1", tenant="acme")

    started, began, ended, gone = told
    assert isinstance(started, WorkerStarted)
    assert isinstance(began, RunStarted)
    assert (began.run_id, began.tenant, began.attempt) == (run.run_id, "acme", 1)
    assert (round(began.queued_ms, 3), round(began.start_ms, 3)) == (run.usage.queued_ms, run.usage.start_ms)
    assert isinstance(ended, RunEnded)
    assert ended.result is run
    assert gone == WorkerEnded(started.pid, 1, "done")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("1", None),
        ("throw 1", None),
        ("for (;;) {}", "timeout"),
        ("const a = []; for (;;) a.push({})", "memory_limit"),
        ("[...'x'.repeat(2 ** 28)]", "memory_limit"),  # V8 ends itself
    ],
)
async def test_the_end_of_a_worker_has_the_reason(script: str, reason: str | None):
    told: list[Event] = []
    config = RuntimeConfig(timeout_seconds=3 if reason == "memory_limit" else 0.5, memory_limit_mb=32)
    async with Pool(config, workers=1, spares=0, isolation="context", on_event=told.append) as pool:
        run = await pool.execute(script)
        assert (run.error.kind if reason else None) == reason

    [gone] = [event for event in told if isinstance(event, WorkerEnded)]
    assert gone.reason == (reason or "closed")


async def test_a_cancelled_caller_is_told_too():
    told: list[Event] = []
    async with Pool(workers=1, spares=0, on_event=told.append) as pool:
        began = asyncio.Event()
        run = asyncio.create_task(pool.execute("console.log(1); for (;;) {}", on_console=lambda _: began.set()))
        await began.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert pool.stats().outcomes == {"cancelled": 1}

    [ended] = [event for event in told if isinstance(event, RunEnded)]
    assert (ended.result.error.kind, ended.result.started) == ("cancelled", True)
    assert [event.reason for event in told if isinstance(event, WorkerEnded)] == ["cancelled"]


async def test_what_a_hook_sets_in_its_context_is_seen_by_the_bindings_of_that_run_alone():
    """So that a span made when a run starts is the parent of what its bindings do."""
    seen: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, RunStarted):
            SPAN.set(event.run_id)
        if isinstance(event, RunEnded):
            seen.append(SPAN.get())

    async with Pool(workers=2, on_event=hear, bindings={"span": lambda: SPAN.get()}) as pool:
        handles = [pool.submit("await span()") for _ in range(4)]
        runs = [await handle for handle in handles]

    assert [run.value for run in runs] == [run.run_id for run in runs]
    assert set(seen) == {run.run_id for run in runs}
    assert SPAN.get() == "none"


async def test_a_hook_that_raises_is_logged_once_and_harms_no_run(caplog):
    def broken(event: Event) -> None:
        raise ValueError("the metrics server is down")

    async with Pool(workers=1, on_event=broken) as pool:
        assert [run.value async for run in pool.map(["1", "2", "3"])] == [1, 2, 3]
        assert pool.stats().outcomes == {"returned": 3}

    [record] = [record for record in caplog.records if record.exc_info]
    assert "hook" in record.message
    assert "the metrics server is down" in str(record.exc_info[1])


@pytest.mark.parametrize(
    ("raised", "kept"), [(SystemExit, True), (asyncio.CancelledError, True), (KeyboardInterrupt, False)]
)
def test_whatever_a_hook_raises_is_kept_from_a_run_but_for_ctrl_c(raised: type[BaseException], kept: bool):
    told: list[object] = []

    def raises(_: object) -> None:
        raise raised

    tell = telling([raises, told.append])
    with nullcontext() if kept else pytest.raises(KeyboardInterrupt):
        tell(WorkerEnded(1, 0, "done"))
    assert len(told) == kept


@pytest.mark.parametrize("hook", ["not callable", 5])
def test_a_hook_that_cannot_be_called_is_refused(hook: object):
    with pytest.raises(ValueError, match="on_event"):
        Pool(on_event=hook)  # type: ignore[arg-type]


def test_a_hook_that_nobody_would_await_is_refused():
    async def hear(event: Event) -> None: ...

    with pytest.raises(ValueError, match="plain function"):
        Pool(on_event=hear)


async def test_the_end_of_a_run_is_logged_with_its_facts(caplog):
    with caplog.at_level(logging.DEBUG, "stockade"):
        async with Pool(workers=1, spares=0) as pool:
            run = await pool.execute("throw new Error('x')", tenant="acme")

    [record] = [record for record in caplog.records if record.message.startswith("run ")]
    assert record.levelno == logging.DEBUG
    assert (record.run_id, record.tenant, record.kind, record.attempt) == (run.run_id, "acme", "exception", 1)
    assert record.worker_pid > 0


async def test_a_field_that_the_applications_own_records_have_is_left_as_it_is(caplog, capsys):
    """As where a factory of records puts the tenant of a request on each; `logging` refuses to overwrite it."""
    factory = logging.getLogRecordFactory()

    def of_a_request(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = factory(*args, **kwargs)
        record.tenant = "the request's"
        return record

    logging.setLogRecordFactory(of_a_request)
    try:
        with caplog.at_level(logging.DEBUG, "stockade"):
            async with Pool(workers=1, spares=0) as pool:
                run = await pool.execute("1 + 1", tenant="acme")
    finally:
        logging.setLogRecordFactory(factory)

    [record] = [record for record in caplog.records if record.message.startswith("run ")]
    assert (record.tenant, record.run_id, record.kind) == ("the request's", run.run_id, "returned")
    assert capsys.readouterr().err == ""


async def test_a_log_that_raises_is_told_of_and_harms_neither_a_run_nor_the_pool(caplog, capsys):
    """As a filter does that wants a field of every record: no handler's `handleError` is asked then."""

    def broken(record: logging.LogRecord) -> bool:
        raise KeyError("no request is under way")

    logger = logging.getLogger("stockade")
    logger.addFilter(broken)
    try:
        with caplog.at_level(logging.DEBUG, "stockade"):
            async with Pool(workers=1, spares=0, on_event=lambda event: 1 / 0) as pool:
                assert (await pool.execute("1 + 1")).value == 2
                assert "no request is under way" in capsys.readouterr().err
                launcher = pool._starts.spawner
                os.kill(launcher.pid, signal.SIGKILL)
                await launcher._ended.wait()
                assert (await pool.execute("2 + 2")).value == 4
                assert pool.stats().launcher_restarts == 1
    finally:
        logger.removeFilter(broken)


async def test_stats_show_who_waits_and_who_runs():
    async with Pool(workers=1) as pool:
        first = pool.submit("console.log(1); for (;;) {}", tenant="a")
        await anext(first.console())
        others = [pool.submit("1", tenant=tenant) for tenant in ("a", "b", "b")]
        stats = pool.stats()
        assert (stats.workers.running, stats.queue.waiting) == (1, 3)
        assert {(each.tenant, each.waiting, each.running) for each in stats.queue.tenants} == {("a", 1, 1), ("b", 2, 0)}
        first.cancel()
        for handle in others:
            await handle
        stats = pool.stats()

    assert stats.outcomes == {"cancelled": 1, "returned": 3}
    assert stats.wall.count == 4
    assert stats.wall.p50_ms <= stats.wall.p90_ms <= stats.wall.p99_ms
    assert stats.queued.p99_ms >= stats.queued.p50_ms > 0
    assert stats.runs_per_second > 0
    assert stats.queue.waiting == 0
    assert type(stats).model_validate_json(stats.model_dump_json()) == stats


async def test_stats_are_json_whatever_a_tenant_is_called():
    """Anybody's text: `json.loads` makes half of a surrogate pair of what a stranger sends, and no UTF-8 holds that."""
    async with Pool(workers=1) as pool:
        running = pool.submit("console.log(1); for (;;) {}", tenant="half \ud83d")
        await anext(running.console())
        stats = pool.stats()
        running.cancel()
        await running

    assert [each.tenant for each in stats.queue.tenants] == ["half \ud83d"]
    assert json.loads(stats.model_dump_json())["queue"]["tenants"] == [{"tenant": "half ?", "waiting": 0, "running": 1}]
