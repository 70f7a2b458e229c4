"""What may be said of one run, and whether it can be meant. Looked at before the run has a place in the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from stockade.checks import of_type, plain_function, whole
from stockade.config import RuntimeConfig
from stockade.errors import InvalidScript
from stockade.result import ConsoleLine
from stockade.retry import RetryPolicy
from stockade.run import LANGUAGES, Language


class RunOptions(TypedDict, total=False):
    """What may be said of a run beside its script; `Pool.execute` explains each."""

    bindings: Mapping[str, Callable[..., Any]] | None
    config: RuntimeConfig | None
    tenant: str | None
    on_console: Callable[[ConsoleLine], object] | None
    language: Language
    priority: int
    retry: RetryPolicy | None


def check_names(options: Mapping[str, object]) -> None:
    """Raises TypeError for an option that there is not, as a call with it would."""
    for name in options.keys() - RunOptions.__annotations__.keys():
        raise TypeError(f"a run has no option {name!r}; it has {', '.join(RunOptions.__annotations__)}")


def check_options(config: object, tenant: object, on_console: Any, priority: object, retry: object) -> None:
    """Raises ValueError for what is none of their kind."""
    of_type(RuntimeConfig, config, "config", optional=True)
    of_type(str, tenant, "tenant", optional=True)
    plain_function(on_console, "on_console", optional=True)
    whole(priority, "priority")
    of_type(RetryPolicy, retry, "retry", optional=True)


def check_script(script: object, config: RuntimeConfig, language: str) -> str:
    """The script, as plain text. Raises InvalidScript or ValueError for what could not be run at all."""
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {language!r}")
    if not isinstance(script, str):
        raise InvalidScript(f"a script is text, not {type(script).__name__}")
    try:
        size = len(script.encode())
    except UnicodeEncodeError:
        raise InvalidScript("the script is not valid Unicode: it holds half of a surrogate pair") from None
    if size > config.script_bytes:
        raise InvalidScript(f"the script has {size} bytes, and script_bytes allows {config.script_bytes}")
    return str.__str__(script)  # of a class of its own it could not be sent
