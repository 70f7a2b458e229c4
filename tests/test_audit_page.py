"""The page that says which files hold a script in names all there are."""

from __future__ import annotations

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "audit.md").read_text()
WALL, REST = PAGE.split("\n## What is not the wall\n")
ROOTS = [ROOT / "pool" / "stockade", ROOT / "protocol", ROOT / "js_worker" / "stockade_worker"]
NOT_OURS = ("packed", "node_modules")
FILES = {
    path.relative_to(root).as_posix(): len(path.read_text().splitlines())
    for root in ROOTS
    for path in root.rglob("*")
    if path.suffix in (".py", ".js", ".cjs", ".mjs") and not set(path.parts) & set(NOT_OURS)
}


def named(text: str) -> list[str]:
    return re.findall(r"`((?:[\w/]+\.(?:py|js|cjs|mjs))|[\w/]+/)`", text)


def covers(name: str, file: str) -> bool:
    return file == name or (name.endswith("/") and file.startswith(name))


def test_each_file_is_said_to_be_of_the_wall_or_not():
    names = named(WALL) + named(REST.split("\n## ")[0])
    assert [file for file in FILES if not any(covers(name, file) for name in names)] == []


def test_each_name_of_the_wall_is_that_of_a_file():
    assert [
        name for name in named(WALL) if not (ROOT / name).is_dir() and not any(covers(name, file) for file in FILES)
    ] == []


def test_the_wall_has_as_many_lines_as_the_page_says():
    lines = sum(count for file, count in FILES.items() if any(covers(name, file) for name in named(WALL)))
    [said] = re.findall(r"The files of the three parts have\n(\d),(\d)00 lines together", PAGE)
    assert abs(lines - int("".join(said)) * 100) <= 300, lines
