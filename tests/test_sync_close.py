"""How a blocking pool is left: by the end of its block, by an error, and by an interrupt."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import psutil
import pytest

from stockade import PoolClosed
from stockade.events import RunEnded, RunStarted
from stockade.sync import Pool


@pytest.mark.parametrize("error", [None, ValueError])
def test_leaving_the_block_waits_for_what_was_submitted_and_an_error_that_leaves_it_does_not(error: type | None):
    pool = Pool(workers=1, spares=0)
    bindings = {"closing": pool._pool._closing.wait}
    with suppress(ValueError), pool:
        running = pool.submit("console.log('in'); await closing()", bindings=bindings)
        next(running.console())
        if error is not None:
            raise error

    ended = running.result(timeout=0).error
    assert ended is None if error is None else ended.kind == "cancelled"


@pytest.mark.usefixtures("interrupts")
def test_an_interrupted_close_answers_every_run_and_leaves_nothing_behind():
    before = set(psutil.Process(os.getpid()).children())
    pool = Pool(workers=1, spares=1).start()
    running, waiting = pool.submit("console.log('in'); for (;;) {}"), pool.submit("2")
    next(running.console())

    async def interrupt() -> None:
        await pool._pool._closing.wait()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    asyncio.run_coroutine_threadsafe(interrupt(), pool._loop)
    with pytest.raises(KeyboardInterrupt):
        pool.close()

    assert running.result(timeout=0).error.kind == "cancelled"
    with pytest.raises(PoolClosed):
        waiting.result(timeout=0)
    assert set(psutil.Process(os.getpid()).children()) <= before
    assert "stockade-loop" not in {thread.name for thread in threading.enumerate()}
    pool.close()


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_of_who_waits_for_a_script_ends_it():
    ended: queue.Queue[str] = queue.Queue()

    def hear(event: object) -> None:
        if isinstance(event, RunEnded):
            ended.put(event.result.error.kind if event.result.error else "returned")

    with Pool(workers=1, spares=0, on_event=hear) as pool:
        with pytest.raises(KeyboardInterrupt):
            pool.execute(
                "console.log('in'); for (;;) {}",
                on_console=lambda _: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT),
            )
        assert ended.get(timeout=60) == "cancelled"
        assert pool.execute("1 + 1").value == 2


def test_an_interrupt_of_who_is_handing_a_script_over_ends_it(monkeypatch: pytest.MonkeyPatch):
    """The loop's thread goes on while the first wakes it: what a signal's handler raises there may come too late."""
    ended, started = queue.Queue[str](), threading.Event()
    whole = asyncio.run_coroutine_threadsafe

    def hear(event: object) -> None:
        if isinstance(event, RunStarted):
            started.set()
        if isinstance(event, RunEnded):
            ended.put(event.result.error.kind if event.result.error else "returned")

    def interrupted(coroutine: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> None:
        whole(coroutine, loop)
        assert started.wait(60)
        raise KeyboardInterrupt

    with Pool(workers=1, spares=0, on_event=hear) as pool:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(asyncio, "run_coroutine_threadsafe", interrupted)
            pool.execute("for (;;) {}")
        assert ended.get(timeout=20) == "cancelled"
        assert pool.execute("1 + 1").value == 2
