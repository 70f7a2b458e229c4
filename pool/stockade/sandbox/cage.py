"""`stockade cage`: any Node program under exactly the layers of a worker, for those who want to try the bars."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from . import pipes
from .launcher import Launcher
from .needs import Cage

START = Path(__file__).with_name("cage_start.mjs")


def run(file: Path, args: Sequence[str], node: Path) -> int:
    """Run it to its end with no input, its output passed through. The exit code; 128 + n for a death by signal n."""
    return asyncio.run(_run(file.resolve(strict=True), args, node.resolve(strict=True)))


async def _run(file: Path, args: Sequence[str], node: Path) -> int:
    launcher = await Launcher.start(Cage(node, readable=(file,)))
    try:
        if launcher.isolation.missing:
            print(f"stockade cage: {launcher.isolation.level} isolation, without", file=sys.stderr)
            for layer, reason in launcher.isolation.missing.items():
                print(f"  {layer}: {reason}", file=sys.stderr)
        argv = [str(node), "--import", f"data:text/javascript,{quote(START.read_text('utf-8'))}", str(file), *args]
        async with pipes.piped(launcher, argv) as worker:
            if await pipes.read(worker.stdout, 1):  # it is where a worker is when it says ready
                await launcher.limit(worker.child, data_bytes=None, no_new_threads=True)
                os.write(worker.stdin, b"\n")
            worker.hang_up()
            await asyncio.gather(_copy(worker.stdout, 1), _copy(worker.stderr, 2))
            exited = await worker.child.wait()
    finally:
        await launcher.close()
    return exited.returncode if exited.returncode >= 0 else 128 - exited.returncode


async def _copy(source: int, target: int) -> None:
    """Through a pipe, because a worker may write to pipes but not to files (RLIMIT_FSIZE)."""
    while chunk := await pipes.read(source):
        while chunk:
            try:
                chunk = chunk[os.write(target, chunk) :]
            except BlockingIOError:  # who gave us this end may have wanted it so for another
                await pipes.writable(target)
