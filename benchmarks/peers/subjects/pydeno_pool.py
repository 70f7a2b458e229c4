"""pydeno: V8 in a single-use, OS-sandboxed process."""

from __future__ import annotations

import json
import os
from typing import Any

from pydeno import (
    AsyncIsolatedRuntime,
    AsyncPydeno,
    AsyncSandboxPool,
    PydenoTimeoutError,
    RuntimeConfig,
    RuntimeTimeout,
)

from benchmarks.peers.subjects.base import DEADLINE_SECONDS, Echo, Subject, seconds_until_error, told, until

MIB = 1 << 20
CORES = len(os.sched_getaffinity(0))


class FrontDoor(Subject):
    name = "pydeno"
    title = "pydeno"
    between = "a process each run, in the OS sandbox"
    settings = "AsyncPydeno(), its front door with its defaults: sandbox required, V8 without its compilers"
    packages = ("pydeno",)
    many = 4

    async def start(self) -> None:
        self.held: list[Any] = []
        self.pool = await AsyncPydeno().__aenter__()

    async def close(self) -> None:
        for session in self.held:
            await session.__aexit__(None, None, None)
        await self.pool.__aexit__(None, None, None)

    async def fresh(self, script: str) -> Any:
        async with self.pool.checkout() as session:
            return await session.feed_run(script)

    async def cold(self) -> Any:
        async with AsyncIsolatedRuntime(prewarm=False, sandbox="require") as runtime:
            return await runtime.eval("1 + 1")

    async def calling(self, body: str, echo: Echo) -> Any:
        async with self.pool.checkout(limits={"max_suspensions": 100_000}) as session:
            return await session.feed_run(body, external_lookup={"echo": echo})

    async def hang(self, seconds: float) -> float:
        async with self.pool.checkout(limits={"max_feed_duration_secs": seconds}) as session:
            return await seconds_until_error(session.feed_run("while (true) {}"), PydenoTimeoutError)

    async def bomb(self, script: str, limit_mb: int) -> str:
        async with self.pool.checkout(limits={"max_memory": limit_mb * MIB}) as session:
            return await told(session.feed_run(script))

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            session = self.pool.checkout()
            await session.__aenter__()
            self.held.append(session)
        await self.ready()

    async def ready(self) -> None:
        await until(lambda: (counts := self.pool.stats())["ready"] >= counts["size"])


class Tuned(FrontDoor):
    name = "pydeno tuned"
    title = "pydeno, building blocks, JIT on"
    settings = (
        "AsyncSandboxPool(size=cores, jitless=False), functions bound to the runtime, large values as JSON: "
        "its fastest, less guarded"
    )

    async def start(self) -> None:
        self.held = []
        self.pool = await AsyncSandboxPool(RuntimeConfig(), size=CORES, jitless=False, sandbox="require").__aenter__()

    async def fresh(self, script: str) -> Any:
        async with self.pool.checkout() as runtime:
            return await runtime.eval(script)

    async def rows(self, script: str) -> Any:
        # Not so above: as text it is longer than what the front door lets through by default.
        return json.loads(await self.fresh(f"JSON.stringify({script})"))

    async def cold(self) -> Any:
        async with AsyncIsolatedRuntime(prewarm=False, sandbox="require", jitless=False) as runtime:
            return await runtime.eval("1 + 1")

    async def calling(self, body: str, echo: Echo) -> Any:
        async with self.pool.checkout() as runtime:
            await runtime.bind_function("echo", echo)
            return await runtime.eval_async(f"(async () => {{ {body} }})()", timeout=DEADLINE_SECONDS)

    async def hang(self, seconds: float) -> float:
        async with self.pool.checkout() as runtime:
            return await seconds_until_error(runtime.eval("while (true) {}", timeout=seconds), RuntimeTimeout)

    async def bomb(self, script: str, limit_mb: int) -> str:
        async with AsyncIsolatedRuntime(
            prewarm=False, sandbox="require", jitless=False, max_memory=limit_mb * MIB
        ) as runtime:
            return await told(runtime.eval(script, timeout=DEADLINE_SECONDS))

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            self.held.append(await self.pool.checkout())
        await self.ready()

    async def close(self) -> None:
        for runtime in self.held:
            await runtime.close()
        await self.pool.__aexit__(None, None, None)


SUBJECTS = (FrontDoor, Tuned)
