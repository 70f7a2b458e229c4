"""The embedded world: quick, filled, apart from the user's AWS, and never longer there than its owner."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys

import psutil
import pytest

from stockade.aws import aws_bindings
from stockade.aws.embedded import EmbeddedWorld
from stockade.aws.embedded.world import child_environment
from stockade.commands.doctor import _packages
from stockade.errors import StockadeError

OWNER = """
import os, sys
from stockade.aws import aws_bindings
from stockade.aws.embedded import EmbeddedWorld
world = EmbeddedWorld.start(seed=False)
print(world.pid, flush=True)
sys.stdin.read()
"""


async def test_it_is_filled_and_answers_once_it_is_ready():
    """How soon that is, is a benchmark ("embedded AWS ready"): a machine that is busy is not its fault."""
    with EmbeddedWorld.start() as second, second.source() as source:
        reply = await aws_bindings(source)["countResources"](["AWS::EC2::Instance", "AWS::S3::Bucket"])
    assert reply.value["total"] == 3 + 2
    assert second.ready_after_seconds > 0


def test_closing_ends_the_child_and_may_be_repeated():
    world = EmbeddedWorld.start(seed=False)
    child = psutil.Process(world.pid)
    world.close()
    world.close()
    assert not child.is_running()


def test_a_start_that_is_given_up_does_not_wait_for_the_child_to_be_ready(monkeypatch):
    """Ctrl-C, say: the child reads its stdin only once it is ready, so it would be waited for."""
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen[bytes]):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr("stockade.aws.embedded.world.subprocess.Popen", Remembered)
    with pytest.raises(StockadeError, match="not ready in time"):
        EmbeddedWorld.start(timeout_seconds=0)
    assert [child.returncode for child in started] == [-signal.SIGKILL]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_child_ends_when_its_owner_is_killed(how):
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child = psutil.Process(int(owner.stdout.readline()))
        owner.send_signal(how)
        owner.wait(10)
        child.wait(10)
    finally:
        owner.kill()
        owner.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel for the parent's death, which Linux alone offers")
def test_the_child_ends_when_its_owner_is_killed_though_a_fork_keeps_the_pipe_open():
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.replace("sys.stdin.read()", "os.fork(); sys.stdin.read()")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        child = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
        owner.wait(10)
        child.wait(10)
    finally:
        owner.kill()
        owner.communicate()  # end-of-file, which also ends the fork


def test_the_child_outlives_the_thread_that_started_it():
    """The kernel's parent-death signal comes at the end of the thread that started a child, not of its process."""
    started = subprocess.run(
        [
            sys.executable,
            "-c",
            "import threading, urllib.request\n"
            "from stockade.aws.embedded import EmbeddedWorld\n"
            "made = []\n"
            "thread = threading.Thread(target=lambda: made.append(EmbeddedWorld.start(seed=False)))\n"
            "thread.start(); thread.join()\n"
            "with made[0] as world:\n"
            "    print(urllib.request.urlopen(world.endpoint_url + '/moto-api/data.json').status)\n",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.stdout == "200\n", started.stderr


def test_the_child_sees_nothing_of_the_users_aws(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a real one")
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    environment = child_environment()
    assert "a real one" not in environment.values()
    assert not {"AWS_PROFILE", "MOTO_ACCOUNT_ID"} & set(environment)
    assert environment["AWS_CONFIG_FILE"] == environment["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


async def test_its_source_ignores_the_users_environment(world, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with world.source() as source:
        assert len(await source.accounts()) == 4


@pytest.mark.parametrize("lacking", ["moto", "re2"])
def test_without_what_it_needs_one_sentence_says_what_to_install(monkeypatch, lacking):
    find = importlib.util.find_spec
    assert find(lacking) is not None
    monkeypatch.setattr("stockade.aws.embedded.world.find_spec", lambda name: None if name == lacking else find(name))
    with pytest.raises(StockadeError, match=r'in a checkout: pip install "\.\[demo\]"'):
        EmbeddedWorld.start()
    assert [found.state for found in _packages() if found.subject == "demo world"] == ["note"]
