"""Log events and trail events: points in time, spans, look-ups, second filters, and caps that say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fault_server import ACCOUNT, FaultServer, data

from stockade import Pool, RuntimeConfig
from stockade.aws import AwsError, AwsLimits, AwsSource, aws_bindings
from stockade.aws.cloudtrail_events import DAY_MS
from stockade.aws.times import HOUR_MS, LARGEST_MS, iso, now_ms, span, to_ms

PRODUCTION = "210987654321"


async def trail(aws, **options):
    return await aws["getCloudTrailEvents"]({"startTime": now_ms() - 72 * HOUR_MS, "accountId": PRODUCTION, **options})


@pytest.mark.parametrize(
    "given",
    [1_767_225_600_000, 1_767_225_600_000.7, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01",
     "2026-01-01T01:00:00+01:00", " 2026-01-01T00:00:00 "],
)  # fmt: skip
def test_a_point_in_time_has_many_forms_and_one_meaning_wherever_the_machine_stands(given, in_tokyo):
    assert to_ms(given, "startTime", 0) == 1_767_225_600_000


@pytest.mark.parametrize("seconds", [1_767_225_600, 1_767_225_600.5])
def test_seconds_are_refused_and_the_way_out_is_said(seconds):
    with pytest.raises(AwsError) as caught:
        to_ms(seconds, "startTime", 0)
    assert "milliseconds" in caught.value.message
    assert "startTime * 1000" in caught.value.hint


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        (-1, 0, "startTime is negative"),
        (0, LARGEST_MS + 1, "endTime is after the year 9999"),
        (HOUR_MS * 99_999, HOUR_MS * 99_998, "is after endTime"),
    ],
)
def test_a_time_that_is_none_or_after_its_end_is_refused(start, end, told):
    assert span(0, LARGEST_MS) == (0, LARGEST_MS)
    assert span(LARGEST_MS, LARGEST_MS) == (LARGEST_MS, LARGEST_MS)
    assert span(None, 1_767_225_600_000) == (1_767_222_000_000, 1_767_225_600_000)
    assert iso(LARGEST_MS).startswith("9999-12-31T23:59:59.")
    with pytest.raises(AwsError, match=told):
        span(start, end)


async def test_the_hour_before_an_end_in_1970_begins_with_it(aws):
    """FilterLogEvents takes no start before."""
    reply = await aws["queryCloudWatchLogEvents"]({"logGroupName": "/acme/api", "endTime": "1970-01-01T00:30:00Z"})
    assert (reply.value["statistics"]["startTime"], reply.value["totalEvents"]) == (0, 0)


async def test_a_date_a_text_and_milliseconds_find_the_same_events(aws):
    script = f"""
    const start = Date.now() - 6 * 3600_000, end = Date.now() - 1800_000;
    const forms = [start, new Date(start), new Date(start).toISOString()];
    const ends = [end, new Date(end), new Date(end).toISOString()];
    const logs = [], trails = [];
    for (let i = 0; i < 3; i += 1) {{
      logs.push((await queryCloudWatchLogEvents('/acme/api', forms[i], ends[i])).totalEvents);
      trails.push((await getCloudTrailEvents({{ startTime: forms[i], endTime: ends[i], accountId: '{PRODUCTION}' }})).totalEvents);
    }}
    [logs, trails];
    """  # noqa: E501
    async with Pool(RuntimeConfig(timeout_seconds=100)) as pool:
        logs, trails = (await pool.execute(script, bindings=aws)).value
    assert len(set(logs)) == len(set(trails)) == 1
    assert logs[0] > 50
    assert trails[0] >= 6


async def test_a_start_before_the_ninety_days_is_moved_and_the_move_is_told(aws):
    reply = await trail(aws, startTime=now_ms() - 200 * DAY_MS, eventName="DeleteBucket")
    (warning,) = reply.meta["warnings"]
    assert "90 days" in warning
    moved = datetime.fromisoformat(warning.split()[4].removesuffix(":"))
    assert abs((datetime.now(UTC) - moved).days - 90) <= 1
    assert reply.value["totalEvents"] == 1


async def test_a_start_within_the_ninety_days_is_left_alone(aws):
    assert (await trail(aws, startTime=now_ms() - 89 * DAY_MS, eventName="DeleteBucket")).meta["warnings"] == []


@pytest.mark.parametrize(
    ("key", "value", "names"),
    [
        ("EventName", "DeleteBucket", {"DeleteBucket"}),
        ("Username", "ben", {"DeleteBucket", "DeleteUser"}),
        ("ResourceName", "acme-old-us-east-1", {"DeleteBucket"}),
        ("ResourceType", "AWS::EC2::SecurityGroup", {"DeleteSecurityGroup"}),
        ("EventSource", "iam.amazonaws.com", {"DeleteUser"}),
        ("ReadOnly", "true", {"DescribeInstances"}),
        ("Username", "nobody", set()),
    ],
)
async def test_events_are_looked_up_by_an_attribute(aws, key, value, names):
    reply = await trail(aws, lookupAttributes=[{"AttributeKey": key, "AttributeValue": value}])
    assert {event["eventName"] for event in reply.value["events"]} == names


@pytest.mark.parametrize(
    ("second", "count"),
    [
        ({"AttributeKey": "Username", "AttributeValue": "ben"}, 1),
        ({"AttributeKey": "Username", "AttributeValue": "ana"}, 0),
        ({"AttributeKey": "ResourceName", "AttributeValue": "acme-old-us-east-1"}, 1),
        ({"AttributeKey": "ResourceName", "AttributeValue": "another"}, 0),
        ({"AttributeKey": "ReadOnly", "AttributeValue": "False"}, 1),
        ({"AttributeKey": "EventName", "AttributeValue": "DeleteUser"}, 0),
    ],
)
async def test_a_second_attribute_which_aws_would_refuse_is_matched_here(aws, second, count):
    reply = await trail(aws, eventName="DeleteBucket", lookupAttributes=[second])
    assert reply.value["totalEvents"] == count


async def test_an_attribute_that_is_none_is_refused(aws):
    with pytest.raises(AwsError) as caught:
        await trail(aws, lookupAttributes=[{"AttributeKey": "User", "AttributeValue": "ben"}])
    assert caught.value.code == "InvalidArgument"
    assert "Username" in caught.value.message


@pytest.mark.parametrize(
    ("attribute", "told"),
    [
        ({"AttributeKey": "EventName"}, "lookupAttributes[0].AttributeValue is missing"),
        ({"attributeKey": "EventName", "AttributeValue": "A"}, "lookupAttributes[0].AttributeKey is missing"),
        ({"AttributeKey": "EventName", "AttributeValue": "A", "Value": 1}, "there is no lookupAttributes[0].Value"),
    ],
)
async def test_what_is_wrong_within_an_attribute_is_told_by_its_place(aws, attribute, told):
    with pytest.raises(AwsError) as caught:
        await trail(aws, lookupAttributes=[attribute])
    assert (caught.value.code, caught.value.message) == ("InvalidArgument", told)


async def test_what_is_over_a_cap_is_left_out_and_said_to_be(aws):
    events = await trail(aws, maxResults=5)
    assert (len(events.value["events"]), events.value["truncated"], events.meta["truncated"]) == (5, True, True)
    logs = await aws["queryCloudWatchLogEvents"](
        {"logGroupName": "/acme/api", "startTime": now_ms() - HOUR_MS, "limit": 3}
    )
    assert (logs.value["totalEvents"], logs.value["truncated"]) == (3, True)
    assert await whole(aws) is False


async def whole(aws):
    reply = await aws["queryCloudWatchLogEvents"]({"logGroupName": "/acme/api", "startTime": now_ms() - HOUR_MS})
    return reply.value["truncated"]


async def test_the_caps_of_the_source_hold_whatever_a_script_asks_for(world):
    with world.source(AwsLimits(trail_events_per_query=50, log_events_per_query=4)) as source:
        aws = aws_bindings(source)
        events = await trail(aws, maxResults=2000)
        logs = await aws["queryCloudWatchLogEvents"](
            {"logGroupName": "/acme/api", "startTime": now_ms() - HOUR_MS, "limit": 9}
        )
    assert (events.value["totalEvents"], events.value["truncated"]) == (50, True)
    assert (logs.value["totalEvents"], logs.value["truncated"]) == (4, True)


async def test_events_that_a_limit_leaves_out_are_not_charged_to_the_run(aws):
    """A page has up to ten thousand: five of them, for one event each, would be all that a run may take."""
    reply = await aws["queryCloudWatchLogEvents"](
        {"logGroupName": "/acme/api", "startTime": now_ms() - HOUR_MS, "limit": 3}
    )
    assert reply.meta["budget"]["items"]["used"] == reply.value["totalEvents"] == 3


async def test_trail_events_that_max_results_leaves_out_are_not_charged_and_not_passed_over(aws):
    reply = await trail(aws, maxResults=3)
    assert reply.meta["budget"]["items"]["used"] == reply.value["totalEvents"] == 3
    assert reply.value["nextToken"] == "3"
    # Twenty have the name; whose they are is looked at here.
    second = [{"AttributeKey": "Username", "AttributeValue": "nobody"}]
    assert (await trail(aws, eventName="ConsoleLogin", lookupAttributes=second, maxResults=1)).meta["pages"] == 1


async def test_log_events_come_in_the_order_of_time(aws):
    reply = await aws["queryCloudWatchLogEvents"]("/acme/api", now_ms() - 5 * HOUR_MS)
    times = [event["timestamp"] for event in reply.value["events"]]
    assert times == sorted(times)


@pytest.fixture
def scripted(monkeypatch):
    """A source on a server whose pages the test writes down."""
    server = FaultServer()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with AwsSource.from_environment(endpoint_url=server.endpoint_url, region="us-east-1") as source:
        yield server, aws_bindings(source)
    server.close()


def looked_up(*names, **more):
    events = [{"EventId": name, "EventName": name, "EventTime": 1_767_225_600, "Resources": []} for name in names]
    return data(Events=events, **more)


async def test_empty_trail_pages_with_a_token_are_followed_to_the_end(scripted):
    server, aws = scripted
    server.answers["LookupEvents"] = [looked_up(NextToken="1"), looked_up(NextToken="2"), looked_up("A")]
    reply = await aws["getCloudTrailEvents"]({"accountId": ACCOUNT})
    assert [event["eventName"] for event in reply.value["events"]] == ["A"]
    assert (reply.value["truncated"], reply.value["nextToken"], reply.meta["pages"]) == (False, None, 3)


async def test_a_capped_trail_says_where_it_stopped(scripted):
    server, aws = scripted
    server.answers["LookupEvents"] = [looked_up("A", "B", NextToken="more")]
    reply = await aws["getCloudTrailEvents"]({"accountId": ACCOUNT, "maxResults": 2})
    assert (reply.value["truncated"], reply.value["nextToken"], reply.value["totalEvents"]) == (True, "more", 2)
    assert server.count("LookupEvents") == 1


async def test_trail_events_that_max_results_cuts_off_a_later_page_are_not_charged_and_not_passed_over(scripted):
    server, aws = scripted
    first = [f"A{number}" for number in range(50)]
    server.answers["LookupEvents"] = [looked_up(*first, NextToken="50"), looked_up("B", "C", "D", NextToken="53")]
    reply = await aws["getCloudTrailEvents"]({"accountId": ACCOUNT, "maxResults": 51})
    assert [event["eventName"] for event in reply.value["events"]] == [*first, "B"]
    assert (reply.value["truncated"], reply.value["nextToken"], reply.value["totalEvents"]) == (True, "50", 51)
    assert reply.meta["budget"]["items"]["used"] == 51


async def test_trail_events_cut_off_the_first_page_have_no_token_and_are_told(scripted):
    server, aws = scripted
    second = [{"AttributeKey": "ReadOnly", "AttributeValue": ""}]
    server.answers["LookupEvents"] = [looked_up("A", "A", NextToken="2")]
    reply = await aws["getCloudTrailEvents"](
        {"accountId": ACCOUNT, "eventName": "A", "lookupAttributes": second, "maxResults": 1}
    )
    assert (reply.value["truncated"], reply.value["nextToken"], reply.value["totalEvents"]) == (True, None, 1)
    assert reply.meta["budget"]["items"]["used"] == 1


async def test_log_events_that_a_limit_cuts_off_a_later_page_are_not_charged_and_not_passed_over(scripted):
    server, aws = scripted
    a, b, c, d = ({"timestamp": at, "message": "x"} for at in range(4))
    server.answers["FilterLogEvents"] = [data(events=[a, b], nextToken="2"), data(events=[c, d], nextToken="4")]
    reply = await aws["queryCloudWatchLogEvents"]({"logGroupName": "/a", "accountId": ACCOUNT, "limit": 3})
    assert [event["timestamp"] for event in reply.value["events"]] == [0, 1, 2]
    assert (reply.value["truncated"], reply.value["nextToken"]) == (True, "2")
    assert reply.meta["budget"]["items"]["used"] == 3


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"CloudTrailEvent": '{"userIdentity": "root", "readOnly": true}'}, {"username": None, "readOnly": True}),
        ({"CloudTrailEvent": '{"userIdentity": ["root"], "readOnly": false}'}, {"username": None, "readOnly": False}),
        ({"CloudTrailEvent": '{"userIdentity": {"arn": "arn:x"}}'}, {"username": "arn:x", "readOnly": None}),
        ({"CloudTrailEvent": "[]", "ReadOnly": "true"}, {"username": None, "readOnly": True}),
        ({}, {"eventId": None, "resources": [], "readOnly": None}),
    ],
)
async def test_a_trail_event_that_lacks_something_is_told_without_it_and_hides_no_other(scripted, event, told):
    server, aws = scripted
    whole = {"EventId": "whole", "EventName": "A", "EventTime": 1_767_225_600, "ReadOnly": "false", "Resources": []}
    server.answers["LookupEvents"] = [data(Events=[event, whole])]
    odd, other = (await aws["getCloudTrailEvents"]({"accountId": ACCOUNT})).value["events"]
    assert {name: odd[name] for name in told} == told
    assert (other["eventId"], other["readOnly"]) == ("whole", False)


async def test_a_log_event_without_a_time_comes_first_and_hides_no_other(scripted):
    server, aws = scripted
    server.answers["FilterLogEvents"] = [data(events=[{"timestamp": 5, "message": "b"}, {"message": "a"}])]
    reply = await aws["queryCloudWatchLogEvents"]({"logGroupName": "/a", "accountId": ACCOUNT})
    assert [(event["timestamp"], event["message"]) for event in reply.value["events"]] == [(None, "a"), (5, "b")]
