"""denobox: a Deno process that evaluates one script after the other in one global scope."""

from __future__ import annotations

import asyncio
import os
import sysconfig
from typing import Any

from denobox import Denobox

from benchmarks.peers.subjects.base import Subject


class Box(Subject):
    name = "denobox"
    title = "denobox"
    between = "a process each run (one process shares its globals), Deno's permissions"
    settings = "`with Denobox()` in a thread for each fresh run; AsyncDenobox hangs on a result of more than 64 KiB"
    packages = ("denobox", "deno")
    many = 4

    async def start(self) -> None:
        # It looks for `deno` on the PATH; the wheel put it beside our Python.
        os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ.get("PATH", "")
        self.held: list[Denobox] = []

    async def close(self) -> None:
        for box in self.held:
            await asyncio.to_thread(box.stop)

    async def fresh(self, script: str) -> Any:
        def run() -> Any:
            with Denobox() as box:
                return box.eval(script)

        return await asyncio.to_thread(run)

    async def cold(self) -> Any:
        return await self.fresh("1 + 1")

    async def hold(self, count: int) -> None:
        while len(self.held) < count:
            box = Denobox()
            box.start()
            self.held.append(box)
            await asyncio.to_thread(box.eval, "1")


SUBJECTS = (Box,)
