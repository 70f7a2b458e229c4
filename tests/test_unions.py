"""A union that holds itself: tried no more often than there is time for, and told as pydantic tells it."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from stockade import BindingError, binding
from tests.test_contract import keywords


class And(BaseModel):
    op: Literal["and"]
    of: list[And | Or | Leaf]


class Or(BaseModel):
    op: Literal["or"]
    of: list[And | Or | Leaf]


class Leaf(BaseModel):
    field: str


@binding
def find(where: And | Or | Leaf) -> None: ...


def nested(levels: int, leaf: dict[str, Any]) -> dict[str, Any]:
    return nested(levels - 1, {"op": "or", "of": [leaf]}) if levels else leaf


@pytest.mark.parametrize("field", ["x", 1])
def test_of_a_union_that_holds_itself_no_more_ways_are_tried_than_there_is_time_for(field: Any):
    """At every level pydantic tries each member: 500 bytes kept the event loop for a minute, and 1,000 for ever."""
    with pytest.raises(BindingError, match="find: where has too many ways to be understood"):
        keywords(find, nested(17, {"field": field}))

    assert keywords(find, nested(5, {"field": "x"}))["where"].model_dump() == nested(5, {"field": "x"})


def test_an_argument_is_let_go_of_when_it_has_been_checked():
    class Held(dict[str, Any]):
        """What a weak reference may point to."""

    value = Held({"field": "x"})
    gone = weakref.ref(value)
    keywords(find, value)
    del value

    assert gone() is None


class Folder(BaseModel):
    parts: list[Folder | str]


@binding
def store(folder: Folder) -> None: ...


class Note(BaseModel):
    of: list[int | Note] | str


@binding
def note(one: Note) -> None: ...


def test_a_union_within_a_union_has_pydantic_s_own_name_for_it():
    with pytest.raises(BindingError, match=r"note: one\.of \(as list\[union\[int,\.\.\.\]\]\)\[0\] \(as int\): "):
        keywords(note, {"of": ["x"]})


def test_of_a_union_that_holds_itself_and_can_be_one_thing_alone_a_large_value_is_taken():
    folder = {"parts": [{"parts": ["a", {"parts": []}]}] * 20_000}

    assert keywords(store, folder)["folder"].model_dump() == folder


class Row(BaseModel):
    cells: list[int | str]
    more: Row2 | None = None


class Row2(BaseModel):
    row: list[str | int]


@binding
def write(row: Row, again: Row) -> None: ...


def test_a_union_that_cannot_hold_itself_is_left_to_pydantic():
    """A look at each of 100,000 numbers took sixteen times as long as to check them."""
    looks: list[str] = []
    row = {"cells": [1] * 1000, "more": {"row": ["a"] * 1000}}

    assert keywords(write, row, row)["row"].model_dump() == row
    with profiled(looks):
        keywords(write, row, row)
    assert looks.count("_look") == 0
    with profiled(looks):
        keywords(find, nested(2, {"field": "x"}))
    assert looks.count("_look") > 2


@contextmanager
def profiled(functions: list[str]) -> Generator[None]:
    """Collects the names of the Python functions that are called meanwhile."""
    sys.setprofile(lambda frame, event, _: functions.append(frame.f_code.co_name) if event == "call" else None)
    try:
        yield
    finally:
        sys.setprofile(None)
