"""What is no recording is refused when it is read, and told where it is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stockade import binding
from stockade.testing import InvalidRecording, record, replay

HEAD = '{"type":"recording","version":1,"bindings":{"f":{"declaration":"declare function f(): any;"}}}\n'
CALL = '{"type":"call","call":1,"name":"f","args":[]}\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "No such file"),
        ("", "is empty"),
        (HEAD[:30], "first line is cut off"),
        ('{"a": 1}\n', "is no recording"),
        ("console.log(1)\n", "is no recording"),
        (HEAD.replace("1", "2"), "version 2, and this stockade replays 1"),
        (HEAD + CALL + '{"type":"value","ca', "line 3 is cut off: .* the rest can be replayed"),
        (HEAD + "nonsense\n", "line 2 is no part of a recording"),
        (HEAD + '{"type":"value","call":1,"value":1}\n', "line 2 does not follow"),
        (HEAD + CALL.replace('"f"', '"g"'), "line 2 does not follow"),
        (HEAD + CALL.replace("1", "2"), "line 2 does not follow"),
        (HEAD + CALL + '{"type":"value","call":1,"value":1}\n{"type":"error","call":1,"name":"E","message":""}\n', "4"),
        (HEAD.replace('"version"', '"more":1,"version"'), "line 1 is no part"),
        (HEAD.replace('"decl', '"timeout_seconds":-1,"decl', 1), "line 1: f: timeout_seconds must be more"),
        (HEAD.replace('"f"', '"class"'), "line 1: 'class' cannot name a binding"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_its_line(tmp_path: Path, text: str | None, told: str):
    file = tmp_path / "run.jsonl"
    if text is not None:
        file.write_text(text)

    with pytest.raises(InvalidRecording, match=told):
        replay(file)


@pytest.mark.parametrize("rest", [b'"value":"\xff"', b'"value":[1],"meta":{"a":"\xff"}'])
def test_text_in_a_recording_that_python_could_not_read_is_refused_with_its_line(tmp_path: Path, rest: bytes):
    """It is refused before there is a script, which would be told of it in Python's words."""
    file = tmp_path / "run.jsonl"
    file.write_bytes(HEAD.encode() + CALL.encode() + b'{"type":"value","call":1,%s}\n' % rest)

    with pytest.raises(InvalidRecording, match="line 3 is no part of a recording"):
        replay(file)


async def test_what_two_recordings_wrote_into_one_file_is_refused(tmp_path: Path):
    """Else the answer of the one stands below a call of the other, and is replayed as its own."""
    answers = {"tea": (4.0, asyncio.Event(), asyncio.Event()), "oat": (9.0, asyncio.Event(), asyncio.Event())}

    @binding
    async def price(sku: str) -> float:
        value, asked, due = answers[sku]
        asked.set()
        await due.wait()
        return value

    file = tmp_path / "run.jsonl"
    with record({"price": price}, file) as one, record({"price": price}, file) as other:
        calls: list[asyncio.Future[float]] = []
        for recording, sku in ((one, "oat"), (other, "tea")):
            calls.append(asyncio.ensure_future(recording["price"](sku)))
            await answers[sku][1].wait()
        for call, sku in zip(reversed(calls), ("tea", "oat"), strict=True):
            answers[sku][2].set()
            await call
    with pytest.raises(InvalidRecording, match="line 3 does not follow from those before it"):
        replay(file)
