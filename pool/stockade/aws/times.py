"""What a script may give as a point in time, and the one form we use: milliseconds since 1970, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from stockade.aws.errors import AwsError

HOUR_MS = 3_600_000

# The first of these is 3 March 1973 in milliseconds and the year 5138 in seconds: a smaller number is in seconds.
SMALLEST_MS = 100_000_000_000

# The last millisecond of the year 9999: Python's calendar ends there, JavaScript's in 275760.
LARGEST_MS = 253_402_300_799_999

_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)\Z")


def now_ms() -> int:
    """The time now."""
    return int(datetime.now(UTC).timestamp() * 1000)


def to_ms(value: float | str | None, name: str, default: int) -> int:
    """A number of milliseconds, or ISO 8601 text (UTC where it names no offset), as milliseconds."""
    if value is None:
        return default
    if isinstance(value, str):
        value = _from_text(value, name)
    elif 0 < value < SMALLEST_MS:
        raise AwsError(
            "InvalidArgument",
            f"{name} must be in milliseconds since 1970; {value:g} would be in January or February 1970 or so",
            hint=f"is it in seconds? Pass {name} * 1000, or a Date",
        )
    if value < 0:
        raise AwsError("InvalidArgument", f"{name} is negative", hint="pass milliseconds since 1970, or a Date")
    if value > LARGEST_MS:
        raise AwsError(
            "InvalidArgument",
            f"{name} is after the year 9999",
            hint="pass milliseconds since 1970 (not micro- or nanoseconds), or a Date",
        )
    return int(value)


def span(start: float | str | None, end: float | str | None) -> tuple[int, int]:
    """Start and end; without them the last hour."""
    end_ms = to_ms(end, "endTime", now_ms())
    start_ms = to_ms(start, "startTime", max(0, end_ms - HOUR_MS))
    if start_ms > end_ms:
        raise AwsError(
            "InvalidArgument",
            f"startTime ({iso(start_ms)}) is after endTime ({iso(end_ms)})",
            hint="the order is startTime, endTime",
        )
    return start_ms, end_ms


def iso(milliseconds: int) -> str:
    """As JavaScript's Date.prototype.toISOString writes it."""
    return iso_of(datetime.fromtimestamp(milliseconds / 1000, UTC))


def iso_of(moment: datetime) -> str:
    """A datetime in UTC with milliseconds and Z; one without a zone is taken as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(value: Any) -> datetime:
    """A timestamp of an answer as a datetime. botocore tries the forms of the whole world on each, in a third of the
    time that an answer takes to read; nearly all are these two. Raises ValueError for what is none."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and _ISO.match(value):
            return datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        pass
    from botocore.utils import parse_timestamp

    parse: Any = parse_timestamp
    return parse(value)


def _from_text(text: str, name: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return int(aware.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise AwsError(
            "InvalidArgument",
            f"{name} is no time: {text[:60]!r}",
            hint="pass milliseconds since 1970, a Date, or ISO 8601 like 2026-01-31T12:00:00Z",
        ) from None
