"""What docs/testing.md shows works as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text()
SHOWN = list(
    zip(
        re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL),
        re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL),
        strict=True,
    )
)


@pytest.mark.parametrize(("program", "printed"), SHOWN, ids=range(len(SHOWN)))
def test_the_page_on_testing_prints_what_it_says(program: str, printed: str, tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path
    )

    assert done.stdout.strip() == printed.strip(), done.stderr
