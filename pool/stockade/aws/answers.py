"""How long an answer is waited for, and how much of it is read: a server may say anything, and say it byte by byte.

botocore's own timeout is of each read alone, and what it reads has no bound.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool, AWSHTTPSConnection, AWSHTTPSConnectionPool

READ_SECONDS = 30

# For the whole of an answer where no run waits for it, as when the accounts are listed.
ANSWER_SECONDS = 120

# What a run may take of results in all (`bytes_per_run`). botocore parses an answer in one go, and while it does no
# event loop of the process has a turn.
ANSWER_MIB = 32

# Tags, lists and objects: as many as an honest answer of that size has. A parser makes a hundred bytes of three.
ANSWER_PARTS = 2_000_000


class DeadlinePassed(Exception):
    """The run that asked is over, so nothing more is waited for."""


class TooLarge(Exception):
    """An answer is larger than any of AWS's."""

    def __init__(self, most: str = f"{ANSWER_MIB} MiB") -> None:
        super().__init__(f"answer of more than {most}")


_until = threading.local()


@contextmanager
def until(deadline: Callable[[], float] | None) -> Generator[None]:
    """No attempt of any session's clients starts in this thread after `deadline`, or waits longer.

    It tells a time of time.monotonic(), and is asked before each attempt and each read: by then there may be nobody
    who waits.
    """
    before = getattr(_until, "deadline", None)
    _until.deadline = deadline
    try:
        yield
    finally:
        _until.deadline = before


def seconds_left(most: float = READ_SECONDS) -> float:
    """How long may still be waited in this thread. Raises DeadlinePassed where it is over."""
    deadline = getattr(_until, "deadline", None)
    left = most if deadline is None else deadline() - time.monotonic()
    if left <= 0:
        raise DeadlinePassed
    return min(most, left)


def in_time(**_: Any) -> None:
    """A `before-send` hook. Nobody waits longer than the run, and others want the thread."""
    seconds_left()


def no_more_attempts(caught_exception: BaseException | None, **_: Any) -> None:
    """A `needs-retry` hook. Where the run is over, or an answer too large, there is no use in another attempt, nor in
    the pause before it."""
    seconds_left()
    cause = caught_exception and caught_exception.__context__
    if isinstance(cause, TooLarge):
        raise cause


def few_parts(response_dict: dict[str, Any], **_: Any) -> None:
    """A `before-parse` hook. Raises TooLarge for an answer that would take long to parse."""
    body = response_dict["body"]
    if isinstance(body, bytes) and sum(map(body.count, (b"<", b"[", b"{"))) > ANSWER_PARTS:
        raise TooLarge(f"{ANSWER_PARTS:,} parts")


def bound(base_classes: list[type], **_: Any) -> None:
    """A `creating-client-class` hook. The client reads its answers as above."""
    base_classes.insert(0, _Bound)


class _Bound:
    """What a client's class is made to begin with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here: Any = self
        bound_reads(here._endpoint.http_session)


def bound_reads(http_session: Any) -> None:
    """What botocore reads over HTTP by this session of it is bounded as above."""
    http_session._pool_classes_by_scheme.update(http=_Pool, https=_SecurePool)


class _Wire(io.RawIOBase):
    """What one answer is read from, its head included."""

    def __init__(self, connected: Any) -> None:
        self._socket = connected
        self._raw = connected.makefile("rb", buffering=0)
        self._read_seconds = min(connected.gettimeout() or READ_SECONDS, READ_SECONDS)
        self._end = time.monotonic() + ANSWER_SECONDS
        self._room = ANSWER_MIB * 1024 * 1024

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As of a socket, for HTTPResponse."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(min(seconds_left(self._read_seconds), left))
        count = self._raw.readinto(buffer)
        self._room -= count or 0
        if self._room < 0:
            raise TooLarge
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _answer(connected: Any, *args: Any, **kwargs: Any) -> HTTPResponse:
    wire: Any = _Wire(connected)
    return HTTPResponse(wire, *args, **kwargs)


class _Connection(AWSHTTPConnection):
    response_class: Any = staticmethod(_answer)


class _SecureConnection(AWSHTTPSConnection):
    response_class: Any = staticmethod(_answer)


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection
