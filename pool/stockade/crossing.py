"""What crosses from a binding to the script that called it: its value as JSON, or an error without a traceback."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

import msgspec
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from stockade.bindings.registry import Reply
from stockade.config import ENVELOPE_BYTES
from stockade.errors import BindingError
from stockade.sandbox import without_folders
from stockade_protocol import Reject, Resolve, encode

# Longest text of a binding's own exception that a script is shown.
MESSAGE_CHARS = 2_000

# Rows put into JSON before others have their turn of the loop: some hundred us of plain ones.
ROWS_A_TURN = 1_000

_REFUSED = (TypeError, ValueError, RecursionError)

# In whose text stands where on the machine something lies: the system writes it there, or the interpreter.
_SAYS_WHERE = (OSError, ImportError, AttributeError)

# What looks like a path and is none of this machine's.
_ADDRESS = re.compile(r"(https?://\S+)")


async def resolved(call: int, name: str, value: Any, line_bytes: int) -> Resolve | Reject:
    """A call's value; or why it cannot cross, said to the script."""
    meta = b""
    try:
        if isinstance(value, Reply):
            meta = to_json(value.meta) if value.meta else b""
            value = value.value
        text = await _in_turns(value) if _is_long(value) else to_json(value)
    except _REFUSED as error:
        return Reject(call, "TypeError", _shortened(f"{name} returned what cannot cross to the script: {error}"))
    size = len(text) + len(meta)
    if size + ENVELOPE_BYTES > line_bytes:
        return Reject(call, "RangeError", f"{name} returned {size} bytes; line_bytes is {line_bytes}")
    return Resolve(call, msgspec.Raw(text), msgspec.Raw(meta) if meta else msgspec.UNSET)


def rejected(call: int, error: BaseException, line_bytes: int) -> Reject:
    """What a script sees of an exception: never a traceback, and never where a file or a module lies.

    Details that make its line longer than `line_bytes` are left out, and the message says so; what is left takes less
    than the least line_bytes there can be. Whatever the exception is, this raises nothing: no other answer would come.
    """
    error = _alone(error)
    if not isinstance(error, BindingError):
        return Reject(call, _shortened(type(error).__name__), _text_of(error))
    name, message, code = (_field(error, name) for name in ("name", "message", "code"))
    answer = Reject(
        call,
        name or _shortened(type(error).__name__),
        _text_of(error) if message is None else message,
        msgspec.UNSET if code is None else code,
        _details_of(error),
    )
    if answer.details is msgspec.UNSET or (size := len(encode(answer))) <= line_bytes:
        return answer
    told = f"{answer.message} (without its details: {size} bytes with them; line_bytes is {line_bytes})"
    return msgspec.structs.replace(answer, message=told, details=msgspec.UNSET)


def _alone(error: BaseException) -> BaseException:
    """The error itself; of a group of one, which is what `asyncio.TaskGroup` raises, that one."""
    while issubclass(type(error), BaseExceptionGroup):
        errors: Sequence[BaseException] = cast(Any, error).exceptions
        if len(errors) != 1:
            break
        error = errors[0]
    return error


def _text_of(error: BaseException) -> str:
    try:
        return _shortened(_without_paths(error) if isinstance(error, _SAYS_WHERE) else str(error))
    except Exception:  # an exception whose text cannot be had is no reason to leave the call unanswered
        return ""


def _without_paths(error: BaseException) -> str:
    """Its text: the system's own words, or what its author wrote, who may have quoted another one with its path."""
    said = getattr(error, "strerror", None)
    if not isinstance(said, str):
        said = str(error)
        for path in (getattr(error, name, None) for name in ("filename", "filename2", "path")):
            said = said.replace(path, "…") if isinstance(path, str) and path else said
    parts = _ADDRESS.split(said)
    return "".join(part if at % 2 else without_folders(part) for at, part in enumerate(parts))


def _field(error: BindingError, name: str) -> str | None:
    """A text of the error; None for one it lacks, as that of a class does whose `__init__` calls no other."""
    try:
        value = getattr(error, name, None)
        return None if value is None else _shortened(str(value))
    except Exception:  # a property, or the text of what it gives
        return None


def _details_of(error: BindingError) -> msgspec.Raw | msgspec.UnsetType:
    try:
        text = to_json(error.details) if error.details else b""
    except Exception:  # they are missing, or no JSON
        return msgspec.UNSET
    # The worker makes a field of each key, so it needs an object.
    return msgspec.Raw(text) if text.startswith(b"{") else msgspec.UNSET


def _encode_other(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)  # the names that its declaration has
    # Text and numbers of a class of their own: what they are, whatever that says of it. pydantic, below, would give the
    # same in eight times the time, and a table of numpy's floats has many.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if value is None or isinstance(value, bool | list | tuple | dict | set | frozenset):
        # JSON has these as values, so it is a key: what it became would be asked for again, until no stack was left.
        raise TypeError(f"a {type(cast(object, value)).__name__} cannot be a key")
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, deque):
        return list(cast("deque[Any]", value))
    if not isinstance(cast(object, value), Iterator):  # which may have no end, and be somebody's who goes on with it
        with suppress(TypeError, ValueError):
            return to_jsonable_python(value)  # a path, an address, a secret: the text it is within a model
    raise TypeError(f"a {type(cast(object, value)).__name__} is not JSON")


_encode: Callable[[Any], bytes] = msgspec.json.Encoder(enc_hook=_encode_other).encode


def to_json(value: Any) -> bytes:
    """What a script may be given, as JSON of one line.

    Raises TypeError, ValueError or RecursionError for what JSON cannot hold.
    """
    text = _encode(value)
    if isinstance(value, msgspec.Raw) or b"\n" in text:  # a Raw is taken as it is: several lines of JSON, or none
        return msgspec.json.format(text, indent=-1)
    return text


def _is_long(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_long, cast("dict[Any, Any]", value).values()))
    return isinstance(value, list) and len(cast("list[Any]", value)) > ROWS_A_TURN


async def _in_turns(value: Any) -> bytes:
    """`to_json` of long lists, and of objects that hold some, with turns of the loop in between."""
    if not _is_long(value):
        return to_json(value)
    if isinstance(value, dict):
        # Copies, here and below: it may be somebody's who goes on with it meanwhile.
        items = list(cast("dict[Any, Any]", value).items())
        texts = {to_json(name): await _in_turns(each) for name, each in items}
        if all(name.startswith(b'"') for name in texts):
            return b"{%s}" % b",".join(b"%s:%s" % pair for pair in texts.items())
        return to_json(dict(items))  # whose names are numbers, say: rare, and not worth a second rule
    rows = list(value)
    parts: list[bytes] = []
    for start in range(0, len(rows), ROWS_A_TURN):
        parts.append(to_json(rows[start : start + ROWS_A_TURN])[1:-1])
        await asyncio.sleep(0)
    parts[0] = b"[" + parts[0]
    parts[-1] += b"]"
    return b",".join(parts)


def _shortened(text: str) -> str:
    # A lone surrogate would make encoding the line fail.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return clean if len(clean) <= MESSAGE_CHARS else f"{clean[:MESSAGE_CHARS]}…"
