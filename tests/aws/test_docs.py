"""docs/aws.md says what is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stockade.aws.bindings import FUNCTIONS
from stockade.aws.errors import CODES
from stockade.aws.readonly import EXTRAS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/aws.md").read_text("utf-8")


def test_the_list_of_types_is_the_one_that_is_shipped():
    done = subprocess.run([sys.executable, "tools/aws_types_table.py", "--check"], cwd=ROOT)
    assert done.returncode == 0, "run: .venv/bin/python tools/aws_types_table.py"


@pytest.mark.parametrize("name", [*FUNCTIONS, *CODES])
def test_every_function_and_every_code_is_there(name):
    assert f"`{name}" in PAGE


def test_every_extra_operation_of_ours_is_there():
    named = {each.partition(".")[2] for each in EXTRAS if not each.startswith(("sso", "s3."))}
    assert [each for each in named if f":{each}`" not in PAGE] == []
