"""The child process: moto's server on loopback, filled, gone when its owner is.

Run as `python -m stockade.aws.embedded.server`. One line on stdout says where it answers; end-of-file on stdin ends it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
import sys
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader

ROLE_NAME = "StockadeReadOnly"

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves until stdin ends."""
    end_with_parent(os.getppid())
    # moto and werkzeug log each request; stdout is for the one line.
    logging.disable(logging.CRITICAL)
    report = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        ready = serve(seeded="--empty" not in sys.argv[1:])
    except Exception as error:
        ready = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(ready), file=report, flush=True)
    if "error" not in ready:
        while os.read(0, 4096):
            pass
    # The server's threads have nothing to save, and a clean shutdown of them takes seconds.
    os._exit(0)


def serve(seeded: bool) -> dict[str, Any]:
    """Starts the server in threads and says where it answers."""
    # What is made while starting stays: looking through it for garbage took a quarter of the start.
    gc.disable()
    # moto makes many sessions, each of which would parse botocore's models and endpoints again.
    untyped: Any = JSONFileLoader
    untyped.load_file = staticmethod(cache(untyped().load_file))
    # It would override the account of every request.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    from moto.server import ThreadedMotoServer

    from stockade.aws.embedded import cloudtrail_ext, log_patterns, quicker

    cloudtrail_ext.install()
    log_patterns.install()
    quicker.install()
    if seeded:
        from stockade.aws.embedded.seed import fill

        fill(ROLE_NAME)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    gc.freeze()
    # An answer of a thousand instances makes millions of short-lived objects and no cycles: a third of its time was
    # spent looking for some.
    gc.set_threshold(200_000, 50, 1000)
    gc.enable()
    host, port = server.get_host_and_port()
    return {"endpoint_url": f"http://{host}:{port}", "role_name": ROLE_NAME}


def end_with_parent(parent: int) -> None:
    """Ends this process when its parent dies, for the case that a fork of the parent keeps our stdin open."""
    if sys.platform != "linux":
        return

    def check(_signal: int, _frame: object) -> None:
        # The kernel also sends it when only the thread that started us ends; then the parent is still ours.
        if os.getppid() != parent:
            os._exit(0)

    signal.signal(signal.SIGUSR2, check)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGUSR2)
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    main()
