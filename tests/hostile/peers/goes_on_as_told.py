"""Native code in a worker, which the layers hold: the script names what it does with the calls that they leave it."""

import ctypes
import fcntl
import mmap
import os
import random
import signal
import threading

from speaking import hear, ready, say

libc = ctypes.CDLL(None, use_errno=True)
EXIT, TGKILL = {"x86_64": (60, 234), "aarch64": (93, 131)}[os.uname().machine]
# What would end it before it has tried much else: exits, signals to itself, returns from a handler it is not in,
# memory taken away from under it, and probes of the kernel's own that end whoever has none set.
ENDS_IT = {
    "x86_64": {10, 11, 12, 13, 15, 60, 231, 234, 329, 334, 335, 336},
    "aarch64": {93, 94, 131, 134, 139, 214, 215, 226, 288, 293},
}[os.uname().machine]
MIB = 1 << 20
held = []
told = threading.Event()
other_threads_do = []  # what a thread that was there before the limits does once it is told


def other():
    told.wait()
    other_threads_do[0]()


def in_other_threads(deed):
    other_threads_do.append(deed)
    told.set()


def deaf():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def spin():
    deaf()
    while True:
        pass


def fill():
    """Memory that was written, and is read-only by the time it would be counted."""
    while True:
        try:
            part = mmap.mmap(-1, MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError:
            continue
        part.write(b"x" * MIB)
        held.append(part)
        place = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(part)))
        libc.mprotect(place, ctypes.c_size_t(MIB), mmap.PROT_READ)


def end_this_thread():
    libc.syscall(ctypes.c_long(EXIT), 0)


def stop():
    libc.syscall(ctypes.c_long(TGKILL), os.getpid(), os.getpid(), signal.SIGSTOP)
    spin()


def be_called_as_no_process_is():
    libc.prctl(15, b") Z 1\n(Threads:\t", 0, 0, 0)
    spin()


def send_packets():
    fcntl.fcntl(1, fcntl.F_SETFL, os.O_WRONLY | os.O_DIRECT)
    while True:
        say(type="console", level="log", text="x")


def drip_packets():
    fcntl.fcntl(1, fcntl.F_SETFL, os.O_WRONLY | os.O_DIRECT)
    while True:
        os.write(1, b" ")


def call_at_random():
    chance = random.Random(int.from_bytes(os.urandom(8), "little"))
    room = ctypes.create_string_buffer(MIB)
    odd = [0, 1, 2, 17, -1, -100, 4096, 1 << 31, 1 << 40, (1 << 63) - 1, os.getpid(), os.getppid()]
    while True:
        number = chance.randrange(600)
        if number not in ENDS_IT:
            given = [chance.choice((*odd, chance.getrandbits(63), ctypes.addressof(room))) for _ in range(6)]
            libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, given))


def return_and(deed):
    say(type="returned", value=1)
    deed()


DEEDS = {
    "spin": spin,
    "spin in another thread when the first has ended": lambda: (in_other_threads(spin), end_this_thread()),
    "fill": fill,
    "fill in another thread when the first has ended": lambda: (in_other_threads(fill), end_this_thread()),
    "stop": stop,
    "be called as no process is": be_called_as_no_process_is,
    "send packets": send_packets,
    "drip packets": drip_packets,
    "call at random": lambda: (in_other_threads(call_at_random), call_at_random()),
    "return": lambda: say(type="returned", value=2),
    "return and fill": lambda: return_and(fill),
    "return and spin": lambda: return_and(spin),
}

for _ in range(4):
    threading.Thread(target=other, daemon=True).start()
ready()
while True:
    message = hear()
    if message["type"] == "execute":
        DEEDS[message["script"]]()
