"""The tables in the pages are those of the figures that are kept beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from benchmarks.__main__ import ALL
from benchmarks.peers import __main__ as peers

from benchmarks import pages, report

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/performance.md")
BLOCKS = {"peers.json": peers.blocks, "bench.json": report.blocks}
KEPT = sorted((ROOT / "benchmarks" / "results").glob("*.json"))


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.name)
def test_the_tables_of_the_pages_are_those_of_the_figures_beside_them(file: Path) -> None:
    """So that nobody mends one by hand, and none grows older than its figures."""
    blocks = BLOCKS[file.name](json.loads(file.read_text()))
    texts = [(ROOT / page).read_text() for page in PAGES]
    found = [(text, name) for text in texts for name in pages.held(text, blocks)]

    assert {name for _, name in found} == set(blocks)
    for text, name in found:
        assert pages.replaced(text, name, blocks[name]) == text


def test_the_page_explains_every_row() -> None:
    """As `python -m benchmarks --help` says: outside of the table, where the name alone stands."""
    page = (ROOT / "docs" / "performance.md").read_text()
    told = set(re.findall(r"\*\*(.+?)\*\*", pages.replaced(page, "bench", "")))

    assert {figure.name for benchmark in ALL for figure in benchmark.figures} - told == set()


def test_the_comparison_with_peers_is_kept() -> None:
    assert "peers.json" in [file.name for file in KEPT]


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    begin, end = pages.BEGIN.format("rival"), pages.END.format("rival")

    assert pages.replaced(f"a\n{begin}\nold\n{end}\nb\n", "rival", "new") == f"a\n{begin}\nnew\n{end}\nb\n"
    with pytest.raises(ValueError, match="no markers"):
        pages.replaced("a", "rival", "new")


def test_a_page_without_markers_is_refused_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text")

    with pytest.raises(ValueError, match=r"page.md has no markers for rival"):
        pages.put(page, {"rival": "new"})
    assert page.read_text() == "text"
