"""The self-test: a throwaway worker tries what its layers forbid, so that the report rests on facts."""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import resource
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from . import pipes
from .paths import without_folders
from .stuck import no_threads, unless_stuck

if TYPE_CHECKING:
    from .launcher import Launcher
    from .needs import Cage

PROGRAM = Path(__file__).with_name("self_test.mjs")

# Takes about 0.1 s; this long only on a machine too busy to run scripts.
SELF_TEST_SECONDS = 30.0

# Our own ends no Node: it refuses.
FILTERED = "a filter (SystemCallFilter= of systemd is one) refuses {} a call that it has to make"

# What a signal is sent for that nobody of us has sent.
ENDED_BY = {
    -signal.SIGSYS: FILTERED.format("Node.js"),
    -signal.SIGKILL: "Node.js was killed, as the kernel does where a machine or a cgroup has no more memory",
}

# Each attempt with the layers any one of which is enough to stop it. If it worked, none of them is in force.
STOPPED_BY: Mapping[str, tuple[str, ...]] = {
    "see_environment": ("environment",),
    "stat_file": ("private_root",),
    "read_file": ("landlock", "private_root"),
    "list_folder": ("landlock", "private_root"),
    "open_for_writing": ("landlock", "seccomp", "private_root"),
    "be_root": ("unprivileged_user",),
    "spawn_program": ("seccomp",),
    "signal_launcher": ("seccomp",),
    "list_interfaces": ("seccomp", "private_network"),
    "connect_tcp": ("seccomp", "private_network"),
    "send_udp": ("seccomp",),
    "open_unix_socket": ("seccomp",),
    "start_thread": ("no_new_threads",),
}


async def self_test(launcher: Launcher, cage: Cage) -> dict[str, str]:
    """The layers that did not hold, each with what a worker could do in spite of it. OSError if no worker starts."""
    try:
        worked = await asyncio.wait_for(_attempts(launcher, cage), SELF_TEST_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"the self-test was not over within {SELF_TEST_SECONDS:g} seconds") from None
    return {layer: f"the self-test could {name.replace('_', ' ')}" for name in worked for layer in STOPPED_BY[name]}


async def _attempts(launcher: Launcher, cage: Cage) -> list[str]:
    # As text on the command line: a file of its own would be one more thing that every worker may read.
    program = PROGRAM.read_text("utf-8")
    flags = ["--jitless"] if cage.jitless else []
    argv = [str(cage.node), *flags, "--input-type=module", "--eval", program, "--", str(PROGRAM), str(launcher.pid)]
    async with pipes.piped(launcher, argv) as worker:
        with unless_stuck(worker.child):
            heard = await pipes.read_line(worker.stdout)
        if heard:
            await launcher.limit(worker.child, data_bytes=None, no_new_threads=True)
            os.write(worker.stdin, b"\n")
            heard = await pipes.read_line(worker.stdout)
        if heard:
            return json.loads(heard)
        said = (await pipes.read_line(worker.stderr)).decode(errors="backslashreplace").strip()
        exited = await worker.child.wait()
        if not cage.jitless and not _may_compile():
            raise OSError(
                "no memory may be made executable here (as MemoryDenyWriteExecute= of systemd has it), and V8's "
                "compilers need it: RuntimeConfig(jitless=True) does without them"
            )
        if reason := no_threads(said) or ENDED_BY.get(exited.returncode):
            raise OSError(reason)
        told = without_folders(said) or "and says nothing"
        raise OSError(f"under its layers Node ends with {exited.returncode} ({told}){_memory_limits()}")


def _may_compile() -> bool:
    """Whether we, and so our workers, may write to memory and then execute it."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except OSError:
        return False
    return True


def _memory_limits() -> str:
    """What we, and so our workers, may hold. Node reserves more than it uses, and does not say which limit it met."""
    soft = {
        "ulimit -v": resource.getrlimit(resource.RLIMIT_AS)[0],
        "ulimit -d": resource.getrlimit(resource.RLIMIT_DATA)[0],
    }
    told = [f"by {name} to {limit >> 20} MiB" for name, limit in soft.items() if limit != resource.RLIM_INFINITY]
    return f"; memory is limited here, {' and '.join(told)}" if told else ""
