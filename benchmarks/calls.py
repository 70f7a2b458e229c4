"""Host calls: one after the other, wherever the scheduler puts the two ends and both on one CPU; and many at once.

The floor under a row is what asyncio and Node.js take for the same to and fro with nothing between them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Raw

from benchmarks.measure import Benchmark, Figure, Goal, Sides, Size
from benchmarks.scripts import value_of
from benchmarks.streams import streams_call_us
from benchmarks.yardsticks import (
    PROGRAMS,
    BareLoop,
    PingPong,
    language_of_ping_pong,
    one_cpu,
    ping_pong,
    pinned_to,
    python_ping_pong,
    two_cpus,
)
from stockade import Pool, RuntimeConfig
from stockade.node import find_node
from stockade.process import Process
from stockade.run import Job, Waited
from stockade.sandbox import Cage, Launcher
from stockade.worker import Kind, Worker
from stockade_protocol import Call, Resolve, decode_worker, encode

CALLS = 1_000
RUNS = 3
PING_PONGS = 20_000
PING_PONGS_ACROSS = 4_000

ONE_BY_ONE = "let sum = 0; for (let i = 0; i < {}; i += 1) sum += await echo(i); sum"
AT_ONCE = "(await Promise.all(Array.from({ length: 100 }, (_, i) => echo(i)))).length"


class Stamps:
    """A binding that does nothing but note when it was called."""

    def __init__(self) -> None:
        self.at_ns: list[int] = []

    async def echo(self, value: Any) -> Any:
        self.at_ns.append(time.perf_counter_ns())
        return value

    def apart_us(self) -> list[float]:
        """From each call to the next, which is one call whole: answer, script, call."""
        return [(after - before) / 1000 for before, after in zip(self.at_ns, self.at_ns[1:], strict=False)]


@asynccontextmanager
async def free(size: Size) -> AsyncIterator[Sides]:
    """A script awaits one call after the other; the kernel may put the two processes on any CPU."""
    two_cpus()
    with ping_pong() as program, BareLoop() as loop:
        async with Pool(workers=1) as pool:
            yield Sides(
                lambda: _calls(pool, size),
                lambda: _bare(program, size.count(PING_PONGS_ACROSS, 10), two_cpus()),
                lambda: loop.round_trips_us(size.count(CALLS, 3)),
            )


@asynccontextmanager
async def on_one_cpu(size: Size) -> AsyncIterator[Sides]:
    """The same, with supervisor and worker on one CPU: what is left is work, not waking up."""
    cpu = one_cpu()
    with ping_pong() as program, pinned_to(cpu), BareLoop() as loop:
        async with Pool(workers=1, spares=0) as pool:
            yield Sides(
                lambda: _calls(pool, size),
                lambda: _bare(program, size.count(PING_PONGS, 10), (cpu, cpu)),
                lambda: loop.round_trips_us(size.count(CALLS, 3)),
            )


@asynccontextmanager
async def raw_on_one_cpu(size: Size) -> AsyncIterator[Sides]:
    """The supervisor with a worker that has no context and no bridge."""
    cpu = one_cpu()
    with ping_pong() as program, pinned_to(cpu), BareLoop() as loop:
        async with _raw_worker() as worker:
            yield Sides(
                lambda: _raw_calls(worker, size),
                lambda: _bare(program, size.count(PING_PONGS, 10), (cpu, cpu)),
                lambda: loop.round_trips_us(size.count(CALLS, 3)),
            )


@asynccontextmanager
async def protocol_on_one_cpu(size: Size) -> AsyncIterator[Sides]:
    """A line of the protocol there and one back: the codec, the pipe, and no run around them."""
    cpu = one_cpu()
    with pinned_to(cpu), BareLoop() as loop:
        program = python_ping_pong()
        async with _launcher() as launcher:
            command = [str(find_node().path), str(PROGRAMS / "echo.cjs")]
            async with await Process.start(launcher, command, line_bytes=1 << 20, stderr_bytes=0) as process:
                yield Sides(
                    lambda: _round_trips(process, size.count(RUNS * CALLS, 3)),
                    lambda: _bare(program, size.count(PING_PONGS, 10), (cpu, cpu)),
                    lambda: loop.round_trips_us(size.count(CALLS, 3)),
                )


@asynccontextmanager
async def raw_against_streams(size: Size) -> AsyncIterator[Sides]:
    """The supervisor's half, against the same call through asyncio's streams and Node's."""
    two_cpus()
    async with _raw_worker() as worker:
        yield _against_streams(worker, size)


@asynccontextmanager
async def raw_against_streams_on_one_cpu(size: Size) -> AsyncIterator[Sides]:
    """The same with both ends on one CPU."""
    with pinned_to(one_cpu()):
        async with _raw_worker() as worker:
            yield _against_streams(worker, size)


def _against_streams(worker: Worker, size: Size) -> Sides:
    return Sides(lambda: _raw_calls(worker, size), lambda: streams_call_us(size.count(RUNS * CALLS, 3)))


@asynccontextmanager
async def at_once(size: Size) -> AsyncIterator[Sides]:
    """100 calls in one Promise.all, against the same 100 awaited one by one."""
    stamps = Stamps()
    async with Pool(workers=1, isolation="context", bindings={"echo": stamps.echo}) as pool:
        await value_of(pool, AT_ONCE)  # loads the parser

        async def timed(script: str) -> list[float]:
            took: list[float] = []
            for _ in range(size.count(20)):
                before = time.perf_counter()
                await value_of(pool, script)
                took.append((time.perf_counter() - before) * 1000)
            return took

        yield Sides(lambda: timed(AT_ONCE), lambda: timed(ONE_BY_ONE.format(100)))


@asynccontextmanager
async def _launcher() -> AsyncIterator[Launcher]:
    launcher = await Launcher.start(Cage(node=find_node().path, readable=(PROGRAMS,)))
    try:
        yield launcher
    finally:
        await launcher.close()


@asynccontextmanager
async def _raw_worker() -> AsyncIterator[Worker]:
    async with _launcher() as launcher:
        kind = RawKind(find_node().path, 256, 1 << 24, 16_384, False, "context")
        worker = await Worker.start(launcher, kind, 30)
        try:
            yield worker
        finally:
            await worker.close()


class RawKind(Kind, frozen=True):
    """A process of ours that runs raw_worker.mjs in place of the worker."""

    def command(self) -> list[str]:
        *flags, _, _ = super().command()
        return [*flags, str(PROGRAMS / "raw_worker.mjs")]


async def _calls(pool: Pool, size: Size) -> list[float]:
    took: list[float] = []
    for _ in range(size.count(RUNS)):
        stamps = Stamps()
        await value_of(pool, ONE_BY_ONE.format(size.count(CALLS, 3)), bindings={"echo": stamps.echo})
        took += stamps.apart_us()
    return took


async def _raw_calls(worker: Worker, size: Size) -> list[float]:
    took: list[float] = []
    for _ in range(size.count(RUNS)):
        stamps = Stamps()
        bindings: dict[str, Callable[..., Any]] = {"echo": stamps.echo}
        run = await worker.run(Job(str(size.count(CALLS, 3)), bindings, RuntimeConfig()), Waited())
        run.raise_for_error()
        took += stamps.apart_us()
    return took


async def _round_trips(process: Process, count: int) -> list[float]:
    took: list[float] = []
    over = asyncio.get_running_loop().create_future()
    sent_ns = 0

    def send() -> None:
        nonlocal sent_ns
        sent_ns = time.perf_counter_ns()
        process.write(encode(Resolve(len(took) + 1, Raw(b"1"))))

    def heard() -> None:
        line = process.next_line()
        if line is None or not isinstance(decode_worker(line), Call):
            over.set_exception(RuntimeError("the other end of a bare round trip is gone"))
            return
        took.append((time.perf_counter_ns() - sent_ns) / 1000)
        if len(took) < count:
            send()
        else:
            over.set_result(None)

    process.listen(heard)
    try:
        send()
        await over
    finally:
        process.listen(lambda: None)
    return took


async def _bare(program: PingPong, rounds: int, cpus: tuple[int, int]) -> list[float]:
    return [await program.round_trip_us(rounds, cpus)]


_LANGUAGE = language_of_ping_pong()

BENCHMARKS = (
    Benchmark((Figure("host call, free", Goal(2.5)),), "us", f"{_LANGUAGE} pipe ping-pong across CPUs", free),
    Benchmark((Figure("host call, one CPU", Goal(20)),), "us", f"{_LANGUAGE} pipe ping-pong, same CPU", on_one_cpu),
    Benchmark(
        (Figure("raw host call, one CPU", Goal(7)),), "us", f"{_LANGUAGE} pipe ping-pong, same CPU", raw_on_one_cpu
    ),
    Benchmark(
        (Figure("bare round trip, one CPU", Goal(10)),), "us", "Python pipe ping-pong, same CPU", protocol_on_one_cpu
    ),
    Benchmark(
        (Figure("raw call against streams, free", Goal(0.75)),), "us", "asyncio and Node streams", raw_against_streams
    ),
    Benchmark(
        (Figure("raw call against streams, one CPU", Goal(0.5)),),
        "us",
        "asyncio and Node streams",
        raw_against_streams_on_one_cpu,
    ),
    Benchmark((Figure("100 calls at once", Goal(0.15)),), "ms", "100 calls one by one", at_once),
)
