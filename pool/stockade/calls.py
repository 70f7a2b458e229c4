"""Answers one run's binding calls: `async def` is awaited, plain `def` runs in a thread, timers are the loop's."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from stockade.bindings.context import CURRENT, CURRENT_CALL, CallInfo, RunInfo
from stockade.bindings.registry import BindingInfo, info_of
from stockade.checks import is_async
from stockade.config import RuntimeConfig
from stockade.crossing import rejected, resolved
from stockade.eager import Starter
from stockade.errors import BindingError
from stockade.events import CallEnded, CallStarted, Tell
from stockade.process import JOINED_BYTES, Process
from stockade.result import CallRecord, Outcome
from stockade.threads import in_thread, nothing
from stockade_protocol import Call, ProtocolViolation, Reject, Resolve, decode_value, encode, encode_around

# The worker blocks on its pipe and has no clock of its own, so a timer is a call of this name.
TIMER = "setTimeout"


class CallLimit(Exception):
    """The run has used up what it may call: `limit` is the name of the option, `value` what that is."""

    def __init__(self, limit: str, value: int, what: str) -> None:
        super().__init__(f"the script {what.format(f'{limit}={value}')}")
        self.limit, self.value = limit, value


@dataclass(slots=True)
class _Grant:
    """A binding this run was given, and how often it has been used."""

    name: str
    function: Callable[..., Any]
    info: BindingInfo
    is_async: bool
    slots: asyncio.Semaphore | None  # as many as calls may go on at once
    is_plain: bool  # nothing is declared that has to be seen to: a call is an await of the function, and no more
    uses: int = 0


@dataclass(slots=True)
class _Entry:
    """One call, from its start until it is recorded."""

    call: int
    name: str
    began: float
    bytes_in: int
    context: contextvars.Context | None = None  # a timer has none
    stop: Callable[[], object] | None = None
    outcome: Outcome = "in_flight"  # this and what follows changes when it is answered
    ended: float = 0.0
    line: Sequence[bytes | memoryview] = ()  # its answer, a long one in parts
    bytes_out: int = 0


class Calls:
    """The calls of one run, from its start to its end. Leaving it stops whatever is still in flight.

    Made in the context of whoever asked for the run: bindings are called in copies of it.
    """

    def __init__(
        self,
        process: Process,
        bindings: Mapping[str, Callable[..., Any]],
        config: RuntimeConfig,
        info: RunInfo,
        tell: Tell | None = None,
    ) -> None:
        self.records: list[CallRecord] = []
        self.host_seconds = 0.0
        self.made = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.safe_to_retry = True
        self._process = process
        self._bindings = bindings
        self._config = config
        self._info = info
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._starter = Starter(self._loop)
        self._context = contextvars.copy_context()
        self._context.run(CURRENT.set, info)
        self._grants: dict[str, _Grant] = {}
        self._same: dict[int, int] = {}
        self._open: dict[int, _Entry] = {}  # those that wait for their answers
        self._open_bytes = 0  # of their lines; as Python objects the arguments may take thirty times as much
        self._waiting_since = 0.0
        self._cleared = 0
        self._answered: list[_Entry] = []  # those whose answers wait for the next `flush`
        self._held = False
        self._written: deque[int] = deque()  # how far the pipe must come for each answer to have been taken

    def start(self, call: Call, line_bytes: int) -> None:
        """Begins one call. Raises ProtocolViolation for one that was not granted, CallLimit for one too many.

        Its answer may be ready when this returns; `flush` sends it.
        """
        if call.call != self.made + 1:
            raise ProtocolViolation(f"call {call.call} came where call {self.made + 1} was due")
        grant = self._grants.get(call.binding) or self._grant(call.binding)
        self._check_room(line_bytes)
        args = self._arguments(call)
        self.made += 1
        self.bytes_in += line_bytes
        self._open_bytes += line_bytes
        now = time.monotonic()
        if not self._open:
            self._waiting_since = now
        entry = _Entry(call.call, call.binding, now, line_bytes)
        self._open[call.call] = entry
        if grant is None:
            entry.stop = self._start_timer(call, args)
        else:
            self._start_binding(call, args, grant, entry)

    def clear(self, call: int) -> None:
        """Ends a timer that is not wanted. Raises ProtocolViolation for what is none, or more of them than calls."""
        self._cleared += 1
        entry = self._open.get(call)
        if call > self.made or self._cleared > self.made or (entry is not None and entry.context is not None):
            raise ProtocolViolation(f"call {call} was cleared, which is no timer, or not for the first time")
        if entry is not None and entry.stop is not None:  # else its answer is on the way
            entry.stop()
            self._settle(entry)

    def hold(self) -> None:
        """Answers wait for the next `flush`: more of them may be on their way."""
        self._held = True

    def flush(self) -> None:
        """Sends what answers there are, in one write, and records them while the worker goes on."""
        self._held = False
        answered, self._answered = self._answered, []
        if answered:
            position = self._process.queued_bytes
            for entry in answered:
                position += entry.bytes_out
                self._written.append(position)
            self._process.write(*[part for entry in answered for part in entry.line])
        for entry in answered:
            self._record(entry)

    def close(self) -> None:
        """Stops what is in flight and records it so. No thread can be stopped: its answer is dropped."""
        now = time.monotonic()
        answered, self._answered = self._answered, []  # it is too late to send them
        for entry in answered:
            self._record(entry)
        if self._open:
            self.host_seconds += now - self._waiting_since
        self._starter.close()
        entries = list(self._open.values())
        self._open.clear()
        for entry in entries:
            if entry.stop is not None:
                entry.stop()
            entry.ended = now
            self._record(entry)
        self._info.kept.clear()

    # ---- what may be called ----

    def _grant(self, name: str) -> _Grant | None:
        """What this run was given under a name; None for the timer."""
        if name == TIMER:
            return None
        function = self._bindings.get(name)
        if function is None:
            raise ProtocolViolation(f"a binding was called that this run was not given: {name[:80]!r}")
        info, awaited, bound = info_of(function), is_async(function), self._config.call_timeout_seconds
        bounds = (info.timeout_seconds, bound, info.concurrency, info.max_calls, info.contract)
        grant = self._grants[name] = _Grant(
            name=name,
            function=function,
            info=info,
            is_async=awaited,
            slots=None if info.concurrency is None else asyncio.Semaphore(info.concurrency),
            is_plain=awaited and all(bound is None for bound in bounds),
        )
        return grant

    def _check_room(self, line_bytes: int) -> None:
        config = self._config
        if self.made >= config.max_calls:
            raise CallLimit("max_calls", config.max_calls, "made more than {} calls (timers count)")
        if len(self._open) + self._unread() >= config.max_calls_in_flight:
            what = "had more than {} calls in flight (timers count)"
            raise CallLimit("max_calls_in_flight", config.max_calls_in_flight, what)
        if self._open_bytes + line_bytes > config.line_bytes:
            what = "had calls in flight with more than {} bytes of arguments together"
            raise CallLimit("line_bytes", config.line_bytes, what)

    def _arguments(self, call: Call) -> list[Any]:
        size = len(call.args)
        if size > self._config.call_bytes:
            raise ProtocolViolation(f"arguments of {size} bytes came where call_bytes allows {self._config.call_bytes}")
        args = decode_value(call.args)
        if not isinstance(args, list):
            raise ProtocolViolation("arguments came that are no list")
        return cast(list[Any], args)

    # ---- timers and bindings ----

    def _start_timer(self, call: Call, args: list[Any]) -> Callable[[], object]:
        match args:
            case [int() | float() as delay_ms] if 0 <= delay_ms < 2**31:
                answer = Resolve(call.call, msgspec.Raw(b"null"))
                return self._loop.call_later(delay_ms / 1000, self._answer, call.call, answer).cancel
            case _:
                raise ProtocolViolation("a timer was set with something else than a delay")

    def _start_binding(self, call: Call, args: list[Any], grant: _Grant, entry: _Entry) -> None:
        grant.uses += 1
        self.safe_to_retry &= grant.info.read_only or grant.info.idempotent
        said = bytes(call.args)
        same = hash((grant.name, said))
        before = self._same.get(same, 0)
        self._same[same] = before + 1
        context = entry.context = self._context.copy()
        context.run(CURRENT_CALL.set, CallInfo(self._info, call.call, grant.name, said, before))
        if self._tell is not None:
            context.run(self._tell, CallStarted(self._info.run_id, call.call, grant.name))
        entry.stop = self._starter.begin(self._perform(call.call, args, grant, grant.uses), context)

    async def _perform(self, call: int, args: list[Any], grant: _Grant, use: int) -> None:
        try:
            value = await (grant.function(*args) if grant.is_plain else self._value(args, grant, use))
            answer = await resolved(call, grant.name, value, self._config.line_bytes)
        except asyncio.CancelledError:
            if call not in self._open:
                raise  # by close()
            answer = Reject(call, "Cancelled", f"the binding {grant.name!r} was cancelled")
        except KeyboardInterrupt:
            raise  # is for the whole program
        except BaseException as error:  # of any kind: nothing else would answer the call
            if isinstance(error, GeneratorExit) and call not in self._open:
                raise
            answer = rejected(call, error, self._config.line_bytes)
        self._answer(call, answer)

    async def _value(self, args: list[Any], grant: _Grant, use: int) -> Any:
        """What the function gives, within what was declared of it."""
        info, name = grant.info, grant.name
        if info.max_calls is not None and use > info.max_calls:
            raise BindingError(f"{name} may be called {info.max_calls} times in a run", code="LimitExceeded")
        keywords = {} if info.contract is None else info.contract.keywords(name, args)
        positional = args if info.contract is None else ()
        call = self._in_slot(grant, positional, keywords)
        return await _within(self._config.call_timeout_seconds, name, call)

    async def _in_slot(self, grant: _Grant, args: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """What the function gives, once fewer of its calls go on than may; its own clock starts only then."""
        slots = grant.slots
        if slots is not None:
            await slots.acquire()
        release = slots.release if slots is not None else nothing
        if not grant.is_async:
            # No thread can be stopped: one that nobody waits for any more goes on, and has its turn until it ends.
            going = in_thread(grant.function, args, keywords, release)
            return await _within(grant.info.timeout_seconds, grant.name, going)
        try:
            return await _within(grant.info.timeout_seconds, grant.name, grant.function(*args, **keywords))
        finally:
            release()

    # ---- answers ----

    def _answer(self, call: int, answer: Resolve | Reject) -> None:
        entry = self._open.get(call)
        if entry is None:
            return  # the run ended first
        entry.line = _line_of(answer)
        entry.bytes_out = sum(map(len, entry.line))
        entry.outcome = "resolved" if isinstance(answer, Resolve) else "rejected"
        self._settle(entry)
        self.bytes_out += entry.bytes_out
        self._answered.append(entry)
        if self._held:
            return
        if not self._open:
            self.flush()  # nothing else is on its way that could join this write
        else:
            self._held = True  # all answers of one turn of the loop go out in one write
            self._loop.call_soon(self.flush)

    def _settle(self, entry: _Entry) -> None:
        """It is open no longer."""
        entry.ended = time.monotonic()
        del self._open[entry.call]
        self._open_bytes -= entry.bytes_in
        if not self._open:
            self.host_seconds += entry.ended - self._waiting_since

    def _unread(self) -> int:
        """Answers that are not all in the pipe yet. To the worker they are in flight, and we hold them."""
        while self._written and self._written[0] <= self._process.sent_bytes:
            self._written.popleft()
        return len(self._answered) + len(self._written)

    def _record(self, entry: _Entry) -> None:
        if entry.context is None:
            return  # a timer
        name, outcome = entry.name, entry.outcome
        ms = round((entry.ended - entry.began) * 1000, 3)
        self.records.append(
            CallRecord(name=name, ms=ms, outcome=outcome, bytes_in=entry.bytes_in, bytes_out=entry.bytes_out)
        )
        if self._tell is not None:
            # In a copy: the answer may have come from within the context itself.
            entry.context.copy().run(self._tell, CallEnded(self._info.run_id, entry.call, name, outcome, ms))


async def _within(seconds: float | None, name: str, call: Awaitable[Any]) -> Any:
    if seconds is None:
        return await call
    clock = asyncio.timeout(seconds)
    try:
        async with clock:
            return await call
    except TimeoutError:
        if not clock.expired():
            raise
        text = f"{name} took longer than {seconds:g} seconds"
        raise BindingError(text, name="TimeoutError", code="Timeout") from None


def _line_of(answer: Resolve | Reject) -> Sequence[bytes | memoryview]:
    if isinstance(answer, Resolve) and len(answer.value) > JOINED_BYTES:
        return encode_around(answer)
    return (encode(answer),)
