"""A plain function in a thread of its own, awaited."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from stockade.errors import BindingError


def nothing() -> None:
    """Nobody wants to know."""


def in_thread(
    function: Callable[..., Any],
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    ended: Callable[[], object] = nothing,
) -> Awaitable[Any]:
    """What the function returns or raises, in the context of this call. Whoever stops waiting leaves it running.

    `ended` is called on the loop when the thread has ended, whether somebody waits for it or not.

    A thread of its own, and a daemon: one that never returns can then hold up neither other calls nor the exit.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(value: Any, error: BaseException | None) -> None:
        ended()
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
            failed = _as_binding_error(error)
        except Exception as error:
            failed = error
        except BaseException as error:  # SystemExit and its like must not end the supervisor
            failed = _as_binding_error(error)
        with suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            loop.call_soon_threadsafe(settle, value, failed)

    context = contextvars.copy_context()
    name = f"stockade-{getattr(function, '__name__', 'binding')}"
    try:
        threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()
    except BaseException:  # there are too many
        ended()
        raise
    return done


def _as_binding_error(error: BaseException) -> BindingError:
    try:
        text = str(error)
    except Exception:  # an exception whose text cannot be had is no reason to leave the call unanswered
        text = ""
    return BindingError(text, name=type(error).__name__)
