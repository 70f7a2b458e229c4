"""Three pipes to a worker, for the programs we run ourselves: the self-test and `stockade cage`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from .child import Child

if TYPE_CHECKING:
    from .launcher import Launcher


@asynccontextmanager
async def piped(launcher: Launcher, argv: Sequence[str]) -> AsyncGenerator[tuple[Child, int, int, int]]:
    """A worker with our ends of its stdin, stdout and stderr. Leaving kills it and closes them."""
    pairs = [os.pipe() for _ in range(3)]
    (their_stdin, stdin), (stdout, their_stdout), (stderr, their_stderr) = pairs
    theirs = [their_stdin, their_stdout, their_stderr]
    try:
        try:
            child = await launcher.spawn(argv, stdin=their_stdin, stdout=their_stdout, stderr=their_stderr)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        try:
            yield child, stdin, stdout, stderr
        finally:
            child.kill()
    finally:
        for descriptor in (stdin, stdout, stderr):
            os.close(descriptor)


async def read_line(descriptor: int) -> bytes:
    """One line of a program of our own, or what there was before end-of-file."""
    line = b""
    while not line.endswith(b"\n"):
        chunk = await read(descriptor)
        if not chunk:
            break
        line += chunk
    return line


async def read(descriptor: int, size: int = 65536) -> bytes:
    """What is there, once something is; empty at end-of-file."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()
    loop.add_reader(descriptor, lambda: None if readable.done() else readable.set_result(None))
    try:
        await readable
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, size)
