"""What a person sees of a run on a terminal. Text made by a script may not move the cursor or colour a word."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from bisect import bisect_right
from collections.abc import Generator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any, TextIO
from unicodedata import category, east_asian_width

from stockade.render import error_text
from stockade.result import ConsoleLine, ExecutionResult, RunError

# Control characters but tab and newline, the C1 set, and what turns the direction of text: a terminal may act on them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Wider cells are cut, so that a row stays a row.
_CELL_COLUMNS = 48

# Accents put on the letter before them, and marks that are not seen, such as the joiner within an emoji.
_NO_WIDTH = ("Mn", "Me", "Cf")


def plain(text: str) -> str:
    """Text with every control character spelled out."""
    return _CONTROL.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if ord(found[0]) < 256 else f"\\u{ord(found[0]):04x}", text
    )


def write(stream: TextIO, text: str) -> None:
    """One line, whatever characters the stream's encoding lacks, and whether or not somebody still reads it.

    Raises OSError where stdout takes no more for another reason, say a full disk; what stderr does not take is lost.
    """
    encoding = stream.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
    except OSError as error:
        # What is left in the buffer would fail once more when Python closes the stream.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            raise


def as_json(data: Any, indent: int | None = None) -> str:
    """JSON for stdout; escaped where its encoding may lack a character, which `write` would spell as JSON does not.

    And where a terminal may act on one. JSON has such characters in its texts alone, so they are escaped as there.
    """
    unicode = codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    text = json.dumps(data, indent=indent, ensure_ascii=not unicode)
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def console_line(line: ConsoleLine) -> None:
    """A console line on stderr, as it comes."""
    mark = "" if line.level in ("log", "info") else f"{line.level}: "
    write(sys.stderr, plain(f"{mark}{line.text}"))


def value(result: ExecutionResult, form: str) -> None:
    """The value on stdout: text as it is, anything else as JSON, or rows as a table."""
    if result.result is None:
        return
    on_terminal = sys.stdout.isatty()
    if form == "table" or (form == "auto" and on_terminal):
        rows = table(result.value)
        if rows is not None:
            write(sys.stdout, rows)
            return
    if isinstance(result.value, str) and form != "json":
        write(sys.stdout, plain(result.value) if on_terminal else result.value)
        return
    write(sys.stdout, as_json(result.value, indent=2))


def hint(text: str) -> None:
    """What a run that ended well was hardly meant to do, on stderr."""
    write(sys.stderr, plain(f"hint: {text}"))


def error(failed: RunError) -> None:
    """Kind, message, the line with its caret, the user's frames, the hint: enough to mend the script."""
    write(sys.stderr, plain(error_text(failed)))


def table(data: Any) -> str | None:
    """Rows of flat objects as aligned columns; None for data that is no such list, or has no column."""
    if not isinstance(data, list) or not data:
        return None
    rows: list[dict[str, Any]] = []
    for row in data:  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(row, dict) or any(isinstance(cell, dict | list) for cell in row.values()):  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            return None
        rows.append(row)  # pyright: ignore[reportUnknownArgumentType]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        return None
    cells = [[_cell(name) for name in columns], *([_cell(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(columns))]
    cells.insert(1, ["─" * width for width in widths])
    padded = ((text + " " * (widths[i] - _width(text)) for i, text in enumerate(line)) for line in cells)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def _cell(content: Any) -> str:
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    text = plain(text).replace("\n", " ").replace("\t", " ")
    # No more is looked at: one letter may have accents without end.
    looked = text[: 4 * _CELL_COLUMNS]
    if looked == text and _width(text) <= _CELL_COLUMNS:
        return text
    return f"{text[: bisect_right(list(accumulate(map(_width, looked))), _CELL_COLUMNS - 1)]}…"


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if category(letter) in _NO_WIDTH else 2 if east_asian_width(letter) in ("W", "F") else 1 for letter in text
    )


def status(text: str) -> None:
    """The one line of progress on a terminal, replaced by the next; an empty one clears it."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":  # which would show the codes, as Emacs's shell does
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


@contextmanager
def progress(text: str) -> Generator[None]:
    """A line on a terminal while something starts, gone when it has."""
    status(f"{text} …")
    try:
        yield
    finally:
        status("")
