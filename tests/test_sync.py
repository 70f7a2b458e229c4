"""The blocking pool: the same calls without `await`."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from stockade import PoolClosed, RuntimeConfig
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
