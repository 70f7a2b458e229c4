"""What a script is told of arguments that it did not mean so."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from stockade.aws import AwsError
from stockade.aws.arguments import Arguments, Names, read


class Query(Arguments):
    resource_type: str
    account_id: Names | str | None = None
    region: str | None = None
    limit: int = 100


class Nothing(Arguments):
    pass


def told(*args: Any) -> tuple[str, Any]:
    with pytest.raises(AwsError) as refused:
        read(Query, args, ("resourceType", "accountId", "region"), options=True)
    assert refused.value.code == "InvalidArgument"
    return str(refused.value.message), refused.value.details["hint"]


def given(*args: Any) -> Query:
    return read(Query, args, ("resourceType", "accountId", "region"), options=True)


def test_arguments_are_one_object_or_stand_in_order_with_options_at_the_end():
    assert given({"resourceType": "A", "limit": 2}) == Query(resourceType="A", limit=2)
    assert given("A", "1", {"limit": 2}) == Query(resourceType="A", accountId="1", limit=2)
    assert given("A", None, "eu-west-1") == Query(resourceType="A", region="eu-west-1")
    assert given("A", ["1", "2"]).account_id == ["1", "2"]


def test_options_at_the_end_are_only_taken_where_there_are_any():
    with pytest.raises(AwsError, match="resourceType"):
        read(Query, ("A", {"limit": 2}), ("resourceType",))
    assert told("A", "1", "eu-west-1", 4) == (
        "4 arguments given, and there are 3: resourceType, accountId, region",
        None,
    )
    with pytest.raises(AwsError, match="1 argument given, and it takes none"):
        read(Nothing, ("A",), ())


@pytest.mark.parametrize(
    ("option", "meant"),
    [
        ("resourceTyp", "resourceType"),  # a slip
        ("type", "resourceType"),  # a part of it
        ("accounts", "accountId"),
        ("regions", "region"),
        ("regionName", "region"),
        ("resourceTypes", "resourceType"),
    ],
)
def test_an_option_that_there_is_not_is_told_with_the_one_that_was_meant(option: str, meant: str):
    message, hint = told({option: "A"})

    assert message == f"there is no option {option!r}; there are resourceType, accountId, region, limit"
    assert hint == f"did you mean {meant!r}?"


@pytest.mark.parametrize("option", ["re", "wholly different", "x" * 1_000])
def test_where_it_is_not_sure_what_was_meant_nothing_is_guessed(option: str):
    message, hint = told({option: 1})

    assert hint is None
    assert len(message) < 200


def test_an_account_id_that_is_a_number_is_told_why_it_is_text():
    why = "an account id is text, in quotes: a number would lose its leading zeros"

    assert told("A", 123456789012)[1] == why
    assert told({"resourceType": "A", "accountId": 1})[1] == why
    assert told(1)[1] is None


def test_what_is_missing_is_named_and_a_wrong_value_with_its_field():
    assert told({"limit": 2})[0] == "resourceType is missing"
    assert told("A", {"limit": "2"})[0].startswith("limit: Input should be a valid integer")
    assert told("A", ["1", 2])[0].startswith("accountId: ")


@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_a_time_that_is_null_was_meant_to_be_one(name: str):
    message, hint = told({"resourceType": "A", name: None})

    assert message == f"{name} is null, or NaN, or an invalid Date"
    assert hint == f"check how it was computed; leave {name} out for the default"


def test_arguments_are_not_changed_once_they_are_read():
    with pytest.raises(ValidationError, match="frozen"):
        given("A").limit = 3
