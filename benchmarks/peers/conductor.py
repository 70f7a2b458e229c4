"""Takes every measure of every subject in interleaved rounds, each subject in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.measure import Size
from benchmarks.peers.measures import Figure, Measure

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20

# The slowest round known takes a third of it: a peer that has not answered by then never will.
ANSWER_SECONDS = 90.0
# A bomb that has come this far is not stopped; the machine has other uses for its memory.
MOST_MIB = 4096
WATCH_SECONDS = 0.005


@dataclass
class Subject:
    """What a driver says of itself, and the figures it has given so far."""

    name: str
    about: dict[str, Any] = field(default_factory=dict)
    missing: str = ""


class Driver:
    """A subject's process. It answers one question at a time; whatever goes wrong with it becomes an answer."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts the process and hears what it says of itself."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.peers.driver", self.subject.name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=ROOT,
            start_new_session=True,
        )
        said = await self.hear(ANSWER_SECONDS)
        if "missing" in said:
            self.subject.missing = said["missing"]
        elif "why" in said:
            self.subject.missing = f"it did not start: {said['why']}"
        else:
            self.subject.about = said

    async def ask(self, measure: Measure, size: Size) -> dict[str, Any]:
        """One round of one measure, from a process that lives."""
        if measure.once:
            await self.close()
        if self.process is None or self.process.returncode is not None:
            await self.start()
        assert self.process is not None and self.process.stdin is not None
        question = json.dumps({"measure": measure.key, "size": asdict(size)})
        self.process.stdin.write(question.encode() + b"\n")
        if not measure.peak:
            return await self.hear(ANSWER_SECONDS)
        watch = _Watch(self.process.pid)
        watching = asyncio.create_task(watch.run())
        answer = await self.hear(ANSWER_SECONDS, watch)
        watching.cancel()
        if answer["outcome"] == "measured":
            answer["median"] = watch.peak_mib
        elif answer["outcome"] == "failed":
            answer["why"] += f" at {watch.peak_mib:.0f} MiB"
        return answer

    async def hear(self, seconds: float, watch: _Watch | None = None) -> dict[str, Any]:
        """The next line, or why none came; then the process is gone."""
        assert self.process is not None and self.process.stdout is not None
        reading = asyncio.ensure_future(self.process.stdout.readline())
        waits = {reading} if watch is None else {reading, watch.too_much}
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if reading.done() and reading.result():
            return json.loads(reading.result())
        if reading.done():
            why = _ended(await self.process.wait())
        elif watch is not None and watch.too_much.done():
            why = "not stopped"
        else:
            why = f"no answer within {seconds:g} s"
        reading.cancel()
        await self.close()
        return {"outcome": "failed", "why": why}

    async def close(self) -> None:
        """Ends the process and everything it has started."""
        if self.process is None or self.process.returncode is not None:
            return
        family = _family(self.process.pid)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        await self.process.wait()


class _Watch:
    """What the largest of a process and all it has started is resident with: the peak, seen every 5 ms."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak_mib = 0.0
        self.too_much = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        while True:
            largest = max((_resident(process) for process in _family(self.pid)), default=0) / MIB
            self.peak_mib = max(self.peak_mib, largest)
            if self.peak_mib > MOST_MIB and not self.too_much.done():
                self.too_much.set_result(None)
            await asyncio.sleep(WATCH_SECONDS)


async def take(
    names: Sequence[str], measures: Sequence[Measure], size: Size, on_step: Callable[[str], None] = lambda step: None
) -> tuple[list[Subject], list[Figure]]:
    """Every figure. Within a round the subjects come in a random order: none always follows the same neighbour."""
    subjects = [Subject(name) for name in names]
    drivers = [Driver(subject) for subject in subjects]
    try:
        for driver in drivers:
            await driver.start()
        figures: list[Figure] = []
        for measure in measures:
            present = [driver for driver in drivers if not driver.subject.missing]
            figures += await _take_one(measure, present, size, on_step)
    finally:
        for driver in drivers:
            await driver.close()
    return subjects, figures


async def _take_one(
    measure: Measure, drivers: Sequence[Driver], size: Size, on_step: Callable[[str], None]
) -> list[Figure]:
    rounds: dict[str, list[float]] = {driver.subject.name: [] for driver in drivers}
    without: dict[str, Figure] = {}
    for number in range(size.rounds):
        for driver in random.sample(drivers, len(drivers)):
            name = driver.subject.name
            if name in without:
                continue
            on_step(f"{measure.title}, round {number + 1} of {size.rounds}: {name}")
            answer = await driver.ask(measure, size)
            if answer["outcome"] == "measured":
                rounds[name].append(answer["median"])
            else:
                without[name] = Figure(name, measure.key, answer["outcome"], why=answer.get("why", ""))
    return [without.get(name) or Figure(name, measure.key, "measured", tuple(taken)) for name, taken in rounds.items()]


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def _ended(code: int) -> str:
    if code < 0:
        return f"the caller's own process died of {signal.Signals(-code).name}"
    return f"the caller's own process exited with {code}"
