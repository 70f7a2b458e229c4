"""The golden transcripts, as the supervisor's side reads and writes them. js_worker/test/ replays the same files."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from stockade_protocol import (
    HostMessage,
    Message,
    State,
    Threw,
    WorkerMessage,
    decode_worker,
    encode,
    step,
)

FOLDER = Path(__file__).resolve().parents[2] / "protocol" / "transcripts"
TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))


def messages(transcript: Path) -> list[tuple[str, bytes]]:
    lines = transcript.read_text("utf-8").split("\n")
    return [(line[0], line[2:].encode()) for line in lines if line and not line.startswith("#")]


def decoded(side: str, line: bytes) -> Message:
    return msgspec.json.decode(line, type=HostMessage) if side == ">" else decode_worker(line)


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_transcript_is_legal_and_every_line_survives_a_round_trip_unchanged(transcript: Path):
    state = State.STARTING
    for side, line in messages(transcript):
        message = decoded(side, line)
        state = step(state, message)
        assert encode(message) == line + b"\n"

    assert state is State.IDLE


def test_the_transcripts_hold_every_message_and_every_kind_of_ending():
    seen = [decoded(side, line) for path in TRANSCRIPTS for side, line in messages(path)]
    kinds = next(field.type for field in msgspec.structs.fields(Threw) if field.name == "kind")

    assert {type(message) for message in seen} == {*get_args(HostMessage), *get_args(WorkerMessage)}
    assert {message.kind for message in seen if isinstance(message, Threw)} == set(get_args(kinds))
