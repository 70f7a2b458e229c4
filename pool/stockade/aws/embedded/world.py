"""The owner's side of the embedded world: starts the child, knows its address, and ends it."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stockade.errors import StockadeError

if TYPE_CHECKING:
    from stockade.aws.limits import AwsLimits
    from stockade.aws.source import AwsSource

# A warm start takes about three seconds; the first one on a cold disk compiles and reads some 100 MB.
START_SECONDS = 90.0
# The child ends at end-of-file on its stdin, at once; this is for a machine that is very busy.
END_SECONDS = 5.0

# The keys of the embedded world; moto takes any.
KEY, SECRET = "stockade-demo", "stockade-demo"

NOT_INSTALLED = 'the embedded AWS world needs moto and google-re2; in a checkout: pip install ".[demo]"'


class EmbeddedWorld:
    """A running embedded world. A context manager; `close()` may be repeated. The child never outlives its owner."""

    def __init__(self, process: subprocess.Popen[bytes], endpoint_url: str, role_name: str, seconds: float) -> None:
        self._process = process
        self.endpoint_url = endpoint_url
        self.role_name = role_name
        self.ready_after_seconds = seconds

    @classmethod
    def start(cls, *, seed: bool = True, timeout_seconds: float = START_SECONDS) -> EmbeddedWorld:
        """Starts the child and waits until it answers; StockadeError where it cannot. `seed=False` leaves it empty."""
        if not is_installed():
            raise StockadeError(NOT_INSTALLED)
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "stockade.aws.embedded.server", *([] if seed else ["--empty"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the owner, who then closes the child
        )
        try:
            ready = _first_line(process, started + timeout_seconds)
            return cls(process, ready["endpoint_url"], ready["role_name"], time.monotonic() - started)
        except BaseException:
            process.kill()  # it looks at its stdin only once it is ready, seconds from now
            _end(process)
            raise

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def source(self, limits: AwsLimits | None = None) -> AwsSource:
        """A source that asks this world and nothing else, whatever the environment says. The caller closes it."""
        from functools import partial

        from stockade.aws.clients import Sessions
        from stockade.aws.identities import AccountBook, organization
        from stockade.aws.source import AwsSource

        sessions = Sessions()
        base = sessions.make_apart(KEY, SECRET, "us-east-1")
        load = partial(organization, sessions, base, self.role_name, self.endpoint_url)
        return AwsSource(
            AccountBook(load, self.endpoint_url),
            sessions=sessions,
            endpoint_url=self.endpoint_url,
            embedded=True,
            limits=limits,
        )

    def close(self) -> None:
        """Ends the child and waits for it."""
        _end(self._process)

    def __enter__(self) -> EmbeddedWorld:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_installed() -> bool:
    """Whether all is there that it needs: of an installation that was renewed without its extra, a part may be."""
    return all(map(find_spec, ("moto", "re2")))


def child_environment() -> dict[str, str]:
    """What the child gets: where Python finds its modules, and keys that open nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": os.devnull,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUTF8": "1",
        # 1,300 images of Amazon's in every region of every account: two seconds, and noise in every answer.
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    }


def _first_line(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    """The line that says the child is ready."""
    assert process.stdout is not None
    text = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not text.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise StockadeError("the embedded AWS world was not ready in time")
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                raise StockadeError("the embedded AWS world ended before it was ready")
            text += chunk
    ready = json.loads(text)
    if "error" in ready:
        raise StockadeError(f"the embedded AWS world could not start: {ready['error']}")
    return ready


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
