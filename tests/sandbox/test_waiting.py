"""A process forked ahead: what it holds and may have while it waits, and what it hands on to what it becomes."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stockade.sandbox import Launcher

from .support import PROGRAMS, start
from .test_launcher import waiting

SIGNALS = r"^Max pending signals +0 +0 "  # after this are lowered those alone that may have been lower before


async def test_a_process_that_waits_is_held_to_its_limits_and_holds_nothing_but_its_channel(launcher: Launcher):
    """What it held of the launcher's, of which each worker has one more, stayed open as long as it waited."""
    workers = [await start(launcher, [launcher.node, PROGRAMS / "loops_forever.mjs"]) for _ in range(3)]
    for worker in workers:
        await launcher.limit(worker.child, data_bytes=None, no_new_threads=False)
    proc = Path("/proc", str(await waiting(launcher)))
    while not re.search(SIGNALS, limits := (proc / "limits").read_text(), re.MULTILINE):  # noqa: ASYNC110 - it lowers them by itself
        await asyncio.sleep(0)
    owner = (proc / "environ").stat().st_uid
    try:
        held = {int(one.name): str(one.readlink()) for one in (proc / "fd").iterdir()}
    except PermissionError:
        held = None  # this user may not look: it is not to be dumped
    await launcher.close()
    for worker in workers:
        worker.close()

    assert re.search(r"^Max open files +64 +64 ", limits, re.MULTILINE)
    assert held is None or sorted(held) == [0, 1, 2, 3]
    assert held is None or held[3].startswith("socket:")
    assert owner == 0  # so the kernel has it of a process that nobody may trace, though he were its user


FORKS_AHEAD = """
import os, struct, sys
from stockade.sandbox.inner import fork, syscalls
from stockade.sandbox.inner.prepare import Confinement

number, answer = int(sys.argv[1]), int(sys.argv[2])
code = [(0x20, 0, 0, 0), (0x15, 0, 1, syscalls.NR_CLOSE_RANGE), (0x06, 0, 0, answer), (0x06, 0, 0, 0x7FFF0000)]
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
syscalls.SeccompFilter(b"".join(struct.pack("=HBBI", *row) for row in code)).install()

proc = os.open(sys.argv[3], os.O_PATH)
texts = []
for text in (b"input", b"code"):
    end, other = os.pipe()
    os.write(other, text)
    os.close(other)
    texts.append(end)
others = [end]
while others[-1] < number - 2:
    others.append(os.dup(2))
    os.set_inheritable(others[-1], True)  # so that exec does not close it
waiting = fork.ahead(proc, Confinement(syscalls.Program(sys.executable), None, None))
shows = "import os; print(os.read(0, 9), os.read(63, 9), *sorted(map(int, os.listdir('/proc/self/fd'))))"
argv = [sys.executable, "-I", "-S", "-B", "-c", shows]
pid = waiting.become(argv, (texts[0], 1, 2, texts[1]), None)
os.waitpid(pid, 0)
"""


ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026


@pytest.mark.parametrize(
    ("number", "close_range"),
    [(11, ALLOW), (63, ALLOW), (64, ALLOW), (300, ALLOW), (11, EPERM), (63, EPERM), (64, EPERM), (257, ENOSYS)],
)
def test_what_a_worker_is_given_is_all_it_has_whatever_number_its_channel_had(number: int, close_range: int):
    """Where many workers lived the channel was where a worker finds its code; and of more than it may open itself."""
    program = [sys.executable, "-c", FORKS_AHEAD, str(number), str(close_range), "/proc"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    own = 3  # what it lists its descriptors by
    assert done.stdout == f"b'input' b'code' 0 1 2 {own} 63\n", done.stderr


def test_a_kernel_that_makes_no_dumps_starts_workers_all_the_same(tmp_path: Path):
    (tmp_path / "self").mkdir()
    adjustment = tmp_path / "self" / "oom_score_adj"
    adjustment.write_text("")
    program = [sys.executable, "-c", FORKS_AHEAD, "11", str(ALLOW), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.stdout.startswith("b'input' b'code' "), done.stderr
    assert adjustment.read_text() == "1000"


FAILS_AT_ONCE = """
import os, sys
from stockade.sandbox.inner import fork
from stockade.sandbox.inner.prepare import Confinement
from stockade.sandbox.inner.syscalls import Program

def refuse(_):
    raise OSError("a layer: why")

proc = os.open(sys.argv[1], os.O_PATH)
exec(sys.argv[2])
waiting = fork.ahead(proc, Confinement(Program("/bin/true"), None, None))
try:
    waiting.become(["/bin/true"], (0, 1, 2), None)
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize(
    ("there", "done", "told"),
    [
        ([], "", "oom_score_adj: No such file or directory"),
        (["oom_score_adj/"], "", "oom_score_adj: Is a directory"),
        (["oom_score_adj", "coredump_filter/"], "", "coredump_filter: Is a directory"),
        (["oom_score_adj"], "fork.limits.apply_at_start = lambda: 1 / 0", "ZeroDivisionError: division by zero"),
        (["oom_score_adj"], "fork.last_layer = refuse", "a layer: why"),
    ],
)
def test_what_failed_before_a_process_was_told_what_to_run_is_told_by_name(
    there: list[str], done: str, told: str, tmp_path: Path
):
    """As where /proc cannot be written to."""
    (tmp_path / "self").mkdir()
    for name in there:
        path = tmp_path / "self" / name
        path.mkdir() if name.endswith("/") else path.touch()
    program = [sys.executable, "-c", FAILS_AT_ONCE, str(tmp_path), done]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)

    assert ended.stdout == f"{told}\n", ended.stderr
