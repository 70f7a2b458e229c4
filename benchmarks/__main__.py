"""`python -m benchmarks`: measures, prints the table, and writes JSON where asked."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import aws, calls, limits, load, pages, report, runs, starts
from benchmarks.measure import FULL, QUICK, Benchmark, Row, Size, take
from stockade.commands.show import status

ALL = (*starts.BENCHMARKS, *runs.BENCHMARKS, *calls.BENCHMARKS, *limits.BENCHMARKS, *load.BENCHMARKS, *aws.BENCHMARKS)

ABOUT = """\
Measures stockade against what this machine can do without it: bare Node, bare pipes, a bare timer. Both sides of a row
are taken in turns within the same run, and the goal is a bound on their ratio (docs/performance.md explains each row).

Figures move with the machine's load, ratios much less. Run it on a machine that does nothing else."""

EXAMPLES = """\
examples:
  python -m benchmarks                        every row, five rounds, some three minutes
  python -m benchmarks --quick                every row, roughly, in about half a minute
  python -m benchmarks --only 'host call'     the rows whose name has these words in it
  python -m benchmarks --json results.json    the same rows as data, with date and machine
  python -m benchmarks --from benchmarks/results/bench.json --put docs/performance.md
                                              the table of an earlier run into a page, nothing measured

A row is "goal met", "within twice" the goal, "missed", "skipped" (the machine lacks something) or "failed"
(stockade did not do what the row needs; the reason stands below the table); one without a goal is for the reader. Only
a failed row makes the exit code 1."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0, 1 for a row that failed, 2 for arguments that make no sense."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description=ABOUT, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write the rows as JSON")
    parser.add_argument("--only", metavar="NAME", action="append", help="only rows with NAME in their name; repeatable")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and samples: a first look, not a result")
    parser.add_argument("--list", action="store_true", help="print the names of the rows and measure nothing")
    parser.add_argument("--from", metavar="FILE", type=Path, dest="source", help="only the table of these figures")
    parser.add_argument("--put", metavar="PAGE", type=Path, help="renew the table in this page")
    options = parser.parse_args(arguments)
    chosen = [benchmark for benchmark in ALL if _named(benchmark, options.only)]
    if not chosen:
        parser.error(f"no row has {' or '.join(map(repr, options.only))} in its name; --list prints the names")
    if options.json is not None and not options.json.parent.is_dir():
        parser.error("the folder of the --json file does not exist")
    if options.put is not None and not (options.put.is_file() and pages.held(options.put.read_text(), ["bench"])):
        parser.error("the page for --put has no markers for 'bench'")
    if options.list:
        print("\n".join(figure.name for benchmark in chosen for figure in benchmark.figures))
        return 0
    if options.source is not None:
        data = json.loads(options.source.read_text())
    else:
        data = asyncio.run(_measure(chosen, QUICK if options.quick else FULL))
        if options.json is not None:
            options.json.write_text(json.dumps(data, indent=1) + "\n")
    rows = report.rows_of(data)
    print(report.told(data["machine"]))
    print(report.table(rows))
    if options.put is not None:
        pages.put(options.put, report.blocks(data))
    return 1 if any(row.verdict == "failed" for row in rows) else 0


async def _measure(chosen: Sequence[Benchmark], size: Size) -> dict[str, Any]:
    machine = await report.machine_facts()
    rows: list[Row] = []
    for number, benchmark in enumerate(chosen, 1):
        name = benchmark.figures[0].name

        def on_round(taken: int, number: int = number, name: str = name) -> None:
            status(f"[{number}/{len(chosen)}] {name}: round {taken} of {size.rounds}")

        rows += await take(benchmark, size, on_round)
    status("")
    return report.as_data(rows, machine, size)


def _named(benchmark: Benchmark, words: Sequence[str] | None) -> bool:
    return not words or any(word in figure.name for figure in benchmark.figures for word in words)


if __name__ == "__main__":
    sys.exit(main())
