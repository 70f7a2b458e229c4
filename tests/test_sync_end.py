"""The end of the interpreter under a blocking pool that nobody has closed: no other thread goes on any more by then."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGINNING = """
import signal
from stockade.sync import Pool

signal.alarm(20)  # instead of waiting for ever


def tell(ask):
    try:
        ask()
    except Exception as error:
        print(type(error).__name__, error)


class Owner:
    def __init__(self):
        self.pool = Pool(workers=1, spares=0).start()
        self.handle = self.pool.submit("console.log('in'); while (true) {}")
        self.lines = self.handle.console()
        next(self.lines)
"""

CLOSES = """
    def __del__(self):
        self.pool.close()
        print("closed")

owner = Owner()
"""

ASKS = """
    def __del__(self):
        for ask in (lambda: self.pool.execute("1"), self.handle.result, lambda: next(self.lines), self.pool.start):
            tell(ask)
        print(self.pool.stats().workers_started)

owner = Owner()
"""

LEFT_WITHIN = """

def values():
    with Pool(workers=1, spares=0) as pool:
        yield pool.execute("1 + 1").value

def results():
    pool = Pool(workers=2, spares=0).start()
    yield from pool.map(["1 + 1", "while (true) {}"])

left = values(), results()
print(next(left[0]), next(left[1]).value)
"""

ENDS = "PoolClosed the interpreter is ending, and the pool with it"


@pytest.mark.parametrize(
    ("rest", "told"),
    [(CLOSES, ["closed"]), (ASKS, [ENDS, ENDS, ENDS, "1"]), (LEFT_WITHIN, ["2 2"])],
    ids=["__del__ that closes", "__del__ that asks", "generators that were left within"],
)
def test_what_still_asks_a_pool_of_something_as_the_interpreter_ends_does_not_hang(rest: str, told: list[str]):
    """`__del__` of a global, or a generator that is one, comes after all threads: it waited for that of the loop."""
    command = [sys.executable, "-c", BEGINNING + rest]
    program = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert program.stdout.splitlines() == told
    assert program.stderr == ""
