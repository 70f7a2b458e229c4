"""What a subject can do. It raises NoOption where it offers no such thing; a wrong answer is an error, not a figure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar

Echo = Callable[[Any], Awaitable[Any]]

DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.02


class NoOption(Exception):
    """The subject has no such thing; the message says what it lacks."""


class Subject:
    """One way to run a script. Enter it; `fresh` may use nothing that an earlier run has left."""

    name: ClassVar[str]
    title: ClassVar[str]
    # What stands between two scripts, in a few words.
    between: ClassVar[str]
    # How it is used here, where its documentation leaves a choice.
    settings: ClassVar[str]
    # Distributions whose versions count.
    packages: ClassVar[tuple[str, ...]]
    # How many to hold when their memory is measured: enough for the allocator's own steps not to count.
    many: ClassVar[int] = 40

    async def start(self) -> None:
        """What a program does once."""

    async def close(self) -> None:
        """The end of the program."""

    async def fresh(self, script: str) -> Any:
        """The value of an expression, in an isolate or process of its own."""
        raise NoOption("runs no scripts")

    async def rows(self, script: str) -> Any:
        """The same for a large value; as JSON where that is the faster way."""
        return await self.fresh(script)

    async def cold(self) -> Any:
        """`fresh('1 + 1')` where no process stands ready."""
        raise NoOption("starts no process")

    async def calling(self, body: str, echo: Echo) -> Any:
        """The value of the body of an async function that may `await echo(value)`."""
        raise NoOption("no host functions")

    async def hang(self, seconds: float) -> float:
        """Runs an endless loop with this deadline; returns how long until the caller had the error, in seconds."""
        raise NoOption("no deadline")

    async def bomb(self, script: str, limit_mb: int) -> str:
        """Runs a script that takes memory without end; returns what the caller was told."""
        raise NoOption("no memory limit")

    async def hold(self, count: int) -> None:
        """Sees to it that so many isolates or processes stand ready, all told."""
        raise NoOption("keeps nothing ready")

    async def ready(self) -> None:
        """Waits until a paced run would find everything ready."""


async def until(fact: Callable[[], bool]) -> None:
    """Waits for what a pool says of itself: how long its processes take to start is the machine's affair."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not fact():  # noqa: ASYNC110 - another project's pool rings no bell
            await asyncio.sleep(POLL_SECONDS)


async def seconds_until_error(run: Awaitable[Any], *errors: type[BaseException]) -> float:
    """How long until one of these came; anything else means that the loop was not stopped."""
    before = time.perf_counter()
    try:
        await run
    except errors:
        return time.perf_counter() - before
    raise RuntimeError("an endless loop returned")


async def told(run: Awaitable[Any]) -> str:
    """What the caller hears of a bomb."""
    try:
        await run
    except Exception as error:
        return type(error).__name__
    raise RuntimeError("a memory bomb returned")


async def until_killed(command: list[str], seconds: float) -> float:
    """A program with a deadline, as asyncio's documentation has it: wait_for, kill, wait.

    Its deadline counts from when it was started, and so does this: ours is not charged with a start either.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    before = time.perf_counter()
    try:
        await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return time.perf_counter() - before
    raise RuntimeError("an endless loop ended by itself")


async def output_of(command: list[str]) -> str:
    """What a program printed. Raises RuntimeError if it failed."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
    if process.returncode != 0:
        first = errors.decode(errors="replace").strip().splitlines()[:1]
        raise RuntimeError(f"exited with {process.returncode}: {''.join(first)[:200]}")
    return output.decode()
