"""What the caller or the pool does wrong. What a script does wrong is data: see `ExecutionResult.error`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StockadeError(Exception):
    """The base of every exception here but `BindingError`, and of `stockade.testing`'s InvalidRecording.

    Raised as it is where the embedded AWS world or a file of accounts fails. What else is raised on purpose is Python's
    own: ValueError and TypeError for what is asked wrongly, RuntimeError for a pool on another event loop or after a
    fork, OSError for what the machine refuses.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        # From its message and its facts: what `__init__` takes is another thing, and copies and pickles are made alike.
        return _remade, (type(self), self.args, self.__dict__)


def _remade(kind: type[StockadeError], args: tuple[Any, ...], facts: dict[str, Any]) -> StockadeError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error


class InvalidScript(StockadeError, ValueError):
    """The script is not something that could be run at all (no text, too large). No process was touched."""


class InvalidBinding(StockadeError, ValueError):
    """A binding cannot be offered under that name, or cannot be called. No process was touched."""


class NodeNotFound(StockadeError):
    """No usable Node.js: none at the place named, or too old. Nothing was started."""


class IsolationUnavailable(StockadeError):
    """`require_isolation="full"` was asked for and a layer is missing. Nothing was started."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        listed = "; ".join(f"{layer}: {reason}" for layer, reason in missing.items())
        super().__init__(f"full isolation was required, and this machine lacks {listed}")
        self.missing = dict(missing)


class PoolClosed(StockadeError):
    """The pool is closed, closing or not started. This run did not start; in a closed pool no later one will."""

    def __init__(self, message: str, running: int = 0, waiting: int = 0) -> None:
        super().__init__(message)
        self.running = running
        self.waiting = waiting


class PoolUnhealthy(StockadeError):
    """Workers do not start: so many failed in a row, and none has started since. This run did not start.

    The pool tries by itself every few seconds and takes runs again once a worker has started; `reason` is what the
    last one failed of, `retry_in_seconds` when the next is tried.
    """

    def __init__(self, failures: int, reason: str, retry_in_seconds: float, waiting: int = 0) -> None:
        super().__init__(
            f"{failures} workers in a row could not be started; the next is tried in {retry_in_seconds:.1f} seconds. "
            f"The last failed so: {reason}"
        )
        self.failures = failures
        self.reason = reason
        self.retry_in_seconds = retry_in_seconds
        self.waiting = waiting


class QueueFull(StockadeError):
    """No worker was free and the queue was at its bound. Nothing ran; the pool is unharmed; try again later.

    `waiting` and `max_waiting` are those of `tenant`, or of the whole pool where that is None; `running` is of the
    pool.
    """

    def __init__(self, waiting: int, max_waiting: int, tenant: str | None = None, running: int = 0) -> None:
        whose = "" if tenant is None else f" of tenant {tenant!r}"
        super().__init__(f"{waiting} runs{whose} are waiting, and the pool allows {max_waiting}")
        self.waiting = waiting
        self.max_waiting = max_waiting
        self.tenant = tenant
        self.running = running


class QueueTimeout(StockadeError):
    """No worker was free in time. The run did not start; the pool is unharmed; try again later.

    `waiting` and `running` are counts of the whole pool, without this run; `tenant` is whose run it was.
    """

    def __init__(self, queue_timeout_seconds: float, waiting: int, tenant: str | None = None, running: int = 0) -> None:
        super().__init__(f"no worker was free within {queue_timeout_seconds:g} seconds; {waiting} runs still wait")
        self.queue_timeout_seconds = queue_timeout_seconds
        self.waiting = waiting
        self.tenant = tenant
        self.running = running


class ScriptFailed(StockadeError):
    """Raised by `ExecutionResult.raise_for_error()` alone, for callers who prefer exceptions."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class ResultUnreadable(StockadeError):
    """The value is JSON that Python cannot hold, say a number of a thousand digits; `ExecutionResult.result` has it."""


class BindingError(Exception):
    """Raise it in a binding to choose what the script sees: `name`, `message`, `code` and the fields in `details`.

    Any other exception crosses as its class name and message alone. `details` must be JSON; each of its keys
    becomes a further field of the JavaScript error: none of them changes its name, message, code or stack.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str = "BindingError",
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.code = code
        self.details = dict(details or {})
