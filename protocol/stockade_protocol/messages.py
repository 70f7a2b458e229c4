"""One tagged type per message.

The conversation in one sentence: one run at a time per worker; it may make calls; exactly one message ends it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

# Both ends ship together, so there is nothing to negotiate: another number ends the worker.
PROTOCOL_VERSION = 1

# Numbers a double holds exactly, because one end is JavaScript.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]

# The worker cuts the texts of an error at 8,192 and its names at 200 letters, and says how many it left out. What is
# longer than that with its mark comes from a worker that is no longer ours.
ErrorText = Annotated[str, Meta(max_length=9_000)]
ErrorName = Annotated[str, Meta(max_length=300)]
CallNumber = Annotated[int, Meta(ge=1, le=2**53 - 1)]


class Message(Struct, tag_field="type", forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """The base of all; `type` on the wire names the kind."""


class Ready(Message, tag="ready", frozen=True):
    """The worker's first line, sent once. Answered by nothing: the worker waits for Warm or Execute."""

    version: Count
    node: Annotated[str, Meta(max_length=64)]


class Warm(Message, tag="warm", frozen=True):
    """The host will not need this worker for a moment, so it may load its parser. Answered by nothing."""


class Part(Struct, forbid_unknown_fields=True, frozen=True):
    """One of the texts that every worker compiles, and V8's code cache of it (base64 on the wire)."""

    name: Literal["worker", "inside", "parser"]
    text: str
    data: bytes


class Code(Message, tag="code", frozen=True):
    """The one line of a process that was started to compile, and is never given a script. Answered by nothing."""

    parts: list[Part]


class Caps(Struct, forbid_unknown_fields=True, frozen=True):
    """Limits the worker checks first, so that a script gets an error it can read. The host checks them again."""

    result_bytes: Count
    line_bytes: Count
    call_bytes: Count
    calls: Count
    calls_in_flight: Count


class Execute(Message, tag="execute", frozen=True):
    """Starts a run. Sent to an idle worker; answered by exactly one Returned or Threw, with Calls before it."""

    script: str
    bindings: list[str]
    console: bool
    caps: Caps
    language: Literal["auto", "javascript", "typescript"] = "auto"
    check: bool = False  # only parse: Returned without a value for a script that could run
    seed: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""  # entropy for `crypto`; without it the script has none


class Call(Message, tag="call", frozen=True):
    """The script used a binding. Sent while running; answered by Resolve or Reject with the same number.

    Numbers count 1, 2, 3 … within a run. A timer is a call of the binding `setTimeout` with the delay in ms.
    """

    call: CallNumber
    binding: str
    args: Raw  # a list; decoded once the call is known to be legal


class Clear(Message, tag="clear", frozen=True):
    """A timer is not wanted any more: it is in flight no longer, and nothing answers it. Sent while running.

    At most once for each call; of no effect where its Resolve was on the way already.
    """

    call: CallNumber


class Resolve(Message, tag="resolve", frozen=True):
    """The value of a call, as JSON; `meta` becomes a non-enumerable property of it."""

    call: CallNumber
    value: Raw
    meta: Raw | UnsetType = UNSET


class Reject(Message, tag="reject", frozen=True):
    """The error of a call, never a traceback. Each key of `details` becomes a field of the JavaScript error."""

    call: CallNumber
    name: str
    message: str
    code: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET


class Console(Message, tag="console", frozen=True):
    """The script logged a line. Sent at once, so that it survives a kill. Answered by nothing."""

    level: Literal["log", "info", "warn", "error", "debug"]
    text: str


class Returned(Message, tag="returned", frozen=True):
    """The run ended with a value, as JSON text; without `value` it is undefined."""

    value: Raw | UnsetType = UNSET
    left_out: ErrorText = ""  # the path of the first function in it: JSON holds none
    hint: ErrorText | None = None  # why there is nothing, or less than was meant
    contexts: Count = 0  # how many the worker holds, those not collected yet among them; now and then, else 0
    worn: bool = False  # it cannot serve another run as it did this one


class Threw(Message, tag="threw", frozen=True):
    """The run ended with a fault of the script's. Line and column count from 1, in the script as it was sent."""

    kind: Literal["syntax", "exception", "unserializable", "result_limit", "call_limit", "deadlock"]
    name: ErrorName
    message: ErrorText
    line: Count | None = None
    column: Count | None = None
    stack: ErrorText | None = None
    hint: ErrorText | None = None
    # One "Name: message" for each error down the chain, and for each that an AggregateError holds.
    cause: Annotated[list[ErrorText], Meta(max_length=8)] = []
    errors: Annotated[list[ErrorText], Meta(max_length=20)] = []
    # The error's own further fields; objects as shown text.
    fields: Annotated[dict[ErrorName, ErrorText | int | float | bool | None], Meta(max_length=20)] = {}
    contexts: Count = 0  # as of Returned
    worn: bool = False


WorkerMessage = Ready | Console | Call | Clear | Returned | Threw
HostMessage = Warm | Execute | Resolve | Reject
