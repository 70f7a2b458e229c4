"""What is kept for one run: its memo, its budget, its deadline; and what a closed source leaves behind."""

from __future__ import annotations

import asyncio
import gc
import math
import threading
import time
import weakref

import pytest
from fault_server import Handler, error

from stockade import Pool
from stockade.aws import AwsError, AwsLimits, aws_bindings
from stockade.aws.limits import Buckets, Budget
from stockade.aws.memo import once
from stockade.aws.source import Scope
from stockade.bindings.context import CURRENT, RunInfo

PRODUCTION = "210987654321"


@pytest.fixture
def in_run():
    token = CURRENT.set(RunInfo("run", None, time.monotonic() + 60))
    yield
    CURRENT.reset(token)


async def test_the_same_question_of_many_at_once_is_one_call(aws, in_run):
    ask = aws["queryResources"]
    replies = await asyncio.gather(*(ask("AWS::EC2::Instance", PRODUCTION, "us-east-1") for _ in range(50)))
    assert replies[0].meta["budget"]["calls"]["used"] == 1
    assert [reply.meta["fromCache"] for reply in replies].count(False) == 1
    assert all(reply.value == replies[0].value for reply in replies)


async def test_a_global_type_is_one_call_whatever_the_region(aws, in_run):
    for region in ("us-east-1", "eu-west-1", "ap-southeast-2", "global"):
        reply = await aws["queryResources"]("AWS::IAM::Role", PRODUCTION, region)
        assert {item["region"] for item in reply.value} == {"global"}
    assert reply.meta["budget"]["calls"]["used"] == 1


async def test_what_a_run_was_told_is_forgotten_with_it(source, aws):
    kept = []

    async def look() -> None:
        kept.append(weakref.ref(source.state()))

    async with Pool(workers=1) as pool:
        script = f"await queryResources('AWS::EC2::Instance', '{PRODUCTION}', 'us-east-1'); await look()"
        run = await pool.execute(script, bindings={**aws, "look": look})
        assert run.ok, run.error
        assert run.facts["aws"]["calls"]["used"] == 1
    gc.collect()

    assert kept[0]() is None


async def test_another_run_asks_again(aws):
    for _ in range(2):
        token = CURRENT.set(RunInfo("run", None, time.monotonic() + 60))
        reply = await aws["queryResources"]("AWS::SNS::Topic", PRODUCTION, "us-east-1")
        CURRENT.reset(token)
        assert reply.meta["fromCache"] is False


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (AwsLimits(calls_per_run=2), "2 API calls"),
        (AwsLimits(items_per_run=4), "4 items"),
        (AwsLimits(bytes_per_run=3000), "3000 bytes"),
    ],
)
async def test_a_run_that_is_over_its_budget_is_told_so(world, in_run, limits, words):
    with world.source(limits) as source:
        ask = aws_bindings(source)["queryResources"]
        with pytest.raises(AwsError) as caught:
            for region in ("us-east-1", "eu-west-1", "ap-southeast-2"):
                await ask("AWS::EC2::Instance", PRODUCTION, region)
    assert caught.value.code == "LimitExceeded"
    assert words in caught.value.message


async def test_a_query_that_is_cut_says_that_it_is(aws):
    reply = await aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "us-east-1", {"limit": 2})
    assert len(reply.value) == 2
    assert reply.meta["truncated"] is True


async def test_nothing_is_asked_after_the_run_is_over(aws):
    token = CURRENT.set(RunInfo("run", None, time.monotonic() - 1))
    with pytest.raises(AwsError) as caught:
        await aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "us-east-1")
    CURRENT.reset(token)
    assert caught.value.code == "Timeout"


async def test_a_cancelled_run_leaves_no_task_behind(aws, in_run):
    before = asyncio.all_tasks()
    asked = asyncio.ensure_future(aws["queryResources"]("AWS::EC2::Instance", PRODUCTION, "eu-west-2"))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    for task in asyncio.all_tasks() - before:
        await asyncio.gather(task, return_exceptions=True)
    assert asyncio.all_tasks() <= before


async def test_what_is_asked_right_after_the_same_question_was_given_up_is_answered(source, in_run):
    """As by a script that tries again what took longer than `call_timeout_seconds`."""
    begun = asyncio.Event()

    async def hang() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _turn in range(5):  # of the loop, as it takes to leave several functions
                await asyncio.sleep(0)
        return "never"

    async def answer() -> str:
        return "answer"

    state = source.state()
    given_up = asyncio.ensure_future(once(state, "key", hang))
    await begun.wait()
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert await asyncio.gather(*(once(state, "key", answer) for _ in range(2))) == [
        ("answer", False),
        ("answer", True),
    ]


async def test_a_run_that_ends_has_booked_no_more_moments_than_it_had_calls_at_work(world, in_run):
    """Whoever asks next would wait for calls that are never made, or be told that its time is too short."""
    with world.source() as source:
        source.buckets = Buckets(clock=lambda: 0.0)
        look_up = aws_bindings(source)["getCloudTrailEvents"]
        asked = [asyncio.ensure_future(look_up({"eventName": f"Event{number}"})) for number in range(40)]
        while source.state().budget.calls < len(asked):  # noqa: ASYNC110, a turn of the loop is all it takes
            await asyncio.sleep(0)
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        account = (await source.account(None)).id
        wait = source.buckets.reserve(account, "us-east-1", "cloudtrail", "LookupEvents", 1e9)
    assert wait <= (source.limits.calls_at_once_per_service + 1) / 2.0


async def test_a_call_whose_turn_would_come_after_the_run_is_told_so_and_not_made(world, in_run):
    with world.source() as source:
        account = (await source.account(None)).id
        while source.buckets.reserve(account, "us-east-1", "cloudtrail", "LookupEvents", math.inf) < 1000:
            pass
        with pytest.raises(AwsError, match="may not be asked again before this run ends") as caught:
            await aws_bindings(source)["getCloudTrailEvents"]({"eventName": "Event"})
    assert caught.value.code == "Timeout"


@pytest.mark.parametrize(("regions", "most"), [(1, "calls_at_once_per_service"), (8, "calls_at_once")])
async def test_a_run_has_no_more_calls_at_work_than_it_may(world, in_run, monkeypatch, regions: int, most: str):
    at_work: list[int] = []

    async def ask_nobody(*_: object, **__: object) -> None:
        at_work.append(at_work[-1] + 1 if at_work else 1)
        for _turn in range(5):  # of the loop, in which whoever may comes too
            await asyncio.sleep(0)
        at_work.append(at_work[-1] - 1)

    with world.source() as source:
        source.buckets = Buckets({"ec2": math.inf})
        monkeypatch.setattr(source, "in_thread", ask_nobody)
        scopes = [Scope(PRODUCTION, f"region-{number}", "ec2") for number in range(regions)]
        state = source.state()
        await asyncio.gather(
            *(source.call(state, scope, "DescribeVpcs", lambda _: None) for scope in scopes for _ in range(10))
        )
    assert max(at_work) == getattr(source.limits, most)


async def test_a_closed_source_leaves_no_thread_and_no_client(world):
    gc.collect()
    before = {thread.name for thread in threading.enumerate()}
    source = world.source(AwsLimits(clients=3))
    ask = aws_bindings(source)["queryResources"]
    types = ("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::EC2::VPC", "AWS::KMS::Key", "AWS::IAM::Role")
    await asyncio.gather(*(ask(kind, PRODUCTION, "us-east-1") for kind in types))
    assert len(source.clients) == 3
    source.close()
    source.close()
    assert len(source.clients) == 0
    assert {thread.name for thread in threading.enumerate()} <= before
    with pytest.raises(AwsError, match="closed"):
        await ask("AWS::SNS::Topic", PRODUCTION, "us-east-1")


def test_a_budget_is_spent_to_the_last_and_what_is_refused_is_not_counted():
    budget = Budget(AwsLimits(calls_per_run=2, items_per_run=3, bytes_per_run=10))
    for items, size in ((2, 4), (1, 6)):
        budget.spend_call()
        budget.spend_result(items, size)
    for spend in (budget.spend_call, lambda: budget.spend_result(1, 0), lambda: budget.spend_result(0, 1)):
        with pytest.raises(AwsError, match="this run may take"):
            spend()

    assert [each["used"] for each in budget.as_data().values()] == [2, 3, 10]
    assert budget.facts == {**budget.as_data(), "summary": "2 of 2 API calls, 3 items"}


def test_a_bucket_lets_a_seconds_worth_through_and_then_one_at_a_time():
    now = [100.0]
    buckets = Buckets(rates={"cloudtrail.LookupEvents": 2.0}, clock=lambda: now[0])

    def wait(latest=1e9):
        return buckets.reserve("1", "us-east-1", "cloudtrail", "LookupEvents", latest)

    assert [wait() for _ in range(4)] == [0.0, 0.0, 0.5, 1.0]
    assert wait(latest=101.0) == -1.0
    assert buckets.reserve("1", "eu-west-1", "cloudtrail", "LookupEvents", 1e9) == 0.0
    now[0] = 110.0
    assert wait() == 0.0


async def test_a_call_in_flight_as_the_source_is_closed_is_not_made_again(server, served):
    release = threading.Event()

    def fail_late(handler: Handler) -> None:
        release.wait(60)
        error("InternalServerError", status=500)(handler)

    server.answers["ListTables"] = [fail_late]
    asked = asyncio.ensure_future(aws_bindings(served)["queryResources"]("AWS::DynamoDB::Table"))
    while not server.count("ListTables"):  # noqa: ASYNC110, the server is a thread of its own
        await asyncio.sleep(0)
    closing = asyncio.ensure_future(asyncio.to_thread(served.close))
    while not served.clients._closed:  # noqa: ASYNC110
        await asyncio.sleep(0)
    release.set()
    with pytest.raises(AwsError):
        await asked
    await closing
    assert server.count("ListTables") == 1
