"""What the machine can do without us: bare Node, bare pipes, a bare timer."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from benchmarks.measure import NotHere
from stockade.node import find_node
from stockade.worker import WORKER_FOLDER

PROGRAMS = Path(__file__).resolve().parent / "programs"
REALM = WORKER_FOLDER / "realm.cjs"

# Either side of a ping-pong: anywhere.
FREE = -1

# One program of a yardstick takes a second or two; on a machine this slow there is nothing to measure.
PROGRAM_SECONDS = 120


async def node_first_byte(starts: int) -> list[float]:
    """Bare Node, from the spawn to its first byte, ms each."""
    return [wall for wall, _ in await asyncio.to_thread(_node_starts, starts)]


async def node_starts_at_once(together: int, times: int) -> list[float]:
    """So many bare Nodes started together, until the last has written, ms each time."""
    return await asyncio.to_thread(lambda: [_started_together(together) for _ in range(times)])


async def node_start_cpu_seconds(starts: int) -> float:
    """CPU time of one bare Node up to its first byte."""
    return statistics.median(cpu for _, cpu in await asyncio.to_thread(_node_starts, starts))


async def context_ms(count: int, *, with_prelude: bool = False) -> float:
    """A fresh context and `1 + 1` in it, in bare Node; or stockade's context with its prelude, without the worker."""
    return float(await _node("contexts.mjs", str(count), *([REALM.as_uri()] if with_prelude else [])))


async def result_ms(script: str, times: int) -> float:
    """The script and JSON.stringify in bare Node, then json.loads of the text in Python."""
    took, text = (await _node("result.mjs", str(times), script)).split("\n", 1)
    loads: list[float] = []
    for _ in range(times):
        before = time.perf_counter()
        json.loads(text)
        loads.append((time.perf_counter() - before) * 1000)
    return float(took) + statistics.median(loads)


async def late_ms(seconds: float) -> float:
    """How late asyncio itself calls back."""
    before = time.perf_counter()
    await asyncio.sleep(seconds)
    return (time.perf_counter() - before - seconds) * 1000


class PingPong:
    """The ping-pong program, compiled once; in Python where no C compiler is. Enter it."""

    def __init__(self, command: list[str], language: str) -> None:
        self.command = command
        self.language = language

    async def round_trip_us(self, rounds: int, cpus: tuple[int, int]) -> float:
        """One byte there and back between two processes on these CPUs: the median, in us."""
        return float(await asyncio.to_thread(_output, [*self.command, str(rounds), *map(str, cpus)])) / 1000


def python_ping_pong() -> PingPong:
    """The same in Python, whatever compiler is here: what the interpreter adds to the kernel."""
    return PingPong([sys.executable, "-I", "-S", str(PROGRAMS / "pingpong.py")], "Python")


class BareLoop:
    """asyncio and Node.js with nothing between them: a byte there and back over `add_reader`. Enter it."""

    def __enter__(self) -> Self:
        command = [str(find_node().path), str(PROGRAMS / "echo.cjs"), "bare"]
        self.node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, bufsize=0)
        return self

    async def round_trips_us(self, count: int) -> list[float]:
        """So many round trips, us each. Raises RuntimeError if Node is gone."""
        assert self.node.stdin is not None and self.node.stdout is not None
        write_to, read_from = self.node.stdin.fileno(), self.node.stdout.fileno()
        loop = asyncio.get_running_loop()
        over = loop.create_future()
        took: list[float] = []
        sent_ns = 0

        def send() -> None:
            nonlocal sent_ns
            sent_ns = time.perf_counter_ns()
            os.write(write_to, b"x")

        def heard() -> None:
            if not os.read(read_from, 1):
                over.set_exception(RuntimeError("bare Node is gone"))
                return
            took.append((time.perf_counter_ns() - sent_ns) / 1000)
            if len(took) < count:
                send()
            else:
                over.set_result(None)

        loop.add_reader(read_from, heard)
        try:
            send()
            await asyncio.wait_for(over, PROGRAM_SECONDS)
        finally:
            loop.remove_reader(read_from)
        return took

    def __exit__(self, *_: object) -> None:
        self.node.kill()
        self.node.communicate()


def language_of_ping_pong() -> str:
    """C, if this machine can compile it."""
    return "C" if _compiler() else "Python"


@contextmanager
def ping_pong() -> Iterator[PingPong]:
    """Compiles it into a folder of its own, gone afterwards."""
    compiler = _compiler()
    if compiler is None:
        yield python_ping_pong()
        return
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "pingpong")
        _output([compiler, "-O2", "-o", program, str(PROGRAMS / "pingpong.c")])
        yield PingPong([program], "C")


def two_cpus() -> tuple[int, int]:
    """Two CPUs this process may use. Raises NotHere."""
    allowed = sorted(_affinity())
    if len(allowed) < 2:
        raise NotHere("only one CPU may be used")
    return allowed[0], allowed[1]


def one_cpu() -> int:
    """A CPU to pin both ends to: the last, since the first serves most interrupts. Raises NotHere."""
    return max(_affinity())


@contextmanager
def pinned_to(cpu: int) -> Iterator[None]:
    """This process, and every process it starts meanwhile, on one CPU."""
    before = _affinity()
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _affinity() -> set[int]:
    if not hasattr(os, "sched_getaffinity"):
        raise NotHere("this system cannot pin a process to a CPU")
    return os.sched_getaffinity(0)


def _compiler() -> str | None:
    return shutil.which("cc") if sys.platform == "linux" else None


async def _node(program: str, *arguments: str) -> str:
    return await asyncio.to_thread(_output, [str(find_node().path), str(PROGRAMS / program), *arguments])


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"a yardstick failed: {Path(command[0]).name} exited with {done.returncode}: {done.stderr[-500:]}"
        )
    return done.stdout


def _node_starts(count: int) -> list[tuple[float, float]]:
    """Wall ms and CPU seconds of each start."""
    starts: list[tuple[float, float]] = []
    for _ in range(count):
        before = time.perf_counter()
        node = _spawn_node()
        _first_byte_of(node)
        wall = (time.perf_counter() - before) * 1000
        starts.append((wall, _end(node)))
    return starts


def _started_together(together: int) -> float:
    before = time.perf_counter()
    nodes = [_spawn_node() for _ in range(together)]
    for node in nodes:
        _first_byte_of(node)
    wall = (time.perf_counter() - before) * 1000
    for node in nodes:
        _end(node)
    return wall


def _spawn_node() -> subprocess.Popen[bytes]:
    command = [str(find_node().path), str(PROGRAMS / "first_byte.cjs")]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env={})


def _first_byte_of(node: subprocess.Popen[bytes]) -> None:
    assert node.stdout is not None
    if not os.read(node.stdout.fileno(), 1):
        raise RuntimeError("bare Node did not start")


def _end(node: subprocess.Popen[bytes]) -> float:
    """Kills and reaps it; its CPU seconds."""
    assert node.stdout is not None
    os.kill(node.pid, signal.SIGKILL)  # not node.kill(): that would reap it, and its CPU time would be lost
    _, status, usage = os.wait4(node.pid, 0)
    node.returncode = os.waitstatus_to_exitcode(status)
    node.stdout.close()
    return usage.ru_utime + usage.ru_stime
