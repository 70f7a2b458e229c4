"""What to say of a run that ended well and yet gave nothing. Hints on errors come from the worker, which has them."""

from __future__ import annotations

import re

# A call stands at the very end. On the whole of a hostile script the pattern would be quadratic: a megabyte of line
# ends would hold up the event loop, and with it everybody's clock.
_END_CHARS = 200

_ENDS_IN_CALL = re.compile(r"(?:^|[;}\n])\s*(?:await\s+)?([A-Za-z_$][\w$]*)\s*\(\s*\)\s*;?\s*$")


def of_nothing(script: str) -> str | None:
    """A sentence for a script whose value is undefined because the function it ends in returns nothing; else None."""
    call = _ENDS_IN_CALL.search(script.rstrip()[-_END_CHARS:])
    if call is None:
        return None
    name = re.escape(call[1])
    declared = re.search(
        rf"\bfunction\s+{name}\s*\(|\b(?:const|let|var)\s+{name}\s*=\s*(?:async\s*)?(?:\(|function\b)", script
    )
    if declared is None or re.search(r"\breturn\b\s*[^;\s}]", script):
        return None
    return f"{call[1]}() returned nothing, so the script has no value: end it with `return` and what it is to give"
