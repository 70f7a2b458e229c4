"""What a run may consume. Every limit has its unit in its name; docs/limits.md says who enforces each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

KIB = 1024
MIB = 1024 * KIB

# The envelope of a message beside the value in it.
ENVELOPE_BYTES = KIB


class RuntimeConfig(BaseModel):
    """The limits of a run. Raises pydantic.ValidationError, a ValueError, for one that is unknown or out of range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_limit_mb: Annotated[int, Field(ge=16, le=64 * KIB)] = 256
    """What the script may hold beyond what an idle worker holds: V8 heap, buffers and strings together, MiB."""

    timeout_seconds: Annotated[float, Field(ge=0.01, le=7 * 86_400, allow_inf_nan=False)] = 30.0
    """Wall clock from the start of the run to its end, time in bindings included."""

    compute_seconds: Annotated[float, Field(ge=0.01, le=7 * 86_400, allow_inf_nan=False)] | None = None
    """The script's own time: CPU time of its worker during the run, so that waiting for bindings, timers or a busy
    machine does not count. None: bounded by `timeout_seconds` alone."""

    call_timeout_seconds: Annotated[float, Field(ge=0.001, le=7 * 86_400, allow_inf_nan=False)] | None = None
    """How long one call of a binding may take before it is rejected with a TimeoutError the script can catch; a binding
    may declare less. None: as long as the run."""

    enable_console: bool = True
    """Whether `console` lines are kept; without it they are dropped in the worker."""

    script_bytes: Annotated[int, Field(ge=1, le=16 * MIB)] = 256 * KIB
    """Largest script, in UTF-8."""

    line_bytes: Annotated[int, Field(ge=64 * KIB, le=256 * MIB)] = 16 * MIB
    """Largest message in either direction; also bounds the arguments and the result of one call."""

    result_bytes: Annotated[int, Field(ge=KIB, le=255 * MIB)] = 8 * MIB
    """Largest value of a script, as JSON; at least 1 KiB less than a line."""

    console_bytes: Annotated[int, Field(ge=KIB, le=256 * MIB)] = MIB
    """All console lines of a run together, as messages."""

    stderr_bytes: Annotated[int, Field(ge=0, le=16 * MIB)] = 16 * KIB
    """How much of the end of a worker's stderr is kept as evidence."""

    call_bytes: Annotated[int, Field(ge=KIB, le=255 * MIB)] = MIB
    """Largest arguments of one call, as JSON, and no more than a line holds. Python may need thirty times as much."""

    max_calls: Annotated[int, Field(ge=0, le=10_000_000)] = 10_000
    """Binding calls of a run in all; each firing of a timer is one."""

    max_calls_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Binding calls that wait for an answer at one moment; a running timer is one."""

    start_timeout_seconds: Annotated[float, Field(ge=0.1, le=600, allow_inf_nan=False)] = 30.0
    """How long a new worker may take to say that it is ready."""

    node: Path | None = None
    """The Node.js binary, if not that of STOCKADE_NODE or of the wheel."""

    jitless: bool = False
    """Run V8 without its compilers: a smaller attack surface, at up to 25 times the CPU time."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same limits but for those in `update`, checked: pydantic's own takes whatever it is given."""
        return type(self)(**{**self.model_dump(exclude_unset=True), **(update or {})})

    @model_validator(mode="after")
    def _no_clock_may_outlast_the_run(self) -> RuntimeConfig:
        for name in ("compute_seconds", "call_timeout_seconds"):
            seconds = getattr(self, name)
            if seconds is not None and seconds > self.timeout_seconds:
                raise ValueError(
                    f"{name} ({seconds:g}) must not be more than timeout_seconds ({self.timeout_seconds:g})"
                )
        return self

    @model_validator(mode="after")
    def _a_result_must_fit_a_line(self) -> RuntimeConfig:
        if self.result_bytes + ENVELOPE_BYTES > self.line_bytes:
            raise ValueError(
                f"result_bytes ({self.result_bytes}) must be at least {ENVELOPE_BYTES} less than line_bytes "
                f"({self.line_bytes})"
            )
        return self
