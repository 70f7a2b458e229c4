"""The blocking pool: the same calls without `await`."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psutil
import pytest

from stockade import (
    InvalidScript,
    PoolClosed,
    QueueFull,
    QueueRules,
    QueueTimeout,
    RetryPolicy,
    RuntimeConfig,
    binding,
)
from stockade.events import RunEnded
from stockade.future import OWN_THREAD
from stockade.mapping import AHEAD
from stockade.sync import Pool


def test_a_script_runs_and_calls_back_without_await():
    async def price(sku: str) -> float:
        return 4.0

    before = set(psutil.Process(os.getpid()).children())
    with Pool(RuntimeConfig(timeout_seconds=5), workers=1, spares=0) as pool:
        assert pool.execute("await price('tea') * 3", bindings={"price": price}).value == 12
        assert pool.execute("for (;;) {}", config=RuntimeConfig(timeout_seconds=0.2)).error.kind == "timeout"

    assert set(psutil.Process(os.getpid()).children()) <= before
    assert "stockade-loop" not in {thread.name for thread in threading.enumerate()}


def test_threads_may_share_a_pool():
    with Pool(workers=2) as pool, ThreadPoolExecutor(4) as threads:
        assert [run.value for run in threads.map(lambda n: pool.execute(f"{n} * 2"), range(8))] == [
            n * 2 for n in range(8)
        ]


def test_a_closed_pool_refuses():
    pool = Pool(workers=1, spares=0)
    with pytest.raises(PoolClosed):
        pool.execute("1")
    with pool:
        pass
    pool.close()
    with pytest.raises(PoolClosed):
        pool.execute("1")


def test_a_submitted_run_is_a_future_that_is_cancelled_as_data():
    with Pool(workers=1, spares=1) as pool:
        done = pool.submit("1 + 1")
        assert done.result(timeout=60).value == 2
        assert wait([done]).done == {done}
        assert not done.cancel()

        endless, waiting = pool.submit("console.log('in'); for (;;) {}"), pool.submit("2")
        assert next(endless.console()).text == "in"
        assert endless.running()
        assert waiting.state == "waiting"
        assert waiting.cancel()
        assert (waiting.result(60).error.kind, waiting.result().started) == ("cancelled", False)
        assert endless.cancel()
        assert endless.result(60).error.kind == "cancelled"
        assert [line.text for line in endless.console()] == ["in"]
        assert endless.result().run_id == endless.run_id


def test_what_would_wait_on_the_thread_of_the_pool_raises_there():
    """A run that is waited for on its own loop would never end, and no other run either."""
    with Pool(workers=3, spares=0) as pool:
        endless = pool.submit("for (;;) {}")
        lines, runs = endless.console(), pool.map(["1", "for (;;) {}"])
        assert next(runs).value == 1
        told: list[str] = []

        def hear(_: object) -> None:
            for ask in (endless.result, endless.exception, lambda: next(lines), lambda: next(runs)):
                with pytest.raises(RuntimeError) as raised:
                    ask()
                told.append(str(raised.value))
            endless.cancel()
            endless.add_done_callback(lambda done: told.append(str(done.result().error.kind)))

        assert pool.execute("console.log('in'); 2", on_console=hear).value == 2
        assert endless.result(60).error.kind == "cancelled"
        assert told == [OWN_THREAD] * 4 + ["cancelled"]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_an_exit_in_the_callers_own_code_comes_out_at_the_caller_and_the_pool_goes_on(error: type[BaseException]):
    """asyncio lets both out of the loop: its thread ended, and whoever waited for it waited for ever."""

    def leave(*_: object) -> None:
        raise error

    async def interrupt() -> None:
        raise KeyboardInterrupt

    with Pool(RuntimeConfig(timeout_seconds=5), workers=1, spares=0, bindings={"interrupt": interrupt}) as pool:
        with pytest.raises(error):
            pool.execute("console.log(1)", on_console=leave)
        with pytest.raises(error):
            pool.submit("console.log(1)", on_console=leave).result(10)
        with pytest.raises(error):
            next(pool.map(["console.log(1)"], on_console=leave))
        with pytest.raises(KeyboardInterrupt):
            pool.execute("await interrupt()")
        assert pool.execute("1 + 1").value == 2


def test_who_listens_to_a_run_is_told_of_its_end_whatever_a_callback_raises():
    """asyncio lets an exit out of the loop's callback, in the midst of it."""

    def leave(_: object) -> None:
        raise SystemExit

    release = threading.Event()
    with Pool(workers=1, spares=0) as pool, ThreadPoolExecutor(1) as threads:
        handle = pool.submit("console.log('in'); await wait(); 2", bindings={"wait": lambda: release.wait(60)})
        handle.add_done_callback(leave)
        lines = handle.console()
        assert next(lines).text == "in"
        ending = threads.submit(list, lines)
        release.set()
        assert handle.result(60).value == 2
        try:
            assert ending.result(20) == []
        finally:
            with handle._news:
                handle._news.notify_all()


def test_a_script_that_cannot_run_is_refused_before_there_is_a_future():
    with Pool(workers=1, spares=0) as pool, pytest.raises(InvalidScript):
        pool.submit(5)  # type: ignore[arg-type]


def test_closing_ends_what_was_submitted_and_its_console():
    with Pool(workers=1, spares=0) as pool:
        running, waiting = pool.submit("console.log('in'); for (;;) {}"), pool.submit("2")
        lines = running.console()
        next(lines)
        pool.close(drain_seconds=0)

    assert running.result(timeout=0).error.kind == "cancelled"
    assert list(lines) == []
    with pytest.raises(PoolClosed):
        waiting.result(timeout=0)
    assert not running.cancel()


def test_a_close_that_is_asked_wrongly_is_refused_and_the_pool_goes_on():
    """As of an asyncio pool: a mistake of the caller's touches nothing, least of all the runs of other threads."""
    release = threading.Event()
    with Pool(workers=1, spares=0, bindings={"hold": lambda: release.wait(60)}) as pool:
        running = pool.submit("await hold()")
        with pytest.raises(ValueError, match="drain_seconds must be a finite number"):
            pool.close(drain_seconds=float("nan"))
        release.set()
        assert running.result(60).value is True
        assert pool.execute("1 + 1").value == 2


@pytest.mark.parametrize("ordered", [True, False])
def test_many_scripts_are_taken_one_by_one_in_the_thread_of_the_caller(ordered: bool):
    taken: list[str] = []

    def scripts() -> Iterator[str]:
        for n in range(10):
            taken.append(threading.current_thread().name)
            yield f"{n} * 2"

    with Pool(workers=2) as pool:
        runs = pool.map(scripts(), ordered=ordered)
        assert taken == []
        values = [next(runs).value]
        assert len(taken) <= 2 + AHEAD
        values += [run.value for run in runs]

    assert (values if ordered else sorted(values)) == [n * 2 for n in range(10)]
    assert set(taken) == {threading.current_thread().name}


def test_what_cannot_run_ends_the_iteration_after_the_others_and_leaving_cancels():
    with Pool(workers=1, queue=QueueRules(max_waiting=1)) as pool:
        values: list[object] = []
        with pytest.raises(InvalidScript):
            for run in pool.map(["1", "2", "3", None, "5"]):  # type: ignore[list-item]
                values.append(run.value)  # noqa: PERF401 - a comprehension would lose them
        assert values == [1, 2, 3]

        runs = pool.map(["1", "for (;;) {}", "for (;;) {}"])
        assert next(runs).value == 1
        runs.close()
        assert pool.execute("1 + 1").value == 2
        assert pool.stats().outcomes["cancelled"] >= 1


@pytest.mark.parametrize("rules", [QueueRules(max_waiting=0), QueueRules(max_waiting_per_tenant=1)])
def test_scripts_that_wait_for_room_beside_each_other_are_not_counted_as_refused(rules: QueueRules):
    with Pool(workers=1, queue=rules) as pool:
        assert [run.value for run in pool.map(map(str, range(6)), tenant="a")] == list(range(6))
        assert pool.stats().queue.refused_full == 0
        blocker, waiting = pool.submit("for (;;) {}"), []
        with pytest.raises(QueueFull):
            while True:
                waiting.append(pool.submit("1"))
        with pytest.raises(QueueFull):
            next(pool.map(["2"]))
        assert pool.stats().queue.refused_full == 2
        blocker.cancel()
        assert [run.result(60).value for run in waiting] == [1] * len(waiting)


@pytest.mark.parametrize("ordered", [True, False])
def test_scripts_that_wait_for_each_other_are_not_timed_out(ordered: bool):
    release = threading.Event()

    def hold() -> None:
        release.wait(60)

    rules = QueueRules(queue_timeout_seconds=0.05)
    with Pool(workers=1, queue=rules) as pool, ThreadPoolExecutor(1) as threads:
        runs = pool.map(["await hold(); 1", "2", "3", "4"], ordered=ordered, bindings={"hold": hold})
        first = threads.submit(next, runs)
        while pool.stats().queue.waiting < AHEAD:
            pass
        with pytest.raises(QueueTimeout):  # it came after them
            pool.submit("0").result(60)
        release.set()
        assert [run.value for run in [first.result(60), *runs]] == [1, 2, 3, 4]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_run_that_raises_ends_the_iteration_after_the_others(ordered: bool):
    ended = threading.Event()

    def hold() -> str:
        ended.wait(60)
        return "slow"

    def refuse(line: object) -> None:
        raise OSError("the log is full")

    def hear(event: object) -> None:
        if isinstance(event, RunEnded):
            ended.set()

    def scripts() -> Iterator[str]:
        yield "console.log('in')"
        while True:
            yield "await hold()"

    values: list[object] = []
    with Pool(workers=2, on_event=hear) as pool, pytest.raises(OSError, match="the log is full"):
        for run in pool.map(scripts(), ordered=ordered, on_console=refuse, bindings={"hold": hold}):
            values.append(run.value)  # noqa: PERF401 - a comprehension would lose them
    assert values
    assert set(values) == {"slow"}


def test_a_loop_over_scripts_that_is_collected_in_the_thread_of_the_pool_does_not_stop_it():
    async def collect() -> int:
        gc.collect()
        return 1

    gc.disable()
    try:
        with Pool(workers=2) as pool, ThreadPoolExecutor(1) as threads:
            cycle: list[object] = []
            runs = pool.map(["1", *["for (;;) {}"] * 4], concurrency=2)
            cycle += [cycle, runs]
            assert next(runs).value == 1
            del cycle, runs
            run = threads.submit(pool.execute, "await collect()", bindings={"collect": collect})
            assert run.result(60).value == 1
            assert pool.execute("1 + 1").value == 2
    finally:
        gc.enable()


def test_what_is_asked_of_a_pool_while_it_closes_is_answered_or_refused():
    started = threading.Barrier(4)
    pool = Pool(workers=1, spares=0).start()

    def ask() -> None:
        started.wait(60)
        while True:
            pool.check("1")

    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        started.wait(60)
        pool.close()
        for each in asking:
            with pytest.raises(PoolClosed):
                each.result(60)


def test_what_is_still_on_the_loop_when_it_ends_is_told_so():
    with Pool(workers=1, spares=0) as pool, ThreadPoolExecutor(1) as threads:
        there = threading.Event()

        async def endless() -> None:
            there.set()
            await asyncio.Event().wait()

        asking = threads.submit(pool._wait_for, endless())
        there.wait(60)
        pool.close()
        with pytest.raises(PoolClosed):
            asking.result(60)


def test_a_retry_and_its_events_work_without_await():
    told: list[object] = []
    with Pool(workers=1, spares=0, retry=RetryPolicy(attempts=2, backoff_seconds=0), on_event=told.append) as pool:

        @binding(read_only=True)
        def fall() -> None:
            [worker] = pool._pool._supply.running
            os.kill(worker.process.child.pid, signal.SIGKILL)

        run = pool.execute("await fall(); for (;;) {}", bindings={"fall": fall})

    assert (run.error.kind, run.attempt) == ("worker_crashed", 2)
    assert sum(isinstance(event, RunEnded) for event in told) == 2


def test_a_pool_tells_how_it_did_also_to_who_asks_while_another_thread_closes_it(monkeypatch: pytest.MonkeyPatch):
    pool = Pool(workers=1, spares=0).start()
    pool.execute("1")
    ask = pool._wait_for

    def close_first(coroutine: Any) -> Any:
        monkeypatch.undo()
        pool.close()
        return ask(coroutine)

    monkeypatch.setattr(pool, "_wait_for", close_first)
    assert pool.stats().outcomes == {"returned": 1}


def test_a_pool_tells_how_it_did_before_it_starts_and_after_it_was_closed():
    pool = Pool(workers=1, spares=0)
    assert pool.stats().outcomes == {}
    with pool:
        pool.execute("1")
    assert pool.stats().outcomes == {"returned": 1}
