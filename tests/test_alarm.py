"""A moment that is near: kept where the kernel has a timer for it, and where it has none."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stockade import Pool, RuntimeConfig
from stockade.alarm import Alarm, set_alarm

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="a timer as a descriptor is Linux's")


def _timers() -> int:
    open_now = [entry.readlink() for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return open_now.count(Path("anon_inode:[timerfd]"))


@contextmanager
def _no_descriptor_left() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@linux_only
@pytest.mark.parametrize("seconds", [0.0, 1e-9, 0.0009, 0.0015, 1.0001])
async def test_an_alarm_rings_once_and_not_before_its_moment_and_leaves_nothing(seconds: float):
    rung: list[float] = []
    over = asyncio.Event()
    begun = time.monotonic()
    alarm = set_alarm(asyncio.get_running_loop(), seconds, lambda: (rung.append(time.monotonic()), over.set()))
    assert isinstance(alarm, Alarm)
    assert _timers() == 1
    await over.wait()
    await asyncio.sleep(0)

    assert len(rung) == 1
    assert rung[0] - begun >= seconds
    assert _timers() == 0


@linux_only
async def test_a_cancelled_alarm_does_not_ring_and_leaves_nothing():
    loop = asyncio.get_running_loop()
    rung: list[str] = []
    cancelled = set_alarm(loop, 0.0001, lambda: rung.append("cancelled"))
    cancelled.cancel()
    cancelled.cancel()
    later = asyncio.Event()
    set_alarm(loop, 0.0005, later.set)
    await later.wait()

    assert rung == []
    assert _timers() == 0


async def test_without_a_descriptor_the_loops_own_timer_rings():
    later = asyncio.Event()
    with _no_descriptor_left():
        alarm = set_alarm(asyncio.get_running_loop(), 0.0005, later.set)
    assert isinstance(alarm, asyncio.TimerHandle)
    await later.wait()


def _refuse(*_: object) -> None:
    raise NotImplementedError


@linux_only
async def test_a_loop_that_watches_no_descriptor_rings_by_its_own_timer_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
):
    later = asyncio.Event()
    loop = asyncio.get_running_loop()
    with monkeypatch.context() as patched:
        patched.setattr(loop, "add_reader", _refuse)
        alarm = set_alarm(loop, 0.0005, later.set)
    assert isinstance(alarm, asyncio.TimerHandle)
    assert _timers() == 0
    await later.wait()


@linux_only
@pytest.mark.parametrize("timeout_seconds", [0.01, 0.05])
async def test_a_run_ends_by_its_clock_and_not_before_it_and_keeps_no_timer(timeout_seconds: float):
    async with Pool(workers=1) as pool:
        config = RuntimeConfig(timeout_seconds=timeout_seconds)
        ended = [await pool.execute("while (true) {}", config=config) for _ in range(3)]
        left = _timers()

    assert [run.error and run.error.kind for run in ended] == ["timeout"] * 3
    assert all(run.usage.wall_ms >= timeout_seconds * 1000 for run in ended)
    assert left == 0


@linux_only
async def test_a_run_that_is_cancelled_while_its_alarm_is_set_keeps_no_timer(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("stockade.run.NEAR_SECONDS", 60.0)  # so that it is set from the beginning
    monkeypatch.setattr("stockade.run.WATCH_SECONDS", 60.0)
    config = RuntimeConfig(timeout_seconds=30)
    async with Pool(workers=1) as pool:
        begun = asyncio.Event()
        handle = pool.submit("console.log('begun'); while (true) {}", config=config, on_console=lambda _: begun.set())
        await begun.wait()
        during = _timers()
        handle.cancel()
        run = await handle
        after = _timers()

    assert run.error is not None
    assert run.error.kind == "cancelled"
    assert (during, after) == (1, 0)
