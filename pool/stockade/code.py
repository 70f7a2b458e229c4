"""V8's code cache of the worker's own modules: made by a process that never sees a script, read by later workers."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from stockade.config import MIB
from stockade.patience import patience
from stockade.process import Process
from stockade.sandbox import Launcher, unless_stuck
from stockade.worker import Kind
from stockade_protocol import Part, ProtocolViolation, decode_code

# Making it costs what two starts cost and saves a fifth of each that follows; a pool for one script never comes so far.
DUE_AFTER_STARTS = 4

# Kinds of worker there is code for. Configs of callers make kinds; the one that came first goes.
MAX_KINDS = 8

# Several times what it is.
LINE_BYTES = 8 * MIB

# More than the places of three parts take; as in js_worker/stockade_worker/main.cjs.
HEAD_BYTES = 256

# Not writable by whoever holds it, ourselves included; and where kernels know the word, not executable. The numbers of
# the kernel, because a Python that was built for an older C library does not know the names.
_ADD_SEALS = 1033
_SEALS = 0x1 | 0x2 | 0x4 | 0x8  # F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE
_NOEXEC_SEAL = 0x8


@dataclass
class _Made:
    """What there is for workers of one binary and one set of flags that V8 minds."""

    starts: int = 0
    due: int = DUE_AFTER_STARTS
    descriptor: int | None = None


class Codes:
    """The code of a pool's workers. Close it when none will be started any more."""

    def __init__(self) -> None:
        self._made: dict[tuple[Path, int, bool], _Made] = {}

    def of(self, kind: Kind) -> int | None:
        """The descriptor for a worker of this kind to be started with, if there is one."""
        return self._of(kind).descriptor

    def has_started(self, kind: Kind) -> bool:
        """Counts one more worker of this kind, and says whether the code is to be made now."""
        made = self._of(kind)
        made.starts += 1
        return made.descriptor is None and made.starts == made.due

    def keep(self, kind: Kind, descriptor: int) -> None:
        """For the workers of this kind from now on."""
        made = self._of(kind)
        _close(made)
        made.descriptor = descriptor

    def drop(self, kind: Kind, descriptor: int) -> None:
        """A worker that had this code did not start."""
        made = self._of(kind)
        if made.descriptor == descriptor:  # not dropped already for another
            _close(made)
            self.put_off(kind)

    def put_off(self, kind: Kind) -> None:
        """It is no use. Not soon again: that may not change."""
        made = self._of(kind)
        made.due = 10 * max(made.due, made.starts)

    def close(self) -> None:
        """Gives the descriptors back; may be called again."""
        for made in self._made.values():
            _close(made)
        self._made.clear()

    def _of(self, kind: Kind) -> _Made:
        # What V8 asks for: on Node 22 the heap's limit is part of that.
        key = (kind.node, kind.memory_limit_mb, kind.jitless)
        if key not in self._made and len(self._made) == MAX_KINDS:
            _close(self._made.pop(next(iter(self._made))))
        return self._made.setdefault(key, _Made())


def _close(made: _Made) -> None:
    if made.descriptor is not None:
        os.close(made.descriptor)
        made.descriptor = None


async def compiled(spawner: Launcher, kind: Kind, timeout_seconds: float) -> int:
    """A descriptor of fresh code, for the caller to close. Raises OSError, TimeoutError or ProtocolViolation."""
    async with patience(timeout_seconds):  # of the spawn as well: whoever waits for this holds a turn to start
        process = await Process.start(spawner, kind.command("compile"), line_bytes=LINE_BYTES, stderr_bytes=0)
        async with process:
            with unless_stuck(process.child):
                line = await process.line()
    if line is None:
        raise ProtocolViolation("it ended before it had compiled anything")
    return _sealed(decode_code(line).parts)


def _sealed(parts: list[Part]) -> int:
    """In memory that nobody can change: a line that says what lies where, then text and code of each."""
    places: dict[str, tuple[int, int, int]] = {}
    blobs: list[bytes] = []
    at = HEAD_BYTES
    for part in parts:
        text = part.text.encode()
        places[part.name] = (at, len(text), len(part.data))
        blobs += [text, part.data]
        at += len(text) + len(part.data)
    descriptor = _memory()
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.writelines([json.dumps(places).encode().ljust(HEAD_BYTES), *blobs])
        fcntl.fcntl(descriptor, _ADD_SEALS, _SEALS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _memory() -> int:
    if not hasattr(os, "memfd_create"):  # such a Python lacks it as well
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    flags = os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING
    try:
        return os.memfd_create("stockade-code", flags | _NOEXEC_SEAL)
    except OSError:  # before Linux 6.3
        return os.memfd_create("stockade-code", flags)
