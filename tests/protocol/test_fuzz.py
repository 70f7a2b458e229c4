"""A million mutated lines against the reader: only messages and ProtocolViolation may come out."""

from __future__ import annotations

import random
from pathlib import Path

from stockade_protocol import Lines, ProtocolViolation, State, decode_worker, step

LINES = 1_000_000
BATCH = 500
LINE_BYTES = 2_000

FOLDER = Path(__file__).resolve().parents[2] / "protocol" / "transcripts"
SEEDS = [
    *(
        line[2:].encode()
        for path in FOLDER.glob("*.txt")
        for line in path.read_text("utf-8").split("\n")
        if line[:1] == "<"
    ),
    b'{"type":"call","call":1,"binding":"f","args":[[[[1e308,-0,"\\ud83d\\ude00"]]],{"a":{"b":[]}}]}',
    b'{"type":"returned","value":"' + b"x" * 500 + b'"}',
]
# What decoders have stumbled over.
SPICE = [
    *(b'"', b"\\", b"\\u", b"\\ud800", b"{", b"}", b"[" * 900, b"]", b",", b":", b"\n", b"\r", b"\x00", b"\xff"),
    *(b"\xc0\x80", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"1e999", b"-", b"NaN", b"9" * 400, b"null", b"true", b" "),
    *(b'"type":', b'"call":', b"x" * LINE_BYTES),
]


def test_a_million_mutated_lines_bring_nothing_but_messages_and_violations():
    """Any other exception fails the test by coming out of it."""
    chance = random.Random(5)
    tally = {"message": 0, "illegal": 0, "malformed": 0, "too long": 0}
    while sum(tally.values()) < LINES:
        stream = b"\n".join(mutated(chance) for _ in range(BATCH)) + b"\n"
        read(stream, chance, tally)

    assert all(count > 1_000 for count in tally.values()), tally


def read(stream: bytes, chance: random.Random, tally: dict[str, int]) -> None:
    """As process.py and run.py do, except that a violation ends nobody."""
    splitter, state = Lines(LINE_BYTES), State.RUNNING
    at = 0
    while at < len(stream):
        size = chance.randrange(1, 8_000)
        try:
            lines = splitter.feed(stream[at : at + size])
        except ProtocolViolation:
            tally["too long"] += 1
            splitter, lines = Lines(LINE_BYTES), list[bytes]()
        at += size
        for line in lines:
            try:
                message = decode_worker(line)
            except ProtocolViolation:
                tally["malformed"] += 1
                continue
            try:
                state = step(state, message)
            except ProtocolViolation:
                tally["illegal"] += 1
                state = State.RUNNING
            else:
                tally["message"] += 1


def mutated(chance: random.Random) -> bytes:
    line = chance.choice(SEEDS)
    for _ in range(chance.randrange(3)):
        at = chance.randrange(len(line) + 1)
        match chance.randrange(5):
            case 0:
                line = line[:at] + chance.choice(SPICE) + line[at:]
            case 1:
                line = line[:at] + line[at + chance.randrange(1, 9) :]
            case 2:
                line = line[:at] + chance.randbytes(1) + line[at + 1 :]
            case 3:
                line = line[:at]
            case _:
                line = line[:at] + chance.choice(SEEDS)[at:]
    return line
