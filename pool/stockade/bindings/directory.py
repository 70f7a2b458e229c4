"""`searchApi` and `describeApi`: a script asks what it can call, when the prompt had no room for all of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stockade.bindings.declarations import declare, documentation, interfaces
from stockade.bindings.registry import binding
from stockade.errors import BindingError

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MOST = 20

# A question, not a text: the search runs on the event loop, and its cost grows with what the script asks.
_ASKED_CHARS = 200


def discovery(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The two functions for a set of bindings; none for no bindings. Cheap: each run with bindings of its own asks."""
    return _Directory(bindings).functions() if bindings else {}


class _Directory:
    """What can be called in one run. Its methods are declared once, here, and not for each run again."""

    def __init__(self, bindings: Mapping[str, Callable[..., Any]]) -> None:
        self.bindings = bindings

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Made anew: kept here they would be a cycle, and what the bindings hold would outlive each run."""
        return {"searchApi": self.search_api, "describeApi": self.describe_api}

    @binding(read_only=True, idempotent=True, example="await searchApi('accounts')")
    async def search_api(self, text: str = "") -> list[dict[str, str]]:
        """The functions whose name or documentation speaks of `text`, best first."""
        ranked = sorted(((_score(text, name, each), name) for name, each in self.bindings.items()), reverse=True)
        return [{"name": name, "summary": summary(self.bindings[name])} for score, name in ranked if score > 0][:_MOST]

    @binding(read_only=True, idempotent=True, example="await describeApi('searchApi')")
    async def describe_api(self, name: str) -> str:
        """The TypeScript declaration of one function, with all of its documentation and the types it speaks of."""
        every = {**self.bindings, **self.functions()}
        if name not in every:
            raise BindingError(f"there is no function {name!r}; searchApi() lists them", name="RangeError")
        return "\n".join([*interfaces({name: every[name]}).values(), declare(name, every[name])])


def _score(text: str, name: str, function: Callable[..., Any]) -> int:
    wanted = _words(text[:_ASKED_CHARS])
    if not wanted:
        return 1
    own, told = _words(name), _words(declare(name, function))
    return sum(10 * _speaks_of(word, own) + _speaks_of(word, told) for word in wanted)


def _speaks_of(word: str, words: set[str]) -> bool:
    return any(other.startswith(word.rstrip("s")) for other in words)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def summary(function: Callable[..., Any]) -> str:
    """The first line of its documentation; empty for none."""
    return documentation(function).strip().partition("\n")[0]
