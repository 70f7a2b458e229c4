"""A supervisor with a busy worker and a fork of itself. Prints the pids of launcher, worker and fork.

With a third argument it is one that may signal no process of another user.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from stockade.sandbox import Cage, Launcher
from stockade.sandbox.inner import syscalls

NODE, PROGRAM = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()


if len(sys.argv) > 3:
    syscalls.drop_capabilities(*{*range(32)} - {syscalls.CAP_KILL})


async def main() -> None:
    launcher = await Launcher.start(Cage(NODE, (PROGRAM,)))
    null = os.open(os.devnull, os.O_RDWR)
    child = await launcher.spawn([str(NODE), str(PROGRAM)], stdin=null, stdout=null, stderr=null)
    fork = os.fork()
    if fork == 0:
        signal.alarm(60)
        signal.pause()
    print(launcher.pid, child.pid, fork, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
