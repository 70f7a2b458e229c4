"""Event loops that are not asyncio's own, imitated here: what each can do is all that is asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from operator import index

import pytest

from stockade import Pool


class NumbersAlone(asyncio.SelectorEventLoop):
    """Watches no object with a `fileno()`, as rloop's does not."""

    def add_reader(self, fd: int, callback: Callable[..., object], *args: object) -> None:
        super().add_reader(index(fd), callback, *args)

    def remove_reader(self, fd: int) -> bool:
        return super().remove_reader(index(fd))

    def add_writer(self, fd: int, callback: Callable[..., object], *args: object) -> None:
        super().add_writer(index(fd), callback, *args)

    def remove_writer(self, fd: int) -> bool:
        return super().remove_writer(index(fd))


def test_a_loop_that_watches_descriptors_by_their_numbers_alone_will_do():
    async def length() -> object:
        async with Pool(workers=1, spares=0) as pool:
            return (await pool.execute(f"'{'x' * 200_000}'.length")).value

    with asyncio.Runner(loop_factory=NumbersAlone) as runner:
        assert runner.run(length()) == 200_000


def test_where_no_loop_of_asyncio_runs_a_pool_says_what_to_use():
    """Trio runs coroutines too, as this does, on a loop of which asyncio knows nothing."""
    with pytest.raises(RuntimeError, match=r"use stockade\.sync\.Pool"):
        Pool(workers=1).start().send(None)
