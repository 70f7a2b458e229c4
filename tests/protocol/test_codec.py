"""Bytes to messages: what a hostile worker may write, and that nothing but ProtocolViolation comes of it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockade_protocol import (
    Call,
    Console,
    Lines,
    ProtocolViolation,
    Ready,
    Returned,
    Threw,
    decode_value,
    decode_worker,
    encode,
)

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_a_value_crosses_unchanged(value: object):
    line = encode(Returned(msgspec.Raw(msgspec.json.encode(value))))
    message = decode_worker(line[:-1])

    assert isinstance(message, Returned)
    assert isinstance(message.value, msgspec.Raw)
    assert decode_value(message.value) == value
    assert line.count(b"\n") == 1


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"")), max_size=6), st.data())
def test_lines_come_out_the_same_wherever_the_stream_is_split(lines: list[bytes], data: st.DataObject):
    stream = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    splitter = Lines(100)

    assert [line for piece in pieces for line in splitter.feed(piece)] == lines


def test_a_line_may_be_split_at_every_byte():
    line = encode(Console("log", "naïve \u2028 \U0001f600"))
    for at in range(len(line) + 1):
        splitter = Lines(len(line))
        out = splitter.feed(line[:at]) + splitter.feed(line[at:])

        assert [decode_worker(one) for one in out] == [Console("log", "naïve \u2028 \U0001f600")]


@pytest.mark.parametrize("separator", ["\r", "\u2028", "\u2029", "\x85", "\x1c", "\x0b"])
def test_only_line_feed_ends_a_line(separator: str):
    """str.splitlines() knows nine more, and a text could forge messages with them."""
    [line] = Lines(200).feed(f'a{separator}{{"type":"returned"}}\n'.encode())

    assert separator.encode() in line


def test_a_line_of_exactly_the_bound_passes_and_one_byte_more_does_not():
    assert Lines(5).feed(b"12345\n") == [b"12345"]
    with pytest.raises(ProtocolViolation, match="longer than 5 bytes"):
        Lines(5).feed(b"123456\n")


def test_an_endless_line_is_refused_before_it_ends():
    splitter = Lines(10)
    splitter.feed(b"1234567890")
    with pytest.raises(ProtocolViolation):
        splitter.feed(b"1")


def test_a_bounded_line_before_an_endless_one_is_checked_too():
    with pytest.raises(ProtocolViolation):
        Lines(4).feed(b"ok\n12345\nok\n")
    with pytest.raises(ProtocolViolation):
        Lines(4).feed(b"ok\n12345")


HOSTILE = {
    "empty": b"",
    "not JSON": b"hello",
    "not an object": b"[1]",
    "two values": b'{"type":"returned"}{"type":"returned"}',
    "no type": b'{"value":1}',
    "a type that is no text": b'{"type":1}',
    "an unknown type": b'{"type":"eval"}',
    "a host's message": b'{"type":"resolve","call":1,"value":1}',
    "an unknown field": b'{"type":"returned","run":7}',
    "an unknown level": b'{"type":"console","level":"fatal","text":""}',
    "an unknown kind": b'{"type":"threw","kind":"timeout","name":"","message":""}',
    "a missing field": b'{"type":"console","level":"log"}',
    "call number 0": b'{"type":"call","call":0,"binding":"f","args":[]}',
    "a negative call number": b'{"type":"call","call":-1,"binding":"f","args":[]}',
    "a fraction as call number": b'{"type":"call","call":1.5,"binding":"f","args":[]}',
    "a call number past 2**53": b'{"type":"call","call":9007199254740992,"binding":"f","args":[]}',
    "a call number that is true": b'{"type":"call","call":true,"binding":"f","args":[]}',
    "a negative line": b'{"type":"threw","kind":"exception","name":"","message":"","line":-1}',
    "NaN": b'{"type":"returned","value":NaN}',
    "Infinity": b'{"type":"call","call":1,"binding":"f","args":[Infinity]}',
    "a lone surrogate": b'{"type":"console","level":"log","text":"\\ud800"}',
    "bytes that are not UTF-8": b'{"type":"console","level":"log","text":"\xff"}',
    "an overlong encoding": b'{"type":"console","level":"log","text":"\xc0\xaf"}',
    "a control character in a text": b'{"type":"console","level":"log","text":"\x01"}',
    "a NUL after it": b'{"type":"returned"}\x00',
    "a BOM before it": b'\xef\xbb\xbf{"type":"returned"}',
    "arguments nested too deeply": b'{"type":"call","call":1,"binding":"f","args":'
    + b"[" * 10**6
    + b"]" * 10**6
    + b"}",
    "a version that is text": b'{"type":"ready","version":"1","node":"24.0.0"}',
    "a Node version without end": b'{"type":"ready","version":1,"node":"' + b"2" * 65 + b'"}',
    "fields of an error that nest": b'{"type":"threw","kind":"exception","name":"","message":"","fields":{"a":[]}}',
}


def text(most: int) -> str:
    return "x" * most


@pytest.mark.parametrize(
    ("part", "most", "made"),
    [
        *((part, 9_000, text) for part in ("message", "stack", "hint")),
        ("name", 300, text),
        *((part, 9_000, lambda most: [text(most)]) for part in ("cause", "errors")),
        ("cause", 8, lambda most: [""] * most),
        ("errors", 20, lambda most: [""] * most),
        ("fields", 9_000, lambda most: {"a": text(most)}),
        ("fields", 300, lambda most: {text(most): 1}),
        ("fields", 20, lambda most: dict.fromkeys(map(str, range(most)))),
    ],
)
def test_an_error_is_bounded_in_each_of_its_parts(part: str, most: int, made: Callable[[int], object]):
    """Its worker cuts it, so one that has more comes from a worker that is no longer ours."""

    def line(size: int) -> bytes:
        return json.dumps({"type": "threw", "kind": "exception", "name": "", "message": "", part: made(size)}).encode()

    assert getattr(decode_worker(line(most)), part) == made(most)
    with pytest.raises(ProtocolViolation, match=part):
        decode_worker(line(most + 1))


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_line_that_is_not_exactly_a_message_is_a_violation(line: bytes):
    with pytest.raises(ProtocolViolation) as caught:
        decode_worker(line)

    assert len(str(caught.value)) < 500


HOSTILE_VALUES = {
    "nested too deeply": b"[" * 10**6 + b"]" * 10**6,
    "an integer of 5000 digits": b"9" * 5000,
    "a number past every double": b"-1e999",
    "a lone surrogate": b'"\\udfff"',
    "not UTF-8": b'"\xff"',
    "nothing": b"",
}


@pytest.mark.parametrize("text", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES.keys())
def test_a_value_that_python_cannot_hold_is_a_violation(text: bytes):
    with pytest.raises(ProtocolViolation):
        decode_value(text)


DEEP = {
    "brackets": b"[" * 10**6,
    "braces": b'{"a":' * 10**6,
    "arguments": b'{"type":"call","call":1,"binding":"f","args":' + b"[" * 10**6,
    "after a text that seems to close them": b'["' + b"]" * 10**6 + b'",' + b"[" * 10**6,
}


@pytest.mark.parametrize("line", DEEP.values(), ids=DEEP.keys())
def test_no_line_ends_a_program_that_has_raised_its_limit_on_recursion(line: bytes):
    """With Python 3.11 that is the only bound on how deep C code goes: it ran out of stack, and the program ended."""
    program = """
        import sys
        from stockade_protocol import ProtocolViolation, decode_value, decode_worker

        sys.setrecursionlimit(10**6)
        line = sys.stdin.buffer.read()
        for decode in (decode_value, decode_worker):
            try:
                decode(line)
            except ProtocolViolation:
                print("violation")
        print(len(decode_value(b'["' + b"[" * 20_000 + b'"' + b",[{}]" * 20_000 + b"]")))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], input=line, capture_output=True, timeout=60)

    assert (done.returncode, done.stdout.split()) == (0, [b"violation", b"violation", b"20001"])


@pytest.mark.parametrize(("text", "value"), [("1e20", 1e20), (str(2**70), 2**70), ("-0", 0), ("1E2", 100.0)])
def test_numbers_of_any_size_that_python_can_hold_are_kept(text: str, value: float):
    assert decode_value(text.encode()) == value


def test_what_is_left_out_is_not_sent():
    assert encode(Returned()) == b'{"type":"returned"}\n'
    assert json.loads(encode(Threw("exception", "Error", "m"))) == {
        "type": "threw",
        "kind": "exception",
        "name": "Error",
        "message": "m",
    }


def test_null_and_undefined_are_told_apart():
    null, undefined = decode_worker(b'{"type":"returned","value":null}'), decode_worker(b'{"type":"returned"}')

    assert isinstance(null, Returned) and isinstance(undefined, Returned)
    assert (bytes(null.value), undefined.value) == (b"null", msgspec.UNSET)  # type: ignore[arg-type]


def test_the_messages_of_a_worker_keep_their_types():
    assert decode_worker(b'{"type":"ready","version":1,"node":"24.19.0"}') == Ready(1, "24.19.0")
    assert decode_worker(b'{"type":"call","call":1,"binding":"f","args":[1,"a",null]}') == Call(
        1, "f", msgspec.Raw(b'[1,"a",null]')
    )
