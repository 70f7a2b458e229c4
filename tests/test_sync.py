"""The blocking pool: the same calls without `await`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import psutil
import pytest

from stockade import InvalidScript, PoolClosed, QueueRules, RetryPolicy, RuntimeConfig, binding
from stockade.events import RunEnded
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


def test_a_retry_and_its_events_work_without_await():
    told: list[object] = []
    with Pool(workers=1, spares=0, retry=RetryPolicy(attempts=2, backoff_seconds=0), on_event=told.append) as pool:

        @binding(read_only=True)
        def fall() -> None:
            [worker] = pool._pool._running
            os.kill(worker.process.child.pid, signal.SIGKILL)

        run = pool.execute("await fall(); for (;;) {}", bindings={"fall": fall})

    assert (run.error.kind, run.attempt) == ("worker_crashed", 2)
    assert sum(isinstance(event, RunEnded) for event in told) == 2
