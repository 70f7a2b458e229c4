"""Importing stockade costs nobody boto3 or moto."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["stockade", "stockade.aws", "stockade.aws.embedded"])
def test_importing_loads_neither_boto_nor_moto(module):
    code = f"import sys, {module}; print([m for m in ('boto3', 'botocore', 'moto') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
