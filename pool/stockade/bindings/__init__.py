"""Python functions that scripts may call."""

from stockade.bindings.context import RunInfo, current_run
from stockade.bindings.registry import BindingInfo, Reply, binding, info_of, validated

__all__ = ["BindingInfo", "Reply", "RunInfo", "binding", "current_run", "info_of", "validated"]
