"""`stockade cage`: any Node.js program under exactly a worker's layers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from stockade.commands.options import program
from stockade.node import find_node, version_of
from stockade.sandbox import cage

_DESCRIPTION = """\
Run a Node.js program of your own under exactly the layers a worker has, plus read access to that one file: audit
the cage with whatever you would try. There is no stockade in it: `require`, `fs`, `net` are all there, and the
operating system says no. Its output and exit code pass through. No clock runs: what hangs is yours to interrupt."""

_EXAMPLES = """\
examples:
  echo "import fs from 'node:fs'; fs.readdirSync('/')" > look.mjs && stockade cage look.mjs
  stockade cage probe.mjs -- --verbose

exit codes:
  the program's own; 128 and the number of the signal that ended it; 2 and 70 as for the other commands
"""


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "cage",
        help="run any Node.js program under the layers of a worker",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("--node", metavar="PATH", type=program, help="the Node.js to use instead of stockade's own")
    verb.add_argument("file", metavar="FILE.mjs", type=Path, help="the program")
    verb.add_argument("args", metavar="ARGS", nargs="*", help="its arguments, after --")


def command(options: argparse.Namespace) -> int:
    """Runs it to its end; the exit code is its own."""
    if not options.file.is_file():
        raise ValueError(f"{options.file}: {'it is a folder' if options.file.is_dir() else 'there is no such file'}")
    node = find_node(options.node)
    version_of(node)
    return cage.run(options.file, options.args, node.path)
