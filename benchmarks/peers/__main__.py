"""`python -m benchmarks.peers`: measures us beside the peers that are installed, and puts the tables where asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import pages, report
from benchmarks.measure import FULL, QUICK, Size
from benchmarks.peers import table
from benchmarks.peers.conductor import take
from benchmarks.peers.measures import MEASURES, Measure
from benchmarks.peers.subjects import NAMES
from stockade.commands.show import status

# What README has room for.
IN_SHORT = ("paced", "rate", "call", "float", "integer", "late", "memory")

ABOUT = """\
Measures stockade beside other ways to run JavaScript from Python (and Pebble, for a process pool that runs none). Each
is used as its documentation says, in a process of its own, in rounds that take turns. `make bench-peers`
installs them."""

EXAMPLES = """\
examples:
  python -m benchmarks.peers --json benchmarks/results/peers.json --put README.md docs/performance.md
  python -m benchmarks.peers --quick --subject stockade --subject pydeno --only call
  python -m benchmarks.peers --from benchmarks/results/peers.json --put README.md      only the tables, nothing measured

The exit code is 1 if a figure of ours failed or was not to be had, and 0 otherwise: a claim missed is in the table."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 for a measure of ours that failed, 2 for arguments that make no sense."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.peers",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the figures as JSON")
    parser.add_argument("--from", metavar="FILE", type=Path, dest="source", help="only the tables of these figures")
    parser.add_argument("--put", metavar="PAGE", type=Path, nargs="+", default=[], help="renew these pages' tables")
    parser.add_argument("--only", metavar="MEASURE", action="append", choices=[one.key for one in MEASURES])
    parser.add_argument("--subject", metavar="NAME", action="append", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="one round, fewer samples: a first look, not a result")
    options = parser.parse_args(arguments)
    for page in options.put:
        if not (page.is_file() and pages.held(page.read_text(), BLOCKS)):
            parser.error(f"{page.name} has no markers for any of {', '.join(BLOCKS)}")
    if options.json is not None and not options.json.parent.is_dir():
        parser.error("the folder of the --json file does not exist")
    if options.source is not None:
        data: dict[str, Any] = json.loads(options.source.read_text())
    else:
        chosen = [one for one in MEASURES if options.only is None or one.key in options.only]
        size = replace(QUICK, rounds=1) if options.quick else replace(FULL, rounds=3)
        data = asyncio.run(_measure(options.subject or NAMES, chosen, size))
        if options.json is not None:
            options.json.write_text(json.dumps(data, indent=1) + "\n")
    print("\n\n".join([table.when_and_where(data), table.claims(data), table.figures(data), table.notes(data)]))
    for page in options.put:
        pages.put(page, blocks(data))
    return 1 if table.ours_failed(data) else 0


def blocks(data: dict[str, Any]) -> dict[str, str]:
    """The text of each kind of marker."""
    return {name: block(data) for name, block in BLOCKS.items()}


BLOCKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "rival": lambda data: table.claims(data, ("pydeno", "node")),
    "peers": lambda data: "\n\n".join([table.when_and_where(data), table.figures(data, IN_SHORT)]),
    "all claims": lambda data: "\n\n".join([table.when_and_where(data), table.claims(data)]),
    "all peers": lambda data: "\n\n".join([table.figures(data), table.notes(data)]),
}


async def _measure(names: Sequence[str], measures: Sequence[Measure], size: Size) -> dict[str, Any]:
    machine = await report.machine_facts()
    subjects, figures = await take(names, measures, size, status)
    status("")
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        **asdict(size),
        "subjects": [{"name": one.name, "missing": one.missing, **one.about} for one in subjects],
        "figures": [asdict(figure) for figure in figures],
    }


if __name__ == "__main__":
    sys.exit(main())
