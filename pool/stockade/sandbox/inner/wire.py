"""The messages between the supervisor and its launcher: one datagram each, JSON, descriptors alongside."""

from __future__ import annotations

import json
from typing import NamedTuple, get_args

# Far above the longest command line we send, and below the default socket buffer, so one message is one datagram. Twice
# as much would take 21 us to receive a short one and not 3: Python makes room for all of it first.
MESSAGE_BYTES = 64 * 1024

# Prepare has no ticket of its own; if it is refused, it is by this one. The others count from 1.
PREPARE_TICKET = 0


class Prepare(NamedTuple):
    """The supervisor's first message: what the workers will need. Answered by Prepared or Refused."""

    node: str
    readable: list[str]
    without: list[str]  # layers to leave out; only tests ask for this
    cgroup: str | None  # a group to make the pool's below, where one was named


class Prepared(NamedTuple):
    """The launcher stands: which layers its workers will have (with a detail each), and why the others are missing."""

    active: dict[str, str]
    missing: dict[str, str]


class Spawn(NamedTuple):
    """Start a worker; its stdin, stdout, stderr and perhaps its code come alongside. Answered by Spawned or Refused."""

    ticket: int
    argv: list[str]


class Spawned(NamedTuple):
    """The worker runs under all its layers. Its pidfd comes alongside."""

    ticket: int
    pid: int


class Limit(NamedTuple):
    """Tighten a living worker. Answered by Limited or Refused."""

    ticket: int
    pid: int
    data_bytes: int | None  # for RLIMIT_DATA, in all
    memory_bytes: int | None  # for its cgroup, beyond what it holds now
    no_new_threads: bool


class Limited(NamedTuple):
    """The limits hold."""

    ticket: int


class Refused(NamedTuple):
    """What the ticket asked for was not done."""

    ticket: int
    errno: int
    reason: str


class Kill(NamedTuple):
    """End a worker the supervisor may not signal itself. Never answered; Exited follows."""

    pid: int


class Exited(NamedTuple):
    """A worker has ended and is reaped: the last message with this pid."""

    pid: int
    returncode: int
    max_rss_kb: int
    cpu_seconds: float
    outgrown: bool  # its cgroup was full, and the kernel killed it for that


Message = Prepare | Prepared | Spawn | Spawned | Limit | Limited | Refused | Kill | Exited

TYPES: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """The message as one datagram; paths that are not UTF-8 survive as escaped surrogates."""
    data = json.dumps([type(message).__name__, *message]).encode("ascii")
    if len(data) > MESSAGE_BYTES:
        raise ValueError(f"a message of {len(data)} bytes, and the launcher takes {MESSAGE_BYTES}")
    return data


def decode(data: bytes) -> Message:
    """The message of one datagram."""
    name, *fields = json.loads(data)
    return TYPES[name](*fields)
