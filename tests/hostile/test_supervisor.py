"""What a worker may cost its supervisor: memory, descriptors, and what is said of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Callable

import pytest

from stockade import Pool, RuntimeConfig
from stockade.config import MIB
from stockade.process import PAUSE_BYTES, READ_BYTES, Process
from stockade.sandbox import Cage, PlainLauncher
from stockade.verdict import Cause
from stockade_protocol import Lines, ProtocolViolation, decode_value, decode_worker


async def test_a_worker_killed_by_a_stranger_mid_call_is_a_crash_with_its_signal(good_pool: Pool):
    called = asyncio.Event()

    async def never() -> None:
        called.set()
        await asyncio.Event().wait()

    run = asyncio.create_task(good_pool.execute("await never()", bindings={"never": never}))
    await called.wait()
    (worker,) = good_pool._supply.running
    os.kill(worker.process.child.pid, signal.SIGKILL)
    result = await run

    assert result.error is not None
    assert (result.error.kind, result.error.evidence.signal) == ("worker_crashed", signal.SIGKILL)
    assert result.error.evidence.calls_in_flight == ["never"]
    assert not result.safe_to_retry
    assert (await good_pool.execute("1 + 1")).value == 2


async def test_unread_lines_are_bounded_in_bytes_and_not_only_in_number(peer: Callable[[str], object]):
    """A thousand lines may each be as long as line_bytes."""
    program = peer("sends_long_lines")
    launcher = await PlainLauncher.start(Cage(node=program, readable=()))  # pyright: ignore[reportArgumentType]
    async with await Process.start(launcher, [str(program)], line_bytes=4 * MIB, stderr_bytes=0) as process:
        async with asyncio.timeout(20):
            while not process._paused:
                await asyncio.to_thread(lambda: None)

        assert sum(map(len, process._ready)) <= PAUSE_BYTES + 4 * MIB + READ_BYTES
        process.kill(Cause.DONE)
    await launcher.close()


async def test_no_descriptor_is_left_of_peers_that_ended_badly(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for name in (
        "dies_before_ready",
        "half_a_line_then_dies",
        "floods_stdout",
        "ends_twice",
        "closes_stdout_and_loops",
    ):
        async with Pool(config(name), workers=1, spares=0) as pool:
            assert (await pool.execute("1")).error is not None

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


async def test_answers_nobody_reads_are_calls_in_flight(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    """Else ten thousand calls pile up ten thousand answers in the supervisor."""
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)

    async def large() -> str:
        return "x" * 2**19

    limits = config("calls_without_reading_answers").model_copy(update={"max_calls_in_flight": 8})
    async with Pool(limits, workers=1, spares=0) as pool:
        run = await pool.execute("1", bindings={"large": large})

    assert run.error is not None
    assert (run.error.kind, run.error.evidence.limit) == ("call_limit", "max_calls_in_flight")
    assert run.usage.bytes_out <= 9 * 2**20


async def test_a_worker_that_ends_a_run_without_having_read_its_script_is_ended(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    """Used again, it would have the supervisor keep the script of each further run: 10,000 of 256 KiB."""
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    async with Pool(config("ends_a_run_it_has_not_read"), workers=1, spares=0, isolation="context") as pool:
        run = await pool.execute("1" + " " * 250_000)

    assert run.error is not None
    assert (run.error.kind, "it has not read" in run.error.message) == ("protocol_violation", True)


async def test_arguments_in_flight_are_bounded_together(good_pool: Pool):
    """As Python objects they take thirty times their bytes, and nothing of them is freed before the answer."""
    limits = RuntimeConfig(line_bytes=MIB, result_bytes=64 * 1024, timeout_seconds=20)

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    script = "const tiny = new Array(100000).fill([]); for (let i = 0; i < 9; i += 1) never(tiny); await never()"
    run = await good_pool.execute(script, bindings={"never": never}, config=limits)

    assert run.error is not None
    assert (run.error.kind, run.usage.calls) == ("call_limit", 3)
    assert "line_bytes" in run.error.message


async def test_a_console_that_is_off_is_off_in_the_supervisor_too(
    config: Callable[[str], RuntimeConfig], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stockade.starts.Launcher", PlainLauncher)
    limits = config("floods_the_console").model_copy(update={"enable_console": False})
    async with Pool(limits, workers=1, spares=0) as pool:
        run = await pool.execute("1")

    assert run.error is not None
    assert run.error.kind == "protocol_violation"
    assert run.console_output == []


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"\\u001b[2J' + b"x" * 100_000 + b'"}',
        b'{"type":"returned","\\u001b]0;owned\\u0007' + b"x" * 100_000 + b'":1}',
        b"\x1b[2J\x00\r\x9b" + b"x" * 100_000,
        b'{"type":"console","level":"\\u202e\\n2026-01-01 INFO all is well","text":""}',
    ],
)
def test_what_is_said_of_a_bad_line_is_short_and_moves_no_cursor(line: bytes):
    """msgspec quotes unknown tags and fields, however long and whatever they hold."""
    with pytest.raises(ProtocolViolation) as raised:
        decode_worker(line)

    assert len(str(raised.value)) < 2_000
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"threw","kind":"exception","name":"E","message":"m","fields":{' + b'"a":1,' * 400_000 + b'"b":2}}',
        b'{"type":"threw","kind":"exception","name":"E","message":"m","errors":[' + b'"a",' * 600_000 + b'"b"]}',
        b'{"type":"console","level":"log","text":"' + b"\\n" * 1_100_000 + b'"}',
        b'{"value":[' + b"[]," * 800_000 + b'[]],"type":"returned"}',
    ],
)
def test_a_long_line_without_a_value_is_refused_before_it_is_decoded(line: bytes):
    """Else the event loop stands still while a million parts of an error are made, and then counted."""
    with pytest.raises(ProtocolViolation, match=f"{len(line)} bytes, and neither"):
        decode_worker(line)


async def test_the_longest_error_there_can_be_still_crosses(good_pool: Pool):
    run = await good_pool.execute(
        r"""
        const text = '\u0001'.repeat(10_000);
        const within = (depth) => new Error(text, depth === 0 ? {} : { cause: within(depth - 1) });
        const all = Array.from({ length: 30 }, () => new Error(text));
        const error = new AggregateError(all, text, { cause: within(10) });
        error.name = text;
        for (let i = 0; i < 30; i += 1) error[`${i}${text}`] = text;
        throw error;
        """
    )

    assert run.error is not None
    assert (run.error.kind, len(run.error.cause), len(run.error.errors), len(run.error.fields)) == (
        "exception",
        8,
        20,
        20,
    )
    assert all(len(text) > 8_000 for text in (run.error.message, *run.error.cause, *run.error.errors))


def test_a_line_written_byte_by_byte_costs_no_more_than_its_length():
    lines = Lines(line_bytes=1_000)

    assert [line for _ in range(999) for line in lines.feed(b"x")] == []
    assert lines.unfinished
    assert lines.feed(b"y\nz") == [b"x" * 999 + b"y"]
    assert lines.feed(b"\n") == [b"z"]
    assert not lines.unfinished


def test_the_collector_works_again_after_a_large_value():
    """It rests while one is decoded, because it would walk millions of new objects again and again."""
    decode_value(b"[" + b"[]," * 100_000 + b"[]]")
    with pytest.raises(ProtocolViolation):
        decode_value(b"[" + b"[]," * 100_000)

    assert gc.isenabled()
