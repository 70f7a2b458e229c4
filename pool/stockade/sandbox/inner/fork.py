"""One worker, from fork to exec. The process forking has one thread, so Python may run between the two.

It forks ahead, and does ahead all that does not depend on which worker it is: Python writes to what it looks at, and
each page that is shared since a fork takes some 5 us for that. Of the 5 ms to exec a run that waits sees less than two.
"""

from __future__ import annotations

import array
import errno
import os
import select
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

from . import limits, syscalls, wire
from .cgroup import Leaf
from .prepare import Confinement, last_layer, restrict_files

# The steps take about 3 ms. Twice this is for a kernel that hangs in one of them.
EXEC_MS = 5_000

# Where a worker finds its code, if it is given some: above all that the launcher opens before it forks. Below the
# RLIMIT_NOFILE of a worker, and as in js_worker/stockade_worker/main.cjs. It is closed before there is a script.
CODE = 63

OOM_SCORE_ADJ = 1000  # when memory runs out, the kernel takes workers first

# Of memory, whoever collects dumps. Beside RLIMIT_CORE, which may be 0 already: then a program may still be handed one.
NOTHING_DUMPED = 0


class Waiting:
    """A process forked ahead, under all its layers but the last: it is yet to be told what to run."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self._channel = channel

    def become(self, argv: Sequence[str], given: Sequence[int], leaf: Leaf | None) -> int:
        """The pid of a worker that has passed exec; OSError if any step failed, and then nothing is left of it.

        BrokenPipeError or ConnectionResetError if it has died while it waited.
        """
        try:
            if leaf is not None:
                leaf.enter(self.pid)
            socket.send_fds(self._channel, [b"\0".join(map(os.fsencode, argv))], given)
            complaint = self._until_exec()
        except OSError as error:
            complaint = error
        if complaint is not None:
            ended = os.waitstatus_to_exitcode(self.close())
            if isinstance(complaint, BrokenPipeError | ConnectionResetError):
                how = f"signal {-ended}" if ended < 0 else str(ended)
                complaint.strerror = f"what was to be a worker ended with {how}"
            raise complaint
        self._channel.close()
        return self.pid

    def close(self) -> int:
        """Ends it. Returns the status it ended with, before this or by it."""
        self._channel.close()
        os.kill(self.pid, signal.SIGKILL)
        return os.waitpid(self.pid, 0)[1]

    def _until_exec(self) -> OSError | None:
        """Exec closes the child's end, so end-of-file without a word means success."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        # Twice, because a pause of all of us (`docker pause`) may have taken the first time.
        if not poll.poll(EXEC_MS) and not poll.poll(EXEC_MS):
            return TimeoutError(f"a worker did not reach exec within {2 * EXEC_MS} ms")
        text = self._channel.recv(4096).decode(errors="backslashreplace")
        if not text:
            return None
        number, _, reason = text.partition(" ")
        return OSError(int(number), reason)


def ahead(proc: int, confinement: Confinement) -> Waiting:
    """Forks the next worker."""
    launcher = os.getpid()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        try:
            _become_worker(theirs, proc, confinement, launcher)
        finally:
            os._exit(127)  # whatever happened: there is one launcher
    theirs.close()
    return Waiting(pid, ours)


def _become_worker(channel: socket.socket, proc: int, confinement: Confinement, launcher: int) -> None:
    try:
        try:
            os.setsid()  # a group of its own: one signal takes whatever it became
            syscalls.die_with_parent(launcher, signal.SIGKILL)
            _tell_the_kernel(proc)
            os.chdir("/")
            restrict_files(confinement)
            channel = _hold_only(channel)
            limits.apply_at_start()
            restrict_calls = last_layer(confinement)
            environment = syscalls.words(f"{name}={value}" for name, value in confinement.environment.items())
        finally:
            # Whatever failed: nobody listens before, and who ends with a message unread takes the complaint along.
            data, given = receive(channel)
        if len(given) < 3:  # it could open no more, and would keep the supervisor's stderr; or the launcher is gone
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        for target, descriptor in zip((0, 1, 2, CODE), given, strict=False):
            os.dup2(descriptor, target)  # the copies are inheritable; the originals are 4 or above
        if confinement.gives_way:
            limits.give_way()
        restrict_calls()
        confinement.program.execute(syscalls.words(data.split(b"\0")), environment)
    except OSError as error:
        _complain(channel, f"{error.errno or 0} {error.strerror or error}")
    except BaseException as error:
        _complain(channel, f"0 {type(error).__name__}: {error}")


def _complain(channel: socket.socket, text: str) -> None:
    # Not send(): the seccomp filter is on by now, and lets nobody use a socket as one.
    os.write(channel.fileno(), text.encode(errors="backslashreplace"))


def _hold_only(channel: socket.socket) -> socket.socket:
    """Closes every descriptor but the first three, which will be others, and the channel, which is 3 afterwards."""
    os.dup2(channel.fileno(), 3, inheritable=False)
    channel.detach()  # not before: a complaint would have no way
    syscalls.close_from(4)
    return socket.socket(fileno=3)


def receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """One datagram and its descriptors, which close on exec from the start."""
    room = socket.CMSG_SPACE(4 * array.array("i").itemsize)
    data, ancillary, _, _ = channel.recvmsg(wire.MESSAGE_BYTES, room, socket.MSG_CMSG_CLOEXEC)
    descriptors = array.array("i")
    for level, kind, payload in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(payload)
    return data, list(descriptors)


def _tell_the_kernel(proc: int) -> None:
    # After a change of uid the kernel gives /proc/self to root. Dumpable for this moment only.
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
    try:
        _write(proc, "self/oom_score_adj", OOM_SCORE_ADJ)
        with suppress(FileNotFoundError):  # a kernel that makes no dumps
            _write(proc, "self/coredump_filter", NOTHING_DUMPED)
    finally:
        syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)


def _write(proc: int, path: str, number: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY, dir_fd=proc)
        os.write(descriptor, str(number).encode())
        os.close(descriptor)
    except OSError as error:
        raise OSError(error.errno, f"{path.removeprefix('self/')}: {error.strerror}") from None
