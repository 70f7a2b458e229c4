"""What goes wrong for a moment while the layers are prepared costs no layer: the pool does not start, and says why."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stockade.node import bundled_node
from stockade.sandbox import launcher
from stockade.sandbox.inner import identity, prepare, syscalls
from stockade.sandbox.inner.files import needed
from stockade.sandbox.inner.wire import Prepare

from .support import PROGRAMS, cage, run

REQUEST = Prepare("/bin/true", [], ["private_root", "private_network", "landlock"], None)


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_the_unprivileged_user_is_not_done_without_where_the_kernel_could_not_change_to_it_just_now(
    monkeypatch: pytest.MonkeyPatch,
):
    """setresuid(2) says EAGAIN where the kernel is out of memory for a moment. Scripts then ran as root."""
    monkeypatch.setattr(identity, "unused_id", lambda: 60_600)
    monkeypatch.setattr(identity, "become", failing(errno.EAGAIN))
    missing = {"cgroup": "none is wanted"}

    with pytest.raises(OSError, match="unprivileged_user: Resource temporarily unavailable"):
        prepare._plan(REQUEST, needed("/bin/true", []), None, missing)
    assert "unprivileged_user" not in missing


def test_the_filter_is_not_done_without_where_there_was_no_memory_for_it_just_now(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(syscalls.SeccompFilter, "install", failing(errno.ENOMEM))

    with pytest.raises(OSError, match="seccomp: Cannot allocate memory"):
        prepare._filter(REQUEST, syscalls.Program("/bin/true"))


def test_a_kernel_without_filters_has_none_and_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(syscalls.SeccompFilter, "install", failing(errno.EINVAL))

    assert prepare._filter(REQUEST, syscalls.Program("/bin/true")) == (None, "Invalid argument")


def test_a_capability_that_could_not_be_dropped_from_the_bounding_set_is_no_end_of_the_list(
    monkeypatch: pytest.MonkeyPatch,
):
    """All after it stayed, and nothing was said."""
    monkeypatch.setattr(syscalls, "prctl", failing(errno.ENOMEM))

    with pytest.raises(OSError, match="Cannot allocate memory"):
        syscalls.bound_capabilities()


# What goes wrong in a launcher itself, as lines that run in it first; and what whoever starts it is told.
GOING_WRONG = {
    "a layer that its rehearsal could have": (
        "prepare.landlock.ruleset = fail",
        "landlock: No space left on device",
    ),
    "a layer in its rehearsal": (
        "prepare.landlock.ruleset = out_of_files",
        "^rehearsal: landlock: Too many open files in system$",
    ),
    "the watch on its parent": ("syscalls.pidfd_open = fail", "No space left on device"),
    "a file of the kernel's": ("os.open = out_of_files", "Too many open files in system$"),
}
FIRST = """
import errno, os, sys
sys.path.append(FOLDER)
import inner.prepare as prepare, inner.serve as serve, inner.syscalls as syscalls
launcher, enter = os.getpid(), prepare.landlock.ruleset

def fail(*given):
    if os.getpid() != launcher:
        return enter(*given)
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

def out_of_files(*_):
    raise OSError(errno.ENFILE, os.strerror(errno.ENFILE))
"""


@pytest.mark.parametrize(("lines", "told"), GOING_WRONG.values(), ids=GOING_WRONG)
async def test_a_launcher_that_something_goes_wrong_in_says_what_and_prints_no_traceback(
    lines: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """It was told that the launcher had ended, or that /proc was not mounted."""
    first = FIRST.replace("FOLDER", repr(str(Path(launcher.__file__).parent)))
    (tmp_path / "launcher_main.py").write_text(f"{first}\n{lines}\nserve.main()\n")
    monkeypatch.setattr(launcher, "__file__", str(tmp_path / "launcher.py"))

    with pytest.raises(OSError, match=told):
        await launcher.Launcher.start(cage(), _without=["cgroup"])
    assert capfd.readouterr().err == ""


HAS_ROOM_FOR_TWO = """
import resource
receive = serve.fork.receive

def with_room_for_two(channel):
    if os.getpid() == launcher:
        return receive(channel)
    free = os.dup(channel.fileno())
    os.close(free)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 2, limits[1]))
    try:
        return receive(channel)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)

serve.fork.receive = with_room_for_two
"""


async def test_a_worker_that_was_given_two_of_its_three_pipes_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It ran, and its stderr was the supervisor's."""
    first = FIRST.replace("FOLDER", repr(str(Path(launcher.__file__).parent)))
    (tmp_path / "launcher_main.py").write_text(f"{first}\n{HAS_ROOM_FOR_TWO}\nserve.main()\n")
    monkeypatch.setattr(launcher, "__file__", str(tmp_path / "launcher.py"))
    started = await launcher.Launcher.start(cage(), _without=["self-test"])
    try:
        with pytest.raises(OSError, match="Too many open files"):
            await run(started, [bundled_node(), PROGRAMS / "says_hello.mjs"])
    finally:
        await started.close()
