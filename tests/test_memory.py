"""What is read of one process, where it is gone and where there is no Linux to tell."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stockade import memory
from stockade.memory import Meter


@pytest.mark.parametrize("platform", [sys.platform, "darwin"])
def test_a_process_that_is_gone_before_the_first_look_holds_nothing_and_has_taken_no_time(
    platform: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(memory.sys, "platform", platform)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    meter = Meter(ended.pid)
    meter.last_look()

    assert meter.held() == (0, None)
    assert meter.cpu_seconds() == 0
    meter.close()
    meter.close()


def test_a_process_that_is_gone_holds_nothing_any_more_of_what_it_held():
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as ends:
        meter = Meter(ends.pid)
        assert meter.resident() > 0

    assert meter.held() == (0, None)
    meter.close()


@pytest.mark.skipif(sys.platform != "linux", reason="where a process is read without psutil")
def test_what_is_counted_is_data_and_stack_and_nothing_once_a_process_has_ended_though_nobody_has_waited_for_it():
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as ends:
        assert ends.stdin and ends.stdout
        ends.stdin.write(b"it runs")
        ends.stdin.flush()
        assert ends.stdout.read(7) == b"it runs"
        meter = Meter(ends.pid)
        told = dict(line.split(":", 1) for line in Path(f"/proc/{ends.pid}/status").read_text().splitlines())
        counted = sum(int(told[name].removesuffix("kB")) * 1024 for name in ("VmData", "VmStk"))
        assert meter.held()[1] == counted
        ends.stdin.close()
        os.waitid(os.P_PID, ends.pid, os.WEXITED | os.WNOWAIT)
        assert meter.held() == (0, 0)
    meter.close()
    meter.close()


def test_where_there_is_no_proc_a_process_is_read_by_psutil(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    used = os.times()
    meter = Meter(os.getpid())
    resident, counted = meter.held()

    assert meter.resident() == meter.last[0] > 1024**2
    assert resident > 1024**2
    assert counted is None
    assert meter.cpu_seconds() >= used.user + used.system > 0


@pytest.mark.skipif(sys.platform != "linux", reason="where a process is read without psutil")
@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_who_is_out_of_descriptors_is_told_that_and_nothing_of_proc(number: int, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(memory.os, "open", refuse)
    assert Meter(os.getpid()).unreadable == os.strerror(number)
