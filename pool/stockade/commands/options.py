"""Options that several verbs have, checked as they are read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def program(text: str) -> Path:
    """The path of a program, for argparse."""
    path = Path(text)
    if not path.is_file() or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is no program that can be run")
    return path
