"""AWS calls from a script, beside the same calls from plain boto3, against one embedded world."""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Benchmark, Figure, Goal, NotHere, Sides, Size
from stockade import Pool, RuntimeConfig

if TYPE_CHECKING:
    from stockade.aws.embedded import EmbeddedWorld

REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-northeast-1"),
)
# Type, service, method.
TYPES = (
    ("AWS::EC2::VPC", "ec2", "describe_vpcs"),
    ("AWS::SQS::Queue", "sqs", "list_queues"),
    ("AWS::SNS::Topic", "sns", "list_topics"),
    ("AWS::DynamoDB::Table", "dynamodb", "list_tables"),
    ("AWS::KMS::Key", "kms", "list_keys"),
)
THREADS = 16
KEYS: dict[str, Any] = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}

INSTANCES = 1000
CROWDED = "eu-north-1"

MANY_INSTANCES = f"(await queryResources('AWS::EC2::Instance', undefined, '{CROWDED}')).length"

MANY_SCOPES = """
const found = await Promise.all(accounts.flatMap((account) => regions.flatMap((region) =>
  types.map((type) => queryResources(type, account, region)))));
found.length;
"""


@asynccontextmanager
async def ready(size: Size) -> AsyncIterator[Sides]:
    """From the start of the embedded world's process to its first line, filled; the first start is not counted."""

    async def ours() -> list[float]:
        with _world() as world:
            return [world.ready_after_seconds]

    async def theirs() -> list[float]:
        started = time.perf_counter()
        program = "import moto.server, moto.ec2.responses, boto3"
        await (await asyncio.create_subprocess_exec(sys.executable, "-c", program)).wait()
        return [time.perf_counter() - started]

    await ours()
    await theirs()
    yield Sides(ours, theirs)


@asynccontextmanager
async def instances(size: Size) -> AsyncIterator[Sides]:
    """A thousand instances of one scope (fewer in a quick look), and how many there are as the script's value."""
    from stockade.aws import aws_bindings

    wanted = size.count(INSTANCES, 200)
    with _world() as world, world.source() as source:
        import boto3

        ec2: Any = boto3.client("ec2", region_name=CROWDED, endpoint_url=world.endpoint_url, **KEYS)
        ec2.run_instances(ImageId="ami-12c6146b", MinCount=wanted, MaxCount=wanted)
        async with Pool(RuntimeConfig(timeout_seconds=120), workers=1) as pool:

            async def ours() -> list[float]:
                started = time.perf_counter()
                run = await pool.execute(MANY_INSTANCES, bindings=aws_bindings(source))
                seconds = time.perf_counter() - started
                run.raise_for_error()
                if run.value != wanted:
                    raise RuntimeError(f"{run.value} instances came, and there are {wanted}")
                return [seconds]

            async def theirs() -> list[float]:
                started = time.perf_counter()
                ec2.describe_instances()
                return [time.perf_counter() - started]

            await ours()
            await theirs()
            yield Sides(ours, theirs)
        ec2.close()


@asynccontextmanager
async def scopes(size: Size) -> AsyncIterator[Sides]:
    """Four accounts by ten regions (fewer in a quick look) by five types."""
    from stockade.aws import aws_bindings

    regions = REGIONS[: size.count(len(REGIONS), 2)]
    with _world() as world, world.source() as source:
        accounts = [account.id for account in await source.accounts()]
        plain = _plain(world.endpoint_url, accounts, regions)
        script = (
            f"const accounts = {accounts}, regions = {list(regions)}, types = {[kind for kind, _, _ in TYPES]};"
            + MANY_SCOPES
        )
        async with Pool(RuntimeConfig(timeout_seconds=120), workers=1) as pool:

            async def ours() -> list[float]:
                started = time.perf_counter()
                run = await pool.execute(script, bindings=aws_bindings(source))
                run.raise_for_error()
                return [time.perf_counter() - started]

            async def theirs() -> list[float]:
                return [plain()]

            await ours()  # both sides keep their clients, and moto makes its regions at the first call
            await theirs()
            yield Sides(ours, theirs)


def _world() -> EmbeddedWorld:
    if find_spec("moto") is None:
        raise NotHere('the embedded AWS world needs moto: pip install ".[demo]"')
    from stockade.aws.embedded import EmbeddedWorld

    return EmbeddedWorld.start()


def _plain(endpoint_url: str, accounts: list[str], regions: Sequence[str]) -> Callable[[], float]:
    """The same calls by boto3 alone: one client each, made beforehand, and a pool of threads."""
    import boto3

    sts: Any = boto3.client("sts", region_name="us-east-1", endpoint_url=endpoint_url, **KEYS)
    clients: dict[tuple[str, str, str], Any] = {}
    for account in accounts:
        role = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/r", RoleSessionName="plain")["Credentials"]
        session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
        for region, (_, service, _) in itertools.product(regions, TYPES):
            made: Any = session.client(service, region_name=region, endpoint_url=endpoint_url)  # pyright: ignore
            clients[account, region, service] = made

    def once() -> float:
        started = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            asked = itertools.product(accounts, regions, TYPES)
            list(threads.map(lambda each: getattr(clients[each[0], each[1], each[2][1]], each[2][2])(), asked))
        return time.perf_counter() - started

    return once


BENCHMARKS = (
    Benchmark((Figure("embedded AWS ready", Goal(5, of="measured")),), "s", "importing moto", ready),
    Benchmark((Figure("1,000 instances of AWS", Goal(1.5)),), "s", "plain boto3, one call", instances),
    Benchmark((Figure("200 AWS scopes", Goal(1.5)),), "s", f"plain boto3, {THREADS} threads", scopes),
)
