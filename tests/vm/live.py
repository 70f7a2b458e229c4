"""A plugin of pytest for slow machines: longer waits, each test told as it ends, and each failure at once."""

from __future__ import annotations

import pytest

from stockade.sandbox import launcher, probe

# Emulation is twenty times slower than the machine, and the machine may be busy.
launcher.START_SECONDS = probe.SELF_TEST_SECONDS = 600.0


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        print(f"\nFAILED {report.nodeid} in {report.when}\n{report.longreprtext}", flush=True)
    elif report.when == "call":
        print(f"\n{report.outcome} {report.nodeid} after {report.duration:.1f} s", flush=True)
