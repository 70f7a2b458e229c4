"""docs/aws.md says what is so."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stockade.aws import AwsError, AwsLimits, bindings
from stockade.aws.bindings import FUNCTIONS
from stockade.aws.errors import CODES
from stockade.aws.readonly import EXTRAS

ROOT = Path(__file__).parents[2]
DECLARATIONS = (Path(bindings.__file__).parent / "data" / "bindings.d.ts").read_text("utf-8")
PAGE = (ROOT / "docs/aws.md").read_text("utf-8")


def test_the_list_of_types_is_the_one_that_is_shipped():
    done = subprocess.run([sys.executable, "tools/aws_types_table.py", "--check"], cwd=ROOT)
    assert done.returncode == 0, "run: .venv/bin/python tools/aws_types_table.py"


@pytest.mark.parametrize("name", [*FUNCTIONS, *CODES])
def test_every_function_and_every_code_is_there(name):
    assert f"`{name}" in PAGE


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_arguments_of_a_function_have_the_names_by_which_it_takes_them(name):
    """They are also the names of one object that holds them all."""
    [told] = re.findall(rf"^\| `{name}\((.*?)\)`", PAGE, re.MULTILINE)
    [declared, *_] = re.findall(rf"^declare function {name}\((.*?)\): ", DECLARATIONS, re.MULTILINE)

    assert [each for each in told.split(", ") if each] == re.findall(r"(?:^|, )(\w+)\??:", declared)


@pytest.mark.parametrize("field", dataclasses.fields(AwsLimits), ids=lambda field: field.name)
def test_every_limit_of_a_source_is_there_with_its_default(field):
    default = field.default
    unit = next((unit for unit in (1024**2, 1024) if "bytes" in field.name and default % unit == 0), 1)
    told = f"{default // unit:,}" + {1: "", 1024: " KiB", 1024**2: " MiB"}[unit]

    assert re.search(rf"`{field.name}`[^\n]*\b{told}\b", PAGE)


def test_every_extra_operation_of_ours_is_there():
    named = {each.partition(".")[2] for each in EXTRAS if not each.startswith(("sso", "s3."))}
    assert [each for each in named if f":{each}`" not in PAGE] == []


def test_the_program_counts_what_is_there(world):
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STOCKADE_"))}
    aws = {
        "AWS_ENDPOINT_URL": world.endpoint_url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=kept | aws, capture_output=True, text=True, timeout=60, check=True
    )

    assert '"total":3' in done.stdout
    assert "of 500 API calls" in done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        {"resourceType": "AWS::SNS::Nothing"},
        {"accountId": ["123456789012", "999999999999"]},
        {"region": ["us-east-1", "us-nowhere-1"]},
    ],
)
async def test_one_that_does_not_exist_fails_the_whole_call(aws, wrong):
    given = {"resourceType": "AWS::SNS::Topic", "accountId": ["123456789012"], "region": ["us-east-1"], **wrong}

    with pytest.raises(AwsError) as caught:
        await aws["queryResources"](given)
    assert caught.value.code.startswith(("Unknown", "Unsupported"))
