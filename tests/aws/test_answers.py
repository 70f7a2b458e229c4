"""A server that lies about an answer: no thread is kept past its run, and no more is read than AWS would say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from fault_server import ACCOUNT, Answer, Handler, data

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.bindings.context import CURRENT, RunInfo

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1024 * 1024


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
        yield b" " * MIB


async def tables(source: AwsSource, seconds: float) -> list[str]:
    token = CURRENT.set(RunInfo("run", None, time.monotonic() + seconds))
    try:
        reply = await aws_bindings(source)["queryResources"]("AWS::DynamoDB::Table", ACCOUNT, "us-east-1")
        return [item["resourceId"] for item in reply.value]
    except AwsError as error:
        return [error.code]
    finally:
        CURRENT.reset(token)


@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (OK + b"\r\n{", b" "),
        (OK + b"X-Name: ", b"x"),
        (CHUNKED, b"1\r\n \r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "head", "chunks", "continue"],
)
async def test_an_answer_that_comes_byte_by_byte_keeps_its_thread_no_longer_than_its_run(server, served, start, drop):
    """Each byte is in time for a timeout that is of one read alone, and other runs want the thread."""
    server.answers["ListTables"] = [data(TableNames=["a"]), told(start, dripping(drop)), data(TableNames=["a"])]
    limits = AwsLimits(threads=1)
    with AwsSource.from_environment(server.endpoint_url, region="us-east-1", limits=limits) as opened:
        found = [await tables(opened, seconds) for seconds in (15, 0.5, 15)]
        server.released.set()
    server.released.clear()
    assert found == [["a"], ["Timeout"], ["a"]]


@pytest.mark.parametrize("start", [OK + b"\r\n", OK + b"Content-Length: 104857600\r\n\r\n"], ids=["endless", "long"])
async def test_an_answer_that_is_larger_than_any_of_aws_is_told_as_that_and_not_asked_for_again(server, served, start):
    server.answers["ListTables"] = [told(start, flood)]
    with pytest.raises(AwsError, match="dynamodb gave an answer of more than 32 MiB") as caught:
        await aws_bindings(served)["queryResources"]("AWS::DynamoDB::Table", ACCOUNT, "us-east-1")
    assert caught.value.code == "LimitExceeded"
    assert server.count("ListTables") == 1
