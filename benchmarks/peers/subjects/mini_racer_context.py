"""mini-racer: V8 in the caller's own process."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from typing import Any

from py_mini_racer import mini_racer

from benchmarks.peers.subjects.base import DEADLINE_SECONDS, Echo, Subject, seconds_until_error, told

MIB = 1 << 20


class MiniRacer(Subject):
    name = "mini-racer"
    title = "mini-racer"
    between = "an isolate each run, in the caller's process"
    settings = "`with mini_racer()` for each run, in asyncio; large values as JSON"
    packages = ("mini-racer",)

    async def start(self) -> None:
        self.held = ExitStack()
        self.count = 0

    async def close(self) -> None:
        self.held.close()

    async def fresh(self, script: str) -> Any:
        with mini_racer() as context:
            return await context.eval_cancelable(script)

    async def rows(self, script: str) -> Any:
        return json.loads(await self.fresh(f"JSON.stringify({script})"))

    async def calling(self, body: str, echo: Echo) -> Any:
        with mini_racer() as context:
            async with context.wrap_py_function(echo) as function:
                context.eval("this")["echo"] = function
                return await context.eval(f"(async () => {{ {body} }})()")

    async def hang(self, seconds: float) -> float:
        with mini_racer() as context:
            loop = asyncio.wait_for(context.eval_cancelable("while (true) {}"), seconds)
            return await seconds_until_error(loop, TimeoutError)

    async def bomb(self, script: str, limit_mb: int) -> str:
        with mini_racer() as context:
            context.set_hard_memory_limit(limit_mb * MIB)
            return await told(asyncio.wait_for(context.eval_cancelable(script), DEADLINE_SECONDS))

    async def hold(self, count: int) -> None:
        while self.count < count:
            self.count += 1
            self.held.enter_context(mini_racer()).eval("1")


SUBJECTS = (MiniRacer,)
