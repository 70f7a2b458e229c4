"""Three pipes to a worker, for the programs we run ourselves: the self-test and `stockade cage`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .child import Child

if TYPE_CHECKING:
    from .launcher import Launcher


@dataclass
class Piped:
    """A worker with our ends of its pipes."""

    child: Child
    stdin: int
    stdout: int
    stderr: int

    def hang_up(self) -> None:
        """End-of-file on its stdin. May be called again."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1


@asynccontextmanager
async def piped(launcher: Launcher, argv: Sequence[str]) -> AsyncGenerator[Piped]:
    """A worker on three pipes. Leaving kills it and closes them."""
    theirs: list[int] = []
    ours: list[int] = []
    try:
        for inward in (False, True, True):  # stdin, stdout, stderr
            read, write = os.pipe()
            theirs.append(write if inward else read)
            ours.append(read if inward else write)
        child = await launcher.spawn(argv, stdin=theirs[0], stdout=theirs[1], stderr=theirs[2])
    except BaseException:
        for descriptor in ours:
            os.close(descriptor)
        raise
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    stdin, stdout, stderr = ours
    worker = Piped(child, stdin, stdout, stderr)
    try:
        yield worker
    finally:
        child.kill()
        worker.hang_up()
        os.close(stdout)
        os.close(stderr)


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


async def writable(descriptor: int) -> None:
    """Returns once there is room."""
    loop = asyncio.get_running_loop()
    room: asyncio.Future[None] = loop.create_future()
    loop.add_writer(descriptor, lambda: None if room.done() else room.set_result(None))
    try:
        await room
    finally:
        loop.remove_writer(descriptor)
