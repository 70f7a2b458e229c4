"""Where a pool's cgroup may be made, told from files. What one does is shown by `make test-vm`, on a real kernel."""

from __future__ import annotations

import os
import subprocess
import sys
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


def test_a_group_that_nobody_delegated_is_not_left_upwards(places):
    assert places("/", "/system.slice/shop.service") == ["top/system.slice/shop.service"]


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
    other = tmp_path / "stockade-of-somebody"
    for path in (left / "worker-1-1", left / "launcher", kept / "launcher", other):
        path.mkdir(parents=True)
    cgroup._sweep(str(tmp_path))

    assert sorted(tmp_path.iterdir()) == sorted([kept, other])


async def test_a_pool_has_the_layer_or_is_told_why_not_and_full_does_without():
    launcher = await Launcher.start(cage())
    await launcher.close()
    layer = next(layer for layer in launcher.isolation.layers if layer.name == "cgroup")

    assert layer.optional
    assert layer.active != bool(layer.unavailable_because)
    assert "cgroup" not in launcher.isolation.missing
    assert ("cgroup", "active" if layer.active else "absent") in [row[:2] for row in launcher.isolation.table()]
