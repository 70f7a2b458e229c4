"""The blocking pool is the other one without `await`: nothing that one of them takes is lost in the other."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from stockade import pool as asynchronous
from stockade.sync import Pool


class Behind:
    """A pool that runs nothing, and answers with what it was asked."""

    config, isolation = object(), object()

    def __init__(self, *config: object, **options: object) -> None:
        self.made = {"config": config[0], **options}

    async def start(self) -> None: ...

    async def close(self, drain_seconds: float) -> None: ...

    async def execute(self, *script: object, **options: object) -> dict[str, object]:
        return {"script": script[0], **options}

    check = execute


def options_of(function: Any) -> dict[str, object]:
    """All that can be said to it, each told from every other."""
    return {name: object() for name in inspect.signature(function).parameters if name != "self"}


def test_a_pool_is_made_with_each_option(monkeypatch: pytest.MonkeyPatch):
    given = options_of(asynchronous.Pool)
    monkeypatch.setattr(asynchronous, "Pool", Behind)
    pool = Pool(**given)  # type: ignore[arg-type]

    assert pool._pool.made == given  # type: ignore[attr-defined]
    assert (pool.config, pool.isolation) == (Behind.config, Behind.isolation)


@pytest.mark.parametrize("ask", ["execute", "check"])
def test_a_pool_is_asked_with_each_option(monkeypatch: pytest.MonkeyPatch, ask: str):
    given = options_of(getattr(asynchronous.Pool, ask))
    monkeypatch.setattr(asynchronous, "Pool", Behind)
    with Pool() as pool:
        assert getattr(pool, ask)(**given) == given


@pytest.mark.parametrize("name", ["__init__", "execute", "submit", "map", "check", "stats", "close"])
def test_what_is_left_out_is_the_same(name: str):
    ours, theirs = (inspect.signature(getattr(each, name)).parameters.values() for each in (Pool, asynchronous.Pool))

    assert [(each.name, each.kind, each.default) for each in ours] == [
        (each.name, each.kind, each.default) for each in theirs
    ]
