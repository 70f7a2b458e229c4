"""What to say of a run that ended well and yet gave nothing. Hints on errors come from the worker, which has them."""

from __future__ import annotations

import re

# A call stands at the very end. On the whole of a hostile script the pattern would be quadratic: a megabyte of line
# ends would hold up the event loop, and with it everybody's clock.
_END_CHARS = 200

_ENDS_IN_CALL = re.compile(r"(?:^|[;}\n])\s*(?:await\s+)?([A-Za-z_$][\w$]*)\s*\(\s*\)\s*;?\s*$")

# They begin with a word, for which a search is fast, and what follows is bounded.
_GIVES = re.compile(r"return\b\s{0,100}[^;\s}]")
_IS_FUNCTION = re.compile(r"\s{0,100}(?:\(|=\s{0,100}(?:async\s{0,100})?(?:\(|function\b))")
_DECLARED_BEFORE = re.compile(r"\b(?:function|const|let|var)\s{1,20}\Z")

# A name stands in a script a few times; where it stands more often nobody is told anything.
_MOST_USES = 1_000


def of_nothing(script: str) -> str | None:
    """A sentence for a script whose value is undefined because the function it ends in returns nothing; else None."""
    call = _ENDS_IN_CALL.search(script.rstrip()[-_END_CHARS:])
    if call is None:
        return None
    if _GIVES.search(script) or not _declares(script, call[1]):
        return None
    return f"{call[1]}() returned nothing, so the script has no value: end it with `return` and what it is to give"


def _declares(script: str, name: str) -> bool:
    """Whether it declares a function of this name, as a declaration or as the value of a variable."""
    at = -1
    for _ in range(_MOST_USES):
        at = script.find(name, at + 1)
        if at < 0:
            return False
        if _DECLARED_BEFORE.search(script[max(0, at - 30) : at]) and _IS_FUNCTION.match(script, at + len(name)):
            return True
    return False
