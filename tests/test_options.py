"""What callers hand in by mistake is refused by name, before anything is spent on it."""

from __future__ import annotations

import math
from typing import Any

import pytest

import stockade.sync
from stockade import InvalidBinding, Pool, PoolClosed, QueueRules, RetryPolicy


async def listen(_: object) -> None:
    """Nobody would await it."""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"config": {"timeout_seconds": 1}}, "config must be of type RuntimeConfig, not dict"),
        ({"queue": 100}, "queue must be of type QueueRules, not int"),
        ({"retry": 3}, "retry must be of type RetryPolicy, not int"),
        ({"on_event": 5}, "on_event must be a function, not int"),
        ({"on_event": listen}, "on_event must be a plain function"),
        ({"bindings": [print]}, "bindings are a mapping of names to functions, not list"),
    ],
)
def test_a_pool_refuses_what_is_no_such_option(options: dict[str, Any], told: str):
    for kind in (Pool, stockade.sync.Pool):
        with pytest.raises((ValueError, InvalidBinding), match=told):
            kind(**options)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"config": {}}, "config must be of type RuntimeConfig, not dict"),
        ({"retry": 3}, "retry must be of type RetryPolicy, not int"),
        ({"tenant": 5}, "tenant must be of type str, not int"),
        ({"tenant": ["acme"]}, "tenant must be of type str, not list"),
        ({"on_console": 5}, "on_console must be a function, not int"),
        ({"on_console": listen}, "on_console must be a plain function, not `async def`"),
        ({"priority": "high"}, "priority must be a whole number, not 'high'"),
        ({"priority": math.nan}, "priority must be a whole number, not nan"),
        ({"priority": True}, "priority must be a whole number, not True"),
        ({"bindings": [print]}, "bindings are a mapping of names to functions, not list"),
    ],
)
async def test_a_run_refuses_what_is_no_such_option(pool: Pool, options: dict[str, Any], told: str):
    before = pool.stats()
    with pytest.raises((ValueError, InvalidBinding), match=told):
        await pool.execute("1", **options)
    with pytest.raises((ValueError, InvalidBinding), match=told):
        pool.submit("1", **options)
    assert pool.stats().outcomes == before.outcomes
    assert pool.stats().queue.waiting == 0


def test_the_blocking_pool_refuses_a_listener_that_would_have_to_be_awaited():
    with stockade.sync.Pool(workers=1, spares=0) as pool, pytest.raises(ValueError, match="plain function"):
        pool.submit("1", on_console=listen)


async def test_one_script_is_not_taken_for_many(pool: Pool):
    for one in ("1 + 1", b"1"):
        with pytest.raises(ValueError, match="scripts must be several"):
            pool.map(one)  # pyright: ignore[reportArgumentType]
        with pytest.raises(ValueError, match="scripts must be several"):
            stockade.sync.Pool().map(one)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"queue_timeout_seconds": "5"}, "queue_timeout_seconds must be more than 0, not '5'"),
        ({"queue_timeout_seconds": True}, "queue_timeout_seconds must be more than 0, not True"),
        ({"weights": ["acme"]}, "weights must be of type Mapping, not list"),
        ({"weights": {"acme": "2"}}, "weights: that of 'acme' must be more than 0, not '2'"),
    ],
)
def test_rules_of_the_queue_must_be_numbers(rules: dict[str, Any], told: str):
    with pytest.raises(ValueError, match=told):
        QueueRules(**rules)


def test_a_retry_policy_is_told_in_numbers():
    with pytest.raises(ValueError, match="backoff_seconds must be a finite number of at least 0, not '1'"):
        RetryPolicy(backoff_seconds="1")  # pyright: ignore[reportArgumentType]


async def test_a_pool_that_was_closed_does_not_start_again():
    async with Pool(workers=1, spares=0) as pool:
        pass
    with pytest.raises(PoolClosed, match="the pool is closed"):
        await pool.start()
