"""Python functions that scripts may call."""

from stockade.bindings.context import CallInfo, RunInfo, current_call, current_run
from stockade.bindings.declarations import type_of, typescript
from stockade.bindings.directory import discovery
from stockade.bindings.registry import BindingInfo, Reply, binding, info_of, validated

__all__ = [
    "BindingInfo",
    "CallInfo",
    "Reply",
    "RunInfo",
    "binding",
    "current_call",
    "current_run",
    "discovery",
    "info_of",
    "type_of",
    "typescript",
    "validated",
]
