"""The few kernel calls Python has no name for, each raising OSError as the others do."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from contextlib import suppress

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p

Words = ctypes.Array[ctypes.c_char_p]

PROT_READ_WRITE = 0x3
MAP_PRIVATE_ANONYMOUS = 0x22
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
MNT_DETACH = 2

AT_FDCWD = -100
AT_RECURSIVE = 0x8000
OPEN_TREE_CLONE = 1
OPEN_TREE_CLOEXEC = os.O_CLOEXEC
MOVE_MOUNT_F_EMPTY_PATH = 0x4
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4

# Calls newer than 2019 have one number on every architecture.
NR_PIDFD_SEND_SIGNAL = 424
NR_OPEN_TREE = 428
NR_MOVE_MOUNT = 429
NR_PIDFD_OPEN = 434
NR_CLOSE_RANGE = 436
NR_MOUNT_SETATTR = 442
NR_LANDLOCK_CREATE_RULESET = 444
NR_LANDLOCK_ADD_RULE = 445
NR_LANDLOCK_RESTRICT_SELF = 446

# sched_getscheduler and sched_setscheduler.
_SCHEDULER_CALLS = {"x86_64": (145, 144), "aarch64": (120, 119)}.get(os.uname().machine)

P_PIDFD = 3

CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
CAP_KILL = 5


def prctl(option: int, *arguments: int) -> int:
    """prctl(2), with the unused arguments zero as newer options insist."""
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(_libc.prctl(option, *values), f"prctl {option}")


def die_with_parent(parent: int, signal_number: int) -> None:
    """Get a signal when the parent ends, and end now if it already has."""
    prctl(PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


def pidfd_open(pid: int) -> int:
    """pidfd_open(2); a Python that was built for older systems has it not, and runs on newer ones."""
    return _syscall(NR_PIDFD_OPEN, "pidfd_open", pid, 0)


def pidfd_send_signal(pidfd: int, signal_number: int) -> None:
    """pidfd_send_signal(2), for the same reason."""
    _syscall(NR_PIDFD_SEND_SIGNAL, "pidfd_send_signal", pidfd, signal_number, None, 0)


def scheduler() -> int:
    """sched_getscheduler(2) of this process; Python's goes by the C library, and musl's does nothing."""
    if _SCHEDULER_CALLS is None:
        return os.sched_getscheduler(0)
    return _syscall(_SCHEDULER_CALLS[0], "sched_getscheduler", 0)


def set_scheduler(pid: int, policy: int) -> None:
    """sched_setscheduler(2) without a priority, for the same reason; 0 is the calling process."""
    if _SCHEDULER_CALLS is None:
        os.sched_setscheduler(pid, policy, os.sched_param(0))
    else:
        _syscall(_SCHEDULER_CALLS[1], "sched_setscheduler", pid, policy, struct.pack("=i", 0))


def close_from(first: int) -> None:
    """Close every descriptor from this one on."""
    try:
        _syscall(NR_CLOSE_RANGE, "close_range", first, 0x7FFFFFFF, 0)
    except OSError:  # before Linux 5.9, or under a filter; Python has the rest closed by exec
        for descriptor in range(first, 256):
            with suppress(OSError):
                os.close(descriptor)


def unshare(flags: int) -> None:
    """unshare(2); Python has it from 3.12 on."""
    _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def set_host_name(name: str) -> None:
    """sethostname(2); an error of Python's own would not say what was refused."""
    _checked(_libc.sethostname(name.encode(), ctypes.c_size_t(len(name))), "sethostname")


def set_domain_name(name: str) -> None:
    """setdomainname(2): the other name that uname(2) tells."""
    _checked(_libc.setdomainname(name.encode(), ctypes.c_size_t(len(name))), "setdomainname")


def mount(source: str, target: str, kind: str, flags: int, options: str) -> None:
    """mount(2)."""
    result = _libc.mount(
        os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), options.encode()
    )
    _checked(result, f"mount {kind or 'flags'} on {target}")


def clone_mount(path: str) -> int:
    """A detached copy of what is mounted at a path, as a descriptor: a bind mount not yet put anywhere."""
    flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE
    return _syscall(NR_OPEN_TREE, f"open_tree {path}", AT_FDCWD, os.fsencode(path), flags)


def attach_mount(mount_fd: int, path: str) -> None:
    """Put a detached mount at a path."""
    _syscall(NR_MOVE_MOUNT, f"move_mount {path}", mount_fd, b"", AT_FDCWD, os.fsencode(path), MOVE_MOUNT_F_EMPTY_PATH)


def set_mount_attributes(path: str, attributes: int) -> None:
    """Add attributes to the mount at a path and all below it; those it has already stay."""
    attr = struct.pack("=QQQQ", attributes, 0, 0, 0)
    _syscall(NR_MOUNT_SETATTR, "mount_setattr", AT_FDCWD, os.fsencode(path), AT_RECURSIVE, attr, len(attr))


def make_root(path: str) -> None:
    """Make a mount point the root of this mount namespace, and let go of the old one."""
    os.chdir(path)
    # Both "." is the documented way to need no folder for the old root: it ends up on top, and is unmounted there.
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", ctypes.c_int(MNT_DETACH)), "umount the old root")
    os.chdir("/")


def bound_capabilities() -> None:
    """Empty the bounding set, where we may: then no program can bring a capability back."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EPERM):
                raise
            return  # EINVAL after the last one; EPERM without CAP_SETPCAP, and then no_new_privs alone stands for it


def drop_capabilities(*keep: int) -> None:
    """Give up every capability but those to keep, as far as we have them."""
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    held = ctypes.create_string_buffer(24)
    _checked(_libc.capget(header, held), "capget")
    if not any(held.raw):
        return  # nothing to lose, and a filter may refuse the call that loses it, or end whoever makes it
    kept = struct.unpack_from("=II", held.raw)[1] & sum(1 << capability for capability in keep)
    _checked(_libc.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0)), "capset")


def landlock_abi() -> int:
    """The Landlock version of the kernel; OSError if it has none or it is switched off."""
    return _syscall(NR_LANDLOCK_CREATE_RULESET, "landlock", None, 0, 1)


def landlock_create_ruleset(attributes: bytes) -> int:
    """A new ruleset, as a descriptor."""
    return _syscall(NR_LANDLOCK_CREATE_RULESET, "landlock_create_ruleset", attributes, len(attributes), 0)


def landlock_allow_beneath(ruleset: int, access: int, path_fd: int) -> None:
    """Grant rights on a file, or on a folder and everything in it."""
    rule = struct.pack("=Qi", access, path_fd)
    _syscall(NR_LANDLOCK_ADD_RULE, "landlock_add_rule", ruleset, 1, rule, 0)


def landlock_restrict_self(ruleset: int) -> None:
    """Put this process, and all it becomes, under a ruleset."""
    _syscall(NR_LANDLOCK_RESTRICT_SELF, "landlock_restrict_self", ruleset, 0)


class SeccompFilter:
    """A BPF program of 8-byte instructions, laid out as the kernel wants it."""

    def __init__(self, program: bytes) -> None:
        self._program = ctypes.create_string_buffer(program, len(program))
        fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(self._program))
        self._fprog = ctypes.create_string_buffer(fprog, len(fprog))

    def install(self) -> None:
        """Put this process, and all it becomes, under it."""
        prctl(PR_SET_SECCOMP, 2, ctypes.addressof(self._fprog))


class Program:
    """A path to execute, held at one address: the seccomp filter knows it by that address alone.

    So nobody may guess it: after exec it is free for a worker to put another path there, and to try costs nothing. An
    address of the heap is one of some 2^28, and always the same where the supervisor's addresses are not random.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        text = os.fsencode(path) + b"\0"
        room = len(text) + PAGE_BYTES
        chance = int.from_bytes(os.urandom(8), "big")
        # Left to itself the kernel maps near the end of what a process has: 2 ** 47 bytes on x86-64, 2 ** 48 down to
        # 2 ** 39 on arm64. Anywhere in the lower half of that; the kernel goes elsewhere if something is there.
        half = 1 << (_map_at(0, room).bit_length() - 1)
        start = _map_at(chance % (half // PAGE_BYTES) * PAGE_BYTES, room)
        self.address = start + (chance >> 48) % PAGE_BYTES
        ctypes.memmove(self.address, text, len(text))

    def execute(self, argv: Words, environment: Words) -> None:
        """Become it; returns only by raising OSError."""
        path = ctypes.c_void_p(self.address)
        _checked(_libc.execve(path, argv, environment), "exec of Node, a binary and no script")


def words(texts: Iterable[str | bytes]) -> Words:
    """What execve(2) takes as arguments and environment."""
    encoded = [os.fsencode(text) for text in texts]
    return (ctypes.c_char_p * (len(encoded) + 1))(*encoded, None)


def _map_at(address: int, size: int) -> int:
    """Private memory of our own at an address, or near it."""
    place = _libc.mmap(
        ctypes.c_void_p(address),
        ctypes.c_size_t(size),
        PROT_READ_WRITE,
        MAP_PRIVATE_ANONYMOUS,
        -1,
        ctypes.c_long(0),
    )
    if place == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return place


def _syscall(number: int, name: str, *arguments: int | bytes | None) -> int:
    values = [ctypes.c_long(value) if isinstance(value, int) else ctypes.c_char_p(value) for value in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *values), name)


def _checked(result: int, name: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result
