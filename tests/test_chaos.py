"""The judge of the storm finds what is wrong, and a small storm is weathered. `make chaos` raises the large one."""

from __future__ import annotations

import pytest

from stockade.testing import Injected
from tests.chaos.cases import CASES
from tests.chaos.judge import LAUNCHER_SECONDS, Story, faults_of
from tests.chaos.storm import storm

CASE = {case.name: case for case in CASES}


def fault(effect: str, where: str = "call") -> Injected:
    return Injected(effect, where, 1, 1, "…")  # type: ignore[arg-type]


def story(case: str, end: str, **more: object) -> Story:
    return Story(1, CASE[case], end=end, endings=1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "met"),
    [
        (story("sum", "returned"), []),
        (story("loop", "timeout"), []),
        (story("calls", "worker_crashed"), [fault("kill")]),
        (story("calls", "timeout"), [fault("freeze")]),
        (story("calls", "protocol_violation"), [fault("corrupt")]),
        (story("calls", "worker_crashed"), [fault("corrupt", "script")]),
        (story("calls", "returned"), [fault("delay")]),
        (story("calls", "returned", retried=True), [fault("kill")]),
        (story("heap", "memory_limit"), [fault("kill", "ending")]),
        (story("calls", "cancelled", cancelled=True), []),
        (story("calls", "PoolClosed", closed=True), []),
        (story("calls", "QueueFull", burst=True), []),
    ],
)
def test_an_ending_that_what_was_done_explains_is_right(told: Story, met: list[Injected]):
    assert faults_of(told, met, [], 0) == []


@pytest.mark.parametrize(
    ("told", "met"),
    [
        (story("sum", "worker_crashed"), []),
        (story("sum", "timeout"), [fault("kill")]),
        (story("calls", "returned"), [fault("kill")]),
        (story("calls", "returned"), [fault("freeze")]),
        (story("calls", "output_limit"), [fault("corrupt")]),
        (story("throws", "exception"), [fault("flood")]),
        (story("sum", "cancelled"), []),
        (story("sum", "QueueFull"), []),
        (story("sum", "start_failed"), []),
        (story("sum", "TimeoutError"), []),
    ],
)
def test_an_ending_that_nothing_explains_is_found(told: Story, met: list[Injected]):
    [wrong] = faults_of(told, met, [], 0)

    assert told.end in wrong


def test_a_run_that_did_not_end_or_ended_twice_is_found():
    told = story("sum", "returned")
    for endings in (0, 2):
        told.endings = endings
        assert faults_of(told, [], [], 0) == [f"run 1 (sum): it ended {endings} times"]


def test_a_launcher_that_was_killed_explains_the_crashes_of_its_time_alone():
    told = story("sum", "worker_crashed", asked=100.0, ended=101.0)

    assert faults_of(told, [], [100.5], 0) == []
    assert faults_of(told, [], [101.5], 0) != []
    assert faults_of(told, [], [100.0 - LAUNCHER_SECONDS - 1], 0) != []


@pytest.mark.timeout(300)
async def test_a_small_storm_is_weathered(mode: str):
    """Late endings are the business of `make chaos`: no test here is about time."""
    told = await storm("small", 32, mode, lambda told: None)  # type: ignore[arg-type]

    assert [wrong for wrong in told.wrong if "past its deadline" not in wrong] == []
    assert len(told.injected) > 0
    assert len(told.launcher_kills) == 1
