"""Options that several verbs have, checked as they are read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from stockade.errors import NodeNotFound
from stockade.node import MINIMUM, Node, version_of


def program(text: str) -> Path:
    """The path of a Node.js, for argparse; it is asked for its version."""
    path = Path(text)
    if not path.is_file() or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is no program that can be run")
    try:
        version_of(Node(path.resolve(), "--node"))
    except NodeNotFound:
        oldest = ".".join(str(part) for part in MINIMUM)
        raise argparse.ArgumentTypeError(f"{text!r} does not answer as a Node.js of version {oldest} or newer") from None
    return path
