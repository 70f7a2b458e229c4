"""The proof: every attack, in both isolation modes, on both Node lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from stockade import Pool, RuntimeConfig
from stockade.attacks import LIMITS, load, run_all


@pytest.mark.timeout(300)
async def test_every_attack_is_held(node: Path, mode: str):
    """Contained, ended as the right kind within its deadline and a second, and the pool answering after each."""
    attacks = load(mode)

    async with Pool(RuntimeConfig(node=node, **LIMITS), workers=2, isolation=mode) as pool:
        outcomes = await run_all(pool, attacks)

    assert len(outcomes) == len(attacks)
    assert {outcome.attack.name: outcome.why for outcome in outcomes if not outcome.held} == {}
