"""Run JavaScript that nobody vouches for: `Pool.execute()` runs a script in an isolated Node.js process."""

import sys

if sys.platform == "win32":  # before anything is loaded that is not there
    raise ImportError("stockade runs on Linux and macOS; on Windows use WSL")

from stockade.admission import QueueRules
from stockade.bindings.registry import binding
from stockade.config import RuntimeConfig
from stockade.errors import (
    BindingError,
    InvalidBinding,
    InvalidScript,
    IsolationUnavailable,
    NodeNotFound,
    PoolClosed,
    PoolUnhealthy,
    QueueFull,
    QueueTimeout,
    ResultUnreadable,
    ScriptFailed,
    StockadeError,
)
from stockade.pool import Pool
from stockade.result import ExecutionResult
from stockade.retry import RetryPolicy

__all__ = [
    "BindingError",
    "ExecutionResult",
    "InvalidBinding",
    "InvalidScript",
    "IsolationUnavailable",
    "NodeNotFound",
    "Pool",
    "PoolClosed",
    "PoolUnhealthy",
    "QueueFull",
    "QueueRules",
    "QueueTimeout",
    "ResultUnreadable",
    "RetryPolicy",
    "RuntimeConfig",
    "ScriptFailed",
    "StockadeError",
    "binding",
]
