"""The figures as Markdown: what README shows is made here from the JSON of a run, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.peers.measures import BY_KEY, CLAIMS, MEASURES, Claim, Figure, Judged, Measure, judged
from benchmarks.peers.subjects import NAMES

# Ourselves, in both modes.
OURS = ("stockade", "context")

# Of two cores: more, and others had a part in every figure.
BUSY = 1.0


def figures_of(data: dict[str, Any]) -> dict[tuple[str, str], Figure]:
    """The figures of a run, by subject and measure."""
    figures = [Figure(**{**figure, "rounds": tuple(figure["rounds"])}) for figure in data["figures"]]
    return {(figure.subject, figure.measure): figure for figure in figures}


def claims_of(data: dict[str, Any]) -> list[Judged]:
    """Every claim whose measure was taken."""
    figures = figures_of(data)
    return [judged(claim, figures) for claim in CLAIMS if any(key[1] == claim.measure for key in figures)]


def when_and_where(data: dict[str, Any]) -> str:
    """Date, machine and how often, in one sentence."""
    machine = data["machine"]
    return (
        f"{data['date']}, {machine['cores']} x {machine['cpu']}, {machine['system']} {machine['kernel']}, "
        f"CPython {machine['python']}, Node.js {machine['node']}, isolation {machine['isolation']}, "
        f"load {machine['load_before']} before; {data['rounds']} interleaved rounds"
        + ("" if data["part"] == 1 else ", a quick look and no result")
        + ("." if machine["load_before"] < BUSY else ". **The machine was busy**: take no figure at its word.")
    )


def claims(data: dict[str, Any], peers: Sequence[str] = NAMES) -> str:
    """The claims against these peers with their ratios; one that was missed says so."""
    titles = _titles(data)
    lines = ["| | ours | theirs | ratio (rounds) | goal | |", "| --- | --- | --- | --- | --- | --- |"]
    figures = figures_of(data)
    lines += [_claim_line(found, figures, titles) for found in claims_of(data) if found.claim.peer in peers]
    return "\n".join(lines)


def figures(data: dict[str, Any], keys: Sequence[str] = tuple(BY_KEY)) -> str:
    """A line a subject, a column a measure: all that were taken, or only these."""
    found = figures_of(data)
    taken = [measure for measure in _taken(found) if measure.key in keys]
    heads = ["", "between two scripts", *(f"{measure.title}, {measure.unit}" for measure in taken)]
    lines = ["| " + " | ".join(heads) + " |", "| --- | --- |" + " --- |" * len(taken)]
    for subject in data["subjects"]:
        name = subject["name"]
        if subject["missing"]:
            lines.append(f"| {name} | not here: {subject['missing']} |" + " |" * len(taken))
            continue
        cells = [_cell(found.get((name, measure.key))) for measure in taken]
        lines.append(f"| {subject['title']} | {subject['between']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def notes(data: dict[str, Any]) -> str:
    """What the columns mean, how each subject was used, and why a figure is missing."""
    found = figures_of(data)
    lines = [f"- **{measure.title}**: {measure.what}." for measure in _taken(found)]
    lines.append("")
    for subject in data["subjects"]:
        if not subject["missing"]:
            versions = ", ".join(f"{name} {version}" for name, version in subject["versions"].items())
            lines.append(f"- **{subject['title']}** ({versions}): {subject['settings']}.")
    failed = [figure for figure in found.values() if figure.outcome == "failed"]
    if failed:
        titles = _titles(data)
        lines.append("")
        lines += [f"- *failed*: {titles[one.subject]}, {BY_KEY[one.measure].title}: {one.why}." for one in failed]
    return "\n".join(lines)


def ours_failed(data: dict[str, Any]) -> bool:
    """Whether a figure of ours failed, or we were not there at all."""
    absent = any(subject["name"] in OURS and subject["missing"] for subject in data["subjects"])
    return absent or any(figure["subject"] in OURS and figure["outcome"] == "failed" for figure in data["figures"])


def short(value: float) -> str:
    """Three digits at most."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _claim_line(found: Judged, figures: dict[tuple[str, str], Figure], titles: dict[str, str]) -> str:
    claim = found.claim
    measure = BY_KEY[claim.measure]
    what = f"{measure.title}: {titles.get(claim.ours, claim.ours)} against {titles.get(claim.peer, claim.peer)}"
    if found.ratio is None or found.low is None or found.high is None:
        return f"| {what} | | | | {_goal(claim)} | {found.why} |"
    ours, peer = (f"{short(figures[side, claim.measure].median)} {measure.unit}" for side in (claim.ours, claim.peer))
    spread = f"{short(found.ratio)} ({short(found.low)} to {short(found.high)})"
    return f"| {what} | {ours} | {peer} | {spread} | {_goal(claim)} | {'met' if found.met else '**missed**'} |"


def _taken(found: dict[tuple[str, str], Figure]) -> list[Measure]:
    return [measure for measure in MEASURES if any(key == measure.key for _, key in found)]


def _goal(claim: Claim) -> str:
    return f"{claim.bound:g} times better" if claim.kind == "at least" else f"within {claim.bound:g} times"


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return short(figure.median) if figure.outcome == "measured" else figure.outcome


def _titles(data: dict[str, Any]) -> dict[str, str]:
    return {subject["name"]: subject.get("title", subject["name"]) for subject in data["subjects"]}
