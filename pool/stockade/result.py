"""What became of a run: plain data, whatever the script did."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal, cast, get_type_hints

from msgspec import Struct, structs
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, computed_field, model_validator
from pydantic_core import CoreSchema, core_schema

from stockade.errors import ResultUnreadable, ScriptFailed
from stockade.render import BUDGET_CHARS, text_of
from stockade_protocol import ProtocolViolation, decode_value

ErrorKind = Literal[
    "syntax",
    "exception",
    "timeout",
    "compute_limit",
    "memory_limit",
    "output_limit",
    "call_limit",
    "result_limit",
    "unserializable",
    "deadlock",
    "cancelled",
    "worker_crashed",
    "protocol_violation",
    "start_failed",
]

Outcome = Literal["resolved", "rejected", "in_flight"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Entry(Struct, frozen=True, kw_only=True, gc=False):
    """One of many. A run may log and call a hundred thousand times: these are made in a fortieth of the time that a
    pydantic model takes, and Python's collector has no work with them."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        hints = get_type_hints(cls).items()
        fields = {name: core_schema.typed_dict_field(handler.generate_schema(hint)) for name, hint in hints}
        shape = core_schema.typed_dict_schema(fields, cls=cls, extra_behavior="forbid", ref=cls.__name__)
        return core_schema.union_schema(
            [
                core_schema.is_instance_schema(cls),
                core_schema.no_info_after_validator_function(lambda given: cls(**given), shape),
            ],
            serialization=core_schema.plain_serializer_function_ser_schema(structs.asdict, return_schema=shape),
        )


class ConsoleLine(_Entry, frozen=True, kw_only=True, gc=False):
    """One line the script logged, and when, counted from the start of the run."""

    level: Literal["log", "info", "warn", "error", "debug"]
    text: str
    at_ms: float


class CallRecord(_Entry, frozen=True, kw_only=True, gc=False):
    """One use of a binding. `outcome` is `in_flight` if the run ended before the call did."""

    name: str
    ms: float
    outcome: Outcome
    bytes_in: int
    bytes_out: int


class Usage(_Data):
    """What the run consumed. `bytes_in` is what the script sent, `bytes_out` what it was sent."""

    queued_ms: float = 0.0
    start_ms: float = 0.0
    compute_ms: float = 0.0
    host_ms: float = 0.0
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    peak_rss_mb: float = 0.0
    calls: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class Evidence(_Data):
    """The facts that prove an error's kind; those that do not apply are None."""

    limit: str | None = None
    limit_value: float | None = None
    measured: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    peak_rss_mb: float | None = None
    cgroup_full: bool = False
    """The kernel killed the worker because its cgroup had no room left."""
    stderr_tail: str | None = None
    calls_in_flight: list[str] = Field(default_factory=list[str])


class RunError(_Data):
    """Why a run did not return. Line and column count from 1 in the script; `frame` shows the line with a caret."""

    kind: ErrorKind
    name: str
    message: str
    line: int | None = None
    column: int | None = None
    frame: str | None = None
    stack: str | None = None
    cause: list[str] = Field(default_factory=list[str])
    """One "Name: message" for each error down the chain of causes."""
    errors: list[str] = Field(default_factory=list[str])
    """The same for each error that an AggregateError holds."""
    fields: dict[str, str | int | float | bool | None] = Field(
        default_factory=dict[str, str | int | float | bool | None]
    )
    """The error's own further fields, such as `code`; objects as text."""
    hint: str | None = None
    evidence: Evidence = Evidence()


# A dumped result has these too; read back, they follow from the rest.
_COMPUTED = frozenset({"ok", "value"})


class ExecutionResult(_Data):
    """What became of one run. `result` is the value as JSON text: None for undefined, 'null' for null."""

    run_id: str
    result: str | None = None
    error: RunError | None = None
    console_output: list[ConsoleLine] = Field(default_factory=list[ConsoleLine])
    calls: list[CallRecord] = Field(default_factory=list[CallRecord])
    usage: Usage = Usage()
    facts: dict[str, Any] = Field(default_factory=dict[str, Any])
    """What the bindings say of the run beside their answers (`RunInfo.facts`), by the name of their set."""
    hint: str | None = None
    """One sentence where a run returned nothing, or functions alone, and probably meant more; an error has its own."""
    started: bool = False
    """Whether any of the script may have run."""
    attempt: int = 1
    """Which attempt this is the result of, the last that ran: more than 1 only with a `RetryPolicy`."""
    safe_to_retry: bool = True
    """Whether running it again can do no harm: it did not start, or each call it made is read-only or idempotent."""

    # No field: two results are alike whether one has been asked for its value or not, and a copy decodes its own.
    __slots__ = ("_decoded",)

    @model_validator(mode="before")
    @classmethod
    def _without_computed(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {name: part for name, part in cast(dict[str, Any], given).items() if name not in _COMPUTED}

    @computed_field
    @property
    def ok(self) -> bool:
        """Whether the script returned."""
        return self.error is None

    @computed_field(repr=False)  # `result` is shown, and whoever logs a result is not to meet an exception
    @property
    def value(self) -> Any:
        """The value as Python data. undefined and null are both None; `result` tells them apart.

        One of more than 256 KiB is decoded when it is first asked for, at some 8 ms for a megabyte; ResultUnreadable is
        raised if Python cannot hold it, which only a worker that a script has taken over will send.
        """
        with suppress(AttributeError):
            return object.__getattribute__(self, "_decoded")
        try:
            value = None if self.result is None else decode_value(self.result.encode())
        except ProtocolViolation as violation:
            raise ResultUnreadable(str(violation)) from None
        self.hold(value)
        return value

    def hold(self, value: Any) -> None:
        """Keeps the value once it is decoded."""
        object.__setattr__(self, "_decoded", value)

    @property
    def execution_time_ms(self) -> float:
        """Wall clock of the run."""
        return self.usage.wall_ms

    def text(self, budget_chars: int = BUDGET_CHARS) -> str:
        """Everything a model or person needs to go on, in at most so many characters; cuts are marked.

        Raises ValueError for a budget below 0.
        """
        return text_of(self, budget_chars)

    def raise_for_error(self) -> None:
        """Raises ScriptFailed unless the script returned."""
        if self.error is not None:
            raise ScriptFailed(self.error.kind, self.error.message)
