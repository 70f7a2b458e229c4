"""What a command's exit code means. One table, printed by --help and used by the code."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from stockade.result import ErrorKind, RunError


class Exit(Enum):
    """Exit codes of `stockade`. 1 and 2 are what shells and argparse expect; 70 is sysexits' internal failure."""

    OK = 0
    SCRIPT = 1
    USAGE = 2
    TIME = 3
    MEMORY = 4
    LIMIT = 5
    DIFFERENT = 6
    FAILURE = 70
    INTERRUPTED = 130


EXIT_CODES = {
    Exit.OK: "the script returned",
    Exit.SCRIPT: "the script failed: syntax, exception, unserializable value, deadlock",
    Exit.USAGE: "the command line or an option is wrong; nothing ran",
    Exit.TIME: "the script ran out of time",
    Exit.MEMORY: "the script ran out of memory",
    Exit.LIMIT: "the script passed another limit: console, calls or size of its value",
    Exit.DIFFERENT: "--replay: the script's calls were not those of the recording, whatever it returned",
    Exit.FAILURE: "stockade, Node.js or the machine failed, not the script",
    Exit.INTERRUPTED: "interrupted",
}

_BY_KIND: dict[ErrorKind, Exit] = {
    "syntax": Exit.SCRIPT,
    "exception": Exit.SCRIPT,
    "unserializable": Exit.SCRIPT,
    "deadlock": Exit.SCRIPT,
    "timeout": Exit.TIME,
    "compute_limit": Exit.TIME,
    "memory_limit": Exit.MEMORY,
    "output_limit": Exit.LIMIT,
    "call_limit": Exit.LIMIT,
    "result_limit": Exit.LIMIT,
    "cancelled": Exit.FAILURE,
    "worker_crashed": Exit.FAILURE,
    "protocol_violation": Exit.FAILURE,
    "start_failed": Exit.FAILURE,
}


def exit_for(error: RunError | None) -> int:
    """The exit code of a command that ran one script."""
    return (Exit.OK if error is None else _BY_KIND[error.kind]).value


def listed(meanings: Mapping[Exit, str]) -> str:
    """The end of a verb's --help: its exit codes; those that mean the same for each verb need not be named."""
    common = {Exit.USAGE: EXIT_CODES[Exit.USAGE], Exit.INTERRUPTED: EXIT_CODES[Exit.INTERRUPTED]}
    each = sorted((common | dict(meanings)).items(), key=lambda code: code[0].value)
    return "exit codes:\n" + "\n".join(f"  {code.value:>3}  {text}" for code, text in each)
