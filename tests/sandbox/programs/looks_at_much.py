"""What native code can have of the kernel without memory of its own: accounts of memory that it has only looked at.

Says how many MiB it could map once it is told to, then looks at each part, says so, and waits.
"""

import mmap

PART, MIB = 1 << 33, 1 << 20
parts = []
print("ready", flush=True)
input()
try:
    while len(parts) < 12:  # 96 GiB, and 192 MiB of the kernel's
        parts.append(mmap.mmap(-1, PART, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ))
except OSError:
    pass
for part in parts:
    part.madvise(mmap.MADV_NOHUGEPAGE)
    for at in range(0, PART, 2 * MIB):
        part[at]
print(len(parts) * PART // MIB, flush=True)
input()
