"""Stands between the clients and moto, and lets a test answer some requests itself."""

from __future__ import annotations

import http.client
import re
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# (operation, region) -> status and body instead of moto's answer, or None to let it through.
Meddle = Callable[[str, str], "tuple[int, str] | None"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MeddlingProxy

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", self.headers.get("Authorization", ""))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        action = re.search(rb"Action=(\w+)", body)
        operation = target or (action[1].decode() if action else self.path)
        region = scope[1] if scope else ""
        with self.server.lock:
            self.server.asked[operation, region] += 1
            instead = self.server.meddle(operation, region)
        if instead is not None:
            self._answer(instead[0], [("Content-Type", "application/x-amz-json-1.1")], instead[1].encode())
            return
        upstream = http.client.HTTPConnection(self.server.upstream)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request(self.command, self.path, body, headers)
            response = upstream.getresponse()
            drop = ("transfer-encoding", "connection", "content-length")
            kept = [(name, value) for name, value in response.getheaders() if name.lower() not in drop]
            self._answer(response.status, kept, response.read())
        finally:
            upstream.close()

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = handle_any

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class MeddlingProxy(ThreadingHTTPServer):
    """Counts what passes by operation and region. A context manager."""

    daemon_threads = True

    def __init__(self, endpoint_url: str, meddle: Meddle) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urlsplit(endpoint_url).netloc
        self.meddle = meddle
        self.asked: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *_: Any) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()
