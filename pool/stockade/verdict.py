"""Why a run ended: from the first cause, the worker's own words and its exit status to one error kind. Pure."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from enum import Enum

from stockade.config import MIB, RuntimeConfig
from stockade.result import ErrorKind, Evidence, RunError
from stockade_protocol import Threw


class Cause(Enum):
    """Why this side ended a worker. The first one counts."""

    TIMEOUT = "timeout"
    COMPUTE = "compute_limit"
    MEMORY = "memory_limit"
    OUTPUT = "output_limit"
    CALLS = "call_limit"
    RESULT = "result_limit"
    PROTOCOL = "protocol_violation"
    CANCELLED = "cancelled"  # by whoever asked for the run
    CLOSED = "closed"  # with its pool
    START = "start_failed"
    DONE = "done"  # its run is over and it is not needed again


@dataclass(frozen=True)
class Facts:
    """What was measured of a run and of the process it ran in."""

    config: RuntimeConfig
    peak_rss: int = 0
    idle_rss: int = 0
    console_bytes: int = 0
    result_bytes: int = 0
    calls_made: int = 0
    calls_in_flight: tuple[str, ...] = ()
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    returncode: int | None = None
    outgrown: bool = False  # the kernel killed it because its cgroup was full
    stderr_tail: str = ""
    unheard: bool = False  # it had written so much there that its last words were not read
    detail: str = ""
    call_limit: tuple[str, int] | None = None  # the one that was overrun, where this side found it


# What V8 writes to stderr before it aborts. Read only of a dead process, and only to tell one crash from another.
_OUT_OF_MEMORY = (
    "heap out of memory",
    "process out of memory",  # "Fatal …", and "NewArray Allocation failed - …"
    "Committing semi space failed",
    "std::bad_alloc",  # of Node itself, under RLIMIT_DATA
    "Check failed: (result.ptr) != nullptr",  # a mapping that RLIMIT_DATA refused
)

# A worker's own exit code for the same; as in js_worker/stockade_worker/channel.cjs.
_STARVED = 71

# How V8 ends itself. A script brings it to that by memory alone, so where its words are not read, that was it.
_ENDS_ITSELF = (signal.SIGABRT, signal.SIGTRAP, signal.SIGILL)

# And where memory ran out outside of its heap, the words above may be missing.
_ABORTS = (*_ENDS_ITSELF, signal.SIGSEGV, signal.SIGBUS)

# A worker that aborted with so much of its limit in use died of it.
_NEARLY_ALL = 0.75

# What JavaScript counts as the end of a line, beside LF; str.splitlines() knows more of them.
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")

# V8's own words for a buffer that it could not get memory for, under RLIMIT_DATA.
_REFUSED_ALLOCATION = "Array buffer allocation failed"


def of_cause(cause: Cause, facts: Facts) -> RunError:
    """The error of a run whose worker this side killed."""
    config, evidence = facts.config, _evidence(facts)
    match cause:
        case Cause.TIMEOUT:
            waiting = f", waiting for {', '.join(facts.calls_in_flight)}" if facts.calls_in_flight else ""
            message = f"the script ran longer than timeout_seconds={config.timeout_seconds:g}{waiting}"
            return _limit("timeout", message, evidence, "timeout_seconds", config.timeout_seconds, facts.wall_seconds)
        case Cause.COMPUTE:
            limit = config.compute_seconds or 0.0
            message = f"the script computed longer than compute_seconds={limit:g}"
            return _limit("compute_limit", message, evidence, "compute_seconds", limit, facts.cpu_seconds)
        case Cause.MEMORY:
            return _out_of_memory(facts, evidence)
        case Cause.OUTPUT:
            message = f"the script wrote more to the console than console_bytes={config.console_bytes}"
            return _limit("output_limit", message, evidence, "console_bytes", config.console_bytes, facts.console_bytes)
        case Cause.RESULT:
            message = f"the value is larger than result_bytes={config.result_bytes}"
            return _limit("result_limit", message, evidence, "result_bytes", config.result_bytes, facts.result_bytes)
        case Cause.CALLS:
            if facts.call_limit is not None:
                limit, value = facts.call_limit
                evidence = evidence.model_copy(update={"limit": limit, "limit_value": float(value)})
            return RunError(kind="call_limit", name="RangeError", message=facts.detail, evidence=evidence)
        case Cause.PROTOCOL:
            message = f"the worker broke the protocol: {facts.detail}"
            return RunError(kind="protocol_violation", name="ProtocolViolation", message=message, evidence=evidence)
        case Cause.START:
            return start_failed(facts.detail, evidence)
        case Cause.CANCELLED:
            return cancelled(evidence)
        case Cause.CLOSED | Cause.DONE:
            return cancelled(evidence, "the run was cancelled because its pool closed")


def of_exit(facts: Facts) -> RunError:
    """The error of a run whose worker ended by itself or by a stranger's hand."""
    evidence = _evidence(facts)
    nearly_all = facts.peak_rss - facts.idle_rss > _NEARLY_ALL * facts.config.memory_limit_mb * MIB
    told = any(sign in facts.stderr_tail for sign in _OUT_OF_MEMORY)
    aborted = (nearly_all and evidence.signal in _ABORTS) or (facts.unheard and evidence.signal in _ENDS_ITSELF)
    if facts.outgrown or told or aborted or facts.returncode == _STARVED:
        return _out_of_memory(facts, evidence)
    how = how_it_ended(facts.returncode)
    return RunError(
        kind="worker_crashed", name="WorkerCrashed", message=f"the worker {how} in mid-run", evidence=evidence
    )


def how_it_ended(returncode: int | None) -> str:
    """What is said of a process by its return code."""
    if returncode is None:
        return "ended"  # its caller did not wait to be told how, or the kernel would not let go of it
    return f"was ended by {_name_of(-returncode)}" if returncode < 0 else f"exited with code {returncode}"


def of_threw(threw: Threw, facts: Facts, script: str) -> RunError:
    """The error of a run that ended itself with one."""
    if threw.name == "RangeError" and threw.message == _REFUSED_ALLOCATION:
        return _out_of_memory(facts, _evidence(facts), frame_of(script, threw.line, threw.column), threw)
    limit = _limit_of(threw, facts)
    value = None if limit is None else float(getattr(facts.config, limit))
    return RunError(
        kind=threw.kind,
        name=threw.name,
        message=threw.message,
        line=threw.line,
        column=threw.column,
        frame=frame_of(script, threw.line, threw.column),
        stack=threw.stack,
        cause=threw.cause,
        errors=threw.errors,
        fields=threw.fields,
        hint=threw.hint,
        evidence=Evidence(limit=limit, limit_value=value, calls_in_flight=list(facts.calls_in_flight)),
    )


def _limit_of(threw: Threw, facts: Facts) -> str | None:
    if threw.kind == "result_limit":
        return "result_bytes"
    if threw.kind == "call_limit":
        return "max_calls" if facts.calls_made >= facts.config.max_calls else "max_calls_in_flight"
    return None


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have none
        return f"signal {number}"


def start_failed(detail: str, evidence: Evidence | None = None) -> RunError:
    """The error of a run that got no worker."""
    return RunError(
        kind="start_failed",
        name="StartFailed",
        message=f"no worker could be started: {detail}",
        evidence=evidence or Evidence(),
    )


def cancelled(evidence: Evidence | None = None, message: str = "the run was cancelled by its caller") -> RunError:
    """The error of a run that was not wanted any more."""
    return RunError(kind="cancelled", name="Cancelled", message=message, evidence=evidence or Evidence())


def frame_of(script: str, line: int | None, column: int | None) -> str | None:
    """The source line with a caret under the column, cut to a window that fits a screen."""
    if line is None:
        return None
    # Replaced and split, not matched: a script may be nothing but line ends, and this is done on the event loop.
    for end in _LINE_ENDS:
        script = script.replace(end, "\n")
    lines = script.split("\n", line)
    if not 1 <= line <= len(lines):
        return None
    text = lines[line - 1].replace("\t", " ")
    at = min(max((column or 1) - 1, 0), len(text))
    left = max(0, at - 60)
    shown = text[left : left + 120]
    margin = f"{line} | "
    caret = "" if column is None else "\n" + " " * (len(margin) + at - left) + "^"
    return f"{margin}{shown}{caret}"


def _out_of_memory(facts: Facts, evidence: Evidence, frame: str | None = None, threw: Threw | None = None) -> RunError:
    limit = facts.config.memory_limit_mb
    return RunError(
        kind="memory_limit",
        name="RangeError",
        message=f"the script needed more memory than memory_limit_mb={limit}",
        line=threw.line if threw else None,
        column=threw.column if threw else None,
        frame=frame,
        stack=threw.stack if threw else None,
        evidence=evidence.model_copy(
            update={
                "limit": "memory_limit_mb",
                "limit_value": float(limit),
                "measured": round(max(0, facts.peak_rss - facts.idle_rss) / MIB, 1),
            }
        ),
    )


def _limit(kind: ErrorKind, message: str, evidence: Evidence, limit: str, value: float, measured: float) -> RunError:
    facts = {"limit": limit, "limit_value": float(value), "measured": round(measured, 3)}
    return RunError(kind=kind, name="LimitExceeded", message=message, evidence=evidence.model_copy(update=facts))


def _evidence(facts: Facts) -> Evidence:
    code = facts.returncode
    return Evidence(
        exit_code=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        peak_rss_mb=round(facts.peak_rss / MIB, 1),
        cgroup_full=facts.outgrown,
        stderr_tail=facts.stderr_tail or None,
        calls_in_flight=list(facts.calls_in_flight),
    )
