"""Writes the catalogue of the AWS pack from published schemas: see `--help`."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from catalog_builder.derive import Derived, derive
from catalog_builder.inputs import Iam, Models, moto_verdicts, overlay, schemas, versions
from catalog_builder.report import report

DATA = Path(__file__).parent.parent / "pool/stockade/aws/data"
TABLE = DATA / "catalog.json.gz"
REPORT = Path(__file__).parent.parent / ".build/catalog_report.md"


def main() -> int:
    """Builds the table; with --check only says whether it would change."""
    parser = argparse.ArgumentParser(description="Derive the AWS catalogue. No network; about ten seconds.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the table would change")
    parser.add_argument(
        "--probe", action="store_true", help="first ask moto about every type (minutes), for its verdict"
    )
    options = parser.parse_args()
    if options.probe:
        from catalog_builder.probe import probe  # needs the project's own environment, for moto

        probe(build()[0].rows)
    started = time.process_time()
    derived, packed = build()
    before: dict[str, Any] = unpacked(TABLE.read_bytes()) if TABLE.exists() else {"rows": {}}
    text = report(before, unpacked(packed), derived)
    same = TABLE.exists() and TABLE.read_bytes() == packed
    print(text.split("\n## ")[0])
    print(
        f"{len(packed) / 1024:.0f} KB, {time.process_time() - started:.1f} s of processor time, "
        f"{'unchanged' if same else 'changed'}"
    )
    if options.check:
        return 0 if same else 1
    if not same:
        TABLE.write_bytes(packed)
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(text, "utf-8")
        print(f"what changed: {REPORT.parent.name}/{REPORT.name}")
    return 0


def build() -> tuple[Derived, bytes]:
    """The derivation and the packed table: the same bytes for the same inputs."""
    by_hand = overlay()
    derived = derive(schemas(), Models(), Iam(), by_hand)
    verdicts = moto_verdicts()
    rows = {
        name: row | ({"moto": True} if in_moto(name, derived.rows, verdicts) else {})
        for name, row in derived.rows.items()
    }
    table = {"inputs": versions(), "marks": by_hand["marks"], "rows": rows}
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    return derived, gzip.compress(text.encode(), 9, mtime=0)


def in_moto(name: str, rows: Mapping[str, Mapping[str, Any]], verdicts: Mapping[str, str]) -> bool:
    """Whether moto answers for a type, and for all the parents it is found through."""
    parent = rows[name].get("parent")
    return answered(verdicts.get(name, "")) and (parent is None or in_moto(parent["type"], rows, verdicts))


def answered(verdict: str) -> bool:
    """Whether moto has the operation: it gave a list, asked for a real parent, or refused as the service would."""
    return verdict.split(" ")[0] in ("rows", "empty", "parent", "refused")


def unpacked(packed: bytes) -> dict[str, Any]:
    return json.loads(gzip.decompress(packed))


if __name__ == "__main__":
    sys.exit(main())
