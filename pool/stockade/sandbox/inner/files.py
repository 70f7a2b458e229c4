"""Which files a worker needs to exist: the program, what the loader will map into it, and what it was granted."""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH110, PTH116, PTH119, PTH120, PTH123
from __future__ import annotations

import os
import stat
import struct
from typing import NamedTuple

# Nothing of the supervisor's. The two variables are those whose absence makes Node look for files: an openssl.cnf it
# may not read is fatal, and without TZ it asks /etc/localtime, so that dates would depend on the machine.
ENVIRONMENT = {"OPENSSL_CONF": "/dev/null", "TZ": "UTC"}

# The loader finds libraries in other than the standard folders by this.
LOADER_CACHE = "/etc/ld.so.cache"

# That of musl has no such cache. Of a library beside the program it asks /proc where that is, and no worker has /proc.
MUSL = "ld-musl-"


class Files(NamedTuple):
    """Everything a worker may open, by kind, and the variables by which it finds that."""

    programs: tuple[str, ...]  # read and execute: the binary, its loader, its shared objects
    readable: tuple[str, ...]  # read: files, and folders with all in them
    environment: dict[str, str] = ENVIRONMENT


def needed(node: str, readable: list[str]) -> Files:
    """The files of one cage. OSError if the program is not there."""
    loader = _loader_of(node)
    objects = [] if loader is None else [loader, *_shared_objects(loader, node)]
    cache = [LOADER_CACHE] if os.path.exists(LOADER_CACHE) else []
    for path in readable:
        os.stat(path)  # a grant that does not exist is a mistake of ours: say so before anything starts
    variables = ENVIRONMENT | library_path(objects)
    return Files(tuple(dict.fromkeys([node, *objects])), tuple(dict.fromkeys([*cache, *readable])), variables)


def library_path(objects: list[str]) -> dict[str, str]:
    """What tells musl's loader, if it is that (the first of the objects), where the others lie."""
    if not objects or not os.path.basename(objects[0]).startswith(MUSL):
        return {}
    return {"LD_LIBRARY_PATH": ":".join(dict.fromkeys(os.path.dirname(path) for path in objects))}


def is_folder(path: str) -> bool:
    return stat.S_ISDIR(os.stat(path).st_mode)


def _loader_of(program: str) -> str | None:
    """The interpreter an ELF file names (its PT_INTERP segment), or None if it is static or no 64-bit ELF file."""
    with open(program, "rb") as file:
        header = file.read(64)
        if len(header) < 64 or header[:6] != b"\x7fELF\x02\x01":
            return None
        (table,) = struct.unpack_from("<Q", header, 32)
        size, count = struct.unpack_from("<HH", header, 54)
        file.seek(table)
        entries = file.read(size * count)
        for start in range(0, size * count, size):
            (kind,) = struct.unpack_from("<I", entries, start)
            (offset,) = struct.unpack_from("<Q", entries, start + 8)
            (length,) = struct.unpack_from("<Q", entries, start + 32)
            if kind == 3:
                file.seek(offset)
                return os.fsdecode(file.read(length).rstrip(b"\0"))
    return None


def _shared_objects(loader: str, program: str) -> list[str]:
    """What the loader would map, asked of the loader itself: `--list` is the same on glibc and musl."""
    read_end, write_end = os.pipe()
    pid = os.posix_spawn(loader, [loader, "--list", program], {}, file_actions=[(os.POSIX_SPAWN_DUP2, write_end, 1)])
    os.close(write_end)
    with os.fdopen(read_end, encoding=None, errors="surrogateescape") as listing:
        # Each line is "name => /path (address)", or "/path (address)", or the vdso, which is no file. A path may have
        # spaces.
        paths = [line.rpartition(" (")[0].rpartition(" => ")[2].strip() for line in listing]
    os.waitpid(pid, 0)
    return [path for path in paths if path.startswith("/")]
