"""What goes wrong for a moment while the layers are prepared costs no layer: the pool does not start, and says why."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest

from stockade.sandbox.inner import identity, prepare, syscalls
from stockade.sandbox.inner.files import needed
from stockade.sandbox.inner.wire import Prepare

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
    monkeypatch.setattr(syscalls, "install_seccomp_filter", failing(errno.ENOMEM))

    with pytest.raises(OSError, match="seccomp: Cannot allocate memory"):
        prepare._filter(REQUEST, syscalls.Program("/bin/true"))


def test_a_kernel_without_filters_has_none_and_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(syscalls, "install_seccomp_filter", failing(errno.EINVAL))

    assert prepare._filter(REQUEST, syscalls.Program("/bin/true")) == (None, "Invalid argument")


def test_a_capability_that_could_not_be_dropped_from_the_bounding_set_is_no_end_of_the_list(
    monkeypatch: pytest.MonkeyPatch,
):
    """All after it stayed, and nothing was said."""
    monkeypatch.setattr(syscalls, "prctl", failing(errno.ENOMEM))

    with pytest.raises(OSError, match="Cannot allocate memory"):
        syscalls.bound_capabilities()
