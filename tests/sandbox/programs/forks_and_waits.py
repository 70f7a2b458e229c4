"""A supervisor with a busy worker and a fork of itself. Prints the pids of launcher, worker and fork."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from stockade.sandbox import Cage, Launcher

NODE, PROGRAM = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()


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
