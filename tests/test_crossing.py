"""What crosses from a binding to a script: values whether written at once or in turns, and errors of every make."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import re
from collections import deque
from collections.abc import Callable
from http.client import HTTPMessage
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import msgspec
import pytest
from pydantic import AnyUrl, Base64Bytes, BaseModel, SecretStr, field_serializer

from stockade import BindingError, Pool, binding
from stockade.bindings import Reply
from stockade.config import KIB, RuntimeConfig
from stockade.crossing import MESSAGE_CHARS, ROWS_A_TURN, rejected, resolved
from stockade_protocol import Reject, Resolve, encode


class Row(BaseModel):
    name: str


LONG = list(range(2 * ROWS_A_TURN + 1))


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "of its own"


class Whole(int):
    pass


class Real(float):
    """As numpy's float64 is one."""


@pytest.mark.parametrize(
    "value",
    [
        LONG,
        [Row(name="é\n")] * (ROWS_A_TURN + 1),
        {"rows": LONG, "more": {"deep": LONG, "short": [1]}, "text": 'a"b'},
        {1: LONG},
        (1, 2),
        {"rows": [LONG, LONG]},
    ],
)
async def test_what_is_written_in_turns_is_what_would_be_written_at_once(value: Any):
    answer = await resolved(1, "rows", value, 2**24)

    assert isinstance(answer, Resolve)
    plain = msgspec.json.encode(value, enc_hook=lambda row: row.model_dump())
    assert json.loads(bytes(answer.value)) == json.loads(plain)
    assert bytes(answer.value) == plain


@pytest.mark.parametrize("rows", [[1], LONG])
async def test_text_and_numbers_of_a_class_of_their_own_cross_as_what_they_are(rows: list[int]):
    answer = await resolved(1, "rows", {Text("rows"): rows, "more": [Text("a"), Whole(5), Real(1.5)]}, 2**24)

    assert isinstance(answer, Resolve)
    assert json.loads(bytes(answer.value)) == {"rows": rows, "more": ["a", 5, 1.5]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Path("/etc/shop"), "/etc/shop"),
        (AnyUrl("https://shop.example/tea"), "https://shop.example/tea"),
        (ip_address("::1"), "::1"),
        (ip_network("10.0.0.0/8"), "10.0.0.0/8"),
        (re.compile("a+"), "a+"),
        (1 + 2j, "1+2j"),
        (SecretStr("hush"), "**********"),
        (deque([Row(name="tea"), b"\xff"]), [{"name": "tea"}, "/w=="]),
    ],
)
async def test_what_a_model_could_hold_crosses_on_its_own_as_within_one(value: Any, text: Any):
    answer = await resolved(1, "rows", [value], 2**24)

    assert isinstance(answer, Resolve)
    assert json.loads(bytes(answer.value)) == [text]


async def test_what_is_taken_from_by_asking_is_not_asked():
    """It may have no end, and whoever goes on with it would miss what was taken."""
    answer = await resolved(1, "rows", itertools.count(), 2**24)

    assert answer == Reject(1, "TypeError", "rows returned what cannot cross to the script: a count is not JSON")


@pytest.mark.parametrize("key", [("eu", "tea"), True, None, frozenset({1})])
async def test_what_json_has_as_a_value_and_not_as_a_key_is_told_so(key: object):
    """It was asked for again and again: "maximum recursion depth", and the end of a program that allows more."""
    answer = await resolved(1, "rows", {key: 1}, 2**24)

    told = f"rows returned what cannot cross to the script: a {type(key).__name__} cannot be a key"
    assert answer == Reject(1, "TypeError", told)


async def test_a_long_answer_leaves_the_loop_to_others_between_its_parts():
    turns = 0

    async def others() -> None:
        nonlocal turns
        while not answered.is_set():
            turns += 1
            await asyncio.sleep(0)

    answered = asyncio.Event()
    waiting = asyncio.create_task(others())
    await resolved(1, "rows", Reply({"rows": list(range(20 * ROWS_A_TURN))}, {"pages": 1}), 2**24)
    answered.set()
    await waiting

    assert turns >= 20


@pytest.mark.parametrize("value", [[*LONG, object()], {"rows": LONG, "x": object()}, {"rows": LONG, (1, 2): 3}])
async def test_what_cannot_cross_is_refused_in_turns_too(value: Any):
    answer = await resolved(1, "rows", value, 2**24)

    assert isinstance(answer, Reject)
    assert answer.message.startswith("rows returned what cannot cross to the script")


def whole(text: bytes) -> Any:
    return msgspec.Raw(text)


def field(text: bytes) -> Any:
    return {"body": msgspec.Raw(text)}


def item(text: bytes) -> Any:
    return [*LONG, msgspec.Raw(text)]


@pytest.mark.parametrize("around", [whole, field, item])
async def test_json_of_several_lines_crosses_in_one(around: Callable[[bytes], Any]):
    answer = await resolved(
        1, "fetched", Reply(around(b'{\n  "a": "\\n"\r\n}\n'), {"head": msgspec.Raw(b"[\n]")}), 2**24
    )

    assert isinstance(answer, Resolve)
    assert encode(answer).count(b"\n") == 1
    assert bytes(answer.value) == msgspec.json.encode(around(b'{"a":"\\n"}'))
    assert answer.meta == msgspec.Raw(b'{"head":[]}')


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b'{"a":', b"1 2", b'1,"meta":{}', b"1\n2", b'"a\nb"', b'}\n{"type":"end"}']
)
async def test_text_that_is_handed_on_as_json_and_is_none_is_refused(text: bytes):
    """The worker cannot read its line, and would end."""
    answer = await resolved(1, "fetched", msgspec.Raw(text), 2**24)

    assert isinstance(answer, Reject)
    assert answer.message.startswith("fetched returned what cannot cross to the script")


def test_details_of_several_lines_are_told_in_one():
    told = rejected(1, BindingError("no", details={"body": msgspec.Raw(b'{\n"a": 1}')}), 64 * KIB)

    assert told.details == msgspec.Raw(b'{"body":{"a":1}}')


class Bare(BindingError):
    def __init__(self, sku: str) -> None:
        self.sku = sku


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    def __bool__(self) -> bool:
        raise RuntimeError("neither")


class Hostile(BindingError):
    def __init__(self) -> None:
        pass

    def __str__(self) -> str:
        raise RuntimeError("no text")

    @property
    def name(self) -> str:
        raise RuntimeError("no name")

    message = code = details = name


def with_fields(**fields: Any) -> BindingError:
    error = BindingError("sold out", name="SoldOut", code="Later")
    vars(error).update(fields)
    return error


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Bare("tea"), Reject(1, "Bare", "tea")),
        (Hostile(), Reject(1, "Hostile", "")),
        (with_fields(details=Mute()), Reject(1, "SoldOut", "sold out", "Later")),
        (with_fields(details=[1, 2]), Reject(1, "SoldOut", "sold out", "Later")),
        (with_fields(details={"when": object()}), Reject(1, "SoldOut", "sold out", "Later")),
        (with_fields(name=Mute(), message=Mute(), code=Mute()), Reject(1, "BindingError", "sold out")),
        (with_fields(name=None, message=5, code=7), Reject(1, "BindingError", "5", "7")),
    ],
)
def test_an_error_is_told_as_far_as_it_can_be_read(error: BindingError, answer: Reject):
    assert rejected(1, error, 64 * KIB) == answer


async def test_a_value_and_its_meta_fill_one_line_together():
    half = "x" * 40_000

    assert isinstance(await resolved(1, "half", Reply(half, {}), 64 * KIB), Resolve)
    assert await resolved(1, "whole", Reply(half, {"more": half}), 64 * KIB) == Reject(
        1, "RangeError", "whole returned 80013 bytes; line_bytes is 65536"
    )


async def test_why_a_value_cannot_cross_is_told_at_no_greater_length_than_an_error():
    class Wordy(BaseModel):
        sku: str = "tea"

        @field_serializer("sku")
        def refused(self, sku: str) -> str:
            raise ValueError("x" * 100_000)

    answer = await resolved(1, "wordy", Wordy(), 64 * KIB)

    assert isinstance(answer, Reject)
    assert len(answer.message) == MESSAGE_CHARS + 1


def test_details_too_large_for_a_line_are_left_out_and_the_message_says_so():
    error = BindingError("sold out", name="SoldOut", code="Later", details={"known": "x" * 100_000})

    assert rejected(1, error, 128 * KIB).details is not msgspec.UNSET
    assert rejected(1, error, 64 * KIB) == Reject(
        1, "SoldOut", "sold out (without its details: 100103 bytes with them; line_bytes is 65536)", "Later"
    )


@pytest.mark.parametrize("letter", ["\0", "x", "é", "🐈"])
def test_an_error_without_its_details_fits_any_line(letter: str):
    """Zeros are the longest: six bytes each, as JSON."""
    text = letter * 10_000
    answer = rejected(1, BindingError(text, name=text, code=text, details={"known": text * 10}), 64 * KIB)

    assert RuntimeConfig(line_bytes=64 * KIB, result_bytes=KIB)
    with pytest.raises(ValueError, match="line_bytes"):
        RuntimeConfig(line_bytes=64 * KIB - 1, result_bytes=KIB)
    assert len(encode(answer)) < 64 * KIB
    assert "without its details" in answer.message


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionError("the warehouse is down"), "the warehouse is down"),
        (TimeoutError("no answer in 5 s"), "no answer in 5 s"),
        (TimeoutError(), ""),
        (URLError("no such host"), "<urlopen error no such host>"),
        (HTTPError("http://shop/tea", 404, "Not Found", HTTPMessage(), None), "HTTP Error 404: Not Found"),
        (OSError("GET https://shop.example/v1/tea failed"), "GET https://shop.example/v1/tea failed"),
        (FileNotFoundError(2, "No such file or directory", "/etc/shop/key"), "No such file or directory"),
        (OSError(18, "Invalid cross-device link", "/etc/shop/key", None, "/srv/key"), "Invalid cross-device link"),
        (
            URLError(FileNotFoundError(2, "No such file or directory", "/etc/shop/key")),
            "<urlopen error [Errno 2] No such file or directory: '…/key'>",
        ),
    ],
)
def test_an_operating_systems_error_tells_its_text_and_no_folder(error: OSError, text: str):
    assert rejected(1, error, 64 * KIB) == Reject(1, type(error).__name__, text)


def test_a_file_that_an_error_names_without_the_systems_words_is_held_back():
    error = OSError("cannot read")
    error.filename = "my shop/key"

    assert "key" not in rejected(1, error, 64 * KIB).message


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            ImportError("cannot import name 'tea' from 'shop' (/srv/our shop/shop.py)", path="/srv/our shop/shop.py"),
            "cannot import name 'tea' from 'shop' (…)",
        ),
        (
            ImportError("cannot import name 'tea' from 'shop' (consider renaming '/srv/shop.py' if)"),
            "cannot import name 'tea' from 'shop' (consider renaming '…/shop.py' if)",
        ),
        (
            AttributeError("module 'shop' has no attribute 'tea' (consider renaming '/srv/shop.py' since)"),
            "module 'shop' has no attribute 'tea' (consider renaming '…/shop.py' since)",
        ),
        (ModuleNotFoundError("No module named 'shop'"), "No module named 'shop'"),
        (AttributeError("'Tea' object has no attribute 'price'"), "'Tea' object has no attribute 'price'"),
    ],
)
def test_where_a_module_lies_that_lacks_something_is_not_told(error: Exception, text: str):
    """The interpreter writes it into the text; of a module in the place of the standard library's since Python 3.13."""
    assert rejected(1, error, 64 * KIB) == Reject(1, type(error).__name__, text)


def test_of_a_group_of_one_error_that_one_is_told():
    """`asyncio.TaskGroup` puts the error of its task into a group, and name and code were lost."""
    sold_out = BindingError("there is no tea", name="SoldOut", code="SOLD_OUT")
    group = ExceptionGroup("unhandled errors in a TaskGroup", [ExceptionGroup("of a task in it", [sold_out])])
    two = ExceptionGroup("unhandled errors in a TaskGroup", [sold_out, KeyError("tea")])

    assert rejected(1, group, 64 * KIB) == rejected(1, sold_out, 64 * KIB)
    for _ in range(2_000):  # as deep as Python cannot call: the call is answered all the same
        group = ExceptionGroup("of a group", [group])
    assert rejected(1, group, 64 * KIB) == rejected(1, sold_out, 64 * KIB)
    assert rejected(1, two, 64 * KIB).message == "unhandled errors in a TaskGroup (2 sub-exceptions)"


class SoldOut(BindingError):
    def __init__(self, sku: str) -> None:
        self.sku = sku


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_class_that_does_not_call_the_one_above_it_is_an_answer_too(pool: Pool, waits: bool):
    async def price(sku: str) -> float:
        if waits:
            await asyncio.sleep(0)
        raise SoldOut(sku)

    run = await pool.execute(
        "try { await price('tea') } catch (e) { return [e.name, e.message, e.code] }", bindings={"price": price}
    )

    assert run.value == ["SoldOut", "tea", None]


async def test_a_further_field_of_an_error_takes_the_place_of_nothing_that_was_said_by_name(pool: Pool):
    def price() -> float:
        details = {"name": "tea", "code": 5, "message": "no", "stack": "", "call": 7}
        raise BindingError("sold out", name="SoldOut", code="E410", details=details)

    run = await pool.execute(
        "try { await price() } catch (e) { return [e.name, e.message, e.code, e.call, e.stack.split(':')[0]] }",
        bindings={"price": price},
    )

    assert run.value == ["SoldOut", "sold out", "E410", 7, "SoldOut"]


async def test_a_value_keeps_a_field_meta_of_its_own(pool: Pool):
    async def page() -> Reply:
        return Reply({"meta": "of the page", "rows": []}, {"pages": 1})

    run = await pool.execute("const it = await page(); [it.meta, it]", bindings={"page": page})

    assert run.value == ["of the page", {"meta": "of the page", "rows": []}]


async def test_what_javascript_has_no_number_for_and_bytes_cross_as_the_page_says(pool: Pool):
    @binding
    def length(text: bytes, decoded: Base64Bytes) -> list[int]:
        return [len(text), len(decoded)]

    run = await pool.execute(
        "const given = await give(); [given, await length(given.bytes, given.bytes), await length('é', '')]",
        bindings={
            "give": lambda: {"none": [math.nan, math.inf], "id": 2**53 + 1, "bytes": b"\xff\xfe>"},
            "length": length,
        },
    )

    assert run.value == [{"none": [None, None], "id": 2**53, "bytes": "//4+"}, [4, 3], [2, 0]]
