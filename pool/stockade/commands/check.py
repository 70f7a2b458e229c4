"""`stockade check`: what is wrong with a script, found without running it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from stockade.bindings.directory import discovery
from stockade.commands import show
from stockade.commands.compiler import diagnostics
from stockade.commands.exits import Exit, listed
from stockade.commands.options import file_name, program
from stockade.commands.run import language_of, read_script
from stockade.commands.types import declared
from stockade.config import RuntimeConfig
from stockade.node import find_node
from stockade.sync import Pool

_DESCRIPTION = """\
Parse a script, and where a TypeScript compiler is found (`tsc` on the PATH or in a node_modules folder at or above
this one) check it against the functions it would get, without running any of it."""

_EXIT_CODES = listed(
    {
        Exit.OK: "nothing was found",
        Exit.SCRIPT: "something is wrong with the script",
        Exit.FAILURE: "stockade, Node.js or the machine failed",
    }
)


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "check",
        help="find what is wrong with a script without running it",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("file", metavar="FILE", help="the script; - reads it from stdin")
    verb.add_argument("--demo", "--aws", action="store_true", help="it would get the AWS bindings")
    verb.add_argument(
        "--binding", metavar="[NAME=]PKG.MOD:FUNCTION", action="append", default=[], help="it would get this function"
    )
    verb.add_argument("--replay", metavar="FILE", type=file_name, help="it would get the functions of a recorded run")
    verb.add_argument("--node", metavar="PATH", type=program, help="the Node.js to use instead of stockade's own")


def command(options: argparse.Namespace) -> int:
    """Prints each finding with its line and caret on stderr; exit code 1 if there is any."""
    config = RuntimeConfig(node=options.node)
    bindings = declared(options)
    script = read_script(options.file, config.script_bytes)
    language = language_of(options.file)
    with Pool(config, workers=1, spares=0) as pool:
        refused = pool.check(script, language=language)
        is_javascript = language == "auto" and pool.check(script, language="javascript") is None
    if refused is not None:
        show.error(refused)
        return Exit.SCRIPT.value
    given = {**bindings, **discovery(bindings)}
    found = diagnostics(script, given, find_node(options.node).path, is_javascript=is_javascript)
    for text in found or ():
        show.write(sys.stderr, show.plain(text))
    if found is None:
        show.write(sys.stderr, "it parses; no TypeScript compiler was found to check it further")
    return Exit.SCRIPT.value if found else Exit.OK.value
