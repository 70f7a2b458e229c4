"""One worker, from fork to exec. The process forking has one thread, so Python may run between the two."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Sequence
from typing import NoReturn

from . import limits, syscalls
from .cgroup import Leaf
from .prepare import Confinement, confine

# Nothing of the supervisor's. The two variables are those whose absence makes Node look for files: an
# openssl.cnf it may not read is fatal, and without TZ it asks /etc/localtime.
ENVIRONMENT = {"OPENSSL_CONF": "/dev/null", "TZ": "UTC"}

# The steps take about 3 ms. This is for a kernel that hangs in one of them.
EXEC_MS = 10_000

# Where a worker finds its code, if it is given some: above all that the launcher opens before it forks. Below the
# RLIMIT_NOFILE of a worker, and as in js_worker/stockade_worker/code.cjs, which closes it before there is a script.
CODE = 63

OOM_SCORE_ADJ = 1000  # when memory runs out, the kernel takes workers first


def spawn(argv: Sequence[str], given: Sequence[int], proc: int, confinement: Confinement, leaf: Leaf | None) -> int:
    """The pid of a worker that has passed exec; OSError if any step failed, and then nothing is left of it."""
    launcher = os.getpid()
    said, say = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become_worker(argv, given, proc, confinement, leaf, launcher, say)
    os.close(say)
    try:
        complaint = _until_exec(said)
    finally:
        os.close(said)
    if complaint is not None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise complaint
    return pid


def _until_exec(said: int) -> OSError | None:
    """Exec closes the child's end of the pipe, so end-of-file without a word means success."""
    poll = select.poll()
    poll.register(said, select.POLLIN)
    if not poll.poll(EXEC_MS):
        return TimeoutError(f"a worker did not reach exec within {EXEC_MS} ms")
    text = os.read(said, 4096).decode(errors="backslashreplace")
    if not text:
        return None
    errno, _, reason = text.partition(" ")
    return OSError(int(errno), reason)


def _become_worker(
    argv: Sequence[str],
    given: Sequence[int],
    proc: int,
    confinement: Confinement,
    leaf: Leaf | None,
    launcher: int,
    say: int,
) -> NoReturn:
    try:
        os.setsid()  # a group of its own: one signal takes whatever it became
        syscalls.die_with_parent(launcher, signal.SIGKILL)
        if leaf is not None:
            leaf.enter()
        say = _inherit_only(given, say)
        # Python ignores these two, and ignored signals survive exec.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        _volunteer_for_oom(proc)
        limits.apply_at_start()
        os.chdir("/")
        confine(confinement)
        confinement.program.execute(list(argv), ENVIRONMENT)
    except OSError as error:
        os.write(say, f"{error.errno or 0} {error.strerror or error}".encode(errors="backslashreplace"))
    except BaseException as error:
        os.write(say, f"0 {type(error).__name__}: {error}".encode(errors="backslashreplace"))
    os._exit(127)


def _inherit_only(given: Sequence[int], say: int) -> int:
    """Put the descriptors in place, and see to it that no other lives on. Returns where `say` is now."""
    if say == CODE:  # with many workers alive it may be, as any that is opened late
        say = os.dup(say)
    for target, descriptor in zip((0, 1, 2, CODE), given, strict=False):
        os.dup2(descriptor, target)  # the copies are inheritable; the originals are 3 or above
    syscalls.close_on_exec_from(3)  # Python opens everything so; this is for what it inherited
    if len(given) > 3:
        os.set_inheritable(CODE, True)
    return say


def _volunteer_for_oom(proc: int) -> None:
    # After a change of uid the kernel gives /proc/self to root. Dumpable for this moment only: exec sets it anew.
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 1)
    descriptor = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=proc)
    os.write(descriptor, str(OOM_SCORE_ADJ).encode())
    os.close(descriptor)
