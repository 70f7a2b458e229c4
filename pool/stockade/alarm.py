"""A moment that is near, kept to a tenth of a millisecond: asyncio's own timers count whole ones on Linux."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable
from typing import Protocol

# Nearer than this, an alarm is worth its descriptor: the loop's own timer comes up to a millisecond late.
NEAR_SECONDS = 0.0015

_CLOCK_MONOTONIC = 1

_libc = ctypes.CDLL(None, use_errno=True)


class Timer(Protocol):
    """What calls back once, unless it is cancelled before."""

    def cancel(self) -> None:
        """It does not call back any more; may be called again."""


class Alarm:
    """A timer of the kernel's that the loop waits for as it does for a pipe: epoll_wait(2) counts in milliseconds."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], None]) -> None:
        self._loop, self._callback = loop, callback
        self._descriptor = _timer(seconds)
        try:
            loop.add_reader(self._descriptor, self._ring)
        except BaseException:
            os.close(self._descriptor)
            raise

    def cancel(self) -> None:
        """It does not ring any more; may be called again."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _ring(self) -> None:
        self.cancel()
        self._callback()


def set_alarm(loop: asyncio.AbstractEventLoop, seconds: float, callback: Callable[[], None]) -> Timer:
    """Calls `callback` in `seconds`, of which there are few. By the loop's own timer where the kernel gives none."""
    try:
        return Alarm(loop, seconds, callback)
    except (AttributeError, NotImplementedError, OSError):  # not Linux; a loop that watches none; none is left
        return loop.call_later(seconds, callback)


def _timer(seconds: float) -> int:
    """A descriptor that can be read `seconds` from now. Raises OSError; AttributeError where there is no such call."""
    descriptor = _libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create")
    # An itimerspec: no interval, then how long from now. By a zero it would never ring.
    spec = (ctypes.c_long * 4)(0, 0, int(seconds), max(1, int(seconds % 1 * 1e9)))
    if _libc.timerfd_settime(descriptor, 0, spec, None) < 0:
        os.close(descriptor)
        raise OSError(ctypes.get_errno(), "timerfd_settime")
    return descriptor
