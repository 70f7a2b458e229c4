"""jsbox: QuickJS in the caller's own process."""

from __future__ import annotations

from typing import Any

from jsbox import JsTimeoutError, Runtime

from benchmarks.peers.subjects.base import DEADLINE_SECONDS, Echo, Subject, seconds_until_error, told

MIB = 1 << 20

# As many as are measured at once; it allows 64 unless more are asked for.
CALLS_AT_ONCE = 100


class JsBox(Subject):
    name = "jsbox"
    title = "jsbox"
    between = "an isolate each run, in the caller's process; blocks it"
    settings = "a Runtime for each run; functions are `async def`, with eval_async; 100 pending calls allowed"
    packages = ("jsbox",)

    async def start(self) -> None:
        self.held: list[Runtime] = []

    async def fresh(self, script: str) -> Any:
        return Runtime().eval(script, timeout=DEADLINE_SECONDS)

    async def calling(self, body: str, echo: Echo) -> Any:
        runtime = Runtime(max_pending_calls=CALLS_AT_ONCE)
        runtime.bind_function("echo", echo)
        return await runtime.eval_async(f"(async () => {{ {body} }})()", timeout=DEADLINE_SECONDS)

    async def hang(self, seconds: float) -> float:
        runtime = Runtime()

        async def loop() -> None:
            runtime.eval("while (true) {}", timeout=seconds)

        return await seconds_until_error(loop(), JsTimeoutError)

    async def bomb(self, script: str, limit_mb: int) -> str:
        async def run() -> None:
            Runtime(memory_limit=limit_mb * MIB).eval(script, timeout=DEADLINE_SECONDS)

        return await told(run())

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            runtime = Runtime()
            runtime.eval("1")
            self.held.append(runtime)


SUBJECTS = (JsBox,)
