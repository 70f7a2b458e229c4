"""Systems that are not this Linux, imitated here: nobody of us has run them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="imitated on Linux")


def run(program: str, *arguments: str, code: int = 0) -> tuple[str, str]:
    """What it prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )

    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_stockade_can_be_imported_on_macos():
    """A name that only Linux has, in a module of the launcher, once kept it from that."""
    out, _ = run("from tests.sandbox.macos import imitate; imitate(); import stockade.cli, stockade.sync; print('ok')")

    assert out == "ok\n"


A_WORKER = """
import asyncio, os, sys
from tests.sandbox.macos import imitate
imitate(ended_before_it_is_watched=sys.argv[1:] == ["at once"])
from stockade.sandbox import Launcher
from tests.sandbox.support import cage, start

async def main():
    launcher = await Launcher.start(cage())
    worker = await start(launcher, ["/bin/sleep", "60"])
    worker.child.kill()
    print(launcher.isolation.level, (await worker.child.wait()).returncode)
    await launcher.close()
    worker.close()

asyncio.run(main())
try:
    os.wait()
except ChildProcessError:
    print("none is left")
"""


@pytest.mark.parametrize("ending", ["later", "at once"])
def test_a_worker_that_ends_on_macos_is_reaped_and_its_end_is_told(ending: str):
    """For a group in which all have ended killpg(2) is EPERM there, and kevent(2) refuses to watch one of them."""
    out, err = run(A_WORKER, ending)

    assert (out, err) == ("process-only -9\nnone is left\n", "")


WITHOUT_PIDFD = """
import asyncio, errno, os, struct, sys
from stockade import Pool, RuntimeConfig
from stockade.sandbox.inner import syscalls

code = [(0x20, 0, 0, 0), (0x15, 0, 1, 434), (0x06, 0, 0, 0x50000 | int(sys.argv[1])), (0x06, 0, 0, 0x7FFF0000)]
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
syscalls.SeccompFilter(b"".join(struct.pack("=HBBI", *row) for row in code)).install()

async def main():
    async with Pool(RuntimeConfig(timeout_seconds=20), workers=1) as pool:
        print(pool.isolation.level, pool.isolation.missing["seccomp"])
        print((await pool.execute("1 + 1")).value)
        print((await pool.execute("for (;;);", config=RuntimeConfig(timeout_seconds=0.1))).error.kind)

asyncio.run(main())
try:
    os.wait()
except ChildProcessError:
    print("none is left")
"""


@pytest.mark.parametrize("refusal", [errno.ENOSYS, errno.EPERM], ids=errno.errorcode.get)
def test_where_the_kernel_gives_no_pidfd_scripts_run_in_bare_processes(refusal: int):
    """Before Linux 5.3; and an old container engine refuses what it does not know."""
    out, _ = run(WITHOUT_PIDFD, str(refusal))

    level, said, *ran = out.partition(" ")[0], *out.splitlines()
    assert level == "process-only"
    assert os.strerror(refusal) in said
    assert ran == ["2", "timeout", "none is left"]


# Some names are there if the kernel's headers had them when Python was built, os.memfd_create if the C library had it.
LACKED_BY_OLD_BUILDS = {
    "os": ("pidfd_open", "P_PIDFD", "memfd_create", "MFD_CLOEXEC", "MFD_ALLOW_SEALING"),
    "signal": ("pidfd_send_signal",),
    "fcntl": ("F_ADD_SEALS", "F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE"),
}
OLD_BUILD = f"""
from importlib import import_module
for module, names in {LACKED_BY_OLD_BUILDS}.items():
    for name in names:
        vars(import_module(module)).pop(name, None)
"""
MANY_STARTS = """
import asyncio, logging, sys
from pathlib import Path
from stockade import Pool
from stockade.sandbox import launcher

launcher.__file__ = sys.argv[1]  # its neighbour is what a launcher runs

async def main():
    async with Pool(workers=1) as pool:
        values = [(await pool.execute("1 + 1")).value for _ in range(8)]
        await pool._starts.all_compiled()
        print(*pool.isolation.missing)
        print(values == [2] * 8)

asyncio.run(main())
"""


def test_a_python_that_was_built_for_older_systems_costs_no_layer(tmp_path: Path):
    """As uv and conda hand it out: built with old headers, it lacks names of calls that the kernel has."""
    main = ROOT / "pool/stockade/sandbox/launcher_main.py"
    load = f"import sys; sys.path.append({str(main.parent)!r})\nimport inner.serve; inner.serve.main()\n"
    (tmp_path / "launcher_main.py").write_text(OLD_BUILD + load)
    expected, _ = run(MANY_STARTS, str(main))
    out, err = run(OLD_BUILD + MANY_STARTS, str(tmp_path / "launcher.py"))

    assert out == expected
    assert "Traceback" not in err


def test_windows_is_refused_in_a_sentence():
    _, err = run("import sys; sys.platform = 'win32'; sys.modules['resource'] = None; import stockade.cli", code=1)

    assert err.splitlines()[-1] == "ImportError: stockade runs on Linux and macOS; on Windows use WSL"
