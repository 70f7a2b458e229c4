"""`python -m tests.soak`: many thousand runs, and whether anything grows."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.soak.load import Taken, soak
from tests.soak.series import Check, flat, floor, percentile, steady, tenth

# What is flat may still breathe by so much: the heaps of collectors do.
MEMORY_BOUND = 1.05
LATENCY_BOUND = 1.3


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if everything held, 1 if something grew or a run went wrong."""
    parser = argparse.ArgumentParser("python -m tests.soak", description=__doc__)
    parser.add_argument("--runs", type=int, default=50_000, help="in reused processes (default: %(default)s)")
    parser.add_argument("--single-use", type=int, default=2_000, help="in a process each (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write everything as JSON")
    options = parser.parse_args(arguments)
    report: dict[str, object] = {"date": datetime.now(UTC).isoformat(timespec="seconds")}
    held = True
    for isolation, runs in (("context", options.runs), ("process", options.single_use)):
        if runs <= 0:
            continue
        taken = asyncio.run(soak(runs, isolation, lambda done, of, name=isolation: _progress(name, done, of)))
        checks = judged(taken, reused=isolation == "context")
        _print(isolation, runs, taken, checks)
        held &= all(check.held for check in checks) and not taken.wrong
        report[isolation] = {
            "runs": runs,
            "seconds": round(taken.seconds, 1),
            "wrong": len(taken.wrong),
            "noise_p99_ms": [round(percentile(tenth(taken.yardstick_ms, n), 99), 3) for n in range(1, 11)],
            "checks": [vars(check) | {"ratio": round(check.ratio, 4), "held": check.held} for check in checks],
        }
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    return 0 if held else 1


def judged(taken: Taken, *, reused: bool) -> list[Check]:
    """Every figure against its bound."""
    checks = [
        flat("supervisor, resident", "MiB", taken.supervisor_mb, MEMORY_BOUND),
        floor("descriptors", "", taken.descriptors),
        floor("threads", "", taken.threads),
        steady("latency, p99", "ms", taken.latency_ms, 99, LATENCY_BOUND),
        steady("CPU of a run, p50", "ms", taken.cpu_ms, 50, LATENCY_BOUND),
    ]
    if reused:
        checks.insert(1, flat("reused workers, resident", "MiB", taken.workers_mb, MEMORY_BOUND))
    return checks


def _print(isolation: str, runs: int, taken: Taken, checks: Sequence[Check]) -> None:
    print(f'isolation="{isolation}": {runs} runs in {taken.seconds:.0f} s, {runs / taken.seconds:.0f}/s')
    print(f"  workers replaced: {', '.join(f'{count} {reason}' for reason, count in taken.replaced.items()) or 'none'}")
    for check in checks:
        verdict = "held" if check.held else "GREW"
        figures = f"{check.early:9.2f} → {check.late:9.2f} {check.unit:<4}"
        print(f"  {verdict}  {check.name:<26}{figures} {check.ratio:5.2f}x (≤ {check.bound:g})  {check.picture}")
        if check.told:
            print(f"        {check.told}")
    noise = steady("", "ms", taken.yardstick_ms, 99, LATENCY_BOUND)
    print(f"  noise: the same work of this process, p99 {noise.early:.2f} → {noise.late:.2f} ms,", end=" ")
    print(f"{noise.ratio:.2f}x; {noise.told}")
    for wrong in taken.wrong[:10]:
        print(f"  WRONG  {wrong}")


def _progress(isolation: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        text = "" if done == of else f"{isolation}: {done} of {of} runs"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
