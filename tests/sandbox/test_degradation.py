"""Machines that lack a layer: fewer layers, told truthfully, or no start where all were required."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from stockade.errors import IsolationUnavailable
from stockade.node import bundled_node
from stockade.sandbox import Launcher, PlainLauncher
from stockade.sandbox.inner import files, landlock, syscalls
from stockade.sandbox.inner.files import ENVIRONMENT
from stockade.sandbox.isolation import LAYERS, OPTIONAL

from .support import PROGRAMS, cage, run

CAT = Path("/bin/cat").resolve()

# Every layer alone, then what some real places lack.
LACKING = {
    "no Landlock (before Linux 5.13)": ["landlock"],
    "no seccomp table (another processor)": ["seccomp"],
    "no namespaces (a default container)": ["private_root", "private_network"],
    "no private root": ["private_root"],
    "no private network": ["private_network"],
    "one user only": ["unprivileged_user", "cgroup"],
    "no walls": ["landlock", "seccomp"],
    "nothing": ["landlock", "seccomp", "private_root", "private_network", "unprivileged_user", "cgroup"],
}


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
async def test_a_missing_layer_is_reported_and_the_rest_still_holds(lacking: list[str]):
    launcher = await Launcher.start(cage(), _without=lacking)
    exited, out, err = await run(launcher, [bundled_node(), PROGRAMS / "says_hello.mjs"])
    await launcher.close()
    missing = set(launcher.isolation.missing)
    # The kernel never counts the threads of root, whatever limit it is given; only a cgroup does.
    expected = {*lacking} - {*OPTIONAL} | (
        {"no_new_threads"} if "unprivileged_user" in lacking and os.geteuid() == 0 else set()
    )

    assert (exited.returncode, out, err) == (0, "hello\n", "")
    assert missing == expected
    assert launcher.isolation.level == ("process-only" if {"landlock", "seccomp"} <= missing else "partial")
    for layer in launcher.isolation.layers:
        assert bool(layer.unavailable_because) != layer.active


def test_the_report_names_all_that_stands_in_the_environment():
    assert all(name in LAYERS["environment"] for name in ENVIRONMENT)


@pytest.mark.parametrize("abi", range(1, 8))
async def test_every_older_landlock_serves_as_far_as_it_goes(abi: int):
    launcher = await Launcher.start(cage(), _without=[f"landlock>{abi}"])
    exited, _, _ = await run(launcher, [bundled_node(), PROGRAMS / "says_hello.mjs"])
    await launcher.close()

    assert ("landlock", "active", f"ABI {abi}") in launcher.isolation.table()
    assert exited.returncode == 0


# The bits of the kernel's own list that each version knows, and whether it knows of TCP, and of signals and sockets.
KNOWN = {1: (13, 1), 2: (14, 1), 3: (15, 1), 4: (15, 2), 5: (16, 2), 6: (16, 3), 7: (16, 3), 9: (16, 3)}


@pytest.mark.parametrize("abi", KNOWN)
def test_landlock_denies_all_that_its_version_knows_and_grants_only_to_read_and_to_execute_programs(
    abi: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """On this machine only the newest is really there, and no worker may try most of it under the other layers."""
    denied: list[bytes] = []
    granted: dict[str, int] = {}
    monkeypatch.setattr(syscalls, "landlock_abi", lambda: abi)
    monkeypatch.setattr(syscalls, "landlock_create_ruleset", denied.append)
    monkeypatch.setattr(
        syscalls,
        "landlock_allow_beneath",
        lambda _, access, fd: granted.update({str(Path(f"/proc/self/fd/{fd}").readlink()): access}),
    )
    (tmp_path / "file").touch()
    landlock.ruleset(files.Files((str(CAT),), (str(tmp_path), str(tmp_path / "file"))), landlock.NEWEST_ABI)

    rights, fields = KNOWN[abi]
    assert denied == [struct.pack("=3Q", (1 << rights) - 1, 0b11, 0b11)[: fields * 8]]
    execute, read, read_folder = 1, 4, 8
    expected = {CAT: read | execute, tmp_path: read | read_folder, tmp_path / "file": read, Path(os.devnull): read}
    assert granted == {str(path): access for path, access in expected.items()}


@pytest.mark.parametrize("umask", [0o027, 0o077, 0o777], ids=oct)
async def test_a_strict_umask_of_the_supervisor_costs_no_layer(umask: int):
    """As services have it: the folders of the private root were closed to the workers' user in the rehearsal."""
    expected = await Launcher.start(cage())
    await expected.close()
    before = os.umask(umask)
    try:
        launcher = await Launcher.start(cage())
    finally:
        os.umask(before)
    await launcher.close()

    assert launcher.isolation.missing == expected.isolation.missing


async def test_a_layer_that_does_not_hold_is_not_reported_as_active():
    """The launcher claims no_new_threads; only the self-test can know that root is exempt."""
    if os.geteuid() != 0:
        pytest.skip("only root is exempt")
    launcher = await Launcher.start(cage(), _without=["unprivileged_user", "cgroup"])
    await launcher.close()

    assert launcher.isolation.missing["no_new_threads"] == "the self-test could start thread"


UNDER_A_FILTER = """
import asyncio, json, struct, sys
from stockade.node import bundled_node
from stockade.sandbox import Cage, Launcher
from stockade.sandbox.inner import files, landlock, syscalls

LOAD_NUMBER, RETURN_KILL, RETURN_ALLOW = (0x20, 0, 0, 0), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7FFF0000)
code = [LOAD_NUMBER, (0x15, 0, 1, int(sys.argv[1])), RETURN_KILL, RETURN_ALLOW]
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
syscalls.SeccompFilter(b"".join(struct.pack("=HBBI", *row) for row in code)).install()

async def start():
    launcher = await Launcher.start(Cage(bundled_node().resolve(), ()))
    await launcher.close()
    print(json.dumps(dict(launcher.isolation.missing)))

asyncio.run(start())
"""


@pytest.mark.parametrize(
    ("layer", "number"),
    [("private_root", syscalls.NR_OPEN_TREE), ("landlock", syscalls.NR_LANDLOCK_CREATE_RULESET)],
)
def test_a_layer_whose_calls_end_the_process_is_missing_and_the_rest_still_holds(layer: str, number: int):
    """As `SystemCallFilter=@system-service` in a unit of systemd has it, which knows no mounts."""
    program = [sys.executable, "-c", UNDER_A_FILTER, str(number)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {layer: "a process that tried it was ended by SIGSYS"}


# By the numbers of the machine: sched_setscheduler, capset, prctl, sethostname.
SET_SCHEDULER, SET_CAPABILITIES, CONTROL, SET_HOST_NAME = {
    "x86_64": (144, 126, 157, 170),
    "aarch64": (119, 91, 167, 161),
}[os.uname().machine]


def test_a_filter_that_ends_whoever_changes_a_schedule_costs_nothing():
    """`SystemCallFilter=~@resources` of systemd: how workers give way to others is no layer."""
    program = [sys.executable, "-c", UNDER_A_FILTER, str(SET_SCHEDULER)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}


def test_who_has_no_capability_needs_no_call_to_drop_any():
    """`SystemCallFilter=~@privileged` of systemd, in a service with an ordinary user; here root that has lost all."""
    dropped = "from stockade.sandbox.inner import syscalls; syscalls.drop_capabilities()\n"
    without = "_without=['private_root', 'private_network']"  # in a user namespace even an ordinary user has them
    code = dropped + UNDER_A_FILTER.replace("()))", f"()), {without})")
    program = [sys.executable, "-c", code, str(SET_CAPABILITIES)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert not {"seccomp", "landlock"} & set(json.loads(done.stdout))


def test_where_the_host_name_may_not_be_changed_the_report_says_so():
    """`ProtectHostname=` of systemd."""
    code = UNDER_A_FILTER.replace("0x80000000", "0x00050001")  # EPERM
    program = [sys.executable, "-c", code, str(SET_HOST_NAME)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"private_network": "sethostname: Operation not permitted"}


def test_a_filter_that_ends_the_launcher_itself_is_told_as_one():
    program = [sys.executable, "-c", UNDER_A_FILTER, str(CONTROL)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "OSError: a filter (SystemCallFilter= of systemd is one) refuses the launcher a call that it has to make"
    )


UNWRITABLE_CODE = """
import asyncio, sys
from stockade import Pool, RuntimeConfig
from stockade.sandbox.inner import syscalls

PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
try:
    syscalls.prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN)
except OSError:
    raise SystemExit(77)

async def start():
    async with Pool(RuntimeConfig(jitless=sys.argv[1] == "jitless"), workers=1) as pool:
        print((await pool.execute("1 + 1")).value)

asyncio.run(start())
"""


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("jitless", ""),
        (
            "compiled",
            "OSError: no memory may be made executable here (as MemoryDenyWriteExecute= of systemd has it), and V8's "
            "compilers need it: RuntimeConfig(jitless=True) does without them",
        ),
    ],
)
def test_where_no_memory_may_be_made_executable_v8_runs_without_its_compilers(how: str, told: str):
    program = [sys.executable, "-c", UNWRITABLE_CODE, how]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("Linux before 6.3")

    assert (done.stdout, (done.stderr.splitlines() or [""])[-1]) == ("" if told else "2\n", told)


BOUNDED = """
import asyncio, resource, sys
from stockade import Pool

limit = getattr(resource, sys.argv[1])
resource.setrlimit(limit, (400 << 20, resource.getrlimit(limit)[1]))
asyncio.run(Pool(workers=1, spares=0).start())
"""


@pytest.mark.parametrize(("limit", "name"), [("RLIMIT_AS", "ulimit -v"), ("RLIMIT_DATA", "ulimit -d")])
def test_a_limit_on_memory_below_what_node_reserves_is_named(limit: str, name: str):
    """Node speaks of its CodeRange, in twenty lines: those who set such a limit are a scheduler's administrators."""
    program = [sys.executable, "-c", BOUNDED, limit]
    done = subprocess.run(program, capture_output=True, text=True, check=False)

    assert done.stderr.splitlines()[-1].endswith(f"; memory is limited here, by {name} to 400 MiB")


async def test_full_isolation_is_refused_with_the_reasons_where_a_layer_is_missing():
    with pytest.raises(IsolationUnavailable) as refused:
        await Launcher.start(cage(require_full=True), _without=["seccomp"])

    assert refused.value.missing == {"seccomp": "left out on request"}


async def test_full_isolation_is_refused_without_a_launcher():
    with pytest.raises(IsolationUnavailable) as refused:
        await PlainLauncher.start(cage(require_full=True))

    assert set(refused.value.missing) == set(LAYERS) - {"environment", *OPTIONAL}


async def test_without_a_launcher_the_plain_one_takes_over_and_says_so():
    launcher = await Launcher.start(cage(), _without=["launcher"])
    await launcher.close()

    assert isinstance(launcher, PlainLauncher)
    assert launcher.isolation.level == "process-only"
    assert launcher.isolation.missing["seccomp"] == "no launcher: left out on request"


async def test_a_program_that_cannot_start_under_its_layers_is_refused_not_let_out(tmp_path):
    """A passing fault must never cost a layer."""
    broken = tmp_path / "node"
    broken.write_text("#!/nowhere\n")
    broken.chmod(0o755)
    with pytest.raises(OSError, match="exec"):
        await Launcher.start(cage(broken))


async def test_what_a_program_says_that_ends_at_once_is_told_without_its_folders():
    with pytest.raises(OSError, match=r"ends with 1 \(…/cat: ") as refused:
        await Launcher.start(cage(CAT))  # knows none of the options of Node
    assert str(CAT.parent) not in str(refused.value)


async def test_a_file_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        await Launcher.start(cage(None, tmp_path / "nothing-here"))


LISTING = """\
\tlinux-vdso.so.1 (0x00007ffd7b1f2000)
\tlibnode.so.127 => /home/me/my tools (new)/lib/libnode.so.127 (0x00007f2d1c000000)
\tlibm.so.6 => /lib/libm.so.6 (0x00007f2d1be00000)
\tlibgone.so => not found
\t/lib64/ld-linux-x86-64.so.2 (0x00007f2d1f9f5000)
"""


def test_libraries_on_a_path_with_spaces_are_among_the_files_of_a_cage(tmp_path: Path):
    loader = tmp_path / "loader"
    loader.write_text(f"#!/bin/sh\ncat <<'END'\n{LISTING}END\n")
    loader.chmod(0o755)

    assert files._shared_objects(str(loader), "node") == [
        "/home/me/my tools (new)/lib/libnode.so.127",
        "/lib/libm.so.6",
        "/lib64/ld-linux-x86-64.so.2",
    ]


async def test_the_report_is_a_table_too():
    launcher = await Launcher.start(cage(), _without=["seccomp"])
    await launcher.close()

    assert launcher.isolation.level == "partial"
    assert launcher.isolation.missing == {"seccomp": "left out on request"}
    assert ("seccomp", "missing", "left out on request") in launcher.isolation.table()
    assert len(launcher.isolation.table()) == len(LAYERS)


WITHOUT_PROC = """
import asyncio, ctypes, os
from stockade.cli import main

libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x00020000):
    raise SystemExit(77)
assert libc.mount(b"", b"/", b"", 0x4000 | 1 << 18, b"") == 0 and libc.umount2(b"/proc", 2) == 0
raise SystemExit(main(["run", "/dev/null"]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="takes /proc away")
def test_a_machine_without_proc_is_told_so():
    done = subprocess.run([sys.executable, "-c", WITHOUT_PROC], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("a container, which may not make namespaces")

    assert done.stderr == "stockade: /proc is not mounted, and without it no worker can be watched\n"


PROC_OF_OTHERS = """
import ctypes, os
from stockade.cli import main

if ctypes.CDLL(None, use_errno=True).unshare(0x20000000):
    raise SystemExit(77)
child = os.fork()
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else main(["run", "/dev/null"]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a PID namespace")
def test_a_proc_that_shows_the_processes_of_others_is_told_and_nobody_is_watched_in_a_workers_place():
    """A run ended as `memory_limit`, for what a stranger of the same number held."""
    done = subprocess.run([sys.executable, "-c", PROC_OF_OTHERS], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("a container, which may not make namespaces")

    assert done.stderr == "stockade: /proc is of another PID namespace, and without its own no worker can be watched\n"
