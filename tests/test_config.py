"""Limits as they are given: what is out of range or unknown is refused before anything starts."""

from __future__ import annotations

import pytest

from stockade import RuntimeConfig


@pytest.mark.parametrize(
    "limits",
    [
        {"memory_limit_mb": 0},
        {"memory_limit_mb": 15},
        {"timeout_seconds": 0},
        {"timeout_seconds": float("nan")},
        {"timeout_seconds": float("inf")},
        {"line_bytes": 1},
        {"console_bytes": 0},
        {"max_calls_in_flight": 0},
        {"result_bytes": 16 * 2**20},
        {"memory_limit": 256},
    ],
)
def test_a_limit_out_of_range_or_unknown_is_refused_before_anything_starts(limits: dict[str, float]):
    with pytest.raises(ValueError, match=next(iter(limits))):
        RuntimeConfig(**limits)  # type: ignore[arg-type]


def test_a_result_leaves_room_in_its_line_for_the_message_around_it():
    most = RuntimeConfig().line_bytes - 1024

    assert RuntimeConfig(result_bytes=most).result_bytes == most
    with pytest.raises(ValueError, match=rf"result_bytes \({most + 1}\) must be at least 1024 less than line_bytes"):
        RuntimeConfig(result_bytes=most + 1)


@pytest.mark.parametrize("changed", [{"timeout_seconds": 0}, {"timeout": 5}, {"compute_seconds": 31}])
def test_a_copy_of_some_limits_is_checked_as_they_were(changed: dict[str, float]):
    """It is how one changes a limit of the pool's for a run."""
    limits = RuntimeConfig(memory_limit_mb=64)

    assert limits.model_copy(update={"timeout_seconds": 5.0}) == RuntimeConfig(memory_limit_mb=64, timeout_seconds=5)
    with pytest.raises(ValueError, match=next(iter(changed))):
        limits.model_copy(update=changed)


@pytest.mark.parametrize("name", ["compute_seconds", "call_timeout_seconds"])
def test_no_clock_may_outlast_the_run(name: str):
    with pytest.raises(ValueError, match=f"{name} .5. must not be more than timeout_seconds .1."):
        RuntimeConfig(**{"timeout_seconds": 1, name: 5})  # type: ignore[arg-type]
