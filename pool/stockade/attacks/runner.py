"""Throws attacks at a pool and says of each whether it was held, and by what."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from stockade.attacks.corpus import ANYTHING, Attack
from stockade.config import KIB, MIB, RuntimeConfig
from stockade.pool import Pool
from stockade.result import ExecutionResult

# Small, so that the whole corpus takes seconds. A pool with the same limits can use its spares for the attacks.
LIMITS: Mapping[str, Any] = {
    "memory_limit_mb": 64,
    "timeout_seconds": 5.0,
    "line_bytes": 2 * MIB,
    "result_bytes": MIB,
    "console_bytes": 256 * KIB,
    "max_calls": 1_000,
    "max_calls_in_flight": 64,
}

# What a run may take beyond its own time limit.
GRACE_SECONDS = 1.0

# The longest that an attack may keep the supervisor's event loop, in CPU time of its thread: everybody's clock runs on
# it. The largest value and the largest arguments that LIMITS allow take a tenth of this.
LOOP_SECONDS = 0.25
TICK_SECONDS = 0.005
STALLED = "it kept the event loop"

# So often a thread that does nothing else looks at the clock: what it has missed, the whole process was not given.
PAUSE_LOOK_SECONDS = 0.05
PAUSED = "the machine stood still"

# What every attack says, in an error or a line, when it got something.
ALARM = "ESCAPED"

# Which layer held an attack that ended in an error; where the kind leaves it open, the header of the attack says.
_HELD_BY = {
    "timeout": "clock",
    "memory_limit": "memory",
    "output_limit": "supervisor",
    "protocol_violation": "supervisor",
    "syntax": "worker",
    "call_limit": "worker",
    "result_limit": "worker",
    "unserializable": "worker",
    "deadlock": "worker",
}


async def _echo(*values: Any) -> Any:
    return values[0] if len(values) == 1 else list(values)


async def _never(*_: Any) -> None:
    await asyncio.Event().wait()


async def _fails(*_: Any) -> None:
    raise LookupError("the binding failed on purpose")


# What every attack may call.
BINDINGS: Mapping[str, Callable[..., Any]] = {"echo": _echo, "never": _never, "fails": _fails}


@dataclass(frozen=True)
class Outcome:
    """What became of one attack."""

    attack: Attack
    held: bool
    kind: str  # how the run ended: `ok` or the kind of its error
    layer: str  # which layer held it
    ms: float
    why: str = ""  # what went wrong, if it was not held


async def run_all(
    pool: Pool,
    attacks: Sequence[Attack],
    on_result: Callable[[Outcome], object] | None = None,
) -> list[Outcome]:
    """Throws every attack at the pool, as many at a time as it has workers; `on_result` hears of each as it ends.

    The outcomes come in the order of `attacks`. After each attack the pool must answer `1 + 1`.
    """
    outcomes: dict[int, Outcome] = {}
    left = list(reversed(list(enumerate(attacks))))

    async def lane(tenant: str) -> None:
        # One tenant a lane: in context mode whatever an attack leaves behind meets the next one.
        while left:
            index, attack = left.pop()
            outcome = await _throw(pool, attack, tenant)
            if STALLED in outcome.why or PAUSED in outcome.why:
                # Once more: a machine that is paused by its host looks like either, and does not do it twice.
                outcome = await _throw(pool, attack, tenant)
            outcomes[index] = outcome
            if on_result is not None:
                on_result(outcome)

    async with asyncio.TaskGroup() as lanes:
        for number in range(pool.workers):
            lanes.create_task(lane(f"attack-{number}"))
    return [outcomes[index] for index in sorted(outcomes)]


async def _throw(pool: Pool, attack: Attack, tenant: str) -> Outcome:
    limits = {**LIMITS, **{name: type(LIMITS.get(name, 0))(value) for name, value in attack.limits.items()}}
    config = RuntimeConfig(**{**pool.config.model_dump(), **limits})
    began = time.monotonic()
    async with pauses_watched() as pauses, _loop_watched() as stalls:
        attacking = pool.execute(attack.script, bindings=BINDINGS, config=config, tenant=tenant)
        if attack.kind == "text":
            run, beside = await asyncio.gather(attacking, pool.execute("1 + 1", tenant=f"beside {tenant}"))
        else:
            run, beside = await attacking, None
        # What a caller does with a result is work on text as well.
        _ = run.text(), run.model_dump_json()
    kind = "ok" if run.error is None else run.error.kind
    why = _breach(attack, run)
    if not why and max(stalls) > LOOP_SECONDS:
        why = f"{STALLED} for {max(stalls):.2f} s of CPU time"
    why = why or lateness(config, run, max(pauses))
    if not why and beside is not None and beside.value != 2:
        why = f"beside it 1 + 1 came to {_shown(beside)}"
    if not why and attack.then is not None:
        second = await pool.execute(attack.then, bindings=BINDINGS, config=config, tenant=tenant)
        if not second.ok or second.value != attack.then_value:
            why = f"the run after it saw {_shown(second)}"
    ms = round((time.monotonic() - began) * 1000, 1)
    after = await pool.execute("1 + 1", config=config, tenant=tenant)
    if not why and after.value != 2:
        why = f"afterwards 1 + 1 came to {_shown(after)}"
    return Outcome(attack, not why, kind, _HELD_BY.get(kind, attack.layer), ms, why)


@asynccontextmanager
async def _loop_watched() -> AsyncGenerator[list[float]]:
    """The CPU seconds that the loop's thread used between one look at the clock and the next."""
    stalls = [0.0]

    async def look() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.thread_time()
            stalls[0] = max(stalls[0], now - before)
            before = now

    looking = asyncio.create_task(look())
    try:
        yield stalls
        await asyncio.sleep(TICK_SECONDS)  # what came last counts as well
    finally:
        looking.cancel()


@asynccontextmanager
async def pauses_watched() -> AsyncGenerator[list[float]]:
    """The longest time, in seconds, in which no thread of this process ran, whatever its loop was waiting for."""
    longest = [0.0]
    over = threading.Event()

    def look() -> None:
        ended = False
        while not ended:
            before = time.monotonic()
            ended = over.wait(PAUSE_LOOK_SECONDS)
            longest[0] = max(longest[0], time.monotonic() - before - PAUSE_LOOK_SECONDS)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield longest
    finally:
        over.set()
        looking.join()


def _breach(attack: Attack, run: ExecutionResult) -> str:
    """What shows that the attack got something, or ended otherwise than it should; empty if it was held."""
    kind = "ok" if run.error is None else run.error.kind
    texts = [line.text for line in run.console_output]
    if run.error is not None:
        texts.append(run.error.message)
    for text in texts:
        if ALARM in text:
            return text[:300]
    if kind not in attack.expect:
        return f"it ended as {_shown(run)}, not as {' or '.join(sorted(attack.expect))}"
    if run.error is None and attack.value is not ANYTHING and run.value != attack.value:
        return f"it came to {_shown(run)}"
    return ""


def lateness(config: RuntimeConfig, run: ExecutionResult, paused_seconds: float) -> str:
    """How much too long a run took; empty if it did not. A pause excuses no more than its own length."""
    seconds = run.usage.wall_ms / 1000
    late = seconds - config.timeout_seconds - GRACE_SECONDS
    if late <= 0:
        return ""
    if late <= paused_seconds:
        return f"{PAUSED} for {paused_seconds:.1f} s"
    cpu_seconds = run.usage.cpu_ms / 1000
    return f"it took {seconds:.1f} s ({cpu_seconds:.1f} s of CPU) where timeout_seconds is {config.timeout_seconds:g}"


def _shown(run: ExecutionResult) -> str:
    if run.error is None:
        return f"the value {(run.result or 'undefined')[:300]}"
    last_words = run.error.evidence.stderr_tail
    said = f" (stderr: {last_words[-200:]!r})" if last_words else ""
    return f"{run.error.kind}: {run.error.message[:300]}{said}"
