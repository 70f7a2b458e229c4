"""`python -m tests.chaos`: thousands of runs while all goes wrong that can, and whether each ended as it should."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Sequence
from statistics import median

from stockade.commands.show import status
from tests.chaos.storm import Round, storm

# A pool for each: what one leaves behind would be lost among the leftovers of the next.
RUNS_A_ROUND = 200

# PERFORMANCE: full strength after a kill, in multiples of as many bare starts of Node.
STRENGTH_BOUND = 2.5


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every run ended as its faults explain and nothing was left, 1 if not."""
    parser = argparse.ArgumentParser("python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="in each mode (default: %(default)s)")
    parser.add_argument("--mode", choices=["process", "context"], action="append", help="default: both")
    parser.add_argument("--seed", type=int, default=os.environ.get("CHAOS_SEED") or secrets.randbits(32))
    options = parser.parse_args(arguments)
    logging.getLogger("stockade").setLevel(logging.CRITICAL)  # it has much to complain of
    print(f"CHAOS_SEED={options.seed}", flush=True)
    wrong: list[str] = []
    for mode in options.mode or ["process", "context"]:
        wrong += _all_rounds(mode, options.runs, options.seed)
    for what in wrong[:50]:
        print(f"  WRONG  {what}")
    if wrong:
        print(f"{len(wrong)} things went wrong; CHAOS_SEED={options.seed} has the same storm again")
    return 1 if wrong else 0


def _all_rounds(mode: str, runs: int, seed: int) -> list[str]:
    rounds: list[Round] = []
    count = max(1, round(runs / RUNS_A_ROUND))
    began = time.monotonic()
    for number in range(1, count + 1):

        def progress(told: Round, number: int = number) -> None:
            done = sum(len(each.stories) for each in rounds) + len(told.stories)
            status(f"{mode}, round {number} of {count}: {done} runs, {len(told.injected)} faults in this one")

        rounds.append(asyncio.run(storm(f"{seed} {mode} {number}", runs // count, mode, progress)))
    status("")
    _print(mode, rounds, time.monotonic() - began)
    strength = median(ratio for told in rounds for ratio in told.strength)
    wrong = [f"{mode}, seed {told.seed!r}: {what}" for told in rounds for what in told.wrong]
    if strength > STRENGTH_BOUND:
        wrong.append(f"{mode}: full strength took {strength:.2f} times as long as bare starts of Node")
    return wrong


def _print(mode: str, rounds: Sequence[Round], seconds: float) -> None:
    stories = [story for told in rounds for story in told.stories]
    injected = Counter(f"{fault.effect} at {fault.where}" for told in rounds for fault in told.injected)
    late = max(late for told in rounds for late in told.late_seconds)
    strength = sorted(ratio for told in rounds for ratio in told.strength)
    print(f'isolation="{mode}": {len(stories)} runs in {len(rounds)} pools, {seconds:.0f} s')
    print(f"  ended as      {_listed(Counter(story.end for story in stories))}")
    print(f"  faults        {_listed(injected)}; launchers killed {sum(len(t.launcher_kills) for t in rounds)}")
    print(
        f"  cancelled {sum(s.cancelled for s in stories)}, made again {sum(s.attempt > 1 for s in stories)}, ", end=""
    )
    print(f"latest past its deadline {late * 1000:.0f} ms")
    print(f"  full strength {median(strength):.2f}x of bare starts ({strength[0]:.2f} to {strength[-1]:.2f}; ≤ 2.5)")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
