"""The scripts that several benchmarks run, and the check that they did run."""

from __future__ import annotations

from typing import Any

from stockade import ExecutionResult, Pool, RuntimeConfig

HOG = "while (true) {}"


async def value_of(pool: Pool, script: str, **options: Any) -> Any:
    """The value of a script that must succeed."""
    run = await pool.execute(script, **options)
    run.raise_for_error()
    return run.value


async def ended_by_clock(pool: Pool, config: RuntimeConfig) -> ExecutionResult:
    """A run that never ends by itself, after its worker was killed."""
    run = await pool.execute(HOG, config=config)
    if run.error is None or run.error.kind != "timeout":
        raise RuntimeError(f"an endless loop ended otherwise than by the clock: {run.error}")
    return run
