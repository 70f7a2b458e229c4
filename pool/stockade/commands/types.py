"""`stockade types`: what a script may call, as TypeScript declarations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from stockade.aws.declarations import declarations
from stockade.bindings import binding, typescript
from stockade.commands import show
from stockade.commands.exits import Exit, listed
from stockade.commands.options import file_name
from stockade.commands.run import load_bindings
from stockade.testing import replay

_DESCRIPTION = """\
Print the TypeScript declarations of the functions a script would get: for a model's prompt, an editor or the
compiler. With --budget the documentation shrinks until the text fits so many tokens; names and types stay."""

_EXIT_CODES = listed(
    {
        Exit.OK: "the declarations were printed",
        Exit.FAILURE: "stockade, Node.js or the machine failed",
    }
)


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "types",
        help="print the functions of a script as TypeScript declarations",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("--demo", "--aws", action="store_true", help="the AWS bindings")
    verb.add_argument(
        "--binding", metavar="[NAME=]PKG.MOD:FUNCTION", action="append", default=[], help="a function of yours"
    )
    verb.add_argument("--replay", metavar="FILE", type=file_name, help="the functions of a recorded run")
    verb.add_argument("--budget", metavar="TOKENS", type=int, help="shorten to about so many tokens")


def command(options: argparse.Namespace) -> int:
    """Prints the declarations; nothing is started."""
    if options.budget is not None and options.budget < 1:
        raise ValueError("--budget is a number of tokens, at least 1")
    show.write(sys.stdout, typescript(declared(options), budget_tokens=options.budget).rstrip("\n"))
    return Exit.OK.value


def declared(options: argparse.Namespace) -> dict[str, Callable[..., Any]]:
    """The functions a script would get, as far as their declarations go.

    Those of AWS need no account, no credentials and no boto3 for that.
    """
    others: dict[str, Callable[..., Any]] = {}
    for name, text in declarations().items() if options.demo else ():
        others[name] = binding(declaration=text)(lambda *_: None)
    others |= dict(replay(options.replay) if options.replay else {})
    return load_bindings(options.binding, others) | others
