"""The filter, read as the kernel reads it: on both architectures, every number, and every argument that decides."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache

import pytest

from stockade.sandbox.inner.seccomp import (
    ALLOW,
    AUDIT_ARCH,
    ENOSYS,
    EPERM,
    KILL,
    X32_BIT,
    ZERO,
    program,
    unavailable,
    with_own_pid,
)
from stockade.sandbox.inner.seccomp_table import AARCH64, ALLOWED, CONDITIONAL, X86_64

PATH = 0x3FFF_1234_5678  # where the path lies that is executed once
OWN = 4711

# Flags of `clone`: those of a thread as glibc and musl make it, and every single bit.
OF_THREADS = {"glibc": 0x3D0F00, "musl": 0x7D0F00}
BITS = [1 << bit for bit in range(32)]


@pytest.fixture(params=AUDIT_ARCH)
def machine(request: pytest.FixtureRequest) -> str:
    return request.param


@cache
def code_of(machine: str) -> list[tuple[int, int, int, int]]:
    return list(struct.iter_unpack("=HBBI", with_own_pid(program(machine, PATH), OWN)))


def verdict(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter answers to a call."""
    code = code_of(machine)
    seen = struct.pack("=iIQ6Q", number, arch or AUDIT_ARCH[machine], 0, *(*arguments, *[0] * 6)[:6])
    at, accumulator = 0, 0
    while True:
        operation, true, false, operand = code[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", seen, operand)
            case 0x54:
                accumulator &= operand
            case 0x15:
                at += true if accumulator == operand else false
            case 0x35:
                at += true if accumulator >= operand else false
            case 0x45:
                at += true if accumulator & operand else false
            case 0x06:
                return operand
            case _:
                raise AssertionError(operation)


def asked(machine: str, name: str, *arguments: int) -> int:
    """The same of a call by its name."""
    number = CONDITIONAL[name][(X86_64, AARCH64).index(machine)]
    return EPERM if number is None else verdict(machine, number, *arguments)


def allowed(machine: str, name: str, place: int, values: Iterable[int]) -> set[int]:
    """For which values of one argument, the others being 0, a call is allowed; it fails with EPERM for the others."""
    answers = {value: asked(machine, name, *[0] * place, value) for value in values}
    assert set(answers.values()) <= {ALLOW, EPERM}
    return {value for value, answer in answers.items() if answer == ALLOW}


def test_what_is_in_no_table_is_refused(machine: str):
    column = (X86_64, AARCH64).index(machine)
    known = {row[column] for row in (ALLOWED | CONDITIONAL).values()}

    numbers = [number for row in ALLOWED.values() if (number := row[column]) is not None]
    assert {verdict(machine, number) for number in numbers} == {ALLOW}
    assert {verdict(machine, number) for number in set(range(600)) - known} == {EPERM}


def test_the_calls_of_another_architecture_end_a_worker(machine: str):
    others = {0x40000003, 0x40000028, *AUDIT_ARCH.values()} - {AUDIT_ARCH[machine]}  # the 32-bit ones above all

    assert {verdict(machine, 0, arch=arch) for arch in others} == {KILL}
    if machine == X86_64:
        assert verdict(machine, X32_BIT) == verdict(machine, X32_BIT | 520) == KILL


@pytest.mark.parametrize(("name", "place"), [("open", 1), ("openat", 2)])
def test_files_are_opened_to_be_read_and_nothing_else(machine: str, name: str, place: int):
    denied = {0o1, 0o2, 0o100, 0o1000, 0o20000000}  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE without O_DIRECTORY

    if CONDITIONAL[name][1] is None and machine == AARCH64:
        denied = {0, *BITS}  # there is no such call
    assert allowed(machine, name, place, [0, *BITS]) == {0, *BITS} - denied


def test_memory_is_private_and_of_small_pages(machine: str):
    assert allowed(machine, "mmap", 3, [0, *BITS]) == {0, *BITS} - {0x001, 0x100, 0x40000}
    assert allowed(machine, "close_range", 2, [0, *BITS]) == {0, *BITS} - {0x2}


def test_no_memory_is_sent_to_swap(machine: str):
    """Where it is no longer resident, nobody but a cgroup counts it."""
    assert allowed(machine, "madvise", 2, range(128)) == {*range(128)} - {21}


def test_commands_that_are_numbers_are_those_of_a_list(machine: str):
    assert allowed(machine, "fcntl", 1, range(1100)) == {0, 1, 2, 3, 4, 1030}
    assert allowed(machine, "ioctl", 1, range(0x5400, 0x5500)) == {0x5401, 0x541B, 0x5421, 0x5450, 0x5451}
    assert allowed(machine, "prctl", 0, [*range(100), 0x53564D41, 0x59616D61]) == {15, 16, 0x53564D41}
    commands = {0, 1, 3, 4, 5, 9, 10}
    assert allowed(machine, "futex", 1, range(128)) == commands
    assert allowed(machine, "futex", 1, range(128, 256)) == {128 | command for command in commands}


def test_a_worker_asks_and_signals_nobody_but_itself(machine: str):
    assert asked(machine, "tgkill", OWN, 1) == ALLOW
    assert asked(machine, "tgkill", OWN + 1, OWN) == asked(machine, "tgkill", 0, OWN) == EPERM
    assert asked(machine, "prlimit64", 0, 7, 0) == ALLOW
    assert {asked(machine, "prlimit64", *some) for some in [(OWN, 7, 0), (0, 7, 1), (0, 7, 1 << 32)]} == {EPERM}
    assert asked(machine, "sched_getaffinity", 0) == ALLOW
    assert asked(machine, "sched_getaffinity", OWN) == ENOSYS
    assert asked(machine, "sched_getparam", OWN) == asked(machine, "sched_getscheduler", 1) == ZERO
    for name in ("clock_gettime", "clock_getres", "clock_nanosleep"):
        assert allowed(machine, name, 0, [*range(12), 0xFFFFFFFE, 0x80000000]) == {*range(12)}


def test_threads_are_made_and_no_processes(machine: str):
    for flags in OF_THREADS.values():
        assert asked(machine, "clone", flags) == ALLOW
        needed = {bit for bit in BITS if bit & flags and asked(machine, "clone", flags ^ bit) == EPERM}
        assert needed == {0x100, 0x10000}  # CLONE_VM and CLONE_THREAD
        assert {asked(machine, "clone", flags | bit) for bit in BITS if not bit & 0x7D0F00} == {EPERM}
    assert asked(machine, "clone3") == ENOSYS


def test_one_program_is_executed_by_the_address_of_its_path(machine: str):
    assert asked(machine, "execve", PATH) == ALLOW
    assert {asked(machine, "execve", PATH ^ bit) for bit in (1, 1 << 31, 1 << 32, 1 << 45)} == {EPERM}


def test_another_processor_has_no_filter_and_it_is_said(machine: str):
    assert unavailable(machine) is None
    assert unavailable("riscv64") == "no table of system calls for riscv64"
