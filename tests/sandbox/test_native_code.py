"""What native code in a worker can have of the machine with only the calls that the filter leaves it."""

from __future__ import annotations

import os
from pathlib import Path

from stockade.sandbox import Launcher

from .support import PROGRAMS, python_in, start


async def test_the_kernel_keeps_no_more_accounts_for_a_worker_than_its_addresses_take(tmp_path: Path):
    """No other limit counts them, nor does the watch: 300 MiB in a second and a half, of a machine without a cgroup."""
    cage = python_in(tmp_path)
    launcher = await Launcher.start(cage, _without=["self-test"])  # which is a Node program
    running = await start(launcher, [cage.node, "-I", "-S", PROGRAMS / "looks_at_much.py"])
    assert await running.until_output() == b"ready\n"
    await launcher.limit(running.child, data_bytes=256 << 20, no_new_threads=True)
    os.write(running.stdin, b"\n")
    mapped = int(await running.until_output())
    tables_kb = vm_pte_kb(running.child.pid)
    running.child.kill()
    await launcher.close()
    running.close()

    assert 0 < mapped <= 33 << 10
    assert tables_kb < 80 << 10


def vm_pte_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmPTE:")[2].split()[0])
