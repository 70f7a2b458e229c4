"""`stockade accounts`: the accounts a script would see, where each was learned from, and the identity used there."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from typing import Any

from stockade.commands import exits, show
from stockade.commands.exits import Exit
from stockade.commands.options import endpoint

_EXIT_CODES = exits.listed(
    {
        Exit.OK: "every identity could be checked",
        Exit.SCRIPT: "an identity could not be checked; its account tells the problem",
        Exit.FAILURE: "the accounts could not be listed",
    }
)


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "accounts",
        help="list the AWS accounts a script would see, with their source and identity",
        description="List the AWS accounts a script would see. Each identity is checked with sts:GetCallerIdentity.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("--demo", action="store_true", help="those of the embedded AWS world")
    verb.add_argument("--aws-endpoint", metavar="URL", type=endpoint, help="where the AWS clients connect to")
    verb.add_argument("--json", action="store_true", help="as JSON")


def command(options: argparse.Namespace) -> int:
    """Prints one line an account; the exit code is 1 where an identity could not be checked."""
    if options.demo and options.aws_endpoint:
        raise ValueError("--aws-endpoint goes without --demo: the embedded world has its own")
    rows = listed(demo=options.demo, endpoint_url=options.aws_endpoint)
    if options.json:
        show.write(sys.stdout, show.as_json(rows, indent=2))
    else:
        show.write(sys.stdout, "\n".join(table(rows)))
    return Exit.SCRIPT.value if any(row["problem"] for row in rows) else Exit.OK.value


def listed(*, demo: bool, endpoint_url: str | None) -> list[dict[str, Any]]:
    """Each account with its source and identity, or with what is wrong with it."""
    from stockade.aws.errors import AwsError
    from stockade.aws.source import AwsSource

    with ExitStack() as stack:
        if demo:
            from stockade.aws.embedded import EmbeddedWorld

            source = stack.enter_context(stack.enter_context(EmbeddedWorld.start()).source())
        else:
            source = stack.enter_context(AwsSource.from_environment(endpoint_url=endpoint_url))
        rows: list[dict[str, Any]] = []
        for account in source.book.accounts():
            row: dict[str, Any] = {
                "id": account.id,
                "name": account.name,
                "source": account.source,
                "default": account.default,
                "identity": None,
                "problem": None,
            }
            try:
                source.book.session(account.id)
                row["identity"] = source.book.find(account.id).arn
            except AwsError as error:
                row["problem"] = f"{error.code}: {error.message}"
            rows.append(row)
        return rows


def table(rows: list[dict[str, Any]]) -> list[str]:
    """The rows as aligned lines."""
    cells = [
        (f"{row['id']}{'*' if row['default'] else ''}", row["name"], row["source"], row["problem"] or row["identity"])
        for row in rows
    ]
    heads = ("account", "name", "source", "identity")
    widths = [max(len(str(each[column])) for each in (heads, *cells)) for column in range(4)]
    return [
        "  ".join(str(each[column]).ljust(widths[column]) for column in range(4)).rstrip() for each in (heads, *cells)
    ]
