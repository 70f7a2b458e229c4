"""Where a pool's cgroup may be made, told from files. What one does is shown by `make test-vm`, on a real kernel."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockade.sandbox import Launcher
from stockade.sandbox.inner import cgroup

from .support import cage


@pytest.fixture
def places(tmp_path: Path):
    """What `_places` says of a hierarchy mounted at `top`, whose root is `root`, for a process in `own`."""
    (tmp_path / "top").mkdir()

    def ask(root: str, own: str, kind: str = "cgroup2") -> list[str]:
        (tmp_path / "mounts").write_text(
            f"20 1 0:19 / /proc rw - proc proc rw\n30 1 0:26 {root} {tmp_path}/top rw,nosuid - {kind} cgroup rw\n"
        )
        (tmp_path / "own").write_text(f"4:memory:/elsewhere\n0::{own}\n")
        found = cgroup._places(str(tmp_path / "mounts"), str(tmp_path / "own"))
        return [path.removeprefix(f"{tmp_path}/") for path in found]

    return ask


def test_at_the_top_there_is_one_place(places):
    assert places("/", "/") == ["top"]


def test_a_group_that_nobody_delegated_is_not_left_upwards(places, tmp_path: Path):
    (tmp_path / "top/system.slice").mkdir()
    (tmp_path / "top/system.slice/cgroup.type").write_text("domain\n")

    assert places("/", "/system.slice/shop.service") == ["top/system.slice/shop.service"]
    assert places("/", "/shop") == ["top/shop"]


def test_the_group_above_is_a_place_where_systemd_has_delegated_it(places, tmp_path: Path, monkeypatch):
    above = f"{tmp_path}/top/shop.service"

    def told(path: str, name: str) -> bytes:
        if (path, name) != (above, "user.delegate"):
            raise OSError(errno.ENODATA, "none")
        return b"1"

    monkeypatch.setattr(os, "getxattr", told)
    assert places("/", "/shop.service/main") == ["top/shop.service/main", "top/shop.service"]
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"0")
    assert places("/", "/shop.service/main") == ["top/shop.service/main"]


def test_the_visible_top_of_a_container_is_a_place(places, tmp_path: Path):
    (tmp_path / "top/cgroup.type").write_text("domain\n")  # which the real top does not have

    assert places("/docker/abc", "/docker/abc/main") == ["top/main", "top"]


def test_a_group_outside_of_what_is_mounted_is_no_place(places):
    for root, own in (("/docker/abc", "/docker/other"), ("/", "/../elsewhere")):
        with pytest.raises(LookupError, match="not in the part"):
            places(root, own)


def test_the_old_hierarchy_is_no_place(places):
    with pytest.raises(LookupError, match="no cgroup v2"):
        places("/", "/", kind="cgroup")


def test_what_a_killed_keeper_left_is_removed_and_what_a_living_one_has_is_not(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left = tmp_path / f"stockade-{ended.pid}-00"
    kept = tmp_path / f"stockade-{os.getpid()}-00"
    other, foreign = tmp_path / "stockade-of-somebody", tmp_path / f"{ended.pid}-00"
    for path in (left / "worker-1-1", left / "launcher", kept / "launcher", other, foreign):
        path.mkdir(parents=True)
    cgroup._sweep(str(tmp_path))

    assert sorted(tmp_path.iterdir()) == sorted([kept, other, foreign])


@pytest.mark.parametrize(
    ("offered", "files", "told"),
    [
        (None, [], "No such file or directory"),
        ("cpu pids", [], "the memory controller is not in it"),
        ("memory pids", ["cgroup.type"], "the kernel is older than 5.14"),
        ("memory pids", ["cgroup.type", "cgroup.kill"], "No such file or directory"),  # of `cgroup.subtree_control`
        ("memory pids", [], "No such file or directory"),  # at the real top neither is
    ],
)
def test_a_place_that_will_not_do_is_named_with_the_reason(tmp_path: Path, offered: str | None, files: list[str], told):
    for name in files:
        (tmp_path / name).touch()
    if offered is not None:
        (tmp_path / "cgroup.controllers").write_text(offered)

    with pytest.raises(LookupError) as refused:
        cgroup.make(str(tmp_path))
    assert str(refused.value) == f"{tmp_path}: {told}"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EBUSY, "/g holds processes, so nothing can be made below it"),
        *((number, "/g may not be changed") for number in (errno.EACCES, errno.EPERM, errno.EROFS)),
        (errno.ENOSPC, "/g: No space left on device"),
    ],
)
def test_what_the_kernel_refuses_is_told_as_what_to_do_about_it(number: int, told: str):
    assert cgroup._reason("/g", OSError(number, os.strerror(number))).startswith(told)


@pytest.mark.parametrize(
    ("events", "outgrown"),
    [
        ("low 0\noom 2\noom_kill 1\n", True),
        ("oom 0\noom_kill 1\n", False),  # the machine was full
        ("oom 1\noom_kill 0\n", False),
        ("low 0\n", False),
        (None, False),
    ],
)
def test_a_worker_has_outgrown_its_group_only_where_that_was_full(tmp_path: Path, events: str | None, outgrown: bool):
    if events is not None:
        (tmp_path / "w").mkdir()
        (tmp_path / "w/memory.events").write_text(events)
    pool = os.open(tmp_path, os.O_PATH)
    try:
        assert cgroup.Leaf(pool, "w").outgrown() is outgrown
    finally:
        os.close(pool)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[cgroup.Group]:
    made = cgroup.Group(str(tmp_path))
    yield made
    os.close(made._pool)


def test_a_pool_may_hold_what_its_workers_may_and_never_less_than_before(group: cgroup.Group, monkeypatch):
    """The kernel would kill to get there."""
    allowed: list[int] = []

    def note(_: int, name: str, text: str) -> None:
        if name == "memory.max":
            allowed.append(int(text) - cgroup.SPARE_BYTES)

    monkeypatch.setattr(cgroup, "_write", note)
    first, second = group.leaf(), group.leaf()
    assert allowed == [cgroup.START_BYTES, 2 * cgroup.START_BYTES]
    first.bound(10)
    group.allow()
    group.remove(second)
    third = group.leaf()
    assert len(allowed) == 2
    third.bound(2 * cgroup.START_BYTES)
    group.allow()
    assert allowed[2:] == [2 * cgroup.START_BYTES + 10]


@pytest.mark.parametrize("threads", [True, False])
def test_a_worker_is_held_before_it_is_there_in_threads_only_where_the_kernel_counts_them(
    group: cgroup.Group, monkeypatch, threads: bool
):
    written: dict[str, int] = {}

    def note(_: int, name: str, text: str) -> None:
        if name.endswith("pids.max") and not threads:
            raise FileNotFoundError(name)
        written[name] = int(text)

    monkeypatch.setattr(cgroup, "_write", note)
    name = group.leaf().name
    pool, leaf = cgroup.SPARE_BYTES + cgroup.START_BYTES, cgroup.START_BYTES
    counted = {"pids.max": 2 * cgroup.START_THREADS, f"{name}/pids.max": cgroup.START_THREADS} if threads else {}
    assert written == {"memory.max": pool, f"{name}/memory.max": leaf, f"{name}/memory.oom.group": 1, **counted}
    assert os.listdir(group.path) == [name]  # noqa: PTH208


def test_a_group_that_could_not_be_made_whole_is_removed_and_not_counted(group: cgroup.Group, monkeypatch):
    def refuse(_: int, name: str, text: str) -> None:
        if name.endswith("oom.group"):
            raise OSError(errno.EIO, "refused")

    monkeypatch.setattr(cgroup, "_write", refuse)
    with pytest.raises(OSError, match="refused"):
        group.leaf()
    assert (group._leaves, os.listdir(group.path)) == ({}, [])  # noqa: PTH208


async def test_a_pool_has_the_layer_or_is_told_why_not_and_full_does_without():
    launcher = await Launcher.start(cage())
    await launcher.close()
    layer = next(layer for layer in launcher.isolation.layers if layer.name == "cgroup")

    assert layer.optional
    assert layer.active != bool(layer.unavailable_because)
    assert "cgroup" not in launcher.isolation.missing
    assert ("cgroup", "active" if layer.active else "absent") in [row[:2] for row in launcher.isolation.table()]
