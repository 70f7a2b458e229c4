"""One Node.js process and its three pipes: lines in, lines out, one way to die."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from stockade.sandbox import Child, Exit, Launcher, without_folders
from stockade.verdict import Cause
from stockade_protocol import Lines, ProtocolViolation

# What one read takes at most: what a pipe holds where pages have 4 KiB. Python makes room for all of it before each
# read, and for more than 128 KiB the C library goes to the kernel: a short line then takes 22 us to read, and not 1.
READ_BYTES = 64 * 1024

# Node says a few KiB even when it crashes, and far more only of promises that a script rejects where its stack ends. To
# read on would cost the supervisor as much CPU as the flood its maker, and not to read would hold up the worker.
STDERR_FLOOD_BYTES = 1024 * 1024

# Larger parts of a message are written as they are, and not joined first.
JOINED_BYTES = 64 * 1024

# So much unread, and the pipe is left to fill up: then the worker waits, and our memory stays bounded.
PAUSE_LINES = 1_000
PAUSE_BYTES = 1024 * 1024

# A part of a line that is smaller than a page comes from who writes byte by byte, as no worker does that is still ours:
# so long it is left to add up. To read each byte took half a core of the supervisor, and half the speed of other runs.
PART_BYTES = 4096
PART_SECONDS = 0.001

# Long enough for the kernel to tear down a process of many GiB, short enough not to hold up a close for ever.
REAP_SECONDS = 10.0


class Process:
    """A started process. Its stdout is read as bounded lines, its stderr drained into a bounded tail."""

    def __init__(self, child: Child, stdin: int, stdout: int, stderr: int, line_bytes: int, stderr_bytes: int) -> None:
        self.child = child
        self.cause: Cause | None = None
        self.ended = False  # stdout is at its end: nothing more will be heard
        self._loop = asyncio.get_running_loop()
        self._stdin, self._stdout, self._stderr = stdin, stdout, stderr
        self._splitter = Lines(line_bytes)
        self._ready: deque[bytes | bytearray] = deque()
        self._ready_bytes = 0
        self._violation: ProtocolViolation | None = None
        self._heard: Callable[[], None] = _nobody
        self._paused = False
        self._unsent: deque[memoryview] = deque()
        self.queued_bytes = 0  # given to write() so far
        self.sent_bytes = 0  # and of these, taken by the pipe
        self._tail = b""
        self._stderr_bytes = stderr_bytes
        self._stderr_read = 0
        self._loop.add_reader(stdout, self._on_stdout)
        self._loop.add_reader(stderr, self._on_stderr)

    @classmethod
    async def start(
        cls, spawner: Launcher, argv: Sequence[str], *, line_bytes: int, stderr_bytes: int, code: int | None = None
    ) -> Self:
        """Spawns `argv` with three fresh pipes, and `code` for it to read. Raises OSError if it cannot be."""
        theirs: list[int] = []
        ours: list[int] = []
        child = None
        try:
            for inward in (False, True, True):  # stdin, stdout, stderr
                read, write = os.pipe()
                theirs.append(write if inward else read)
                ours.append(read if inward else write)
                # Ours alone: the flag belongs to one end, and the worker wants its ends blocking.
                os.set_blocking(ours[-1], False)
            child = await spawner.spawn(argv, stdin=theirs[0], stdout=theirs[1], stderr=theirs[2], code=code)
            stdin, stdout, stderr = ours
            return cls(child, stdin, stdout, stderr, line_bytes, stderr_bytes)
        except BaseException:
            if child is not None:  # the loop can watch no more descriptors
                child.kill()
                asyncio.get_running_loop().remove_reader(ours[1])
            _close(ours)
            raise
        finally:
            _close(theirs)

    def listen(self, heard: Callable[[], None]) -> None:
        """Has `heard` called, at once, whenever there is something new: lines, too long a line, or the end.

        In the callback that read it, without a turn of the loop in between: a call of a binding may be answered there.
        """
        self._heard = heard

    def listen_no_more(self) -> None:
        """Whatever is said from now on waits, and nothing is kept of who listened."""
        self._heard = _nobody

    def next_line(self) -> bytes | bytearray | None:
        """The next line that has come in, if there is one. Raises ProtocolViolation in the place of one too long."""
        if not self._ready:
            if self._violation is not None:
                raise self._violation
            return None
        line = self._ready.popleft()
        self._ready_bytes -= len(line)
        if self._paused and not self._ready and not self.ended:
            self._paused = False
            self._loop.add_reader(self._stdout, self._on_stdout)
        return line

    async def line(self) -> bytes | bytearray | None:
        """The next line, once it is there; None at the end. Raises ProtocolViolation for one too long."""
        while (line := self.next_line()) is None and not self.ended:
            woken: asyncio.Future[None] = self._loop.create_future()
            self.listen(lambda woken=woken: None if woken.done() else woken.set_result(None))
            try:
                await woken
            finally:
                self.listen_no_more()
        return line

    @property
    def has_lines(self) -> bool:
        """Whether lines have come in that nobody has taken."""
        return bool(self._ready)

    @property
    def was_heard(self) -> bool:
        """Whether something has come in that nobody has asked for, the end and half a line included."""
        return bool(self._ready) or self._splitter.unfinished or self.ended or self._violation is not None

    @property
    def has_spoken(self) -> bool:
        """The same of what is still in the pipe, whether the loop has noticed or not."""
        self.catch_up()
        return self.was_heard

    def catch_up(self) -> None:
        """Hears what is in the pipe, unless there is something that nobody has taken yet."""
        if not self.was_heard:
            self._on_stdout()

    def write(self, *parts: bytes | memoryview) -> None:
        """Sends all of it, now or as the pipe drains. Silent when the process is gone: reading will tell.

        All that a worker is told goes through here.
        """
        small = len(parts) == 1 or all(len(part) <= JOINED_BYTES for part in parts)
        for data in (b"".join(parts),) if small else parts:
            self.queued_bytes += len(data)
            if self._unsent:
                self._unsent.append(memoryview(data))
                continue
            sent = self._send(data)
            if sent < len(data):
                self._unsent.append(memoryview(data)[sent:])
                self._loop.add_writer(self._stdin, self._on_writable)

    def kill(self, cause: Cause) -> None:
        """SIGKILL to the group, and the last of its output. Synchronous, repeatable: the first cause counts."""
        if self.cause is not None:
            return
        self.cause = cause
        self.child.kill()
        # What it wrote before is in the pipe, and one read takes all that a pipe holds. End-of-file comes only once the
        # kernel has let it die, which on a busy machine takes ten times as long, and a helper may hold it open.
        if not self.ended and self._violation is None:
            self._on_stdout()
        self._read_stderr()
        self._loop.remove_reader(self._stdout)
        self._end()

    async def reap(self) -> Exit | None:
        """Waits for the end, kill included, and gives every descriptor back; None if the kernel would not let go."""
        self.kill(Cause.DONE)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(REAP_SECONDS):
                    return await self.child.wait()
            return None
        finally:
            self._drain_stderr()
            self.close()

    @property
    def is_deaf(self) -> bool:
        """Whether its stderr is read no more: it wrote too much there, and now writes in vain."""
        return self._stderr_read > STDERR_FLOOD_BYTES

    @property
    def stderr_tail(self) -> str:
        """The end of what it wrote to stderr, paths cut to their last part. Evidence, never an instruction."""
        return without_folders(self._tail.decode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Gives the descriptors back; may be called again. The process must have been killed."""
        if self._stdout < 0:
            return
        self._loop.remove_writer(self._stdin)
        if not self.is_deaf:
            self._loop.remove_reader(self._stderr)
            os.close(self._stderr)
        _close([self._stdin, self._stdout])
        self._stdin = self._stdout = self._stderr = -1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.reap()

    def _on_stdout(self) -> None:
        try:
            data = os.read(self._stdout, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._stdout)
            self._end()
            return
        self._take(data)
        if len(data) < PART_BYTES and b"\n" not in data:
            self._loop.remove_reader(self._stdout)
            self._loop.call_later(PART_SECONDS, self._read_on)

    def _read_on(self) -> None:
        if not (self._paused or self.ended or self._violation):
            self._loop.add_reader(self._stdout, self._on_stdout)

    def _take(self, data: bytes) -> None:
        """All that a worker says comes through here."""
        try:
            lines = self._splitter.feed(data)
        except ProtocolViolation as violation:
            self._violation = violation
            self._loop.remove_reader(self._stdout)
        else:
            self._ready += lines
            self._ready_bytes += sum(map(len, lines))
        if self._ready or self._violation is not None:
            self._heard()
        if not self._paused and (len(self._ready) > PAUSE_LINES or self._ready_bytes > PAUSE_BYTES):
            self._paused = True
            self._loop.remove_reader(self._stdout)

    def _end(self) -> None:
        self.ended = True
        self._heard()

    def _on_stderr(self) -> None:
        if not self._read_stderr():
            self._loop.remove_reader(self._stderr)

    def _read_stderr(self) -> bool:
        if self.is_deaf:
            return False
        try:
            data = os.read(self._stderr, READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._tail = (self._tail + data)[-self._stderr_bytes :] if self._stderr_bytes else b""
        self._stderr_read += len(data)
        if self._stderr_read <= STDERR_FLOOD_BYTES:
            return bool(data)
        self._loop.remove_reader(self._stderr)
        os.close(self._stderr)
        self._stderr = -1
        return True

    def _drain_stderr(self) -> None:
        # A dead process leaves at most a full pipe behind.
        for _ in range(2):
            if not self._read_stderr():
                return

    def _send(self, data: bytes | memoryview) -> int:
        try:
            sent = os.write(self._stdin, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            sent = len(data)
            if not isinstance(error, BrokenPipeError):  # no memory: it will wait for what it never gets whole
                self.kill(Cause.DONE)
        self.sent_bytes += sent
        return sent

    def _on_writable(self) -> None:
        while self._unsent:
            data = self._unsent[0]
            sent = self._send(data)
            if sent < len(data):
                self._unsent[0] = data[sent:]
                return
            self._unsent.popleft()
        self._loop.remove_writer(self._stdin)


def _nobody() -> None:
    """Nobody listens; what is said waits."""


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
