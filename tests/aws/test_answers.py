"""A server that lies about an answer: no thread is kept past its run, and no more is read than AWS would say."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import itertools
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fault_server import ACCOUNT, FaultServer, data, dripping, flood, told

from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.bindings.context import CURRENT, RunInfo

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: AwsSource) -> Iterator[FaultServer]:
    """The same over TLS, as AWS is asked, with a certificate that botocore is told to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fault server")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    server = FaultServer(context)
    yield server
    server.close()


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


async def test_an_answer_over_tls_comes_whole_and_has_the_same_bounds(secure: FaultServer):
    """AWS itself is asked in no other way, and moto in none such."""
    names = [f"t{n:0>200}" for n in range(1_000)]
    secure.answers["ListTables"] = [
        data(TableNames=names),
        told(OK + b"\r\n{", dripping(b" ")),
        told(OK + b"\r\n", flood),
    ]
    with AwsSource.from_environment(secure.endpoint_url, region="us-east-1", limits=AwsLimits(threads=1)) as opened:
        assert await tables(opened, 15) == names
        assert await tables(opened, 0.5) == ["Timeout"]
        assert await tables(opened, 15) == ["LimitExceeded"]


@pytest.mark.parametrize(
    ("operation", "resource_type", "body"),
    [
        ("ListTables", "AWS::DynamoDB::Table", '{"TableNames": [' + "[]," * 2_100_000 + "[]]}"),
        (
            "DescribeInstances",
            "AWS::EC2::Instance",
            f"<DescribeInstancesResponse>{'<a/>' * 2_100_000}</DescribeInstancesResponse>",
        ),
    ],
    ids=["JSON", "XML"],
)
async def test_an_answer_of_too_many_parts_is_not_parsed(server, served, operation, resource_type, body):
    """A part of three bytes takes a hundred in memory, and while the parser makes them no other thread has a turn."""
    server.answers[operation] = [lambda handler: handler.reply(200, body)]
    with pytest.raises(AwsError, match="gave an answer of more than 2,000,000 parts") as caught:
        await aws_bindings(served)["queryResources"](resource_type, ACCOUNT, "us-east-1")
    assert caught.value.code == "LimitExceeded"


async def test_a_list_of_accounts_without_end_is_given_up_and_keeps_no_thread_of_a_run_that_waits(
    server, served, monkeypatch
):
    """It is made for all runs, so no run's time bounds it, and each run waits for it in a thread of its own."""
    monkeypatch.setattr("stockade.aws.identities.OPENING_SECONDS", 4.0)
    tokens = itertools.count()
    server.answers["ListAccounts"] = [lambda handler: data(Accounts=[], NextToken=f"t{next(tokens)}")(handler)]
    limits = AwsLimits(threads=2)
    with AwsSource.from_environment(
        server.endpoint_url, role_name="Reader", region="us-east-1", limits=limits
    ) as opened:
        listing = asyncio.create_task(tables(opened, 30))
        while not server.count("ListAccounts"):  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert await tables(opened, 0.3) == ["Timeout"]
        # One thread lists, and the other is free again.
        await opened.in_thread(lambda: None, opened.state(), service="none", operation="None")
        assert not listing.done()
        assert await listing == ["Timeout"]
