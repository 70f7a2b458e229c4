"""Keeps what a process says of itself from telling where on the machine it lives."""

from __future__ import annotations

import re

# The folders of an absolute path; a crash report of V8 is full of them.
_FOLDERS = re.compile(r"(?:file://)?/(?:[\w.@+-]+/)+")


def without_folders(said: str) -> str:
    """The same text with each path cut to its last part."""
    return _FOLDERS.sub("…/", said)
