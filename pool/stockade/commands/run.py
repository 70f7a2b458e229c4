"""`stockade run`: one script, from a file or stdin to its value."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

from stockade.aws.declarations import declarations
from stockade.aws.translate import without_paths
from stockade.bindings.registry import validated
from stockade.commands import show
from stockade.commands.exits import EXIT_CODES, Exit, exit_for, listed
from stockade.commands.options import endpoint, file_name, program
from stockade.config import RuntimeConfig
from stockade.errors import InvalidBinding, InvalidScript
from stockade.run import Language
from stockade.sync import Pool
from stockade.testing import record, replay

_DESCRIPTION = """\
Run one script in an isolated Node.js process. The value of its last expression goes to stdout, its console to
stderr as it happens. Top-level `await` and `return` work. Without --demo, --aws, --replay or --binding the
script can call nothing."""

_EXAMPLES = """\
examples:
  stockade run hello.js
  echo '[1, 2, 3].map(n => n * n)' | stockade run -
  stockade run --demo examples/open_ssh.js
  stockade run --aws --timeout 120 --json report.js | jq .value
  stockade run --binding mypackage.prices:price order.js
  stockade run --aws --record report.jsonl report.js
  stockade run --replay report.jsonl report.js

"""


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    defaults = RuntimeConfig()
    verb = verbs.add_parser(
        "run",
        help="run a script",
        description=_DESCRIPTION,
        epilog=_EXAMPLES + listed(EXIT_CODES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("file", metavar="FILE", help="the script; - reads it from stdin")
    world = verb.add_mutually_exclusive_group()
    world.add_argument("--demo", action="store_true", help="give it the AWS bindings, on an embedded AWS world")
    world.add_argument("--aws", action="store_true", help="give it the AWS bindings, read-only, on your own accounts")
    world.add_argument(
        "--replay",
        metavar="FILE",
        type=file_name,
        help="give it the functions of a recorded run, answering from the recording",
    )
    verb.add_argument("--aws-endpoint", metavar="URL", type=endpoint, help="with --aws: where its clients connect to")
    verb.add_argument(
        "--binding",
        metavar="[NAME=]PKG.MOD:FUNCTION",
        action="append",
        default=[],
        help="give it a Python function of yours, found from this folder; may be repeated",
    )
    verb.add_argument(
        "--record",
        metavar="FILE",
        type=file_name,
        help="write its calls and their answers, secrets included, for a later --replay",
    )
    verb.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=defaults.timeout_seconds,
        help="wall clock of the run (default: %(default)g)",
    )
    verb.add_argument(
        "--memory",
        metavar="MB",
        type=int,
        default=defaults.memory_limit_mb,
        help="memory beyond what an idle worker holds (default: %(default)s)",
    )
    verb.add_argument(
        "--isolation",
        choices=["process", "context"],
        default="process",
        help="a process for this run alone, or a reusable one (default: %(default)s)",
    )
    verb.add_argument(
        "--require-isolation", choices=["full"], help="refuse to run unless every layer holds on this machine"
    )
    verb.add_argument("--node", metavar="PATH", type=program, help="the Node.js to use instead of stockade's own")
    verb.add_argument(
        "--format",
        choices=["auto", "json", "table"],
        default="auto",
        help="how the value is printed; auto is a table for rows on a terminal, else text or JSON",
    )
    verb.add_argument("--json", action="store_true", help="print the whole ExecutionResult as JSON, console included")


def command(options: argparse.Namespace) -> int:
    """Checks everything first, then starts what is needed, runs the script and prints what became of it."""
    config = RuntimeConfig(memory_limit_mb=options.memory, timeout_seconds=options.timeout, node=options.node)
    if options.aws_endpoint and not options.aws:
        raise ValueError("--aws-endpoint goes with --aws")
    if options.replay and (options.record or options.binding):
        raise ValueError("--replay goes without --binding and --record: every answer comes from the recording")
    replayed = replay(options.replay) if options.replay else None
    bindings = load_bindings(options.binding, declarations() if options.demo or options.aws else ())
    script = read_script(options.file, config.script_bytes)
    if options.record and options.file != "-" and _is_same_file(options.record, options.file):
        raise ValueError(f"--record {options.record}: it is the script")
    with ExitStack() as stack:
        bindings |= stack.enter_context(aws(options))
        if options.record:
            try:
                bindings = stack.enter_context(record(bindings, options.record))
            except OSError as error:
                raise ValueError(f"--record {options.record}: {error.strerror}") from None
        pool = Pool(
            config,
            workers=1,
            spares=0,
            isolation=options.isolation,
            bindings=bindings if replayed is None else replayed,
            require_isolation=options.require_isolation,
        )
        with show.progress("starting Node.js"):
            stack.enter_context(pool)
        with redirect_stdout(sys.stderr):  # stdout is for the value, whatever a binding prints
            on_console = None if options.json else show.console_line
            result = pool.execute(script, on_console=on_console, language=language_of(options.file))
        # Before the recording is closed, which fails if it could not be written: the run is over all the same.
        if options.json:
            # Not mode="json": pydantic then stops at some 250 levels, and a value may have more. It is JSON either way.
            show.write(sys.stdout, show.as_json(result.model_dump()))
        elif result.error is None:
            show.value(result, options.format)
            if result.hint:
                show.hint(result.hint)
        else:
            show.error(result.error)
        code = exit_for(result.error)
        difference = None if replayed is None else replayed.difference_in(result)
        # Of a run that failed by no doing of its script nobody knows what it would have called further.
        if difference is not None and (code != Exit.FAILURE.value or difference.reason != "calls_left"):
            show.write(sys.stderr, show.plain(f"not as recorded: {difference}"))
            return Exit.DIFFERENT.value
        return code


def _is_same_file(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:  # one of them is not there, say
        return False


def read_script(file: str, limit: int) -> str:
    """The text of a file or of stdin. Raises InvalidScript for one that is no text or too large, OSError if unread."""
    if file == "-":
        data = sys.stdin.buffer.read(limit + 1)
    elif not file:
        raise InvalidScript("the name of the script is empty")
    else:
        try:
            with Path(file).open("rb") as opened:
                data = opened.read(limit + 1)
        except OSError as error:
            raise InvalidScript(f"{file}: {error.strerror}") from None
    if len(data) > limit:
        raise InvalidScript(f"the script is larger than {limit} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = len(data) - len(error.object) + error.start  # it counts from after a byte order mark
        raise InvalidScript(f"the script is not UTF-8 (byte {at})") from None


def language_of(file: str) -> Language:
    """A name that says TypeScript is believed; of any other the text tells."""
    return "typescript" if Path(file).suffix in (".ts", ".mts", ".cts") else "auto"


def load_bindings(several: Iterable[str], others: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """Each `--binding` by its name. Raises InvalidBinding, also for a second function of one name, or of `others`."""
    taken, found = set(others), dict[str, Callable[..., Any]]()
    for named in several:
        name, function = load_binding(named)
        if name in taken:
            told = f"there is already a function {name!r}; choose another name, as NAME=PKG.MOD:FUNCTION"
            raise InvalidBinding(f"--binding {named!r}: {told}")
        taken.add(name)
        found[name] = function
    return validated(found)


def load_binding(named: str) -> tuple[str, Callable[..., Any]]:
    """`pkg.mod:function`, or `name=pkg.mod:function`, as a name and the function. Raises InvalidBinding."""
    name, _, place = named.rpartition("=")
    module_name, _, attribute = place.partition(":")
    if not module_name or not attribute:
        raise InvalidBinding(f"--binding {named!r}: write it as PKG.MOD:FUNCTION")
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` does: the caller's own modules
    try:
        with redirect_stdout(sys.stderr):  # stdout is for what the verb prints
            found = import_module(module_name)
    except (Exception, SystemExit) as error:  # whatever a module does when it is imported
        told = without_paths(str(error).partition("\n")[0])
        kind = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        raise InvalidBinding(f"--binding {named!r}: {kind}{told}") from None
    try:
        for part in attribute.split("."):
            found = getattr(found, part)
    except AttributeError:
        raise InvalidBinding(f"--binding {named!r}: {module_name} has no {attribute}") from None
    return name or attribute.rpartition(".")[2], found  # pyright: ignore[reportReturnType]


@contextmanager
def aws(options: argparse.Namespace) -> Generator[dict[str, Callable[..., Any]]]:
    """The AWS bindings, if they were asked for, and the world they look at."""
    if not options.demo and not options.aws:
        yield {}
        return
    with ExitStack() as stack:
        if options.demo:
            with show.progress("starting the embedded AWS world"):
                from stockade.aws.embedded import EmbeddedWorld

                world = stack.enter_context(EmbeddedWorld.start())
                source = stack.enter_context(world.source())
        else:
            from stockade.aws import AwsSource

            source = stack.enter_context(AwsSource.from_environment(endpoint_url=options.aws_endpoint))
        from stockade.aws import aws_bindings

        yield aws_bindings(source)
