"""Programs that are stopped and go on: between two invocations of a function service, or by `docker pause`."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import sys

import pytest

from stockade import Pool
from stockade.sandbox import Launcher
from stockade.sandbox.inner import fork

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is Linux's")

HOUR_SECONDS = 3600.0

poll = select.poll


async def test_a_start_that_a_pause_has_held_up_goes_on_after_it(monkeypatch: pytest.MonkeyPatch):
    """Each invocation of a function service leaves a spare that is just being started. All were told as failed."""
    async with Pool(workers=1, spares=0) as pool:
        launcher = pool._starts.spawner
        assert isinstance(launcher, Launcher)
        os.kill(launcher.pid, signal.SIGSTOP)
        try:
            run = pool.submit("1 + 1")
            async with asyncio.timeout(20):
                while not launcher._tickets:  # the start is on its way  # noqa: ASYNC110
                    await asyncio.sleep(0)
            loop = asyncio.get_running_loop()
            now = loop.time
            monkeypatch.setattr(loop, "time", lambda: now() + HOUR_SECONDS)  # as after an hour of SIGSTOP
        finally:
            os.kill(launcher.pid, signal.SIGCONT)

        assert (await run).value == 2
        assert pool.stats().starts_failed == 0


class Paused:
    """A poll(2) in which the whole first wait goes by while everybody is stopped. Afterwards the worker goes on."""

    def __init__(self, worker: socket.socket) -> None:
        self._poll = poll()
        self._worker = worker

    def register(self, channel: socket.socket, events: int) -> None:
        self._poll.register(channel, events)

    def poll(self, milliseconds: int) -> list[tuple[int, int]]:
        if self._worker.fileno() < 0:
            return self._poll.poll(milliseconds)
        self._worker.close()  # as exec does
        return []


def test_a_worker_that_a_pause_has_kept_from_exec_is_waited_for_after_it(monkeypatch: pytest.MonkeyPatch):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(select, "poll", lambda: Paused(theirs))
    with ours, theirs:
        assert fork.Waiting(os.getpid(), ours)._until_exec() is None
