"""What a TypeScript compiler says of a script: of the text the worker would run, and of no fault that is none there."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stockade.bindings.declarations import by_name, typescript
from stockade.verdict import frame_of

# The compiler takes a third of a second; past this something is wrong with it.
COMPILER_SECONDS = 30.0

# The language of a script's context, and nothing of a browser or of Node beside it.
COMPILER_OPTIONS = (
    *("--target", "esnext", "--lib", "esnext", "--types", "", "--allowJs", "--checkJs"),
    *("--module", "esnext", "--moduleDetection", "force", "--strict", "false"),
)

# Beside the language: the names of docs/javascript.md.
GLOBALS = Path(__file__).with_name("globals.d.ts")

# A body of its own, because `return` is legal in one; on a line of its own, so that columns stay.
_OPEN, _CLOSE = "async function script() {\n", "\n}\nexport {};\n"

# Grammar, on which V8 had its word (`export` stands in no function body, say); how JSDoc is written; a value unused.
_ALLOWED = re.compile(r"TS1\d{3}|TS80\d\d|TS2695")

# Of a function with several forms of a call it tells of the last, which is that by position.
_FORMS = r"(?:No overload matches this call\.\n  .* gave the following error\.\n *)?"
_DIAGNOSTIC = re.compile(rf"^script\.[jt]s\((\d+),(\d+)\): error (TS\d+): {_FORMS}(.*)$", re.MULTILINE)

# As in js_worker/stockade_worker/source/fence.cjs.
_FENCED = re.compile(r"\A(\s*(```+|~~~+)[^\n\r]*)([\n\r].*)([\n\r][ \t]*\2\s*)\Z", re.DOTALL)

_HASHBANG = re.compile(r"\A(\s*)#!")


def diagnostics(
    script: str, bindings: dict[str, Callable[..., Any]], node: Path, *, is_javascript: bool
) -> list[str] | None:
    """What the compiler says of a script that parses, with frames; None where there is no compiler."""
    # Of plain JavaScript it asks less: an object may be given fields later on, and a call need not have all arguments.
    name = "script.js" if is_javascript else "script.ts"
    with tempfile.TemporaryDirectory() as folder:
        declared = "\n".join((by_name(bindings), typescript(bindings), GLOBALS.read_text("utf-8")))
        (Path(folder) / "api.d.ts").write_text(declared, "utf-8")
        (Path(folder) / name).write_text(_OPEN + _plain(script) + _CLOSE, "utf-8")
        for compiler in compilers(node):
            command = [*compiler, "--noEmit", "--pretty", "false", *COMPILER_OPTIONS, "api.d.ts", name]
            said = _said(command, folder)
            if said is not None:
                break
        else:
            return None
        found = [match for match in _DIAGNOSTIC.finditer(said) if not _ALLOWED.fullmatch(match[3])]
        if found:
            # Only where null is a type of its own does `if (r.ok)` tell `{ ok: true }` from `{ ok: false }`. What is
            # refused for that alone is let pass: scripts look up without a doubt what they know to be there.
            strictly = _said([*command, "--strictNullChecks"], folder)
            places = {match.group(1, 2) for match in _DIAGNOSTIC.finditer(said if strictly is None else strictly)}
            found = [match for match in found if match.group(1, 2) in places]
    return [_told(script, match) for match in found]


def compilers(node: Path) -> list[list[str | Path]]:
    """How to run a TypeScript compiler, by choice: that of the nearest node_modules, else the one on the PATH."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        nearest = folder / "node_modules" / "typescript" / "bin" / "tsc"
        if nearest.is_file():
            return [[node, nearest]]
    installed = shutil.which("tsc")
    if installed is None:
        return []
    # By itself where it is no JavaScript: pnpm, asdf and others put a script of a shell there, which finds a Node.
    return [[node, Path(installed).resolve()], [installed]]


def _said(command: list[str | Path], folder: str) -> str | None:
    """What the compiler prints; None if that was none, or did not end."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, encoding="utf-8", timeout=COMPILER_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 or "error TS" in done.stdout else None


def _plain(script: str) -> str:
    """The script without a pair of fences or a line of `#!`; every position stays."""
    fenced = _FENCED.match(script)
    plain = script if fenced is None else _blank(fenced[1]) + fenced[3] + _blank(fenced[4])
    return _HASHBANG.sub(r"\1//", plain)


def _blank(text: str) -> str:
    return re.sub(r"[^\n\r\u2028\u2029]", " ", text)


def _told(script: str, match: re.Match[str]) -> str:
    line, column = int(match[1]) - 1, int(match[2])
    return f"type: {match[4]}\n{frame_of(script, line, column)}"
