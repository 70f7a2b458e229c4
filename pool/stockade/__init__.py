"""Run JavaScript that nobody vouches for: `Pool.execute()` runs a script in an isolated Node.js process."""

from stockade.bindings.registry import binding
from stockade.config import RuntimeConfig
from stockade.errors import (
    BindingError,
    InvalidBinding,
    InvalidScript,
    IsolationUnavailable,
    NodeNotFound,
    PoolClosed,
    QueueFull,
    QueueTimeout,
    ScriptFailed,
    StockadeError,
)
from stockade.pool import Pool
from stockade.result import ExecutionResult

__all__ = [
    "BindingError",
    "ExecutionResult",
    "InvalidBinding",
    "InvalidScript",
    "IsolationUnavailable",
    "NodeNotFound",
    "Pool",
    "PoolClosed",
    "QueueFull",
    "QueueTimeout",
    "RuntimeConfig",
    "ScriptFailed",
    "StockadeError",
    "binding",
]
