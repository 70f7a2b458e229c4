"""The TypeScript of the AWS bindings, by name: written by hand, since they check their arguments themselves."""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"^declare function (\w+)", re.MULTILINE)


def declarations() -> dict[str, str]:
    """Each binding's declarations, with the interfaces that stand before them in the file."""
    text = (files("stockade.aws") / "data" / "bindings.d.ts").read_text("utf-8")
    found: dict[str, str] = {}
    for block in text.split("\n\n"):
        names = _NAME.findall(block)
        found[names[-1]] = block.strip()
    return found
