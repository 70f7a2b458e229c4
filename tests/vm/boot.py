"""Boots a real kernel under emulation and runs the sandbox tests in it: `make test-vm`.

For what the machine at hand may not have: a cgroup v2 hierarchy with the memory controller, and an older Landlock.
"""

from __future__ import annotations

import argparse
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.vm import image

QEMU = "qemu-system-x86_64"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
WORK = image.ROOT / ".build" / "vm"
MEMORY_MIB = 3072

# Emulation is some twenty times slower than the machine, and the machine may be busy.
BOOT_SECONDS = 3600

# A failure is told at once, and a test that hangs ends the whole with the stacks of all threads.
PYTEST = [
    "-m",
    "pytest",
    "-p",
    "no:cacheprovider",
    "-p",
    "tests.vm.live",
    "-s",
    "-o",
    "timeout=400",
    "-o",
    "timeout_method=thread",
]
DEFAULT = [
    ["-m", "stockade", "doctor"],
    [*PYTEST, "tests/vm/guest_cgroup.py", "tests/sandbox/test_breach.py", "tests/sandbox/test_launcher.py"],
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tests", nargs="*", help="run these tests instead")
    options = parser.parse_args()
    kernels = sorted((WORK / "kernel" / "boot").glob("vmlinuz-*"))
    if shutil.which(QEMU) is None or not kernels:
        print(
            f"make test-vm needs {QEMU} (on Debian: apt-get install qemu-system-x86) and a kernel in {WORK}/kernel "
            f"(there: make vm-kernel, which downloads and unpacks {KERNEL_PACKAGE} and installs nothing)",
            file=sys.stderr,
        )
        return 2
    python = str(image.ROOT / ".venv/bin/python")
    commands = [[*PYTEST, *options.tests]] if options.tests else DEFAULT
    archive = WORK / "image.cpio"
    image.write(archive, _init([[python, *command] for command in commands]))
    return _run(kernels[-1], archive)


def _init(commands: list[list[str]]) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "COLUMNS": "120"}
    text = (Path(__file__).with_name("guest_init.py")).read_text()
    for name, value in (("COMMANDS", commands), ("ROOT", str(image.ROOT)), ("ENVIRONMENT", environment)):
        text, count = re.subn(rf"^{name} = .*$", lambda _, it=f"{name} = {value!r}": it, text, flags=re.MULTILINE)
        assert count == 1, name
    return text


def _run(kernel: Path, archive: Path) -> int:
    machine = [
        *(QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MIB)),
        *("-kernel", str(kernel), "-initrd", str(archive), "-append", "console=ttyS0 quiet panic=-1"),
        *("-nic", "none", "-display", "none", "-monitor", "none", "-serial", "stdio", "-no-reboot"),
    ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without the machine
    ended = None
    with subprocess.Popen(machine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace") as vm:
        clock = threading.Timer(BOOT_SECONDS, vm.kill)
        clock.start()
        try:
            assert vm.stdout is not None
            for line in vm.stdout:
                print(line, end="", flush=True)
                if found := re.search(r"virtual machine: the commands ended with (\d+)", line):
                    ended = int(found[1])
        finally:
            clock.cancel()
            vm.kill()
    if ended is None:
        print("the virtual machine ended without a word of how the commands did", file=sys.stderr)
        return 1
    return ended


if __name__ == "__main__":
    sys.exit(main())
