"""The AWS of these tests, by real HTTP: one embedded world for all of them, or a server that answers as it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fault_server import FaultServer

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


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    made = FaultServer()
    yield made
    made.close()


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of the machine is not UTC's."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "TOK-9")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def attempts() -> int:
    """One retry shows that there are retries."""
    return 2


@pytest.fixture
def served(server: FaultServer, monkeypatch: pytest.MonkeyPatch, attempts: int) -> Iterator[AwsSource]:
    """A source whose AWS is that server."""
    server.reset()
    monkeypatch.setattr("stockade.aws.source.ATTEMPTS", attempts)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with AwsSource.from_environment(endpoint_url=server.endpoint_url, region="us-east-1") as opened:
        yield opened
