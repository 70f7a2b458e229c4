"""A cgroup v2 group for the pool and a leaf for each worker: the kernel counts all memory and tells when it is full."""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH101, PTH102, PTH106, PTH110, PTH118, PTH120, PTH123, PTH208
from __future__ import annotations

import errno
import os
from contextlib import suppress

from .limits import MIB

# What a worker may take until it is ready and told its budget. An idle Node holds 50 to 70 MiB.
START_BYTES = 512 * MIB

# Of the launcher itself, and of what the kernel still counts of workers that have ended.
SPARE_BYTES = 64 * MIB

# A Node process starts about a dozen threads.
START_THREADS = 64

NAME = "stockade-"
LAUNCHER = "launcher"


class Leaf:
    """The group of one worker, from before its exec until it is reaped."""

    def __init__(self, pool: int, name: str) -> None:
        self.name = name
        self.memory_bytes = START_BYTES
        self._pool = pool

    def enter(self, pid: int = 0) -> None:
        """Move a process in; 0 is the calling one."""
        _write(self._pool, f"{self.name}/cgroup.procs", str(pid))

    def held(self) -> int:
        """Bytes the kernel counts against it now."""
        return int(_read(self._pool, f"{self.name}/memory.current"))

    def bound(self, memory_bytes: int) -> None:
        """Hold it to so many bytes in all."""
        _write(self._pool, f"{self.name}/memory.max", str(memory_bytes))
        self.memory_bytes = memory_bytes

    def no_new_threads(self) -> None:
        """What it has stays; the kernel refuses more, to uid 0 as well."""
        with suppress(FileNotFoundError):  # the controller of threads is not there
            _write(self._pool, f"{self.name}/pids.max", "0")

    def outgrown(self) -> bool:
        """Whether the kernel killed it because this very group was full, and not because the machine was."""
        with suppress(OSError):
            events = dict(line.split() for line in _read(self._pool, f"{self.name}/memory.events").splitlines())
            return events.get("oom_kill", "0") != "0" and events.get("oom", "0") != "0"
        return False


class Group:
    """The pool's own group. Made by `make`; the keeper removes it when launcher or supervisor has ended."""

    def __init__(self, path: str) -> None:
        self.path = path
        # Held open because there is no such path inside the private root.
        self._pool = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._made = 0
        self._leaves: dict[str, Leaf] = {}
        self._allowed = 0  # what the pool's memory.max says

    def enter(self, user: int) -> None:
        """Move the calling process in, and let a user make leaves here who owns nothing else."""
        _mkdir(self._pool, LAUNCHER)
        _write(self._pool, f"{LAUNCHER}/cgroup.procs", "0")
        if user == os.geteuid():
            return
        os.chown(self.path, -1, user)
        os.chmod(self.path, 0o775)  # its owner stays the supervisor's user, who has to remove it
        for name in ("cgroup.procs", "memory.max", "pids.max", f"{LAUNCHER}/cgroup.procs"):
            with suppress(FileNotFoundError):
                os.chown(os.path.join(self.path, name), user, user)

    def try_out(self) -> None:
        """Do once what each worker needs. OSError if it cannot be done."""
        leaf = self.leaf()
        leaf.enter()
        _write(self._pool, f"{LAUNCHER}/cgroup.procs", "0")
        self.remove(leaf)

    def leaf(self) -> Leaf:
        """A group for one more worker, with room to start."""
        self._made += 1
        leaf = Leaf(self._pool, f"worker-{os.getpid()}-{self._made}")
        self._leaves[leaf.name] = leaf
        try:
            self.allow()
            _mkdir(self._pool, leaf.name)
            leaf.bound(START_BYTES)
            # One process is all there is in it; this is for the helpers of a worker that escaped every layer.
            _write(self._pool, f"{leaf.name}/memory.oom.group", "1")
            with suppress(FileNotFoundError):
                _write(self._pool, f"{leaf.name}/pids.max", str(START_THREADS))
        except OSError:
            self.remove(leaf)
            raise
        return leaf

    def allow(self) -> None:
        """Let the pool hold what its living workers may. Never less than before: the kernel would kill to get there."""
        together = SPARE_BYTES + sum(leaf.memory_bytes for leaf in self._leaves.values())
        if together > self._allowed:
            _write(self._pool, "memory.max", str(together))
            with suppress(FileNotFoundError):
                _write(self._pool, "pids.max", str(START_THREADS * (len(self._leaves) + 1)))
            self._allowed = together

    def remove(self, leaf: Leaf) -> None:
        """Once its worker is gone. What cannot be removed now, the keeper will."""
        del self._leaves[leaf.name]
        with suppress(OSError):
            os.rmdir(leaf.name, dir_fd=self._pool)


def make(named: str | None) -> Group:
    """A new group for one pool, below the one that is named or below our own. LookupError with the reason if none."""
    reasons: list[str] = []
    for above in [named] if named else _places():
        try:
            return Group(_make_below(above))
        except OSError as error:
            reasons.append(_reason(above, error))
    raise LookupError("; ".join(reasons))


def remove(path: str) -> None:
    """Remove a pool's group and its leaves, as far as nobody is left in them."""
    with suppress(OSError):
        for name in os.listdir(path):
            if name.startswith((LAUNCHER, "worker-")):
                with suppress(OSError):
                    os.rmdir(os.path.join(path, name))
        os.rmdir(path)


def _places(mounts: str = "/proc/self/mountinfo", own: str = "/proc/self/cgroup") -> list[str]:
    """The groups we may have been given: our own and, where someone made that a branch for us, the one above it.

    Further up would be a way around limits that were meant for us too.
    """
    with open(mounts, encoding="utf-8", errors="surrogateescape") as table:
        rows = [line.split(" - ", 1) for line in table]
    found = [left.split()[3:5] for left, right in rows if right.split()[0] == "cgroup2"]
    with open(own, encoding="utf-8", errors="surrogateescape") as table:
        path = next((line[3:].rstrip("\n") for line in table if line.startswith("0::")), None)
    if not found or path is None:
        raise LookupError("no cgroup v2 hierarchy is mounted")
    root, top = found[0]
    inside = os.path.relpath(path, root)
    if path.startswith("/..") or inside.startswith(".."):
        raise LookupError("our own cgroup is not in the part of the hierarchy that is mounted")
    group = os.path.normpath(os.path.join(top, inside))
    places = [group]
    above = os.path.dirname(group)
    # Of a container its visible top; with systemd what Delegate= gave.
    if group != top and ((above == top and _exists(above, "cgroup.type")) or _delegated(above)):
        places.append(above)
    return places


def _make_below(above: str) -> str:
    with open(os.path.join(above, "cgroup.controllers"), encoding="ascii") as file:
        offered = file.read().split()
    if "memory" not in offered:
        raise OSError(errno.EOPNOTSUPP, "the memory controller is not in it")
    if not _exists(above, "cgroup.kill") and _exists(above, "cgroup.type"):
        raise OSError(errno.EOPNOTSUPP, "the kernel is older than 5.14")
    with open(os.path.join(above, "cgroup.subtree_control"), encoding="ascii") as file:
        passed_on = file.read().split()
    wanted = [name for name in ("memory", "pids") if name in offered and name not in passed_on]
    if wanted:
        directory = os.open(above, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _write(directory, "cgroup.subtree_control", " ".join(f"+{name}" for name in wanted))
        finally:
            os.close(directory)
    _sweep(above)
    path = os.path.join(above, f"{NAME}{os.getpid()}-{os.urandom(4).hex()}")
    os.mkdir(path)
    try:
        _set_up(path)
    except OSError:
        os.rmdir(path)
        raise
    return path


def _set_up(path: str) -> None:
    directory = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        offered = _read(directory, "cgroup.controllers").split()
        _write(
            directory, "cgroup.subtree_control", " ".join(f"+{name}" for name in ("memory", "pids") if name in offered)
        )
        with suppress(FileNotFoundError):  # no swap, or its accounting is off
            _write(directory, "memory.swap.max", "0")
    finally:
        os.close(directory)


def _sweep(above: str) -> None:
    """Remove what is left of pools whose keeper was killed as well. The number in the name is its pid."""
    for name in os.listdir(above):
        pid = name.removeprefix(NAME).partition("-")[0]
        if name.startswith(NAME) and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            remove(os.path.join(above, name))


def _reason(above: str, error: OSError) -> str:
    match error.errno:
        case errno.EBUSY:
            return (
                f"{above} holds processes, so nothing can be made below it: start in a subgroup of one delegated to you"
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{above} may not be changed"
        case _:
            return f"{above}: {error.strerror}"


def _delegated(path: str) -> bool:
    for name in ("user.delegate", "trusted.delegate"):
        with suppress(OSError):
            if os.getxattr(path, name) == b"1":
                return True
    return False


def _exists(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _mkdir(directory: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o755, dir_fd=directory)


def _read(directory: int, name: str) -> str:
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=directory)
    try:
        return os.read(descriptor, 4096).decode("ascii")
    finally:
        os.close(descriptor)


def _write(directory: int, name: str, text: str) -> None:
    descriptor = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=directory)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)
