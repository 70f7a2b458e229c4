# The first program of the virtual machine: makes it a machine, runs the commands, tells how they ended.
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
import traceback

COMMANDS = []  # filled in by boot.py
ROOT = ""
ENVIRONMENT = {}
MS_BIND, MS_MOVE = 0x1000, 0x2000
REBOOT = 0x01234567

libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags=0, options=""):
    os.makedirs(target, exist_ok=True)  # noqa: PTH103 - as little as possible is loaded
    if libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


def prepare():
    # The kernel lets nobody pivot away from the archive it unpacked, but from a mount on top of it.
    mount("/", "/image-root", "", MS_BIND)
    os.chdir("/image-root")
    mount(".", "/", "", MS_MOVE)
    os.chroot(".")
    os.chdir("/")
    mount("proc", "/proc", "proc")
    mount("sys", "/sys", "sysfs")
    mount("dev", "/dev", "devtmpfs")
    mount("shm", "/dev/shm", "tmpfs")
    if not ROOT.startswith("/tmp/"):  # it would hide this checkout
        mount("tmp", "/tmp", "tmpfs", 0, "mode=1777")
    mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, "nsdelegate")
    with socket.socket() as any_socket:  # loopback is down at first
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))


code = 1
try:
    prepare()
    code = 0
    for command in COMMANDS:
        print(f"\n$ {' '.join(command[:6])}", flush=True)
        code = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False).returncode or code
except BaseException:
    traceback.print_exc()
    code = 1
print(f"\nvirtual machine: the commands ended with {code}", flush=True)
sys.stdout.flush()
os.sync()
libc.reboot(REBOOT)
