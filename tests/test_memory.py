"""What is read of one process, where it is gone and where there is no Linux to tell."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stockade import memory
from stockade.memory import Meter


def test_a_process_that_is_gone_before_the_first_look_holds_nothing_and_has_taken_no_time():
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


def test_where_there_is_no_proc_a_process_is_read_by_psutil(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    meter = Meter(os.getpid())
    resident, counted = meter.held()

    assert meter.resident() == meter.last[0] > 1024**2
    assert resident > 1024**2
    assert counted is None
    assert meter.cpu_seconds() > 0
