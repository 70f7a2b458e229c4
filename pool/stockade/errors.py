"""What the caller or the pool does wrong. What a script does wrong is data: see `ExecutionResult.error`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class StockadeError(Exception):
    """The base of every exception this library raises on purpose."""


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
    """The pool is closed or closing. This run did not start, and no later one will."""


class QueueFull(StockadeError):
    """No worker was free and the queue was at its bound. Nothing ran; the pool is unharmed; try again later."""

    def __init__(self, waiting: int, max_waiting: int, tenant: str | None = None) -> None:
        whose = "" if tenant is None else f" of tenant {tenant!r}"
        super().__init__(f"{waiting} runs{whose} are waiting, and the pool allows {max_waiting}")
        self.waiting = waiting
        self.max_waiting = max_waiting
        self.tenant = tenant


class QueueTimeout(StockadeError):
    """No worker was free in time. The run did not start; the pool is unharmed; try again later."""

    def __init__(self, queue_timeout_seconds: float, waiting: int) -> None:
        super().__init__(f"no worker was free within {queue_timeout_seconds:g} seconds; {waiting} runs still wait")
        self.queue_timeout_seconds = queue_timeout_seconds
        self.waiting = waiting


class ScriptFailed(StockadeError):
    """Raised by `ExecutionResult.raise_for_error()` alone, for callers who prefer exceptions."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class BindingError(Exception):
    """Raise it in a binding to choose what the script sees: `name`, `message`, `code` and the fields in `details`.

    Any other exception crosses as its class name and message alone. `details` must be JSON; each of its keys
    becomes a field of the JavaScript error.
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
