"""One embedded world for all AWS tests: real HTTP to a real child process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stockade.aws import AwsSource, aws_bindings
from stockade.aws.embedded import EmbeddedWorld

MANAGEMENT, PRODUCTION, STAGING, SANDBOX = "123456789012", "210987654321", "310987654321", "410987654321"


@pytest.fixture(scope="session")
def world() -> Iterator[EmbeddedWorld]:
    with EmbeddedWorld.start() as started:
        yield started


@pytest.fixture(scope="session")
def source(world: EmbeddedWorld) -> Iterator[AwsSource]:
    with world.source() as opened:
        yield opened


@pytest.fixture(scope="session")
def aws(source: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(source)
