"""What differs where the C library is musl, as in Alpine: shown on any, by what there is asked of the kernel itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stockade.sandbox.inner.files import library_path, needed
from tests.sandbox.support import NODES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is Linux's")

# musl has these as functions that do nothing, since POSIX means something else by them than Linux does.
SCHEDULING = """
import errno, os
really = os.sched_getscheduler
def nothing(*_):
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
os.sched_getscheduler = os.sched_setscheduler = nothing
from stockade.sandbox.inner import limits
limits.not_real_time()
policies = [really(0)]
limits.give_way()
policies.append(really(0))
limits.run_as_others_do(os.getpid())
print(*policies, really(0))
"""


def test_a_launcher_sets_how_it_is_scheduled_where_the_c_library_does_nothing_for_it():
    done = subprocess.run([sys.executable, "-c", SCHEDULING], capture_output=True, text=True, check=True)

    assert done.stdout.split() == [str(policy) for policy in (os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_BATCH)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be real-time")
def test_a_real_time_supervisor_s_launcher_is_not_where_the_c_library_does_nothing_for_it():
    real_time = SCHEDULING.replace(
        "import errno, os", "import errno, os; os.sched_setscheduler(0, 2, os.sched_param(1))"
    )
    done = subprocess.run([sys.executable, "-c", real_time], capture_output=True, text=True, check=True)

    assert done.stdout.split()[0] == str(os.SCHED_OTHER)


def test_the_loader_of_musl_is_told_where_the_libraries_lie():
    """It asks /proc where a program lies that names them by that, and no worker has /proc."""
    found = library_path(["/lib/ld-musl-x86_64.so.1", "/opt/a.libs/libstdc++.so.6", "/opt/a.libs/libgcc_s.so.1"])

    assert found == {"LD_LIBRARY_PATH": "/lib:/opt/a.libs"}


@pytest.mark.parametrize("objects", [[], ["/lib64/ld-linux-x86-64.so.2", "/opt/a.libs/libstdc++.so.6"]])
def test_no_other_loader_is_told_anything(objects: list[str]):
    assert library_path(objects) == {}


@pytest.mark.parametrize("node", sorted(NODES))
def test_what_a_node_of_this_machine_is_told_goes_by_its_own_loader(node: str):
    files = needed(str(NODES[node]), [])
    musl = any("/ld-musl-" in path for path in files.programs)

    assert ("LD_LIBRARY_PATH" in files.environment) == musl
