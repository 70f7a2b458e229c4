"""Becomes an unprivileged user, for whom this interpreter and this checkout are reachable, and runs a program.

Root's interpreter often lies where no other user may go (below /root). Here, in a mount namespace of its own, each
such folder is covered by one anyone may pass, with the things needed mounted again below it.
"""

import os
import sys
from pathlib import Path

from stockade.sandbox.inner import identity, syscalls

NEEDED = [Path(sys.base_prefix), Path(sys.prefix), Path(__file__).resolve().parents[3]]


def barrier(path: Path) -> Path | None:
    """The outermost folder above a path that others may not pass."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


user = identity.unused_id()
syscalls.unshare(syscalls.CLONE_NEWNS)
syscalls.mount("", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE, "")
hidden = {path: above for path in NEEDED if (above := barrier(path))}
copies = {path: syscalls.clone_mount(str(path)) for path in hidden}
for folder in set(hidden.values()):
    syscalls.mount("tmpfs", str(folder), "tmpfs", 0, "mode=755")
for path, copy in copies.items():
    path.mkdir(parents=True, exist_ok=True)
    syscalls.attach_mount(copy, str(path))
identity.become(user)
os.execve(sys.argv[1], sys.argv[1:], {"PATH": os.defpath, "HOME": "/home"})
