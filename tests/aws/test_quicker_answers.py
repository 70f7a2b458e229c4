"""What the embedded world makes sooner is what moto itself and botocore itself make."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import xmltodict
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from stockade.aws.embedded.quicker import xml_of
from stockade.aws.times import moment

# The world's own contents, asked for in the child's process before and after the replacement.
ASKS_TWICE = """
import json, os, sys
from stockade.aws.embedded import cloudtrail_ext, log_patterns, quicker, seed
cloudtrail_ext.install()
log_patterns.install()
with seed._in_process() as client_in:
    client = client_in("210987654321", "us-east-1")
    seed._network_and_machines("210987654321", "us-east-1", client)
    seed._data("210987654321", "us-east-1", client)
    seed._applications("210987654321", "us-east-1", client)
    seed._account_wide("210987654321", client, "Reader")

    def answers():
        found = {}
        for service, operation, arguments in json.loads(sys.argv[1]):
            try:
                answer = getattr(client(service), operation)(**arguments)
            except client(service).exceptions.ClientError as error:
                answer = error.response
            for each in answer.get("DBInstances", []):
                each.pop("LatestRestorableTime")  # the moment of asking
            answer["ResponseMetadata"] = {"HTTPStatusCode": answer["ResponseMetadata"]["HTTPStatusCode"]}
            found[service + "." + operation] = answer
        return json.loads(json.dumps(found, default=str))

    before = answers()
    quicker.install()
    print(json.dumps([before, answers()]))
"""

ASKED = [
    ("ec2", "describe_instances", {}),
    ("ec2", "describe_security_groups", {}),
    ("ec2", "describe_volumes", {}),
    ("ec2", "describe_vpcs", {"VpcIds": ["vpc-none"]}),
    ("rds", "describe_db_instances", {}),
    ("iam", "list_roles", {}),
    ("iam", "get_user", {"UserName": "nobody"}),
    ("sns", "list_topics", {}),
    ("sqs", "list_queues", {}),
    ("cloudwatch", "describe_alarms", {}),
    ("s3", "list_buckets", {}),
    ("s3", "get_bucket_location", {"Bucket": "acme-production-logs-us-east-1"}),
    ("dynamodb", "list_tables", {}),
    ("ecs", "list_clusters", {}),
    ("kms", "list_keys", {}),
    ("secretsmanager", "list_secrets", {}),
]


def test_the_worlds_answers_are_those_of_moto():
    done = subprocess.run(
        [sys.executable, "-c", ASKS_TWICE, json.dumps(ASKED)],
        capture_output=True,
        text=True,
        timeout=100,
        env={"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "AWS_DEFAULT_REGION": "us-east-1"},
    )
    assert done.returncode == 0, done.stderr
    before, after = json.loads(done.stdout)
    assert set(before) == {f"{service}.{operation}" for service, operation, _ in ASKED}
    assert len(before["ec2.describe_instances"]["Reservations"]) == 3
    assert before == after


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
names = st.sampled_from(["a", "member", "InstanceId", "item"])
leaves = st.none() | st.booleans() | st.integers() | texts
namespaces = st.sampled_from([{}, {"@xmlns": 'https://example.com/?a=1&b="2"'}])
bodies = st.recursive(
    leaves,
    lambda inner: (
        st.builds(dict.__or__, namespaces, st.dictionaries(names, inner, max_size=4)) | st.lists(inner, max_size=3)
    ),
    max_leaves=20,
)


@given(bodies, st.booleans(), st.booleans())
def test_a_body_is_written_as_the_library_writes_it(body, whole, short):
    document = {"Response": {"inner": body}}
    assert xml_of(document, whole, short) == xmltodict.unparse(
        document, full_document=whole, short_empty_elements=short
    )


@pytest.mark.parametrize(
    "value",
    [
        *("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123Z", "2026-01-02T03:04:05.123+02:00", "2026-01-02"),
        *(1_700_000_000, 1_700_000_000.5, -1, "1700000000", "20260101", "Tue, 01 Jan 2026 00:00:00 GMT"),
    ],
)
def test_a_timestamp_is_read_as_botocore_reads_it(value):
    assert moment(value) == parse_timestamp(value)


@pytest.mark.parametrize("value", ["x", "2026-13-45T99:00:00Z", "2026-02-30T00:00:00Z"])
def test_what_is_no_timestamp_is_refused_as_botocore_refuses_it(value):
    with pytest.raises(ValueError, match="timestamp"):
        moment(value)
