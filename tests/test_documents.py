"""What the documents show works as written."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import get_args

import pytest

from stockade.config import RuntimeConfig
from stockade.errors import StockadeError
from stockade.result import ErrorKind
from stockade.stats import PoolStats
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_the_readmes_program_runs_and_prints_what_it_says():
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    first, second = done.stdout.splitlines()
    assert first.startswith("12 [CallRecord(name='price'")
    assert second == "timeout the script ran longer than timeout_seconds=0.5"


def test_every_limit_stands_in_the_table():
    page = (ROOT / "docs" / "limits.md").read_text()

    rows = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert set(RuntimeConfig.model_fields) - {"node", "jitless", "traces"} <= rows


@pytest.mark.parametrize(
    "page",
    sorted(path.relative_to(ROOT) for path in ROOT.glob("*.md"))
    + sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/*.md")),
    ids=str,
)
def test_no_link_leads_nowhere(page):
    text = (ROOT / page).read_text()

    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_every_way_a_run_can_end_stands_in_the_page_on_operations():
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))

    assert set(get_args(ErrorKind)) <= rows
    assert {"PoolClosed", "PoolUnhealthy", "QueueFull", "QueueTimeout"} <= rows
    told = set(re.findall(r"`(\w+)`", page))
    assert set(PoolStats.model_fields) <= told


def test_every_error_says_what_survived():
    """The caller's question is "may I go on?", so each docstring answers it."""
    for error in StockadeError.__subclasses__():
        assert error.__doc__, error


def test_the_page_on_bindings_prints_what_it_says():
    page = (ROOT / "docs" / "bindings.md").read_text()
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [printed] = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == printed.strip()


def test_the_program_in_the_page_on_operations_prints_its_metrics():
    page = (ROOT / "docs" / "operations.md").read_text()
    [program] = [text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "Telemetry" in text]

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert 'stockade_runs_total{pool="reports",outcome="returned"} 1.0' in done.stdout.splitlines()
