"""Faults on purpose: workers that die, hang, flood, garble or dawdle where you say, to see that your program copes."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from stockade import pool as asynchronous
from stockade import sync
from stockade.checks import more_than_zero, of_type
from stockade.testing.faulty import FaultyProcess
from stockade.testing.points import Effect, Point, Where

log = logging.getLogger("stockade")

AnyPool = TypeVar("AnyPool", asynchronous.Pool, sync.Pool)


@dataclass(frozen=True)
class Injected:
    """One fault that has happened. `script` is that of the run it happened to; None while the worker started."""

    effect: Effect
    where: Where
    nth: int
    pid: int
    script: str | None


class Faults:
    """What is to go wrong with the workers of a pool. Attach it before the pool starts; `injected` tells what did."""

    def __init__(
        self,
        *,
        kill: Point | Iterable[Point] = (),
        freeze: Point | Iterable[Point] = (),
        flood: Point | Iterable[Point] = (),
        corrupt: Point | Iterable[Point] = (),
        delay: Point | Iterable[Point] = (),
        delay_seconds: float = 0.2,
        seed: int | None = None,
    ) -> None:
        """Each effect takes one point or several: `Faults(kill=at_call(2), freeze=at_start(probability=0.1))`.

        `kill` sends SIGKILL to the process and `freeze` SIGSTOP; `flood` writes console lines in its name until it is
        stopped; `corrupt` spoils one byte of the line at that point; `delay` holds up what it says for
        `delay_seconds`. With the same `seed` the same script meets the same lot at the same point. Raises ValueError.
        """
        more_than_zero(delay_seconds, "delay_seconds")
        self.active = True
        """False leaves workers in peace for the time being."""
        self.delay_seconds = delay_seconds
        self.seed = secrets.randbits(32) if seed is None else seed
        self.injected: list[Injected] = []
        planned: dict[Effect, Point | Iterable[Point]] = {
            "kill": kill, "freeze": freeze, "flood": flood, "corrupt": corrupt, "delay": delay
        }  # fmt: skip
        self._plan: list[tuple[Effect, Point]] = [
            (effect, point) for effect, points in planned.items() for point in _each(points, effect)
        ]
        self._left = [point.times for _, point in self._plan]
        self._drawn: Counter[tuple[int, str | None]] = Counter()
        if seed is None and any(point.probability not in (None, 1) for _, point in self._plan):
            log.warning(
                "faults fall by chance with seed=%d; give it to Faults(seed=) to have the same again", self.seed
            )

    def __repr__(self) -> str:
        return f"<Faults seed={self.seed} injected={len(self.injected)}>"

    def attach(self, pool: AnyPool) -> AnyPool:
        """The same pool, whose workers will meet these faults. Raises ValueError if it has started."""
        inner = pool._pool if isinstance(pool, sync.Pool) else pool  # pyright: ignore[reportPrivateUsage]
        of_type(asynchronous.Pool, inner, "pool")
        starts = inner._starts  # pyright: ignore[reportPrivateUsage]
        if starts.spawner is not None:
            raise ValueError("attach faults to a pool before it starts: it has workers already")
        starts.process_type = type("FaultyProcess", (FaultyProcess,), {"faults": self})
        return pool

    def meet(self, where: Where, nth: int, pid: int, script: str | None) -> Effect | None:
        """What goes wrong now, if anything: the first that is planned for this point and whose lot has fallen."""
        if not self.active:
            return None
        for index, (effect, point) in enumerate(self._plan):
            if (
                (point.where, point.nth) == (where, nth)
                and self._left[index] != 0
                and self._falls(index, point, script)
            ):
                left = self._left[index]
                self._left[index] = None if left is None else left - 1
                self.injected.append(Injected(effect, where, nth, pid, script))
                return effect
        return None

    def _falls(self, index: int, point: Point, script: str | None) -> bool:
        if point.probability is None:
            return True
        # By what is run, not by when: whichever worker gets a script, and after whichever other, its lot is the same.
        self._drawn[index, script] += 1
        return Random(f"{self.seed} {index} {self._drawn[index, script]} {script}").random() < point.probability


def _each(points: Point | Iterable[Point], effect: Effect) -> list[Point]:
    several = list(points) if isinstance(points, Iterable) else [points]
    for point in several:
        of_type(Point, point, effect)
    return several
