"""The scripts of the storm, and what becomes of each where nobody harms it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from stockade import RuntimeConfig, binding

# Long enough for a busy machine, short enough that a frozen worker does not hold up the storm.
TIMEOUT_SECONDS = 3.0
SHORT_SECONDS = 0.3

# One kind of worker for all, so that spares serve every run.
LIMITS = {"memory_limit_mb": 48, "max_calls": 60, "console_bytes": 64 * 1024, "result_bytes": 256 * 1024}
CONFIG = RuntimeConfig(timeout_seconds=TIMEOUT_SECONDS, start_timeout_seconds=5, **LIMITS)
SHORT = CONFIG.model_copy(update={"timeout_seconds": SHORT_SECONDS})


@dataclass(frozen=True)
class Case:
    """A script, and every way it may end by itself: `returned`, or a kind of error."""

    name: str
    script: str
    ends: frozenset[str]
    weight: int
    config: RuntimeConfig = CONFIG


def _case(name: str, script: str, ends: str, weight: int, config: RuntimeConfig = CONFIG) -> Case:
    return Case(name, script, frozenset(ends.split()), weight, config)


CASES = (
    _case("sum", "1 + 1", "returned", 20),
    _case("calls", "let n = 0; for (let i = 0; i < 4; i++) { n += await add(i, 1); console.log(n) } n", "returned", 20),
    _case("at once", "(await Promise.all(Array.from({ length: 20 }, (_, i) => plain(i)))).length", "returned", 10),
    _case("console", "for (let i = 0; i < 30; i++) console.log('line', i); 'logged'", "returned", 10),
    _case(
        "timer", "await new Promise((go) => setTimeout(go, 20)); console.log('later'); await add(1, 2)", "returned", 10
    ),
    _case("throws", "console.log('first'); await add(1, 1); throw new TypeError('as planned')", "exception", 8),
    _case("rejected", "console.log(await refuses())", "exception", 4),
    _case("deadlock", "console.log('in'); await new Promise(() => {})", "deadlock", 3),
    _case("syntax", "let let = (", "syntax", 2),
    _case("loop", "console.log('in'); for (;;) {}", "timeout", 3, SHORT),
    _case("hangs", "console.log('in'); await never()", "timeout", 3, SHORT),
    _case("heap", "const a = []; for (;;) a.push(new Array(1000).fill({}))", "memory_limit", 2),
    _case("buffers", "const a = []; for (;;) a.push(new Uint8Array(1 << 20).fill(1))", "memory_limit", 2),
    _case("noise", "for (;;) console.log('x'.repeat(5000))", "output_limit", 2),
    _case("calls on", "for (;;) await add(1, 1)", "call_limit", 2),
    _case("large", "'x'.repeat(1_000_000)", "result_limit", 2),
)


def drawn(lots: Random) -> Case:
    """One of the cases, by weight."""
    return lots.choices(CASES, [case.weight for case in CASES])[0]


@binding(read_only=True, idempotent=True)
async def add(a: int, b: int) -> int:
    return a + b


@binding(read_only=True)
def plain(n: int) -> int:
    return n


async def refuses() -> None:
    raise PermissionError("not for you")


async def never() -> None:
    await asyncio.Event().wait()


BINDINGS = {"add": add, "plain": plain, "refuses": refuses, "never": never}
