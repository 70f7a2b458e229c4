"""Names that a script gives to a function that takes any: none of them reaches what is Python's."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from stockade import Pool, binding


class Drawer:
    @binding
    async def put(self, **others: dict[str, int]) -> list[str]:
        return sorted(others)

    @classmethod
    @binding
    async def count(cls, **others: Any) -> int:
        return len(others)

    @binding
    async def keep(self, /, **others: Any) -> list[str]:
        return sorted(others)


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


@binding
async def store(**things: Closed) -> None: ...


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("put({ self: {} })", "put has no argument 'self'; it takes ({…})"),
        ("count({ a: 1, cls: 1 })", "count has no argument 'cls'; it takes ({…})"),
        ("put({ a: 1 })", "put: a: Input should be a valid dictionary (got 1)"),
    ],
)
async def test_what_a_method_calls_its_object_is_no_name_for_an_argument(pool: Pool, call: str, told: str):
    """It was told in Python's words, with the name of the class."""
    drawer = Drawer()
    script = f"await {call}.catch((error) => [error.name, error.message])"
    run = await pool.execute(script, bindings={"put": drawer.put, "count": drawer.count})

    assert run.value == ["TypeError", told]


async def test_of_arguments_that_have_only_a_name_more_faults_than_are_described_are_told_as_one_arguments(pool: Pool):
    script = "const a = { ...Array(1001).fill(0) }; await store({ a }).catch((error) => error.message)"
    run = await pool.execute(script, bindings={"store": store})

    assert run.value == "store: an argument is wrong in 1001 places (got dict)"


async def test_it_is_one_where_the_signature_says_so(pool: Pool):
    run = await pool.execute("await keep({ self: 1, cls: 2, __class__: 3 })", bindings={"keep": Drawer().keep})

    assert run.value == ["__class__", "cls", "self"]
