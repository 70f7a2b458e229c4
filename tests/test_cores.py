"""How many cores a pool counts on: those that its process may use, and not those that the machine has."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockade.cores import shares

CPU = Path("/sys/fs/cgroup/cpu")
A_TENTH = {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "10000"}

POOL = "from stockade import Pool; pool = Pool(); print(pool.workers, pool._starts.cores)"


def sizes(first: str) -> list[int]:
    """The default number of workers, and of starts at once, in a program that begins with these lines."""
    done = subprocess.run([sys.executable, "-c", f"import os\n{first}\n{POOL}"], capture_output=True, check=True)
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system binds no process to cores")
def test_a_process_bound_to_one_core_has_a_pool_of_one_worker():
    assert sizes(f"os.sched_setaffinity(0, [{min(os.sched_getaffinity(0))}])") == [1, 1]


@pytest.fixture
def group() -> Iterator[Path]:
    """A real cgroup with a tenth of a core, and one in it that says nothing of its own."""
    outer = CPU / f"stockade-test-{os.getpid()}"
    inner = outer / "inner"
    inner.mkdir(parents=True)
    for name, value in A_TENTH.items():
        (outer / name).write_text(value)
    yield inner
    inner.rmdir()
    outer.rmdir()


@pytest.mark.skipif(not os.access(CPU, os.W_OK), reason="only root makes groups, and the others are tried in tests/vm")
def test_a_process_in_a_cgroup_has_a_pool_of_what_the_groups_around_it_may_take(group: Path):
    assert sizes(f"open('{group}/cgroup.procs', 'w').write('0')") == [1, 1]


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        ("0::/\n", {"cpu.max": "150000 100000\n"}, [1.5]),
        ("0::/\n", {"cpu.max": "max 100000\n"}, []),
        ("0::/\n", {}, []),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "max 100000\n"}, [2.0]),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000\n", "a/b/cpu.max": "50000 100000\n"}, [0.5, 2.0]),
        ("0::/of/the/host\n", {"cpu.max": "300000 100000\n"}, [3.0]),
        ("0::/../beside\n", {"cpu.max": "300000 100000\n"}, [3.0]),
        ("0::/with:colon\n", {"with:colon/cpu.max": "300000 100000\n"}, [3.0]),
        (
            "5:memory:/m\n4:cpu,cpuacct:/docker/1\n3:cpuset:/\n1:name=systemd:/\n0::/\n",
            {"cpu/cpu.cfs_quota_us": "250000\n", "cpu/cpu.cfs_period_us": "100000\n"},
            [2.5],
        ),
        ("4:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1\n", "cpu/a/cpu.cfs_period_us": "100000\n"}, []),
        ("nonsense", {}, []),
    ],
    ids=[
        "the container's own",
        "no bound",
        "no controller",
        "that of a group around it",
        "the group's own and one around it",
        "the host's name of a container's group",
        "a group outside of the container",
        "a colon in its name",
        "v1 in a container",
        "v1 without a bound",
        "what is no such list",
    ],
)
def test_a_share_of_time_is_read_where_the_kernel_tells_it(
    tmp_path: Path, own: str, files: dict[str, str], expected: list[float]
):
    for name, text in {"own": own, **files}.items():
        (tmp_path / "mounted" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mounted" / name).write_text(text)

    assert list(shares(tmp_path / "mounted/own", tmp_path / "mounted")) == expected


def test_where_nothing_tells_of_groups_nothing_is_bounded(tmp_path: Path):
    assert list(shares(tmp_path / "none", tmp_path)) == []
