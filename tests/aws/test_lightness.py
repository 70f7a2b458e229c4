"""Importing stockade costs nobody boto3 or moto, and a source that is closed leaves nothing behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import pytest

from stockade.aws import aws_bindings


@pytest.mark.parametrize("module", ["stockade", "stockade.aws", "stockade.aws.embedded"])
def test_importing_loads_neither_boto_nor_moto(module):
    code = f"import sys, {module}; print([m for m in ('boto3', 'botocore', 'moto') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


async def test_of_a_source_that_is_closed_nothing_stays_in_memory(world):
    source = world.source()
    loader = weakref.ref(source.sessions.loader)  # what botocore has read, some megabytes for each service
    with source:
        aws = aws_bindings(source)
        assert (await aws["queryResources"]("AWS::DynamoDB::Table", "210987654321", "us-east-1")).value
        assert await aws["getResourceSchema"]("AWS::DynamoDB::Table")
    del source, aws
    gc.collect()

    assert loader() is None
