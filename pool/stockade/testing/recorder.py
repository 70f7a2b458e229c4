"""Records what a run's bindings were asked and what they answered, as it happens."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from os import PathLike
from typing import Any, Self

import msgspec
from msgspec import UNSET

from stockade.bindings import Reply, RunInfo, current_run, info_of, validated
from stockade.checks import is_async
from stockade.crossing import rejected, resolved
from stockade.errors import BindingError
from stockade.testing.recording import VERSION, Answered, Called, Declared, Failed, Head, Line, line_of
from stockade.threads import in_thread, nothing
from stockade_protocol import Reject, Resolve


def record(bindings: Mapping[str, Callable[..., Any]], file: str | PathLike[str]) -> Recording:
    """The same bindings, with each call and its answer written to `file` as JSON lines, for `replay(file)`.

    Give what it returns to `Pool(bindings=)` or `execute(bindings=)`, for one run; of a run that is tried again the
    last attempt that called something is kept. Arguments, values and errors land in the file as they are, with
    whatever secrets they hold; it can be read by its owner only (mode 0600). An existing file is replaced.
    Raises InvalidBinding, or OSError if the file cannot be written.
    """
    return Recording(bindings, file)


class Recording(Mapping[str, Callable[..., Any]]):
    """Bindings that are being recorded. Leave it, or close it, to close the file."""

    def __init__(self, bindings: Mapping[str, Callable[..., Any]], file: str | PathLike[str]) -> None:
        originals = validated(bindings)
        declared = {name: Declared.of(name, function) for name, function in originals.items()}
        self._functions = {name: declared[name].on(self._recorded(name, f)) for name, f in originals.items()}
        self._head = line_of(Head(VERSION, declared))
        self._calls = 0
        self._run: RunInfo | None = None  # the attempt that is being recorded
        self._turns: dict[str, asyncio.Semaphore] = {}  # in it, of plain functions
        self._failure: OSError | None = None
        self._file = os.fspath(file)
        # Appended: two that write one file leave calls that do not follow from each other, where each would else write
        # over the other's lines, and an answer of the one could come to stand below a call of the other.
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(file, flags, 0o600)
        try:
            if stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                os.fchmod(self._descriptor, 0o600)  # it may have been there, open to others
            self._put(self._head)
        except BaseException:
            os.close(self._descriptor)
            raise

    def __getitem__(self, name: str) -> Callable[..., Any]:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def close(self) -> None:
        """Closes the file; what is answered later is lost. Raises OSError if something could not be written."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- one call ----

    def _recorded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        info = info_of(function)
        contract = info.contract
        awaited = is_async(function)

        async def recorded(*args: Any) -> Any:
            call, run = self._called(name, args)
            task = asyncio.current_task()
            try:
                keywords = {} if contract is None else contract.keywords(name, args)
                positional = args if contract is None else ()
                if awaited:
                    going = function(*positional, **keywords)
                else:
                    ended = await self._turn(name, info.concurrency)
                    going = in_thread(function, positional, keywords, ended)
                answer = await resolved(call, name, await going, sys.maxsize)
                if isinstance(answer, Reject):
                    raise BindingError(answer.message, name=answer.name)
            except BaseException as error:
                if _is_from_outside(error, task):
                    raise  # it has no answer; a replay will give none either
                if isinstance(error, asyncio.CancelledError):
                    # In the words the script would be told otherwise, so that both are the same.
                    cancelled = BindingError(f"the binding {name!r} was cancelled", name="Cancelled")
                    self._failed(call, run, cancelled)
                    raise cancelled from None
                self._failed(call, run, error)
                raise
            return self._answered(run, answer)

        return recorded

    async def _turn(self, name: str, most: int | None) -> Callable[[], object]:
        """Waits until fewer threads of this function go on than may; returns what gives the turn back.

        The run counts calls, and this one is over for it when its time is up, though its thread may go on.
        """
        if most is None:
            return nothing
        turn = self._turns.setdefault(name, asyncio.Semaphore(most))
        await turn.acquire()
        return turn.release

    def _called(self, name: str, args: tuple[Any, ...]) -> tuple[int, RunInfo | None]:
        run = current_run()
        if self._calls and run is not self._run:
            if run is None or self._run is None or run.run_id != self._run.run_id:
                raise BindingError("this recording is of another run; make one for each", name="RecordingError")
            self._restart()
        self._run = run
        self._calls += 1
        self._put(line_of(Called(self._calls, name, list(args))))
        return self._calls, run

    def _answered(self, run: RunInfo | None, answer: Resolve) -> Any:
        meta = UNSET if answer.meta is UNSET else msgspec.json.decode(answer.meta)
        self._write(run, Answered(answer.call, answer.value, meta))
        # As it stands in the file: encoded once, and it cannot have changed since.
        return answer.value if meta is UNSET else Reply(answer.value, meta)

    def _failed(self, call: int, run: RunInfo | None, error: BaseException) -> None:
        answer = rejected(call, error, sys.maxsize)
        code = answer.code if isinstance(answer.code, str) else None
        details: dict[str, Any] = msgspec.json.decode(answer.details) if isinstance(answer.details, msgspec.Raw) else {}
        self._write(run, Failed(call, answer.name, answer.message, code, details))

    # ---- the file ----

    def _write(self, run: RunInfo | None, line: Line) -> None:
        if run is self._run:  # else an answer to an attempt that is over
            self._put(line_of(line))

    def _put(self, text: bytes) -> None:
        """All of a line at once, so that a supervisor that is killed leaves whole lines behind."""
        if self._descriptor < 0 or self._failure is not None:
            return
        try:
            while text:
                text = text[os.write(self._descriptor, text) :]
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        error.filename = self._file  # a descriptor has none
        self._failure = self._failure or error  # the run is not to blame: close() tells

    def _restart(self) -> None:
        self._calls = 0
        self._turns.clear()
        try:
            os.ftruncate(self._descriptor, 0)
        except OSError as error:
            self._fail(error)
        self._put(self._head)


def _is_from_outside(error: BaseException, task: asyncio.Task[Any] | None) -> bool:
    """Whether a clock, the end of the run or that of the program ended a call, and not its function."""
    match error:
        case asyncio.CancelledError():
            return task is not None and task.cancelling() > 0
        case GeneratorExit():  # thrown in by whoever throws the coroutine away, and that is not its own task
            return task is None or asyncio.current_task(task.get_loop()) is not task
        case _:
            return isinstance(error, KeyboardInterrupt)
