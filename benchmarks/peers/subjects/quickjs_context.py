"""quickjs: QuickJS in the caller's own process, synchronous throughout."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from quickjs import Context, JSException, Object

from benchmarks.peers.subjects.base import Echo, NoOption, Subject, seconds_until_error, told

MIB = 1 << 20


class QuickJs(Subject):
    name = "quickjs"
    title = "quickjs"
    between = "an isolate each run, in the caller's process; blocks it"
    settings = "a Context for each run; functions are plain `def`; large values as JSON"
    packages = ("quickjs",)

    async def start(self) -> None:
        self.held: list[Context] = []

    async def fresh(self, script: str) -> Any:
        value = Context().eval(script)
        return json.loads(value.json()) if isinstance(value, Object) else value

    async def calling(self, body: str, echo: Echo) -> Any:
        if "Promise.all" in body:
            raise NoOption("calls cannot overlap")
        context = Context()
        context.add_callable("echo", _blocking(echo))
        return context.eval(f"(() => {{ {body.replace('await ', '')} }})()")

    async def hang(self, seconds: float) -> float:
        context = Context()

        async def loop() -> None:
            context.set_time_limit(seconds)
            context.eval("while (true) {}")

        return await seconds_until_error(loop(), JSException)

    async def bomb(self, script: str, limit_mb: int) -> str:
        async def run() -> None:
            context = Context()
            context.set_memory_limit(limit_mb * MIB)
            context.eval(script)

        return await told(run())

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            context = Context()
            context.eval("1")
            self.held.append(context)


def _blocking(echo: Echo) -> Callable[[Any], Any]:
    """The same function as the others are given, for a caller that cannot await: it never does suspend."""

    def call(value: Any) -> Any:
        coroutine = echo(value)
        assert asyncio.iscoroutine(coroutine)
        try:
            coroutine.send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError("the function suspended")

    return call


SUBJECTS = (QuickJs,)
