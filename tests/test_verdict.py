"""Which kind of error a dead worker is told as, by what was measured of it. No process is needed for that."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from stockade.config import MIB, RuntimeConfig
from stockade.verdict import Cause, Facts, of_cause, of_exit

CONFIG = RuntimeConfig(memory_limit_mb=100)
IDLE, NEARLY_ALL = 40 * MIB, (40 + 75) * MIB


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        ({"returncode": -signal.SIGKILL}, "worker_crashed"),
        ({"returncode": -signal.SIGKILL, "outgrown": True}, "memory_limit"),
        ({"returncode": -signal.SIGSEGV, "peak_rss": NEARLY_ALL}, "worker_crashed"),
        ({"returncode": -signal.SIGSEGV, "peak_rss": NEARLY_ALL + 1}, "memory_limit"),
        ({"returncode": -signal.SIGKILL, "peak_rss": NEARLY_ALL + 1}, "worker_crashed"),
        ({"returncode": 134, "peak_rss": NEARLY_ALL + 1}, "worker_crashed"),
        ({"returncode": 134, "stderr_tail": "FATAL ERROR: JavaScript heap out of memory"}, "memory_limit"),
        ({"returncode": 70}, "worker_crashed"),
        ({"returncode": 71}, "memory_limit"),
        ({"returncode": -signal.SIGABRT}, "worker_crashed"),
        ({"returncode": -signal.SIGABRT, "unheard": True}, "memory_limit"),
        ({"returncode": -signal.SIGSEGV, "unheard": True}, "worker_crashed"),
    ],
)
def test_a_worker_that_ended_by_itself_is_out_of_memory_only_where_something_says_so(known: dict[str, Any], kind: str):
    assert of_exit(Facts(config=CONFIG, idle_rss=IDLE, **known)).kind == kind


@pytest.mark.parametrize(
    ("returncode", "how"),
    [
        (-signal.SIGKILL, "was ended by SIGKILL"),
        (-40, "was ended by signal 40"),
        (0, "exited with code 0"),
        (3, "exited with code 3"),
        (None, "ended"),
    ],
)
def test_how_a_worker_ended_is_told(returncode: int | None, how: str):
    error = of_exit(Facts(config=CONFIG, returncode=returncode))

    assert error.message == f"the worker {how} in mid-run"
    assert (error.evidence.signal, error.evidence.exit_code) == (
        (-returncode, None) if returncode is not None and returncode < 0 else (None, returncode)
    )


def test_a_time_limit_names_what_was_waited_for_and_only_that():
    busy = of_cause(Cause.TIMEOUT, Facts(config=CONFIG))
    waiting = of_cause(Cause.TIMEOUT, Facts(config=CONFIG, calls_in_flight=("price", "stock"), wall_seconds=30.0))

    assert busy.message == "the script ran longer than timeout_seconds=30"
    assert waiting.message == "the script ran longer than timeout_seconds=30, waiting for price, stock"
    assert (waiting.evidence.limit, waiting.evidence.limit_value, waiting.evidence.measured) == (
        "timeout_seconds",
        30.0,
        30.0,
    )
