"""The command line: parses, dispatches, and turns what happened into an exit code."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from stockade.aws import command as accounts
from stockade.commands import cage, check, doctor, run, show, types
from stockade.commands.exits import EXIT_CODES, Exit, listed
from stockade.errors import BindingError, StockadeError

_EPILOG = f"{listed(EXIT_CODES)}\n\nThese are of `stockade run`; `stockade COMMAND --help` tells those of the others."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; every failure that has a name is told in one sentence on stderr."""
    _open_what_is_closed()
    options = parser().parse_args(arguments)
    # What becomes of a run is printed; the pool's log would say it a second time.
    logging.getLogger("stockade").addFilter(lambda record: not hasattr(record, "run_id"))
    try:
        return options.command(options)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED.value
    except BrokenPipeError:
        # Of a program in the cage, whose output passes through: as if the signal that Python ignores had ended us.
        return 128 + signal.SIGPIPE
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return _refuse(f"{'.'.join(str(part) for part in first['loc']) or 'limits'}: {first['msg']}")
    except ValueError as error:
        return _refuse(str(error))
    except (StockadeError, BindingError, OSError) as error:
        text = str(error)
        if isinstance(error, BindingError):  # AWS that cannot be used, found before any script asked
            text = f"{error.code or error.name}: {error.message}"
        if isinstance(error, OSError) and error.strerror:
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        show.write(sys.stderr, show.plain(f"stockade: {text}"))
        return Exit.FAILURE.value


def parser() -> argparse.ArgumentParser:
    """All verbs and options."""
    top = argparse.ArgumentParser(
        prog="stockade",
        description="Run JavaScript that nobody vouches for, in an isolated Node.js process.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"stockade {doctor.installed('stockade')}")
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run.add_to(verbs)
    check.add_to(verbs)
    types.add_to(verbs)
    accounts.add_to(verbs)
    doctor.add_to(verbs)
    cage.add_to(verbs)
    return top


def _open_what_is_closed() -> None:
    """A standard stream that the caller has closed (`2>&-`) leads nowhere, and no pipe of ours gets its number."""
    # In the order of their numbers: the system gives the lowest that is free.
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))


def _refuse(text: str) -> int:
    show.write(sys.stderr, show.plain(f"stockade: {text}"))
    return Exit.USAGE.value
