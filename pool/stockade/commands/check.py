"""`stockade check`: what is wrong with a script, found without running it."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stockade.bindings import typescript
from stockade.bindings.discovery import discovery
from stockade.bindings.registry import validated
from stockade.commands import show
from stockade.commands.exits import Exit
from stockade.commands.options import program
from stockade.commands.run import load_binding, read_script
from stockade.commands.types import aws_declared
from stockade.config import RuntimeConfig
from stockade.node import find_node
from stockade.render import error_text
from stockade.sync import Pool
from stockade.testing import replay
from stockade.verdict import frame_of

_DESCRIPTION = """\
Parse a script, and where a TypeScript compiler is found (`tsc` on the PATH or in a node_modules folder at or above
this one) check it against the functions it would get, without running any of it."""

# The compiler takes a third of a second; past this something is wrong with it.
COMPILER_SECONDS = 30.0

# The language of a script's context, and nothing of a browser or of Node beside it.
COMPILER_OPTIONS = (
    *("--target", "es2024", "--lib", "es2024", "--types", ""),
    *("--module", "esnext", "--moduleDetection", "force", "--strict", "false"),
)

# A body of its own, because `return` is legal in one; on a line of its own, so that columns stay.
_OPEN, _CLOSE = "async function script() {\n", "\n}\nexport {};\n"

# What scripts may do and function bodies may not: `export default` (the parser has let it through); a value unused.
_ALLOWED = {"TS1184", "TS1233", "TS1258", "TS2695"}

_DIAGNOSTIC = re.compile(r"^script\.ts\((\d+),(\d+)\): error (TS\d+): (.*)$")

# What stands in every context beside the language itself; the compiler need not know more of it.
_AMBIENT = """
declare var console: Record<string, (...told: any[]) => void>;
declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): number;
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): number;
declare function clearTimeout(id?: number): void;
declare function clearInterval(id?: number): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare var URL: any, URLSearchParams: any, TextEncoder: any, TextDecoder: any, crypto: any, performance: any;
declare var AbortController: any, AbortSignal: any, EventTarget: any, Event: any;
declare var module: { exports: any };
"""


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "check",
        help="find what is wrong with a script without running it",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("file", metavar="FILE", help="the script; - reads it from stdin")
    verb.add_argument("--demo", "--aws", action="store_true", help="it would get the AWS bindings")
    verb.add_argument(
        "--binding", metavar="[NAME=]PKG.MOD:FUNCTION", action="append", default=[], help="it would get this function"
    )
    verb.add_argument("--replay", metavar="FILE", help="it would get the functions of a recorded run")
    verb.add_argument("--node", metavar="PATH", type=program, help="the Node.js to use instead of stockade's own")


def command(options: argparse.Namespace) -> int:
    """Prints each finding with its line and caret on stderr; exit code 1 if there is any."""
    config = RuntimeConfig(node=options.node)
    bindings = validated(dict(load_binding(named) for named in options.binding))
    script = read_script(options.file, config.script_bytes)
    with Pool(config, workers=1, spares=0) as pool:
        refused = pool.check(script)
    if refused is not None:
        show.write(sys.stderr, show.plain(error_text(refused)))
        return Exit.SCRIPT.value
    if options.demo:
        bindings |= aws_declared()
    if options.replay:
        bindings |= replay(options.replay)
    found = diagnostics(script, {**bindings, **discovery(bindings)}, find_node(options.node).path)
    for text in found or ():
        show.write(sys.stderr, show.plain(text))
    if found is None:
        show.write(sys.stderr, "it parses; no TypeScript compiler was found to check it further")
    return Exit.SCRIPT.value if found else Exit.OK.value


def diagnostics(script: str, bindings: dict[str, Callable[..., Any]], node: Path) -> list[str] | None:
    """What the compiler says of a script, with frames; None where there is no compiler."""
    compiler = find_compiler()
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "api.d.ts").write_text(typescript(bindings) + _AMBIENT, "utf-8")
        (Path(folder) / "script.ts").write_text(_OPEN + script + _CLOSE, "utf-8")
        try:
            done = subprocess.run(
                [node, compiler, "--noEmit", "--pretty", "false", *COMPILER_OPTIONS, "api.d.ts", "script.ts"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=COMPILER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
    found = (_DIAGNOSTIC.match(line) for line in done.stdout.splitlines())
    return [_told(script, match) for match in found if match is not None and match[3] not in _ALLOWED]


def find_compiler() -> Path | None:
    """The JavaScript of a TypeScript compiler: of the nearest node_modules, else the one on the PATH."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        nearest = folder / "node_modules" / "typescript" / "bin" / "tsc"
        if nearest.is_file():
            return nearest
    installed = shutil.which("tsc")
    return None if installed is None else Path(installed).resolve()


def _told(script: str, match: re.Match[str]) -> str:
    line, column = int(match[1]) - 1, int(match[2])
    return f"type: {match[4]}\n{frame_of(script, line, column)}"
