"""How long credentials are waited for, and how much of what gives them is read, where botocore asks by no client.

It asks the services of a container or of the machine by itself, and waits for a `credential_process` without end.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from contextlib import suppress
from typing import Any

import psutil
from botocore.exceptions import CredentialRetrievalError

from stockade.aws.answers import ANSWER_SECONDS, bound_reads, seconds_left

# No credentials take more, and whoever says more may say it without end.
SAID_BYTES = 1024 * 1024

# Between two looks at what no descriptor tells: that a source is closed, or that a process is gone whose children
# still hold its pipe.
LOOK_SECONDS = 0.25

# To reap what has been killed; what runs as somebody else cannot be.
REAP_SECONDS = 2.0


def bound_sources(resolver: Any) -> None:
    """The sources of credentials of a session, those of the profiles that a role starts from included."""
    bound_reads(resolver.get_provider("container-role")._fetcher._session)
    bound_reads(resolver.get_provider("iam-role")._role_fetcher._session)
    resolver.get_provider("custom-process")._popen = Asked
    builder = resolver.get_provider("assume-role")._profile_provider_builder
    create = builder._create_process_provider

    def bound_process(*args: Any, **kwargs: Any) -> Any:
        provider = create(*args, **kwargs)
        provider._popen = Asked
        return provider

    builder._create_process_provider = bound_process


class Asked:
    """A `credential_process`, in the place of the Popen that botocore makes of it. Its stderr is for nobody: it may
    name what it knows."""

    def __init__(self, command: list[str], **_: Any) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def communicate(self) -> tuple[bytes, bytes]:
        """All that it says. It does not outlive this, nor do its children if it is stopped."""
        try:
            with self._process.stdout as said:  # pyright: ignore[reportOptionalContextManager]
                return self._heard(said.fileno()), b""
        finally:
            _stop(self._process)

    def _heard(self, said: int) -> bytes:
        heard, more = bytearray(), True
        end = time.monotonic() + ANSWER_SECONDS
        ready = select.poll()
        ready.register(said, select.POLLIN)
        while True:
            gone = self._process.poll() is not None  # asked first: all that it said is in the pipe by then
            if time.monotonic() > end or len(heard) > SAID_BYTES:
                raise CredentialRetrievalError(provider="custom-process", error_msg="it says too much, or too late")
            wait = 0 if gone else seconds_left(LOOK_SECONDS)
            if more and ready.poll(wait * 1000):
                part = os.read(said, SAID_BYTES)
                heard += part
                more = part != b""
            elif gone:
                return bytes(heard)
            elif not more:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(wait)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with suppress(psutil.Error):
        first = psutil.Process(process.pid)
        for each in (*first.children(recursive=True), first):
            with suppress(psutil.Error):
                each.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(REAP_SECONDS)
