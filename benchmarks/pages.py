"""Tables in pages, between markers: made by a tool from the figures of a run, never by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

BEGIN, END = "<!-- {}: from the tool, not by hand -->", "<!-- end of {} -->"


def put(page: Path, blocks: Mapping[str, str]) -> None:
    """Renews the blocks the page has markers for. Raises ValueError if it has none of them."""
    text = page.read_text()
    here = held(text, blocks)
    if not here:
        raise ValueError(f"{page.name} has no markers for {', '.join(blocks)}")
    for name in here:
        text = replaced(text, name, blocks[name])
    page.write_text(text)


def held(text: str, blocks: Iterable[str]) -> list[str]:
    """Which of the blocks a page has markers for."""
    return [name for name in blocks if BEGIN.format(name) in text]


def replaced(text: str, name: str, block: str) -> str:
    """The page with this block between the markers of this name. Raises ValueError where there are none."""
    begin, end = BEGIN.format(name), END.format(name)
    if begin not in text or end not in text:
        raise ValueError(f"the page has no markers for {name!r}")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{block}\n{end}{rest.partition(end)[2]}"
