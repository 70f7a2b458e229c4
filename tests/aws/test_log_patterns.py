"""The filter patterns of CloudWatch Logs as AWS documents them, with messages of our own."""

from __future__ import annotations

import json

import pytest

from stockade.aws.embedded.log_patterns import PatternError, compiled

ORDER = json.dumps(
    {
        "level": "ERROR",
        "status": 503,
        "ms": 12.5,
        "ok": False,
        "user": None,
        "request": {"path": "/orders/7", "ip": "198.51.100.7"},
        "items": [{"sku": "tea", "n": 2}, {"sku": "cup", "n": 1}],
        "a.b": "dotted",
    }
)
LINE = '127.0.0.1 frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        # terms
        ("", "anything", True),
        ("ERROR", "[ERROR] 500", True),
        ("ERROR", "error", False),
        ("ERROR ARGUMENTS", "ERROR with ARGUMENTS", True),
        ("ERROR ARGUMENTS", "ERROR alone", False),
        ('"INTERNAL SERVER ERROR"', "500 INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR", False),
        ('ERROR "a b"', "ERROR in a b", True),
        ('ERROR "a b"', "ERROR in ab", False),
        ("?ERROR ?WARN", "WARN low", True),
        ("?ERROR ?WARN", "INFO fine", False),
        ("ERROR -EXITING", "ERROR 401", True),
        ("ERROR -EXITING", "ERROR and EXITING", False),
        ("-EXITING", "fine", True),
        ('-"not this"', "but not this", False),
        ("ERROR ?WARN", "ERROR", True),
        (r'"say \"hi\""', 'they say "hi" now', True),
        ("%4[0-9]{2}%", "status 404", True),
        ("%4[0-9]{2}%", "status 200", False),
        ("ERROR ?WARN ?INFO", "ERROR", True),
        ("?ERROR ?WARN -EXITING", "INFO fine", True),
        ("?ERROR ?WARN -EXITING", "ERROR and EXITING", False),
        ('" "', "oneword", True),
        ('"50% of" "60% of" "5%%%"', "5%%% and 60% of 50% of", True),
        (r"%\x28\[.\]%", "([a]", True),
        ("%starting|^shutting down%", "shutting down now", True),
        # JSON
        ('{ $.level = "ERROR" }', ORDER, True),
        ('{ $.level = "WARN" }', ORDER, False),
        ("{ $.level = ERROR }", ORDER, True),
        ("{ $.level = ERR* }", ORDER, True),
        ('{ $.level != "ERROR" }', ORDER, False),
        ("{ $.status = 503 }", ORDER, True),
        ("{ $.status >= 500 }", ORDER, True),
        ("{ $.status < 500 }", ORDER, False),
        ("{ $.ms > 12 && $.ms <= 12.5 }", ORDER, True),
        ("{ $.status = 404 || $.level = ERROR }", ORDER, True),
        ("{ ($.status = 404 || $.status = 503) && $.level = INFO }", ORDER, False),
        ("{ $.request.path = /orders/* }", ORDER, True),
        ('{ $.request.ip = "198.51.*" }', ORDER, True),
        ("{ $.items[1].sku = cup }", ORDER, True),
        ("{ $.items[*].sku = cup }", ORDER, True),
        ("{ $.items[9].sku = cup }", ORDER, False),
        ("{ $.user IS NULL }", ORDER, True),
        ("{ $.nothing IS NULL }", ORDER, False),
        ("{ $.nothing NOT EXISTS }", ORDER, True),
        ("{ $.user NOT EXISTS }", ORDER, False),
        ("{ $.ok IS FALSE }", ORDER, True),
        ("{ $.ok IS TRUE }", ORDER, False),
        ("{ $.request.ip = %198[.]51% }", ORDER, True),
        ("{ $.request.ip != %198[.]51% }", ORDER, False),
        ('{ $.["a.b"] = dotted }', ORDER, True),
        ("{ $.['a.b'] = dotted }", ORDER, True),
        ("{ $['a.b'] = dotted }", ORDER, True),
        ("{ $.* = %198[.]51% }", '{"ip": "198.51.100.7"}', True),
        ("{ $.level = ERROR }", "not json", False),
        ('{ $.status = "503" }', '{"status": "503"}', True),
        ("{ $.nothing = 1 }", ORDER, False),
        # space-delimited
        ("[ip, user, when, request, status, bytes]", LINE, True),
        ("[ip, user, when, request, status]", LINE, True),
        ('[ip, user, when, request, rest = "404 1534"]', LINE, True),
        ("[ip, user, when, request, status, bytes, more]", LINE, False),
        ("[w1=ERROR, w2]", "ERROR 12:00:02 Failed to process", True),
        ("[w1=ERROR, w2]", "INFO 12:00:02 done", False),
        ("[w1=ERROR, w2]", "ERROR", False),
        ("[w1=ERROR]", "ERROR 12:00:02 Failed", False),
        ('[a = "x, y || z", b]', '"x, y || z" 1', True),
        ("[a = %[0-9,]+%, b]", "1,2 z", True),
        ("[ip, user, when, request, status = 404, bytes]", LINE, True),
        ("[ip, user, when, request, status = 4*, bytes]", LINE, True),
        ("[ip, user, when, request, status = 4*, bytes > 2000]", LINE, False),
        ("[ip, user, when, request = *html*, status = 4*, ...]", LINE, True),
        ("[..., status = 404, bytes]", LINE, True),
        ("[ip = 127.*, ..., bytes >= 1534]", LINE, True),
        ("[ip, user = frank || user = bob, ...]", LINE, True),
        ("[ip, user != frank, ...]", LINE, False),
        ("[ip, user, when, request, status != 200 && status < 500, bytes]", LINE, True),
        ("[ip = %127%, ...]", LINE, True),
    ],
)
def test_a_pattern_matches_what_aws_says_it_matches(pattern, message, expected):
    assert compiled(pattern)(message) is expected


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = 1",
        "{ a = 1 }",
        "{ $.a }",
        "{ $.a = }",
        "{ ($.a = 1 }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a > high }",
        "[a, b",
        "[a, , b]",
        "[..., a, ...]",
        "[a ? b]",
        '"unclosed',
        "%a% %b% %c%",
        "%(a|b)%",
        "%[%",
        "a|b",
        "{ $.a EXISTS }",
        "{ $.*[*] = 1 }",
        "{ $.* = 1 || $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 }",
        "%something!%",
        "%caf\u00e9%",
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused(pattern):
    with pytest.raises(PatternError):
        compiled(pattern)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("^a", "ba", False),
        ("a$", "ab", False),
        ("^a{2,3}$", "aaaa", False),
        ("^a{,2}b$", "aab", True),
        ("^a{1,}b$", "aab", True),
        ("^[^a-c]+$", "xyz", True),
        ("a|b*c$", "bbc", True),
        ("colou?r", "color", True),
        ("^ab*?c", "abbc", True),
        (r"^\d+\s\w+$", "404 not_found", True),
        ("a.c", "a\nc", True),
        ("[]a]+$", "]a", True),
    ],
)
def test_an_expression_means_what_it_means_elsewhere(text, message, expected):
    assert compiled(f"%{text}%")(message) is expected


@pytest.mark.timeout(30)
def test_no_expression_takes_longer_the_more_ways_there_are_to_read_it():
    """With an engine that tries them all the first takes years, and everybody waits who shares the embedded world."""
    assert not compiled(f"%{'.*' * 20}Z%")("a" * 1000)
    assert compiled(f"%{'a?' * 200}{'a' * 200}%")("a" * 200)


async def test_a_binding_uses_the_grammar_and_a_bad_pattern_is_an_invalid_argument(aws):
    from stockade.aws import AwsError

    day = {"logGroupName": "/acme/api", "accountId": "210987654321", "startTime": "2000-01-01"}
    errors = await aws["queryCloudWatchLogEvents"]({**day, "filterPattern": "{ $.status >= 500 }"})
    everything = await aws["queryCloudWatchLogEvents"](day)
    assert 30 <= errors.value["totalEvents"] < everything.value["totalEvents"]
    assert all(json.loads(event["message"])["status"] == 503 for event in errors.value["events"])
    with pytest.raises(AwsError) as caught:
        await aws["queryCloudWatchLogEvents"]({**day, "filterPattern": "{ $.status >= }"})
    assert caught.value.code == "InvalidArgument"
