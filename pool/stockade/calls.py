"""Answers one run's binding calls: `async def` is awaited, plain `def` runs in a thread, timers are the loop's."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from pydantic import BaseModel

from stockade.bindings.context import CURRENT, RunInfo
from stockade.bindings.registry import BindingInfo, Reply, info_of
from stockade.config import ENVELOPE_BYTES, RuntimeConfig
from stockade.errors import BindingError
from stockade.process import Process
from stockade.result import CallRecord
from stockade_protocol import Call, ProtocolViolation, Reject, Resolve, decode_value, encode

# The worker blocks on its pipe and has no clock of its own, so a timer is a call of this name.
TIMER = "setTimeout"

# Longest text of a binding's own exception that a script is shown.
MESSAGE_CHARS = 2_000


class CallLimit(Exception):
    """The run has used up what it may call; the message says which limit."""


@dataclass
class _Open:
    """A call that waits for its answer."""

    call: int
    name: str
    began: float
    bytes_in: int
    stop: Callable[[], object]


class Calls:
    """The calls of one run, from its start to its end. Leaving it stops whatever is still in flight."""

    def __init__(
        self, process: Process, bindings: Mapping[str, Callable[..., Any]], config: RuntimeConfig, info: RunInfo
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
        self._loop = asyncio.get_running_loop()
        self._open: dict[int, _Open] = {}
        self._open_bytes = 0  # of their lines; as Python objects the arguments may take thirty times as much
        self._uses: dict[str, int] = {}
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._waiting_since = 0.0
        self._replies: list[bytes] = []
        self._written: deque[tuple[int, int]] = deque()  # how far the pipe must come, for how many answers

    def start(self, call: Call, line_bytes: int) -> None:
        """Begins one call. Raises ProtocolViolation for one that was not granted, CallLimit for one too many."""
        if call.call != self.made + 1:
            raise ProtocolViolation(f"call {call.call} came where call {self.made + 1} was due")
        if call.binding != TIMER and call.binding not in self._bindings:
            raise ProtocolViolation(f"a binding was called that this run was not given: {call.binding[:80]!r}")
        if self.made >= self._config.max_calls:
            raise CallLimit(f"the script made more than max_calls={self._config.max_calls} calls (timers count)")
        if len(self._open) + self._unread() >= self._config.max_calls_in_flight:
            limit = self._config.max_calls_in_flight
            raise CallLimit(f"the script had more than max_calls_in_flight={limit} calls in flight (timers count)")
        if self._open_bytes + line_bytes > self._config.line_bytes:
            limit = self._config.line_bytes
            raise CallLimit(f"the calls in flight had more than line_bytes={limit} bytes of arguments together")
        args = self._arguments(call)
        self.made += 1
        self.bytes_in += line_bytes
        self._open_bytes += line_bytes
        now = time.monotonic()
        if not self._open:
            self._waiting_since = now
        entry = _Open(call.call, call.binding, now, line_bytes, _nothing)
        self._open[call.call] = entry
        entry.stop = self._start_timer(call, args) if call.binding == TIMER else self._start_binding(call, args)

    def in_flight(self) -> tuple[str, ...]:
        """The names of the bindings that have not answered; timers are not among them."""
        return tuple(entry.name for entry in self._open.values() if entry.name != TIMER)

    def close(self) -> None:
        """Stops what is in flight and records it so. No thread can be stopped: its answer is dropped."""
        now = time.monotonic()
        if self._open:
            self.host_seconds += now - self._waiting_since
        for entry in self._open.values():
            entry.stop()
            self._record(entry, now, "in_flight", 0)
        self._open.clear()
        self._replies.clear()

    # ---- timers and bindings ----

    def _arguments(self, call: Call) -> list[Any]:
        text = bytes(call.args)
        if len(text) > self._config.call_bytes:
            raise ProtocolViolation(
                f"arguments of {len(text)} bytes came where call_bytes allows {self._config.call_bytes}"
            )
        args = decode_value(text)
        if not isinstance(args, list):
            raise ProtocolViolation("arguments came that are no list")
        return cast(list[Any], args)

    def _start_timer(self, call: Call, args: list[Any]) -> Callable[[], object]:
        match args:
            case [int() | float() as delay_ms] if 0 <= delay_ms < 2**31:
                answer = Resolve(call.call, msgspec.Raw(b"null"))
                return self._loop.call_later(delay_ms / 1000, self._answer, call.call, answer).cancel
            case _:
                raise ProtocolViolation("a timer was set with something else than a delay")

    def _start_binding(self, call: Call, args: list[Any]) -> Callable[[], object]:
        function = self._bindings[call.binding]
        info = info_of(function)
        self.safe_to_retry &= info.read_only or info.idempotent
        use = self._uses[call.binding] = self._uses.get(call.binding, 0) + 1
        context = contextvars.copy_context()
        context.run(CURRENT.set, self._info)
        return self._loop.create_task(self._perform(call, args, function, info, use), context=context).cancel

    async def _perform(
        self, call: Call, args: list[Any], function: Callable[..., Any], info: BindingInfo, use: int
    ) -> None:
        try:
            answer = self._resolved(call, await self._value(call, args, function, info, use))
        except asyncio.CancelledError:
            if call.call not in self._open:
                raise  # by close()
            answer = Reject(call.call, "Cancelled", f"the binding {call.binding!r} was cancelled")
        except Exception as error:
            answer = rejection(call, error)
        self._answer(call.call, answer)

    async def _value(
        self, call: Call, args: list[Any], function: Callable[..., Any], info: BindingInfo, use: int
    ) -> Any:
        """What the function gives, within what was declared of it."""
        name = call.binding
        if info.max_calls is not None and use > info.max_calls:
            raise BindingError(f"{name} may be called {info.max_calls} times in a run", code="LimitExceeded")
        keywords = {} if info.contract is None else info.contract.keywords(name, args)
        positional = args if info.contract is None else ()
        async with self._turn(name, info):
            going = (
                function(*positional, **keywords)
                if _is_async(function)
                else self._in_thread(function, positional, keywords)
            )
            if info.timeout_seconds is None:
                return await going
            clock = asyncio.timeout(info.timeout_seconds)
            try:
                async with clock:
                    return await going
            except TimeoutError:
                if not clock.expired():
                    raise
                text = f"{name} took longer than {info.timeout_seconds:g} seconds"
                raise BindingError(text, name="TimeoutError", code="Timeout") from None

    def _turn(self, name: str, info: BindingInfo) -> AbstractAsyncContextManager[object]:
        if info.concurrency is None:
            return nullcontext()
        return self._turns.setdefault(name, asyncio.Semaphore(info.concurrency))

    def _in_thread(
        self, function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any]
    ) -> Awaitable[Any]:
        # A thread of its own, and a daemon: one that never returns can then hold up neither other calls nor the exit.
        done: asyncio.Future[Any] = self._loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            if done.done():
                return  # the run ended first
            if error is None:
                done.set_result(value)
            else:
                done.set_exception(error)

        def work() -> None:
            value, failed = None, None
            try:
                value = function(*args, **keywords)
            except Exception as error:
                failed = error
            except BaseException as error:  # SystemExit and its like must not end the supervisor
                failed = BindingError(str(error), name=type(error).__name__)
            with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
                self._loop.call_soon_threadsafe(settle, value, failed)

        context = contextvars.copy_context()
        name = f"stockade-{getattr(function, '__name__', 'binding')}"
        threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()
        return done

    # ---- answers ----

    def _resolved(self, call: Call, value: Any) -> Resolve | Reject:
        reply = value if isinstance(value, Reply) else Reply(value, {})
        try:
            text = to_json(reply.value)
            meta = msgspec.Raw(to_json(reply.meta)) if reply.meta else msgspec.UNSET
        except (TypeError, ValueError, RecursionError) as error:
            return Reject(call.call, "TypeError", f"{call.binding} returned what cannot cross to the script: {error}")
        if len(text) + ENVELOPE_BYTES > self._config.line_bytes:
            limit = self._config.line_bytes
            return Reject(call.call, "RangeError", f"{call.binding} returned {len(text)} bytes; line_bytes is {limit}")
        return Resolve(call.call, msgspec.Raw(text), meta)

    def _answer(self, call: int, answer: Resolve | Reject) -> None:
        entry = self._open.pop(call, None)
        if entry is None:
            return  # the run ended first
        self._open_bytes -= entry.bytes_in
        line = encode(answer)
        now = time.monotonic()
        self._replies.append(line)
        if not self._open:
            self.host_seconds += now - self._waiting_since
            self._flush()  # nothing else is on its way that could join this write
        elif len(self._replies) == 1:
            # All answers of one turn of the loop go out in one write.
            self._loop.call_soon(self._flush)
        # After the write: while this is done the worker goes on.
        self.bytes_out += len(line)
        self._record(entry, now, "resolved" if isinstance(answer, Resolve) else "rejected", len(line))

    def _flush(self) -> None:
        if self._replies:
            self._process.write(b"".join(self._replies))
            self._written.append((self._process.queued_bytes, len(self._replies)))
            self._replies.clear()

    def _unread(self) -> int:
        """Answers the worker has not taken yet. To it they are in flight, and we hold them."""
        while self._written and self._written[0][0] <= self._process.sent_bytes:
            self._written.popleft()
        return len(self._replies) + sum(answers for _, answers in self._written)

    def _record(self, entry: _Open, now: float, outcome: Any, bytes_out: int) -> None:
        if entry.name != TIMER:
            ms = round((now - entry.began) * 1000, 3)
            self.records.append(
                CallRecord(name=entry.name, ms=ms, outcome=outcome, bytes_in=entry.bytes_in, bytes_out=bytes_out)
            )


def to_json(value: Any) -> bytes:
    """What a script may be given, as JSON. Raises TypeError, ValueError or RecursionError for what JSON cannot hold."""
    return msgspec.json.encode(value, enc_hook=_encode_model)


def rejection(call: Call, error: Exception) -> Reject:
    """What a script sees of an exception: never a traceback, and of an operating system's error never its path."""
    if isinstance(error, BindingError):
        code = msgspec.UNSET if error.code is None else error.code
        try:
            details = msgspec.Raw(to_json(error.details)) if error.details else msgspec.UNSET
        except (TypeError, ValueError, RecursionError):
            details = msgspec.UNSET
        return Reject(call.call, error.name, _shortened(error.message), code, details)
    text = (error.strerror or "") if isinstance(error, OSError) else str(error)
    return Reject(call.call, type(error).__name__, _shortened(text))


def _encode_model(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"a {type(value).__name__} is not JSON")


def _shortened(text: str) -> str:
    # A lone surrogate in a message would make encoding the line fail.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= MESSAGE_CHARS else f"{clean[:MESSAGE_CHARS]}…"


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


def _nothing() -> None:
    return None
