"""Assume the script has escaped: a program with all of Node tries every action, and each must be denied."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stockade import Pool
from stockade.sandbox import Launcher, PlainLauncher
from stockade.sandbox.inner.syscalls import landlock_abi

from .support import NODES, PROGRAMS, cage, start

BREACH = PROGRAMS / "breach.mjs"
# Node aborts: it cannot go back after preparing for the first, and insists on a new thread for the others.
ENDS_NODE = ["replace_itself", "resolve_name", "start_inspector"]
# The abort of musl sends a signal to a thread by its number alone, which no worker may, and then halts.
ABORT = signal.SIGSEGV if "musl" in str(sysconfig.get_config_var("MULTIARCH")) else signal.SIGABRT
ACTIONS = re.findall(r"^  (\w+): (?:async )?\(\) =>", BREACH.read_text().partition("const actions")[2], re.MULTILINE)


# What the free program is not asked to do here: it would harm the machine or end the test.
NOT_TRIED_FREE = [
    "create_file_in_root",
    "write_the_node_binary",
    "truncate_itself",
    "remove_itself",
    "signal_everything",
    "debug_supervisor",
    "change_user",
]
# The plain launcher empties the environment too; and a file that is no addon loads nowhere.
DENIED_TO_ANYONE = {"environment", "load_addon"}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Things outside that anyone on the machine may use, so that a denial is the cage's work."""
    folder = tmp_path_factory.mktemp("outside")
    for place in (folder, *folder.parents):
        if place.stat().st_uid == os.geteuid() and place != Path("/tmp"):
            place.chmod(0o777)
    for name in ("file", "writable", "victim"):
        (folder / name).write_text("secret")
        (folder / name).chmod(0o666)
    (folder / "module.mjs").write_text("export default 1")
    abstract = f"\0stockade-test-{os.getpid()}"
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as unix, socket.socket(socket.AF_UNIX) as hidden:
        tcp.bind(("127.0.0.1", 0))
        unix.bind(str(folder / "listening"))
        (folder / "listening").chmod(0o777)
        hidden.bind(abstract)
        for server in (tcp, unix, hidden):
            server.listen()
        yield {
            "file": str(folder / "file"),
            "writable": str(folder / "writable"),
            "victim": str(folder / "victim"),
            "module": str(folder / "module.mjs"),
            "folder": str(folder),
            "home": str(Path.home()),
            "supervisor": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "unix": str(folder / "listening"),
            "abstract": abstract,
            "hostname": socket.gethostname(),
            "inodes": [inode(descriptor) for descriptor in (0, 1, 2, tcp.fileno(), unix.fileno())],
        }


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=sorted(NODES))
async def verdicts(request: pytest.FixtureRequest, outside: dict[str, Any]) -> dict[str, str]:
    """Every action with what became of it, under all layers, on both versions of Node."""
    node = NODES[request.param]
    launcher = await Launcher.start(cage(node))
    try:
        together = [action for action in ACTIONS if action not in ENDS_NODE]
        found = await attempt(launcher, node, BREACH, together, outside)
        for action in ENDS_NODE:
            found |= await attempt(launcher, node, BREACH, [action], outside)
        return found
    finally:
        await launcher.close()


@pytest.mark.parametrize("action", ACTIONS)
def test_an_escaped_script_is_denied(verdicts: dict[str, str], action: str):
    assert verdicts[action].startswith("denied: ")


async def test_a_worker_of_a_pool_may_start_no_thread_once_it_is_ready():
    """The programs above are held to that by these tests, not by what starts a worker."""
    async with Pool(workers=1, isolation="context") as pool:
        await pool.execute("1")
        (worker,) = pool._supply.idle
        limits = limits_of(worker.process.child.pid)

    assert re.search(r"^Max processes +0 +0 ", limits, re.MULTILINE)


# What one layer denies where no other stands before it, and as what.
ALONE = {
    "landlock": {
        "EACCES": """read_file list_own_parent open_device write_file create_file write_itself truncate_file make_folder
            make_symlink rename_file remove_file connect_tcp listen_tcp listen_unix_socket""",
        "EPERM": "signal_supervisor signal_launcher connect_abstract_socket",
    },
    "private_root": {
        "ENOENT": """read_file read_through_dotdot stat_file stat_passwd own_memory list_processes truncate_file
            connect_unix_socket""",
        "EROFS": "create_file_beside_itself write_itself chmod_itself utimes_itself",
    },
    "private_network": {"ENETUNREACH": "connect_tcp send_udp", "nothing there": "list_interfaces host_name"},
}

# The first version of Landlock that knows of it; all others are of the first.
SINCE = {"truncate_file": 3, "connect_tcp": 4, "listen_tcp": 4}
SINCE |= {"signal_supervisor": 6, "signal_launcher": 6, "connect_abstract_socket": 6}


@pytest.mark.parametrize("layer", ALONE)
async def test_each_layer_holds_alone_what_another_would_hold_as_well(
    layer: str, outside: dict[str, Any], tmp_path: Path
):
    """Under all of them nobody would see that one of them lets through what it is there for."""
    program = tmp_path / "breach.mjs"
    shutil.copy(BREACH, program)  # which is written to where nothing denies it
    expected = {action: f"denied: {code}" for code, some in ALONE[layer].items() for action in some.split()}
    if layer == "landlock":
        expected = {action: told for action, told in expected.items() if SINCE.get(action, 1) <= landlock_abi()}
    others = [*(ALONE.keys() - {layer}), "seccomp", "unprivileged_user", "cgroup"]
    launcher = await Launcher.start(cage(None, program), _without=[*others, "self-test"])
    try:
        facts = outside | {"inodes": []}
        assert await attempt(launcher, NODES["node24"], program, list(expected), facts) == expected
    finally:
        await launcher.close()


AS_THE_LAUNCHER = """
import ctypes, os
from stockade.sandbox.inner import namespaces, syscalls

if os.geteuid() != 0:
    namespaces.enter_user_namespace()
syscalls.unshare(syscalls.CLONE_NEWUTS)
assert ctypes.CDLL(None).setdomainname(b"of.the.machine", 14) == 0
namespaces.enter_private_network()
for name in ("hostname", "domainname"):
    print(open(f"/proc/sys/kernel/{name}").read().strip())
"""


def test_neither_name_of_the_machine_is_a_worker_s():
    """uname(2) tells the one that Node never asks for too."""
    told = subprocess.run([sys.executable, "-c", AS_THE_LAUNCHER], capture_output=True, text=True, check=True).stdout

    assert told == "worker\n(none)\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="to anyone but root the machine itself denies much of it")
async def test_without_the_cage_the_same_program_does_all_this(outside: dict[str, Any], tmp_path: Path):
    """A denial proves nothing if the action could not have worked; and it may harm nobody here but itself."""
    program = tmp_path / "breach.mjs"
    shutil.copy(BREACH, program)
    launcher = await PlainLauncher.start(cage(None, program))
    bystander = await start(launcher, [NODES["node24"], PROGRAMS / "loops_forever.mjs"])
    harmless = [action for action in ACTIONS if action not in (*ENDS_NODE, *NOT_TRIED_FREE)]
    facts = outside | {"supervisor": bystander.child.pid}
    found = await attempt(launcher, NODES["node24"], program, harmless, facts)
    await launcher.close()
    bystander.close()
    os.unlink("/tmp/stockade-breach")  # noqa: PTH108 - where the program put it

    denied = {action for action, verdict in found.items() if not verdict.startswith("allowed: ")}
    # The plain launcher lets no descriptor through either. What is found is the null device, which Node itself opens,
    # where it is our stdin; uncaptured, as in the machine of `make test-vm`, it is not.
    null = os.stat(os.devnull)  # noqa: PTH116
    unfindable = set() if f"{null.st_dev}:{null.st_ino}" in outside["inodes"] else {"inherited_descriptors"}
    assert denied <= DENIED_TO_ANYONE | unfindable
    assert len(found) - len(denied) > 50


async def attempt(
    launcher: Launcher, node: Path, program: Path, actions: list[str], outside: dict[str, Any]
) -> dict[str, str]:
    facts = json.dumps({"launcher": os.getpid()} | outside)
    running = await start(launcher, [node, program, facts, *actions])
    try:
        assert await running.until_output() == b"ready\n"
        await launcher.limit(running.child, data_bytes=None, no_new_threads=True)
        os.write(running.stdin, b"\n")
        exited, out, err = await running.finish()
    finally:
        running.close()
    found = dict(line.split(" ", 1) for line in out.splitlines())
    if len(actions) == 1 and exited.returncode == -ABORT:
        found[actions[0]] = "denied: Node aborts"
    assert list(found) == actions, f"ended with {exited.returncode} after {list(found)[-1:]}: {err}"
    return found


def limits_of(pid: int) -> str:
    return Path(f"/proc/{pid}/limits").read_text()


def inode(descriptor: int) -> str:
    status = os.fstat(descriptor)
    return f"{status.st_dev}:{status.st_ino}"
