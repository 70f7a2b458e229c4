"""What counts as held: the deadline and a second, of time in which the machine ran."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stockade import ExecutionResult, Pool, RuntimeConfig
from stockade.attacks import LIMITS, load, run_all, runner
from stockade.attacks.runner import PAUSED, lateness
from stockade.result import Usage

ONE_SECOND = RuntimeConfig(timeout_seconds=1)


def _took(seconds: float) -> ExecutionResult:
    return ExecutionResult(run_id="1", usage=Usage(wall_ms=seconds * 1000, cpu_ms=1500))


@pytest.mark.parametrize(
    ("seconds", "paused_seconds", "why"),
    [
        (1.0, 0.0, ""),
        (2.0, 0.0, ""),
        (4.0, 0.0, "it took 4.0 s (1.5 s of CPU) where timeout_seconds is 1"),
        (4.0, 1.9, "it took 4.0 s (1.5 s of CPU) where timeout_seconds is 1"),
        (4.0, 2.5, f"{PAUSED} for 2.5 s"),
    ],
)
def test_a_run_may_be_late_by_a_second_and_by_what_the_machine_stood_still(
    seconds: float, paused_seconds: float, why: str
):
    assert lateness(ONE_SECOND, _took(seconds), paused_seconds) == why


PAUSABLE = """
import asyncio, sys
from stockade.attacks.runner import pauses_watched

async def main():
    async with pauses_watched() as longest:
        print("watching", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    print(longest[0])

asyncio.run(main())
"""


@pytest.fixture
def pausable() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PAUSABLE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_process_that_was_stopped_knows_for_how_long(pausable: subprocess.Popen[str]):
    assert pausable.stdout is not None
    assert pausable.stdout.readline() == "watching\n"
    pausable.send_signal(signal.SIGSTOP)
    assert select.select([pausable.stdout], [], [], 0.5) == ([], [], [])  # it says nothing for half a second
    pausable.send_signal(signal.SIGCONT)
    out, _ = pausable.communicate("go on\n")

    assert float(out) >= 0.4


@pytest.mark.parametrize(("pauses", "held"), [(1, True), (2, False)])
async def test_an_attack_is_thrown_once_more_after_a_pause_and_not_twice(
    monkeypatch: pytest.MonkeyPatch, pauses: int, held: bool
):
    told = [f"{PAUSED} for 3.0 s"] * pauses
    monkeypatch.setattr(runner, "lateness", lambda *_: told.pop() if told else "")
    async with Pool(RuntimeConfig(**LIMITS), workers=1) as pool:
        (outcome,) = await run_all(pool, load("process")[:1])

    assert outcome.held is held
    assert told == []
