"""What a pool's workers need to exist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOT_WHOLE = (
    "stockade is in an archive, or was packed without all of its files, and no other program can run {} there: "
    "install it in a folder, whole"
)


@dataclass(frozen=True)
class Cage:
    """What a pool's workers need to exist: everything else is denied."""

    node: Path  # the Node binary, resolved
    readable: tuple[Path, ...]  # files or folders they may read: the worker's package; for `stockade cage` the file
    require_full: bool = False  # refuse to start if a layer is missing
    jitless: bool = False  # they make no memory executable

    def check(self) -> None:
        """FileNotFoundError for what Node.js cannot be told of: it would only say that there is no such module."""
        for path in self.readable:
            try:
                str(path).encode()
            except UnicodeEncodeError:
                name = path.name.encode(errors="backslashreplace").decode()
                reason = f"Node.js finds no file whose path is not UTF-8, as that of {name} is: put it elsewhere"
                raise FileNotFoundError(reason) from None
            if not path.exists():
                raise FileNotFoundError(NOT_WHOLE.format(path.name))
