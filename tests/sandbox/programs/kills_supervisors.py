"""Kills supervisors with SIGKILL at random moments, and tells how long their processes outlived them.

Orphans become children of this process, so "none is left" is not a search by name: it is the kernel saying that
there is no child any more. Arguments: how many, node, the program of the workers.
"""

import asyncio
import ctypes
import os
import random
import signal
import sys
import time
from pathlib import Path

from stockade.sandbox import Cage, Launcher

PR_SET_CHILD_SUBREAPER = 36
AT_ONCE = 5
ROUNDS = int(sys.argv[1]) // AT_ONCE
NODE, PROGRAM = Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()


async def supervise(busy: int) -> None:
    """Starts a launcher and busy workers, says so, and waits to be killed."""
    launcher = await Launcher.start(Cage(NODE, (PROGRAM,)))
    null = os.open(os.devnull, os.O_RDWR)
    for _ in range(2):
        await launcher.spawn([str(NODE), str(PROGRAM)], stdin=null, stdout=null, stderr=null)
    os.write(busy, b"x")
    await asyncio.Event().wait()


def start() -> tuple[list[int], int]:
    """Supervisors (forked, as importing takes longer than all that is tested here), and a pipe they say busy on."""
    heard, busy = os.pipe()
    pids: list[int] = []
    for _ in range(AT_ONCE):
        pid = os.fork()
        if pid == 0:
            os.close(heard)
            asyncio.run(supervise(busy))
        pids.append(pid)
    os.close(busy)
    return pids, heard


def kill_and_count(pids: list[int], heard: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    orphans = -AT_ONCE
    try:
        while True:
            os.waitpid(-1, 0)
            orphans += 1
    except ChildProcessError:
        print(time.monotonic() - killed, orphans, flush=True)
    os.close(heard)


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
signal.alarm(100)  # if a process does not end, neither would we
began = time.monotonic()
pids, heard = start()
for _ in pids:
    os.read(heard, 1)
until_busy = time.monotonic() - began
kill_and_count(pids, heard)
for _ in range(ROUNDS):
    pids, heard = start()
    time.sleep(random.uniform(0, 1.2 * until_busy))
    kill_and_count(pids, heard)
