"""The attack corpus, and a runner that throws it at a pool: what `stockade doctor --attack` and tests/escape use."""

from stockade.attacks.corpus import Attack, load
from stockade.attacks.runner import BINDINGS, LIMITS, Outcome, run_all

__all__ = ["BINDINGS", "LIMITS", "Attack", "Outcome", "load", "run_all"]
