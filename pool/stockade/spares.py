"""How many processes are kept ready: more when runs had to wait for one, fewer after a quiet time. Pure."""

from __future__ import annotations

from stockade.checks import at_least

# So long without a run that had to wait for a start, and one spare fewer is kept: a burst may come again, and a spare
# costs some memory but no time.
QUIET_SECONDS = 30.0


class Wanted:
    """The number of spares to keep, between two bounds. Whoever keeps them says what happened."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most
        self.now = least

    def missed(self) -> None:
        """A run had to wait for a start."""
        self.now = min(self.most, self.now + 1)

    def quiet(self) -> None:
        """No run had to for QUIET_SECONDS."""
        self.now = max(self.least, self.now - 1)

    @property
    def raised(self) -> bool:
        """Whether a quiet time would lower it."""
        return self.now > self.least


def wanted(spares: int | tuple[int, int]) -> Wanted:
    """From the option of the pool: a fixed number, or `(least, most)`. Raises ValueError."""
    match spares:
        case (least, most):
            pass
        case least:
            most = least
    at_least(0, least, "spares")
    at_least(0, most, "spares")
    if least > most:
        raise ValueError(f"spares: the least ({least}) is more than the most ({most})")
    return Wanted(least, most)
