"""A plain function in a thread of its own, awaited."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from stockade.errors import BindingError


def in_thread(function: Callable[..., Any], args: Sequence[Any], keywords: Mapping[str, Any]) -> Awaitable[Any]:
    """What the function returns or raises, in the context of this call. Whoever stops waiting leaves it running.

    A thread of its own, and a daemon: one that never returns can then hold up neither other calls nor the exit.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(value: Any, error: BaseException | None) -> None:
        if done.done():
            return  # the run ended first
        if error is None:
            done.set_result(value)
        else:
            done.set_exception(error)

    def work() -> None:
        value, failed = None, None
        try:
            value = function(*args, **keywords)
        except StopIteration as error:  # of a bare next(), say; no future takes it
            failed = BindingError(str(error), name="StopIteration")
        except Exception as error:
            failed = error
        except BaseException as error:  # SystemExit and its like must not end the supervisor
            failed = BindingError(str(error), name=type(error).__name__)
        with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            loop.call_soon_threadsafe(settle, value, failed)

    context = contextvars.copy_context()
    name = f"stockade-{getattr(function, '__name__', 'binding')}"
    threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()
    return done
