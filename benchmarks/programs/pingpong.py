"""pingpong.c once more, for a machine without a C compiler: `python pingpong.py ROUNDS CPU CPU`."""

import os
import sys
import time

rounds, first, second = map(int, sys.argv[1:])
their_input, our_output = os.pipe()
our_input, their_output = os.pipe()


def stay_on(cpu: int) -> None:
    if cpu >= 0:
        os.sched_setaffinity(0, {cpu})


if os.fork() == 0:
    os.close(our_output)
    stay_on(second)
    while byte := os.read(their_input, 1):
        os.write(their_output, byte)
    os._exit(0)

stay_on(first)
took = []
for _ in range(rounds):
    before = time.perf_counter_ns()
    os.write(our_output, b"x")
    os.read(our_input, 1)
    took.append(time.perf_counter_ns() - before)
print(sorted(took)[rounds // 2])
