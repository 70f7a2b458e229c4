"""The seccomp filter: a list of calls a worker may make, assembled once into a BPF program.

The program is straight: load the call's number, compare it with one row after the other, return at the match.
"""

from __future__ import annotations

import struct
import sys

from .seccomp_table import AARCH64, ALLOWED, CONDITIONAL, X86_64, Numbers

AUDIT_ARCH = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}
X32_BIT = 0x40000000  # on x86-64, a second table of calls with other argument sizes

# What the program returns.
ALLOW = 0x7FFF0000
KILL = 0x80000000
ZERO = 0x00050000  # nothing is done, and the answer is 0
EPERM = 0x00050000 | 1
ENOSYS = 0x00050000 | 38

# BPF instructions, and where the kernel puts what they look at.
LOAD = 0x20
AND = 0x54
JUMP_IF_EQUAL = 0x15
JUMP_IF_AT_LEAST = 0x35
JUMP_IF_ANY_BIT = 0x45
RETURN = 0x06
NUMBER_AT = 0
ARCH_AT = 4

# An own process id is not known when the program is made; `with_own_pid` puts it here.
OWN_PID = 0x7EADBEEF

Code = list[tuple[int, int, int, int]]  # operation, jump if true, jump if false, operand


def unavailable(machine: str) -> str | None:
    """Why there is no filter for this machine, or None if there is one."""
    if machine not in AUDIT_ARCH:
        return f"no table of system calls for {machine}"
    if sys.maxsize < 2**32:
        return "the Python running the launcher is a 32-bit program"
    return None


def program(machine: str, exec_address: int) -> bytes:
    """The filter. Exactly one exec passes: that of the string at this address, which is gone afterwards."""
    column = (X86_64, AARCH64).index(machine)
    code: Code = [(LOAD, 0, 0, ARCH_AT), (JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH[machine]), *_give(KILL)]
    code += [(LOAD, 0, 0, NUMBER_AT)]
    if machine == X86_64:
        code += [(JUMP_IF_AT_LEAST, 0, 1, X32_BIT), *_give(KILL)]
    for name, body in _rules(exec_address).items():
        code += _if_number(CONDITIONAL, name, column, body)
    for name in ALLOWED:
        code += _if_number(ALLOWED, name, column, _give(ALLOW))
    code += _give(EPERM)
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def with_own_pid(filter_program: bytes, pid: int) -> bytes:
    """The filter for one process."""
    return filter_program.replace(struct.pack("=I", OWN_PID), struct.pack("=I", pid))


def _rules(exec_address: int) -> dict[str, Code]:
    """One rule for each conditional call. An argument the kernel takes as an int is compared as 32 bits, as it does."""
    return {
        # Reading only, so that a hole in Landlock is no way to write: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE.
        "open": _no_bits(1, 0o3 | 0o100 | 0o1000 | 0o20000000),
        "openat": _no_bits(2, 0o3 | 0o100 | 0o1000 | 0o20000000),
        # Not CLOSE_RANGE_UNSHARE: a thread with descriptors of its own has RLIMIT_NOFILE for itself.
        "close_range": _no_bits(2, 0x2),
        # Neither MAP_SHARED nor MAP_GROWSDOWN: RLIMIT_DATA does not count such memory. Nor MAP_HUGETLB: one call would
        # reserve all huge pages that a machine has set aside, and no limit counts those that are only to be read.
        "mmap": _no_bits(3, 0x001 | 0x100 | 0x40000),
        # Not MADV_PAGEOUT: what is read-only and in the machine's swap is counted by nothing but a cgroup.
        "madvise": [*_low(2), (JUMP_IF_EQUAL, 0, 1, 21), *_give(EPERM), *_give(ALLOW)],
        # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC. Above all not F_SETOWN and F_SETSIG, which
        # have the kernel send any signal to any process of the same user, and not F_SETPIPE_SZ: uncounted memory.
        "fcntl": _one_of(1, (0, 1, 2, 3, 4, 1030)),
        # TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX; not TIOCSTI, which types on a terminal.
        "ioctl": _one_of(1, (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)),
        # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
        "prctl": _one_of(0, (15, 16, 0x53564D41)),
        # Reading its own limits: process 0 is itself, and no new value.
        "prlimit64": [*_is(0, 0), *_is(2, 0), *_give(ALLOW)],
        # abort() signals the thread that calls it.
        "tgkill": [*_is_low(0, OWN_PID), *_give(ALLOW)],
        # Threads and no processes: CLONE_VM and CLONE_THREAD, and no flag beyond those of pthread_create in glibc and
        # musl.
        "clone": [
            *_without_bits(0, 0xFFFFFFFF ^ 0x7D0F00),
            (AND, 0, 0, 0x10100),
            *_unless_equal(0x10100),
            *_give(ALLOW),
        ],
        # Its flags lie in memory, where no filter can look. ENOSYS makes the C library use `clone`.
        "clone3": _give(ENOSYS),
        "execve": [*_is(0, exec_address), *_give(ALLOW)],
        # WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP, WAIT_BITSET, WAKE_BITSET. Those with priority inheritance look for
        # the thread whose number stands in the word, anybody's, and tell whether there is one.
        "futex": [*_low(1), (AND, 0, 0, 0x7F), *_if_one_of((0, 1, 3, 4, 5, 9, 10))],
        # Its own only. The C library asks for each of its threads by number, and does without where there is no such
        # call.
        "sched_getaffinity": [*_low(0), (JUMP_IF_EQUAL, 0, 1, 0), *_give(ALLOW), *_give(ENOSYS)],
        # The C library asks these of its threads by number too, and Node complains on stderr if they fail. 0 stands for
        # SCHED_OTHER, whoever is asked about.
        "sched_getparam": _give(ZERO),
        "sched_getscheduler": _give(ZERO),
        # Clocks below zero are the CPU time of any process, to the nanosecond.
        "clock_gettime": _no_bits(0, 0x80000000),
        "clock_getres": _no_bits(0, 0x80000000),
        "clock_nanosleep": _no_bits(0, 0x80000000),
    }


def _if_number(table: Numbers, name: str, column: int, body: Code) -> Code:
    number = table[name][column]
    return [] if number is None else [(JUMP_IF_EQUAL, 0, len(body), number), *body]


def _give(verdict: int) -> Code:
    return [(RETURN, 0, 0, verdict)]


def _low(argument: int) -> Code:
    return [(LOAD, 0, 0, 16 + 8 * argument)]  # both architectures are little-endian


def _high(argument: int) -> Code:
    return [(LOAD, 0, 0, 20 + 8 * argument)]


def _unless_equal(value: int) -> Code:
    return [(JUMP_IF_EQUAL, 1, 0, value), *_give(EPERM)]


def _is_low(argument: int, value: int) -> Code:
    return [*_low(argument), *_unless_equal(value)]


def _is(argument: int, value: int) -> Code:
    return [*_is_low(argument, value & 0xFFFFFFFF), *_high(argument), *_unless_equal(value >> 32)]


def _without_bits(argument: int, bits: int) -> Code:
    return [*_low(argument), (JUMP_IF_ANY_BIT, 0, 1, bits), *_give(EPERM)]


def _no_bits(argument: int, bits: int) -> Code:
    return [*_without_bits(argument, bits), *_give(ALLOW)]


def _one_of(argument: int, values: tuple[int, ...]) -> Code:
    return [*_low(argument), *_if_one_of(values)]


def _if_one_of(values: tuple[int, ...]) -> Code:
    code: Code = []
    for value in values:
        code += [(JUMP_IF_EQUAL, 0, 1, value), *_give(ALLOW)]
    return [*code, *_give(EPERM)]
