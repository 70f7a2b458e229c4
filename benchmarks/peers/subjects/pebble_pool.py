"""Pebble: a pool of Python processes. It runs no JavaScript: measured are a no-op and an endless Python loop."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from pebble import ProcessPool

from benchmarks.peers.subjects.base import NoOption, Subject, seconds_until_error

CORES = len(os.sched_getaffinity(0))
READY_SECONDS = 0.5


def no_op() -> int:
    """The work of a task that is all dispatch."""
    return 2


def endless() -> None:
    """The work of a task that never ends."""
    while True:
        pass


class Pebble(Subject):
    name = "pebble"
    title = "Pebble, a Python no-op"
    between = "nothing: reused Python processes, no sandbox"
    settings = "ProcessPool(max_workers=cores), the default start method (fork)"
    packages = ("Pebble",)
    max_tasks = 0

    async def start(self) -> None:
        self.pool = ProcessPool(max_workers=CORES, max_tasks=self.max_tasks)

    async def close(self) -> None:
        self.pool.stop()
        self.pool.join()

    async def fresh(self, script: str) -> Any:
        if script != "1 + 1":
            raise NoOption("runs no JavaScript")
        return await asyncio.wrap_future(self.pool.schedule(no_op))

    async def hang(self, seconds: float) -> float:
        return await seconds_until_error(
            asyncio.wrap_future(self.pool.schedule(endless, timeout=seconds)), TimeoutError
        )

    async def ready(self) -> None:
        await asyncio.sleep(READY_SECONDS)


class PebbleFresh(Pebble):
    name = "pebble fresh"
    title = "Pebble, max_tasks=1"
    between = "a Python process each task, no sandbox"
    settings = "the same with max_tasks=1"
    max_tasks = 1


SUBJECTS = (Pebble, PebbleFresh)
