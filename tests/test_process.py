"""A process as its supervisor holds it, on pipes whose other ends are held here."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from stockade import RuntimeConfig
from stockade.memory import Meter
from stockade.process import PAUSE_BYTES, Process
from stockade.run import Job, Run
from stockade.sandbox import Child, Exit
from stockade.verdict import Cause
from stockade_protocol import ProtocolViolation, Returned

LINE_BYTES = 40_000


@dataclass
class Held:
    process: Process
    out: int
    err: int


@pytest.fixture
async def held() -> AsyncIterator[Held]:
    pipes = [os.pipe() for _ in range(3)]
    (read, stdin), (stdout, out), (stderr, err) = pipes
    for ours in (stdin, stdout, stderr):
        os.set_blocking(ours, False)
    child = Child(0, lambda: None)
    process = Process(child, stdin, stdout, stderr, LINE_BYTES, 100)
    yield Held(process, out, err)
    process.listen_no_more()
    if child.exited is None:
        child.ended(Exit(0, 0, 0.0))
        await process.reap()
    for theirs in (read, out, err):
        os.close(theirs)


async def test_a_line_that_is_too_long_was_heard_though_nothing_of_it_is_kept(held: Held):
    """A worker that wrote it while it was idle is not used again."""
    os.write(held.out, b"x" * (LINE_BYTES + 1) + b"\n")

    assert held.process.has_spoken
    assert not held.process.has_lines
    with pytest.raises(ProtocolViolation):
        held.process.next_line()


async def test_more_lines_than_may_wait_are_all_heard_where_each_is_taken_at_once(held: Held):
    taken: asyncio.Queue[object] = asyncio.Queue()
    held.process.listen(lambda: taken.put_nowait(held.process.next_line()))
    line = b"x" * (LINE_BYTES - 1)
    async with asyncio.timeout(60):
        for _ in range(2 * PAUSE_BYTES // LINE_BYTES):
            os.write(held.out, line + b"\n")
            assert await taken.get() == line


async def test_what_comes_byte_by_byte_is_left_to_add_up(held: Held):
    """A worker that a script has broken into may write so, and each read takes longer than its write."""
    os.write(held.out, b"x")
    held.process.catch_up()

    assert not asyncio.get_running_loop().remove_reader(held.process._stdout)
    async with asyncio.timeout(20):
        os.write(held.out, b"y\n")
        assert await held.process.line() == b"xy"


async def test_what_was_written_before_a_kill_is_heard_though_no_turn_of_the_loop_came_between(held: Held):
    os.write(held.out, b"last line\n")
    os.write(held.err, b"last word")
    held.process.kill(Cause.DONE)

    assert held.process.next_line() == b"last line"
    assert held.process.stderr_tail == "last word"


async def test_what_a_process_says_on_stderr_while_it_dies_is_heard(held: Held):
    held.process.kill(Cause.DONE)
    os.write(held.err, b"at the end")
    held.process.child.ended(Exit(1, 0, 0.0))
    await held.process.reap()

    assert held.process.stderr_tail == "at the end"


@pytest.mark.parametrize("heard_before", [True, False])
async def test_a_run_that_ended_in_time_is_no_timeout_where_the_loop_comes_late_to_hear_of_it(
    held: Held, heard_before: bool
):
    """A supervisor that goes on after Ctrl-Z, or whose loop was blocked, may look at the clock first."""
    job = Job("7", {}, RuntimeConfig(timeout_seconds=0.01))
    run = Run(held.process, Meter(os.getpid()), 1 << 60, job, is_first=True)
    conversing = asyncio.ensure_future(run.converse())
    await asyncio.sleep(0)  # the script is sent
    while time.monotonic() < run.info.deadline:
        pass  # no turn of the loop meanwhile
    os.write(held.out, b'{"type":"returned","value":7}\n')
    if heard_before:
        assert not held.process.has_spoken
    run._look()

    assert isinstance(await conversing, Returned)
    assert (run.value, held.process.cause) == (7, None)
