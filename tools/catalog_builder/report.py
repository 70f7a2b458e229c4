"""What a new table changes, for the person who must say yes to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from catalog_builder.derive import Derived


def report(before: Mapping[str, Any], after: Mapping[str, Any], derived: Derived) -> str:
    """Markdown: totals; what was added, changed, dropped and moved between tiers; what is left out and why."""
    old: Mapping[str, Any] = before["rows"]
    new: Mapping[str, Any] = after["rows"]
    tiers = Counter(row["tier"] for row in new.values())
    lines = [
        "# The catalogue",
        "",
        f"{len(new)} types: {tiers['high']} high, {tiers['medium']} medium; "
        f"{len({row['service'] for row in new.values()})} services, "
        f"{len({(row['service'], row['operation']) for row in new.values()})} operations.",
        f"{_count(new, 'parent')} through a parent, {_count(new, 'details')} with a detail operation, "
        f"{_count(new, 'arn')} with an ARN in the list, {_count(new, 'arn_template')} by template, "
        f"{_count(new, 'name')} with a name, {_count(new, 'tags')} with tags, {_count(new, 'status')} with a status, "
        f"{_count(new, 'where')} told apart by a predicate, {_count(new, 'moto')} answered by moto.",
        "Inputs: " + ", ".join(f"{name} {version}" for name, version in sorted(after.get("inputs", {}).items())) + ".",
        "",
    ]
    lines += _section("Added", sorted(new.keys() - old.keys()))
    lines += _section("Dropped", sorted(old.keys() - new.keys()))
    both = sorted(old.keys() & new.keys())
    lines += _section(
        "Moved between tiers", [_moved(name, old, new) for name in both if _tier(old, name) != _tier(new, name)]
    )
    lines += _section(
        "Changed", [_changed(name, old[name], new[name]) for name in both if _differs(old[name], new[name])]
    )
    lines += _section("Left out", [f"{name}: {reason}" for name, reason in derived.left_out.items()])
    return "\n".join(lines) + "\n"


def _count(rows: Mapping[str, Any], part: str) -> int:
    return sum(part in row for row in rows.values())


def _section(title: str, entries: list[str]) -> list[str]:
    return [f"## {title}: {len(entries)}", "", *(f"- {entry}" for entry in entries), ""]


def _tier(rows: Mapping[str, Any], name: str) -> str:
    return str(rows[name].get("tier", "high"))


def _moved(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    return f"{name}: {_tier(old, name)} to {_tier(new, name)}"


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(old.get(part) != new.get(part) for part in old.keys() | new.keys() if part != "tier")


def _changed(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    parts = sorted(part for part in old.keys() | new.keys() if part != "tier" and old.get(part) != new.get(part))
    return f"{name}: " + "; ".join(f"{part} {old.get(part)} -> {new.get(part)}" for part in parts)
