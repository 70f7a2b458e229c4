"""The calls a worker may make, with their numbers. Everything that is not here fails with EPERM.

The rows are what Node 22 and 24 use (found by strace, then by taking away), plus close relatives that newer
C libraries use for the same thing. A call that is missing on an architecture has None there.
"""

from __future__ import annotations

X86_64 = "x86_64"
AARCH64 = "aarch64"

# name: (x86-64, arm64)
Numbers = dict[str, tuple[int | None, int | None]]

# These can reach only what the worker already holds, or what Landlock and the private root grant by path.
ALLOWED: Numbers = {
    # Bytes on descriptors it holds; `close_range` is below
    "read": (0, 63),
    "readv": (19, 65),
    "pread64": (17, 67),
    "write": (1, 64),
    "writev": (20, 66),
    "lseek": (8, 62),
    "close": (3, 57),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "eventfd2": (290, 19),
    # Waiting for them
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_create": (213, None),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441),
    # Looking at paths; `open` and `openat` are below
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    # Its own memory; `mmap` and `madvise` are below. Not `mremap`: it grows a page of the stack to any size, and
    # RLIMIT_DATA counts no stack. Node does not use it, and the C library copies where it is refused.
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "mincore": (27, 232),
    "brk": (12, 214),
    "pkey_alloc": (330, 289),
    "pkey_free": (331, 290),
    "pkey_mprotect": (329, 288),
    "membarrier": (324, 283),
    # Its own threads; `clone` and `futex` are below
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "rseq": (334, 293),
    "arch_prctl": (158, None),
    "sched_yield": (24, 124),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168),
    "exit": (60, 93),
    "exit_group": (231, 94),
    # Its own signal handlers; `tgkill` is below
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    # Time and chance; the clocks that have numbers are below
    "gettimeofday": (96, 169),
    "time": (201, None),
    "nanosleep": (35, 101),
    "times": (100, 153),
    "getrandom": (318, 278),
    # Who and where it is. Not `capget`, which tells of any process by its number and asks for no right.
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "uname": (63, 160),
}

# These depend on their arguments; `seccomp.py` has a rule for each, and what it refuses fails with EPERM.
CONDITIONAL: Numbers = {
    "open": (2, None),
    "openat": (257, 56),
    "close_range": (436, 436),
    "mmap": (9, 222),
    "madvise": (28, 233),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "tgkill": (234, 131),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
}
