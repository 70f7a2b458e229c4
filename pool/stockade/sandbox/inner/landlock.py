"""Landlock: the kernel refuses every file, TCP port, signal and abstract socket that no rule grants."""

from __future__ import annotations

import os
import struct

from . import syscalls
from .files import Files, is_folder

EXECUTE = 1 << 0
READ_FILE = 1 << 2
READ_DIR = 1 << 3

# All rights a kernel knows are handled, which denies them; the rules then grant a few back. Each version of the
# interface knows more rights, and an older kernel refuses a ruleset that names one it does not know.
FILE_RIGHTS_BY_ABI = {
    1: (1 << 13) - 1,  # execute, write, read, list, and every way to make or remove
    2: (1 << 14) - 1,  # + link or rename across folders
    3: (1 << 15) - 1,  # + truncate
    5: (1 << 16) - 1,  # + ioctl on devices
}
TCP_BIND_AND_CONNECT_ABI = 4
SCOPES_ABI = 6  # abstract unix sockets, and signals to processes outside
NEWEST_ABI = 7  # the newest whose rights are listed here; 7 itself added only audit logging


def ruleset(files: Files, newest: int) -> tuple[int, int]:
    """A ruleset that grants these files and nothing else, as a descriptor to apply, and the ABI it was made for."""
    abi = min(syscalls.landlock_abi(), newest)
    rights = FILE_RIGHTS_BY_ABI[max(known for known in FILE_RIGHTS_BY_ABI if known <= abi)]
    attributes = struct.pack("=Q", rights)
    if abi >= TCP_BIND_AND_CONNECT_ABI:
        attributes += struct.pack("=Q", 0b11)
    if abi >= SCOPES_ABI:
        attributes += struct.pack("=Q", 0b11)
    rules = syscalls.landlock_create_ruleset(attributes)
    for path in files.programs:
        _allow(rules, READ_FILE | EXECUTE, path)
    for path in (*files.readable, os.devnull):
        _allow(rules, READ_FILE | READ_DIR if is_folder(path) else READ_FILE, path)
    return rules, abi


def _allow(rules: int, access: int, path: str) -> None:
    descriptor = os.open(path, os.O_PATH)
    try:
        syscalls.landlock_allow_beneath(rules, access, descriptor)
    finally:
        os.close(descriptor)
