"""An AWS endpoint that misbehaves on request: it answers each operation with what the test put down for it."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ACCOUNT = "123456789012"

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Finds the operation and the region of a request as AWS does: in the headers and the signature's scope."""

    protocol_version = "HTTP/1.1"
    server: FaultServer

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        form = dict(part.partition("=")[::2] for part in self.body.split("&"))
        self.answer(target or form.get("Action") or self.path.strip("/"))  # of REST the path

    def do_GET(self) -> None:
        """As S3 is asked for the list of buckets."""
        self.body = ""
        self.answer("ListBuckets")

    def answer(self, operation: str) -> None:
        self.operation = operation
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", self.headers.get("Authorization", ""))
        self.region, _service = scope.groups() if scope else ("", "")
        self.server.asked.append((self.operation, self.region))
        waiting = self.server.answers[self.operation]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        answer(self)

    def log_message(self, *_: Any) -> None:
        pass

    def reply(self, status: int, body: str, content_type: str = "application/x-amz-json-1.0") -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("x-amzn-RequestId", "request-1")
        self.end_headers()
        self.wfile.write(data)


class FaultServer(ThreadingHTTPServer):
    """Answers by operation, the last one for ever; sts accepts everybody unless told otherwise."""

    daemon_threads = True

    def __init__(self, secure: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.secure = secure
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []
        self.released = threading.Event()
        self.reset()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def reset(self) -> None:
        self.answers.clear()
        self.asked.clear()
        self.answers["GetCallerIdentity"] = [identity]
        self.answers["ListAccountAliases"] = [error("AccessDenied", status=403)]

    @property
    def endpoint_url(self) -> str:
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        connected, address = super().get_request()
        return (self.secure.wrap_socket(connected, server_side=True) if self.secure else connected), address

    def count(self, operation: str) -> int:
        return sum(name == operation for name, _ in self.asked)

    def close(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


def identity(handler: Handler) -> None:
    handler.reply(
        200,
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn>"
        f"<UserId>A</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        "text/xml",
    )


def data(**body: Any) -> Answer:
    return lambda handler: handler.reply(200, json.dumps(body))


def error(code: str, message: str = "no", status: int = 400) -> Answer:
    def answer(handler: Handler) -> None:
        if handler.operation in ("AssumeRole", "GetCallerIdentity", "ListAccountAliases"):
            xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            handler.reply(status, xml, "text/xml")
        else:
            handler.reply(status, json.dumps({"__type": f"com.amazonaws#{code}", "message": message}))

    return answer


def cut(handler: Handler) -> None:
    """Half an answer, and the connection is gone."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"TableNames": ["or')
    handler.close_connection = True


def drop(handler: Handler) -> None:
    """No answer at all."""
    handler.close_connection = True


def slow(handler: Handler) -> None:
    """The head of an answer whose body does not come before the test is over."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.flush()
    handler.server.released.wait()
    handler.close_connection = True


def garbage(handler: Handler) -> None:
    handler.reply(200, "<html>this is no JSON</html>")


def told(start: bytes, parts: Callable[[Handler], Iterator[bytes]]) -> Answer:
    """Says these bytes until nobody listens."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(start)
            for part in parts(handler):
                handler.wfile.write(part)
        except OSError:
            pass

    return answer


def dripping(drop: bytes) -> Callable[[Handler], Iterator[bytes]]:
    def parts(handler: Handler) -> Iterator[bytes]:
        while not handler.server.released.wait(0.02):
            yield drop

    return parts


def flood(handler: Handler) -> Iterator[bytes]:
    for _ in range(100):
        yield b" " * 1024 * 1024
