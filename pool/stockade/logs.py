"""The logger `stockade`, as the pool uses it: what an application's handlers and filters do there costs no run."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any


class _Log(logging.LoggerAdapter[logging.Logger]):
    """A filter that raises, or a handler that does not mind `logging.Handler.handleError`, is told of on stderr."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1  # the record is of who called, and not of this
        try:
            super().log(level, msg, *args, **kwargs)
        except Exception:
            if logging.raiseExceptions and sys.stderr:  # as logging itself does
                with suppress(Exception):
                    traceback.print_exc()

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        # Each record brings its own `extra`, which `logging` refuses for a field that a factory of records has set.
        if extra := kwargs.get("extra"):
            made = logging.getLogRecordFactory()(self.logger.name, logging.NOTSET, "", 0, msg, (), None)
            kwargs["extra"] = {name: value for name, value in extra.items() if name not in vars(made)}
        return msg, kwargs


log = _Log(logging.getLogger("stockade"))
