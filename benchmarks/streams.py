"""A host call as one would first write it: asyncio's streams and Node's, `json` at both ends, a line a message."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise

from benchmarks.yardsticks import PROGRAM_SECONDS, PROGRAMS
from stockade.node import find_node


async def streams_call_us(calls: int) -> list[float]:
    """From each call to the next: answer, Node, call."""
    node = await asyncio.create_subprocess_exec(
        *(str(find_node().path), str(PROGRAMS / "streams_worker.cjs"), str(calls)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert node.stdin is not None and node.stdout is not None
    at_ns: list[int] = []
    try:
        async with asyncio.timeout(PROGRAM_SECONDS):
            while line := await node.stdout.readline():
                called = json.loads(line)
                at_ns.append(time.perf_counter_ns())
                answer = {"type": "resolve", "call": called["call"], "value": called["args"][0]}
                node.stdin.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
                await node.stdin.drain()
            await node.wait()
    finally:
        if node.returncode is None:
            node.kill()
            await node.wait()
    if len(at_ns) != calls:
        raise RuntimeError(f"{len(at_ns)} calls came where {calls} were asked for")
    return [(after - before) / 1000 for before, after in pairwise(at_ns)]
