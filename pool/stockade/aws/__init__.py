"""Read-only AWS for scripts. Nothing of boto3 is imported before something here is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockade.aws.bindings import aws_bindings
    from stockade.aws.errors import AwsError
    from stockade.aws.limits import AwsLimits
    from stockade.aws.source import AwsSource

__all__ = ["AwsError", "AwsLimits", "AwsSource", "aws_bindings"]

_HOME = {"AwsError": "errors", "AwsLimits": "limits", "AwsSource": "source", "aws_bindings": "bindings"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
