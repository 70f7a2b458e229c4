"""Answers a run's calls from a recording: no function of the original, and no credentials, are needed."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, ItemsView, Iterator, Mapping
from contextlib import suppress
from os import PathLike, fspath
from typing import Any

from msgspec import UNSET

from stockade.bindings import Reply, RunInfo, current_run
from stockade.bindings.registry import validated
from stockade.errors import BindingError, InvalidBinding
from stockade.result import ExecutionResult
from stockade.testing.difference import Difference, shown
from stockade.testing.recording import Answered, Declared, Failed, InvalidRecording, Recorded, RecordedCall, read

# How long an answer waits for those recorded before it. Only a run that has gone another way makes it wait so long.
ORDER_SECONDS = 1.0


def replay(file: str | PathLike[str]) -> Replay:
    """Bindings that answer from a recording made with `record()`. Raises InvalidRecording for a file that is none."""
    try:
        answers = Replay(read(file))
        validated(answers)
    except InvalidBinding as error:
        raise InvalidRecording(f"{fspath(file)}, line 1: {error}; was the file edited?") from None
    return answers


class Replay(Mapping[str, Callable[..., Any]]):
    """The bindings of a recording. Each run, and each attempt of one, replays it from its beginning.

    A call is matched by its name, its arguments and how often it was made before, so that calls made at once replay
    the same whatever order they come in; answers are given in the order they were recorded in. A call that was not
    recorded is rejected with an error named `ReplayDifference`; one that never was answered is not answered now.
    """

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._functions = {name: self._stand_in(name, told) for name, told in recorded.bindings.items()}
        self._passes: dict[tuple[str, int], _Pass] = {}  # by run and attempt
        self._last = _Pass(recorded)

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def items(self) -> ItemsView[str, Callable[..., Any]]:
        """As of any mapping, and how a run is begun."""
        # A run takes names and functions together. If it makes no call, it is not to be taken for the run before.
        self._last = _Pass(self._recorded)
        return super().items()

    def __len__(self) -> int:
        return len(self._functions)

    @property
    def difference(self) -> Difference | None:
        """The first call of the last run that was not in the recording; else the first recorded one it left out.

        The last run is that begun last by `execute(bindings=)` with this replay. Ask when it is over: before that,
        calls are left to be made. Where runs go on at once, are tried again or get a replay from their pool, ask
        `difference_in`.
        """
        return self._last.difference()

    def difference_in(self, run: ExecutionResult) -> Difference | None:
        """The same of a run by its result; of one that was tried again, in its last attempt."""
        return self._passes.get((run.run_id, run.attempt), _Pass(self._recorded)).difference()

    def _stand_in(self, name: str, told: Declared) -> Callable[..., Any]:
        async def answered(*args: Any) -> Any:
            here = self._pass_of(current_run())
            found = here.take(name, list(args))
            if isinstance(found, Difference):
                raise BindingError(found.message, name="ReplayDifference", code=found.reason)
            return await here.answer(found)

        answered.__name__ = name
        return told.on(answered)

    def _pass_of(self, run: RunInfo | None) -> _Pass:
        if run is None:  # called by a test, outside of any run
            return self._last
        attempt = (run.run_id, run.attempt)
        if attempt not in self._passes:
            self._last = self._passes[attempt] = _Pass(self._recorded)
        return self._passes[attempt]


class _Pass:
    """One run's way through the recording."""

    def __init__(self, recorded: Recorded) -> None:
        self._made = 0
        self._first: Difference | None = None  # of a call that was made
        self._left = {call.number: call for call in recorded.calls}
        self._by_call: defaultdict[str, deque[RecordedCall]] = defaultdict(deque)
        for call in recorded.calls:
            self._by_call[shown(call.name, call.args)].append(call)
        self._turn = 0
        self._given: set[int] = set()
        self._moved = asyncio.Event()

    def take(self, name: str, args: list[Any]) -> RecordedCall | Difference:
        """The recorded call that this one is."""
        self._made += 1
        got = shown(name, args)
        same = self._by_call[got]
        if same:
            call = same.popleft()
            del self._left[call.number]
            return call
        meant = self._meant(name)
        if meant is None:
            found = Difference("extra_call", self._made, None, got)
        else:
            reason = "other_arguments" if meant.name == name else "other_name"
            found = Difference(reason, self._made, shown(meant.name, meant.args), got)
        self._first = self._first or found
        return found

    async def answer(self, call: RecordedCall) -> Any:
        """What it was answered, after the answers that came before it. Raises BindingError for an error."""
        if call.answer is None or call.turn is None:
            await asyncio.Event().wait()
        assert call.answer is not None and call.turn is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(ORDER_SECONDS):
                while self._turn < call.turn:
                    moved = self._moved
                    await moved.wait()
        self._give(call.turn)
        return _outcome(call.answer)

    def difference(self) -> Difference | None:
        """The first call that was not recorded; else the first recorded call that was not made."""
        if self._first is not None:
            return self._first
        for call in self._left.values():
            return Difference("calls_left", call.number, shown(call.name, call.args), None)
        return None

    def _meant(self, name: str) -> RecordedCall | None:
        """The call that was recorded in this one's place; else the next to that function; else the next at all."""
        if self._made in self._left:
            return self._left[self._made]
        return next((c for c in self._left.values() if c.name == name), next(iter(self._left.values()), None))

    def _give(self, turn: int) -> None:
        self._given.add(turn)
        # One that waited in vain passes over those it waited for: nobody else should wait for them again.
        self._turn = max(self._turn, turn)
        while self._turn in self._given:
            self._turn += 1
        self._moved.set()
        self._moved = asyncio.Event()


def _outcome(answer: Answered | Failed) -> Any:
    if isinstance(answer, Failed):
        raise BindingError(answer.message, name=answer.name, code=answer.code, details=answer.details)
    return answer.value if answer.meta is UNSET else Reply(answer.value, answer.meta)
