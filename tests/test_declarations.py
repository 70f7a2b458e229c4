"""The AWS pack's declarations: what a model is shown, held against the compiler and our own examples."""

from __future__ import annotations

import re
import subprocess

import pytest

from stockade.aws.bindings import FUNCTIONS
from stockade.aws.declarations import declarations
from stockade.bindings import binding, typescript
from stockade.bindings.typescript import CHARS_PER_TOKEN
from stockade.commands.compiler import COMPILER_OPTIONS
from stockade.node import bundled_node
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def aws() -> dict[str, object]:
    """The bindings as far as declarations go; no account is needed to tell of them."""
    return {name: binding(declaration=text)(lambda *args: None) for name, text in declarations().items()}


def test_every_binding_is_declared_and_nothing_else():
    assert set(declarations()) == set(FUNCTIONS)


def test_the_short_form_fits_a_prompt(aws):
    short = typescript(aws, budget_tokens=1_500)

    assert len(short) <= 1_500 * CHARS_PER_TOKEN
    assert all(f"declare function {name}(" in short for name in FUNCTIONS)
    assert not re.search(r"^type \w+ = (string|number);$", short, re.MULTILINE)


def test_our_examples_pass_the_compiler_against_them(aws, tmp_path):
    (tmp_path / "api.d.ts").write_text(
        typescript(aws) + "declare var console: Record<string, (...told: any[]) => void>;\n"
    )
    sources = []
    for example in sorted((ROOT / "examples").glob("*.js")):
        copy = tmp_path / f"{example.stem}.ts"
        # A script's last expression is its value; to the compiler that is an unused one, and the file no module.
        copy.write_text(example.read_text() + "\nexport {};\n")
        sources.append(copy)
    compiler = ROOT / "js_worker" / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [bundled_node(), compiler, "--noEmit", *COMPILER_OPTIONS, tmp_path / "api.d.ts", *sources],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.stdout == ""
