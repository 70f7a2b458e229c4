"""One script in one worker, from start to end: read, step, match."""

from __future__ import annotations

import asyncio
import contextvars
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec

from stockade import hints, verdict
from stockade.alarm import NEAR_SECONDS, Timer, set_alarm
from stockade.bindings.context import RunInfo
from stockade.calls import CallLimit, Calls
from stockade.config import ENVELOPE_BYTES, MIB, RuntimeConfig
from stockade.crossing import to_json
from stockade.events import Tell
from stockade.memory import WATCH_SECONDS, Meter
from stockade.process import Process
from stockade.result import ConsoleLine, ExecutionResult, RunError, Usage
from stockade.retry import ONCE, RetryPolicy
from stockade.verdict import Cause, Facts
from stockade_protocol import (
    Call,
    Caps,
    Clear,
    Console,
    Execute,
    ProtocolViolation,
    Ready,
    Returned,
    State,
    Threw,
    WorkerMessage,
    decode_value,
    decode_worker,
    encode,
    step,
)

# A larger value becomes Python data when somebody looks at it: that takes some 8 ms for a megabyte, with the
# interpreter locked, so that no thread could help, and the loop has others to serve. 256 KiB take about 2 ms.
DECODED_BYTES = 256 * 1024

# Between two looks at the CPU time of a script that has almost none left.
CPU_LOOK_SECONDS = 0.001

# Lines dealt with before others have their turn of the loop. A line takes some 10 us, a binding's time not counted.
LINES_A_TURN = 200

_BEGUN = ExecutionResult(run_id="", started=True)

Language = Literal["auto", "javascript", "typescript"]
LANGUAGES = get_args(Language)


class Job(msgspec.Struct, frozen=True):
    """One run, as it was asked for."""

    script: str
    bindings: Mapping[str, Callable[..., Any]]
    config: RuntimeConfig
    tenant: str | None = None
    on_console: Callable[[ConsoleLine], object] | None = None
    language: Language = "auto"
    priority: int = 0
    check: bool = False  # only parse it
    retry: RetryPolicy = ONCE
    attempt: int = 1
    tell: Tell | None = None  # where somebody listens, who is told of its start and its calls as well
    run_id: str = msgspec.field(default_factory=lambda: os.urandom(16).hex())
    asked: float = msgspec.field(default_factory=lambda: time.monotonic())  # not bound at import: see `run._now`


@dataclass(frozen=True)
class Waited:
    """What a run waited for before it began."""

    queued_ms: float = 0.0
    start_ms: float = 0.0


class Run:
    """The conversation of one run, its clock, its memory watch, and what it leaves behind."""

    def __init__(self, process: Process, meter: Meter, idle_rss: int, job: Job, *, is_first: bool) -> None:
        self.process, self.meter, self.idle_rss, self.job = process, meter, idle_rss, job
        self.is_first = is_first  # of its process
        self.state = State.IDLE
        self.begun = _now()
        self.seconds = 0.0
        self.console: list[ConsoleLine] = []
        self.console_bytes = 0
        self.text: str | None = None
        self.result_bytes = 0
        self.value: Any = None
        self.cpu_used = 0.0
        self.detail = ""
        self.call_limit: tuple[str, int] | None = None
        self.peak_rss = 0
        self._asked_bytes = 0  # how far the pipe must come for the worker to have the script
        self._cpu_before = meter.cpu_seconds()
        meter.last = 0, None  # what a run before this one held proves nothing of it
        self._loop = asyncio.get_running_loop()
        self._ending: Returned | Threw | None = None
        self._over: asyncio.Future[Returned | Threw | None] = self._loop.create_future()
        # Before whoever waits for it goes on, and not on top of all that they are in the midst of: a value may be deep.
        self._over.add_done_callback(self._take)
        self._hearing = False  # a line is being dealt with, or the next one is in another turn of the loop
        self._clock: Timer | None = None
        self._context = contextvars.copy_context()  # of whoever asked for the run; the pipe is read in no one's
        deadline = time.monotonic() + job.config.timeout_seconds
        self.info = RunInfo(job.run_id, job.tenant, deadline, attempt=job.attempt)
        self.calls = Calls(process, job.bindings, job.config, self.info, job.tell)

    async def converse(self) -> Returned | Threw | None:
        """Sends the script and answers its worker until one message, or the end of the process, ends the run."""
        config = self.job.config
        try:
            self.process.listen(self._hear)
            self._send_script()
            self._wind(config.timeout_seconds, config.compute_seconds)
            await self._over
            return self._ending
        finally:
            self.process.listen_no_more()
            if self._clock is not None:
                self._clock.cancel()
            self.seconds = _now() - self.begun
            self.calls.close()

    def _send_script(self) -> None:
        config = self.job.config
        caps = Caps(
            result_bytes=config.result_bytes,
            line_bytes=config.line_bytes,
            call_bytes=min(config.call_bytes, config.line_bytes - ENVELOPE_BYTES),
            calls=config.max_calls,
            calls_in_flight=config.max_calls_in_flight,
        )
        job = self.job
        execute = Execute(
            job.script, list(job.bindings), config.enable_console, caps, job.language, job.check, os.urandom(32).hex()
        )
        self.state = step(self.state, execute)
        self.process.write(encode(execute))
        self._asked_bytes = self.process.queued_bytes

    def _hear(self) -> None:
        """What has come in, line by line: it is bounded already; decode it, check that it is legal now, then act."""
        if self._hearing or self._over.done():
            return  # a kill in here reads the last of the pipe and calls again; the loop below comes to it
        self._hearing = True
        goes_on = False
        self.calls.hold()
        try:
            for _ in range(LINES_A_TURN):
                line = self.process.next_line()
                if line is None or self._over.done():
                    break
                self._act(decode_worker(line), len(line))
            else:
                self._loop.call_soon(self._hear_on)
                goes_on = True
                return
            if self.process.ended and not self._over.done():
                self._over.set_result(None)
        except ProtocolViolation as violation:
            self._end_badly(Cause.PROTOCOL, violation)
        except CallLimit as limit:
            self.call_limit = limit.limit, limit.value
            self._end_badly(Cause.CALLS, limit)
        except BaseException as error:  # of on_console or a hook, the caller's own
            self._raise_to_caller(error)
        finally:
            self._hearing = goes_on
            self.calls.flush()

    def _hear_on(self) -> None:
        self._hearing = False
        self._hear()

    def _raise_to_caller(self, error: BaseException) -> None:
        if not self._over.done():
            if isinstance(error, asyncio.CancelledError):
                self._over.cancel()
            elif isinstance(error, StopIteration):  # which no future takes
                self._over.set_exception(RuntimeError("on_console raised StopIteration"))
            else:
                self._over.set_exception(error)
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise error

    def _act(self, message: WorkerMessage, line_bytes: int) -> None:
        self.state = step(self.state, message)
        match message:
            case Call():
                if self.process.cause is None:
                    self.calls.start(message, line_bytes)
            case Clear():
                if self.process.cause is None:
                    self.calls.clear(message.call)
            case Console():
                self._log(message, line_bytes)
            case Returned() | Threw():
                # What was written before a kill still counts as output, but not as an ending: first cause wins.
                if self.process.cause is None:
                    if self.process.has_lines:
                        raise ProtocolViolation("it went on after the end of the run")
                    if self.process.sent_bytes < self._asked_bytes:  # they would pile up before a pipe nobody reads
                        raise ProtocolViolation("it ended a run whose script it has not read")
                    self._over.set_result(message)
            case Ready():
                raise AssertionError("step() lets no second `ready` through")

    def _end_badly(self, cause: Cause, why: Exception) -> None:
        self._kill(cause, str(why))
        if not self._over.done():
            self._over.set_result(None)

    def _log(self, message: Console, line_bytes: int) -> None:
        if not self.job.config.enable_console:
            raise ProtocolViolation("it wrote to the console although that is off")
        self.console_bytes += line_bytes
        if self.console_bytes > self.job.config.console_bytes:
            self._kill(Cause.OUTPUT)
            return
        at_ms = round((_now() - self.begun) * 1000, 3)
        line = ConsoleLine(level=message.level, text=message.text, at_ms=at_ms)
        self.console.append(line)
        if self.job.on_console is not None:
            self._context.run(self.job.on_console, line)

    def _take(self, over: asyncio.Future[Returned | Threw | None]) -> None:
        """The ending, its value read; none if that cannot be. A turn after its line was decoded: both take long."""
        if over.cancelled() or over.exception() is not None:
            return
        ending = over.result()
        if isinstance(ending, Returned) and isinstance(ending.value, msgspec.Raw):
            try:
                self._read(ending.value)
            except ProtocolViolation as violation:
                self._kill(Cause.PROTOCOL, str(violation))
            if self.text is None:
                return
        self._ending = ending

    def _read(self, value: msgspec.Raw) -> None:
        text = memoryview(value)
        self.result_bytes = text.nbytes
        if self.result_bytes > self.job.config.result_bytes:
            self._kill(Cause.RESULT)
            return
        if self.result_bytes <= DECODED_BYTES:
            self.value = decode_value(value)
        try:
            self.text = str(text, "utf-8")
        except UnicodeDecodeError:
            raise ProtocolViolation("the value is not UTF-8") from None

    def _wind(self, left: float, cpu_left: float | None) -> None:
        """Sets the clock for when something can first be over. The parent holds it: nothing in a busy worker could."""
        wait = min(left, WATCH_SECONDS)
        if cpu_left is not None:  # it cannot be used up any sooner than in that time
            wait = min(wait, max(cpu_left, CPU_LOOK_SECONDS))
        if wait < left:
            self._clock = self._loop.call_later(wait, self._look)
        elif left > NEAR_SECONDS:
            self._clock = self._loop.call_later(left - NEAR_SECONDS, self._look)
        else:
            self._clock = set_alarm(self._loop, left, self._look)

    def _look(self) -> None:
        """Whether the run's time is over, its memory more than it may be, or the script's own time used up."""
        if self._over.done():
            return
        config = self.job.config
        left = self.begun + config.timeout_seconds - _now()
        self.cpu_used = self.meter.cpu_seconds() - self._cpu_before
        cpu_left = None if config.compute_seconds is None else config.compute_seconds - self.cpu_used
        resident = self.meter.resident()
        self.peak_rss = max(self.peak_rss, resident)
        # The deadline last: if the loop came late, the others were there before it.
        if resident > self.idle_rss + config.memory_limit_mb * MIB:
            self._kill(Cause.MEMORY)
        elif cpu_left is not None and cpu_left <= 0:
            self._kill(Cause.COMPUTE)
        elif left <= 0:
            # And the end of the run may be in the pipe: a process that was stopped hears of its timers first.
            self.process.catch_up()
            if not self._over.done():
                self._kill(Cause.TIMEOUT)
        else:
            self._wind(left, cpu_left)

    def _kill(self, cause: Cause, detail: str = "") -> None:
        if self.process.cause is None:
            self.detail = detail
            self.meter.last_look()
        self.process.kill(cause)

    # ---- what is left behind ----

    def outcome(self, ending: Returned | Threw | None, waited: Waited) -> ExecutionResult:
        """The result, from the ending or the lack of one."""
        exited = self.process.child.exited
        # What the kernel kept is of the process's whole life; of a run before this one it would prove nothing.
        kept = exited.max_rss_kb * 1024 if exited and self.is_first else 0
        found = self.meter.last[0]  # before it was killed, if it was: a look at one that dies takes 0.3 ms
        self.peak_rss = max(self.peak_rss, found, kept, self.meter.resident() if self.process.cause is None else 0)
        ok = isinstance(ending, Returned)
        # A copy, because pydantic looks at none of its parts, which are ours: that takes as long as all else in here.
        result = _BEGUN.model_copy(
            update={
                "run_id": self.job.run_id,
                "result": self.text if ok else None,
                "hint": hints.of_run(self.job.script, self.text, ending, self.calls.records) if ok else None,
                "error": self._error(ending),
                "console_output": self.console,
                "calls": self.calls.records,
                "usage": self._usage(waited),
                "facts": _said(self.info.facts),
                "attempt": self.job.attempt,
                "safe_to_retry": self.calls.safe_to_retry,
            }
        )
        if ok and self.result_bytes <= DECODED_BYTES:
            result.hold(self.value)
        return result

    def _error(self, ending: Returned | Threw | None) -> RunError | None:
        if isinstance(ending, Returned):
            return None
        exited = self.process.child.exited
        facts = Facts(
            config=self.job.config,
            peak_rss=self.peak_rss,
            idle_rss=self.idle_rss,
            console_bytes=self.console_bytes,
            result_bytes=self.result_bytes,
            calls_made=self.calls.made,
            calls_in_flight=tuple(call.name for call in self.calls.records if call.outcome == "in_flight"),
            wall_seconds=self.seconds,
            cpu_seconds=self.cpu_used,
            returncode=exited.returncode if exited else None,
            outgrown=exited.outgrown if exited else False,
            stderr_tail=self.process.stderr_tail if ending is None else "",
            unheard=self.process.is_deaf,
            detail=self.detail,
            call_limit=self.call_limit,
        )
        if ending is not None:
            return verdict.of_threw(ending, facts, self.job.script)
        cause = self.process.cause
        return verdict.of_exit(facts) if cause in (None, Cause.DONE) else verdict.of_cause(cause, facts)

    def _usage(self, waited: Waited) -> Usage:
        exited = self.process.child.exited
        cpu = max(exited.cpu_seconds if exited else 0.0, self.meter.cpu_seconds())  # a dead launcher tells of neither
        host_ms = self.calls.host_seconds * 1000
        wall_ms = self.seconds * 1000
        return Usage(
            queued_ms=round(waited.queued_ms, 3),
            start_ms=round(waited.start_ms, 3),
            compute_ms=round(max(0.0, wall_ms - host_ms), 3),
            host_ms=round(host_ms, 3),
            wall_ms=round(wall_ms, 3),
            cpu_ms=round(max(0.0, cpu - self._cpu_before) * 1000, 3),
            peak_rss_mb=round(self.peak_rss / MIB, 1),
            calls=self.calls.made,
            bytes_in=self.calls.bytes_in,
            bytes_out=self.calls.bytes_out,
        )


def _said(facts: Mapping[Any, Any]) -> dict[str, Any]:
    """What bindings have said of their run, as it is now and as JSON: a mistake of theirs is not to cost the result."""
    said: dict[str, Any] = {}
    for name, fact in list(facts.items()):  # a thread that goes on may say more meanwhile
        try:
            said |= decode_value(to_json({str(name): fact}))
        except Exception:
            said[_told(name)] = f"no JSON: {type(fact).__name__}"
    return said


def _now() -> float:
    """The kernel's own: a test that holds `time.monotonic()` still, as freezegun does, must not free a script."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def _told(name: object) -> str:
    try:
        return str(name).encode("utf-8", "replace").decode()
    except Exception:
        return type(name).__name__
