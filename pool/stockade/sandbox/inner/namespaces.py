"""A private root that holds only what workers need, and a network without interfaces."""

# pathlib would add to what the launcher loads before the first worker can start.
# ruff: noqa: PTH103, PTH112, PTH117, PTH120, PTH123
from __future__ import annotations

import os

from . import syscalls
from .files import Files, is_folder

# Folders to build the new root on, in a mount namespace of our own where hiding what lies beneath harms nobody.
BUILDING_SITES = ("/tmp", "/mnt", "/run", "/var", "/usr", "/dev")


def enter_user_namespace() -> None:
    """Become able to make the other namespaces, as the same user. Nothing outside can be done with it."""
    uid, gid = os.geteuid(), os.getegid()
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as table:
            table.write(text)


def enter_private_network() -> None:
    """No interface (not even an up loopback), no abstract sockets, no SysV memory, neither name of the machine."""
    syscalls.unshare(syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS)
    syscalls.set_host_name("worker")
    syscalls.set_domain_name("(none)")  # the kernel's word for it; that of the machine may be its owner's


def enter_private_root(files: Files) -> None:
    """Make a read-only root in which nothing exists but these files, at their own paths, and an empty /dev/null."""
    syscalls.unshare(syscalls.CLONE_NEWNS)
    syscalls.mount("", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE, "")  # nothing we do here shows outside
    # Copies first: the building site may hide a source, and a folder only root may pass is still passable now.
    mounts = {path: (syscalls.clone_mount(path), is_folder(path)) for path in outermost(files)}
    site = next(path for path in BUILDING_SITES if os.path.isdir(path))
    # Folders and empty files only, so next to no memory; it is made read-only below.
    syscalls.mount("tmpfs", site, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, "mode=755,size=64k")
    for path, (descriptor, folder) in mounts.items():
        _make_mount_point(site + path, folder)
        syscalls.attach_mount(descriptor, site + path)
        os.close(descriptor)
    _make_mount_point(site + os.devnull, False)  # an empty file serves: it is only ever read
    syscalls.make_root(site)
    syscalls.set_mount_attributes(
        "/", syscalls.MOUNT_ATTR_RDONLY | syscalls.MOUNT_ATTR_NOSUID | syscalls.MOUNT_ATTR_NODEV
    )


def outermost(files: Files) -> list[str]:
    """The paths to mount: those inside a folder that is mounted anyway would be made in the real folder."""
    chosen: dict[str, str] = {}  # the path in its shortest form -> as the loader will ask for it
    for path in sorted({*files.programs, *files.readable}, key=lambda path: os.path.normpath(path).split("/")):
        short = os.path.normpath(path)
        if short == "/" or not os.path.isabs(short):
            raise ValueError(f"{path} cannot be given a place in a private root")
        if not any(short == other or short.startswith(f"{other}/") for other in chosen):
            chosen[short] = path
    return list(chosen.values())


def _make_mount_point(path: str, folder: bool) -> None:
    os.makedirs(path if folder else os.path.dirname(path), mode=0o755, exist_ok=True)
    if not folder:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o444))
