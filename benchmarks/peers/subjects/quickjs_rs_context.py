"""quickjs-rs: QuickJS in WebAssembly, in the caller's own process."""

from __future__ import annotations

import json
from typing import Any

from quickjs_rs import Runtime, TimeoutError

from benchmarks.peers.subjects.base import DEADLINE_SECONDS, Echo, Subject, seconds_until_error, told

MIB = 1 << 20


class QuickJsRs(Subject):
    name = "quickjs-rs"
    title = "quickjs-rs"
    between = "a WebAssembly instance each run, in the caller's process; blocks it"
    settings = (
        "one Runtime, a new_context() for each run; functions are `async def`, with eval_async; large values as JSON, "
        "since it takes minutes to hand over 11,000 objects"
    )
    packages = ("quickjs-rs", "wasmtime")

    async def start(self) -> None:
        self.runtime = Runtime()
        self.held: list[Any] = []

    async def close(self) -> None:
        for context in self.held:
            context.close()
        self.runtime.close()

    async def fresh(self, script: str) -> Any:
        with self.runtime.new_context(timeout=DEADLINE_SECONDS) as context:
            return context.eval(script)

    async def rows(self, script: str) -> Any:
        return json.loads(await self.fresh(f"JSON.stringify({script})"))

    async def calling(self, body: str, echo: Echo) -> Any:
        with self.runtime.new_context(timeout=DEADLINE_SECONDS) as context:
            context.register("echo", echo)
            return await context.eval_async(f"await (async () => {{ {body} }})()")

    async def hang(self, seconds: float) -> float:
        async def loop() -> None:
            context.eval("while (true) {}")

        with self.runtime.new_context(timeout=seconds) as context:
            return await seconds_until_error(loop(), TimeoutError)

    async def bomb(self, script: str, limit_mb: int) -> str:
        async def run() -> None:
            context.eval(script)

        with Runtime(memory_limit=limit_mb * MIB) as runtime, runtime.new_context(timeout=DEADLINE_SECONDS) as context:
            return await told(run())

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            context = self.runtime.new_context()
            context.eval("1")
            self.held.append(context)


SUBJECTS = (QuickJsRs,)
