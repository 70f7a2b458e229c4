"""`stockade doctor`: which Node.js, found how, which layers hold, and whether a script runs here."""

from __future__ import annotations

import argparse
import asyncio
import operator
import platform
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, get_args

from stockade import attacks
from stockade import pool as asynchronous
from stockade.aws.embedded.world import is_installed
from stockade.commands import show
from stockade.commands.exits import Exit, listed
from stockade.commands.options import program
from stockade.config import RuntimeConfig
from stockade.errors import StockadeError
from stockade.node import find_node, version_of
from stockade.sync import Pool
from stockade.worker import IsolationMode

_DESCRIPTION = """\
Look at this machine as stockade sees it: the Node.js it found and how, each layer of isolation with the reason
for those that are missing, and whether scripts run, call back, and are stopped in time. With --attack, throw every
attack of stockade's corpus at this machine and this Node.js, and tell what held at which layer (a minute or so)."""

_EXIT_CODES = listed(
    {
        Exit.OK: "nothing is broken; a note is no fault",
        Exit.FAILURE: "something is broken, or an attack was not held",
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, worth knowing, or broken."""

    subject: str
    state: str  # "ok", "note" or "broken"
    detail: str


def add_to(verbs: Any) -> None:
    """Declares the verb and its options."""
    verb = verbs.add_parser(
        "doctor",
        help="tell which Node.js is used, what holds scripts in, and what works",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.set_defaults(command=command)
    verb.add_argument("--node", metavar="PATH", type=program, help="look at this Node.js instead of stockade's own")
    verb.add_argument("--attack", action="store_true", help="throw the attack corpus at it, in both isolation modes")
    verb.add_argument("--json", action="store_true", help="print the findings as JSON")


def command(options: argparse.Namespace) -> int:
    """Prints the findings; fails if anything is broken."""
    findings = examine(options.node)
    if options.attack and not any(finding.state == "broken" for finding in findings):
        findings += attack(options.node)
    if options.json:
        # The indentation of layers and breaches is the table's.
        data = [{**asdict(finding), "subject": finding.subject.strip()} for finding in findings]
        show.write(sys.stdout, show.as_json(data))
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            show.write(sys.stdout, f"{finding.state:<6} {finding.subject:<{width}}  {show.plain(finding.detail)}")
    return Exit.FAILURE.value if any(finding.state == "broken" for finding in findings) else Exit.OK.value


def installed(distribution: str) -> str:
    """Which version of it; of files that were copied here without being installed nobody knows."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "of unknown version"


def examine(node: Path | None) -> list[Finding]:
    """Everything there is to tell about this machine; runs a few scripts to know."""
    findings = [
        Finding(
            "stockade", "ok", f"{installed('stockade')} on Python {platform.python_version()}, {platform.platform()}"
        )
    ]
    try:
        found = find_node(node)
        number = ".".join(str(part) for part in version_of(found))
    except StockadeError as error:
        return [*findings, Finding("node", "broken", str(error))]
    findings.append(Finding("node", "ok", f"{number}, from {found.found_by}"))
    try:
        with Pool(RuntimeConfig(node=node), workers=1, spares=0) as pool:
            report = pool.isolation
            findings.append(Finding("isolation", "ok" if report.level == "full" else "note", report.level))
            findings += [
                Finding(f"  {layer}", "ok" if state == "active" else "note", detail)
                for layer, state, detail in report.table()
            ]
            findings += _trials(pool)
    except (StockadeError, OSError) as error:
        findings.append(Finding("pool", "broken", str(error)))
    return [*findings, *_packages()]


def _trials(pool: Pool) -> list[Finding]:
    return [
        _trial(pool, "a script", "1 + 1", 2),
        _trial(pool, "a call", "await add(20, 22)", 42),
        _trial(pool, "a timer", "await new Promise((done) => setTimeout(() => done('rang'), 5))", "rang"),
        _stopped(pool, "an endless loop", "for (;;) {}", "timeout"),
        _stopped(
            pool, "a memory bomb", "const kept = []; for (;;) kept.push(new Uint8Array(1e6).fill(1))", "memory_limit"
        ),
    ]


def _trial(pool: Pool, subject: str, script: str, expected: object) -> Finding:
    run = pool.execute(script, bindings={"add": operator.add})
    if run.error is not None:
        return Finding(subject, "broken", f"{run.error.kind}: {run.error.message}")
    waited = run.usage.start_ms
    state = "ok" if run.value == expected else "broken"
    return Finding(
        subject, state, f"gives {run.value!r} after {waited:.0f} ms of start and {run.usage.wall_ms:.1f} ms of run"
    )


def _stopped(pool: Pool, subject: str, script: str, kind: str) -> Finding:
    limits = pool.config.model_copy(
        update={"timeout_seconds": 0.5 if kind == "timeout" else 20.0, "memory_limit_mb": 64}
    )
    run = pool.execute(script, config=limits)
    if run.error is None or run.error.kind != kind:
        return Finding(subject, "broken", f"expected {kind}, got {run.error.kind if run.error else 'a value'}")
    return Finding(
        subject, "ok", f"stopped as {kind} after {run.usage.wall_ms:.0f} ms at {run.usage.peak_rss_mb:.0f} MiB"
    )


def attack(node: Path | None) -> list[Finding]:
    """Every attack of the corpus, in both isolation modes; one finding for each mode and layer, and for each breach."""
    return [finding for mode in get_args(IsolationMode) for finding in asyncio.run(_attack(node, mode))]


async def _attack(node: Path | None, mode: IsolationMode) -> list[Finding]:
    corpus = attacks.load(mode)
    config = RuntimeConfig(node=node, **attacks.LIMITS)
    done = 0

    def tell(_: attacks.Outcome) -> None:
        nonlocal done
        done += 1
        show.status(f"attacking, isolation={mode}: {done} of {len(corpus)}")

    async with asynchronous.Pool(config, isolation=mode, workers=2, spares=4) as pool:
        outcomes = await attacks.run_all(pool, corpus, tell)
    show.status("")
    held = Counter(outcome.layer for outcome in outcomes if outcome.held)
    listed = ", ".join(f"{count} by the {layer}" for layer, count in held.most_common())
    breaches = [
        Finding(f"  {outcome.attack.name}", "broken", outcome.why.partition("\n")[0])
        for outcome in outcomes
        if not outcome.held
    ]
    state = "broken" if breaches else "ok"
    summary = f"{sum(held.values())} of {len(outcomes)} attacks held: {listed}"
    return [Finding(f"attacks, {mode}", state, summary), *breaches]


def _packages() -> list[Finding]:
    moto = (
        Finding("demo world", "ok", f"moto {installed('moto')}")
        if is_installed()
        else Finding("demo world", "note", 'for --demo, in a checkout: pip install ".[demo]"')
    )
    return [Finding("aws", "ok", f"boto3 {installed('boto3')}"), moto]
