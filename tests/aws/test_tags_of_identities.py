"""IAM's lists have tags in their form, and AWS leaves them out of all but the answer about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from fault_server import ACCOUNT, FaultServer, Handler, data, error

from stockade.aws import AwsError, AwsSource, aws_bindings

# Of each type its list, what tells of one, and how its items are named there.
LISTED = {
    "AWS::IAM::Role": ("ListRoles", "Roles", "GetRole", "Role", "RoleName", "role"),
    "AWS::IAM::User": ("ListUsers", "Users", "GetUser", "User", "UserName", "user"),
    "AWS::IAM::ManagedPolicy": ("ListPolicies", "Policies", "GetPolicy", "Policy", "PolicyName", "policy"),
    "AWS::IAM::InstanceProfile": (
        "ListInstanceProfiles",
        "InstanceProfiles",
        "GetInstanceProfile",
        "InstanceProfile",
        "InstanceProfileName",
        "instance-profile",
    ),
}


@pytest.fixture
def aws(served: AwsSource) -> dict[str, Callable[..., Any]]:
    return aws_bindings(served)


def put_down(server: FaultServer, resource_type: str) -> None:
    """Two of a type, `mine` with an owner and `nobodys` with none."""
    list_them, together, get_one, alone, called, kind = LISTED[resource_type]

    def item(name: str, tags: str = "") -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
        return f"<{called}>{name}</{called}><Arn>{arn}</Arn>{tags}"

    def one(handler: Handler) -> None:
        asked = next(value[0] for name, value in parse_qs(handler.body).items() if name not in ("Action", "Version"))
        tags = "<Tags><member><Key>owner</Key><Value>web</Value></member></Tags>" if asked.endswith("mine") else ""
        told = f"<{alone}>{item(asked.rpartition('/')[2], tags)}</{alone}>"
        handler.reply(200, f"<{get_one}Response><{get_one}Result>{told}</{get_one}Result></{get_one}Response>")

    members = "".join(f"<member>{item(name)}</member>" for name in ("mine", "nobodys"))
    listed = f"<{together}>{members}</{together}>"
    whole = f"<{list_them}Response><{list_them}Result>{listed}</{list_them}Result></{list_them}Response>"
    server.answers[list_them] = [lambda handler: handler.reply(200, whole, "text/xml")]
    server.answers[get_one] = [one]


@pytest.mark.parametrize("resource_type", LISTED)
async def test_tags_are_asked_for_one_by_one_where_they_are_wanted_and_only_there(server, aws, resource_type):
    put_down(server, resource_type)
    plain = await aws["queryResources"](resource_type)
    assert [item["displayName"] for item in plain.value] == ["mine", "nobodys"]
    assert server.count(LISTED[resource_type][2]) == 0
    told = await aws["queryResources"](resource_type, None, None, {"detail": "tags"})
    assert [item["tags"] for item in told.value] == [{"owner": "web"}, {}]
    owned = {"tags": {"owner": "web"}}
    assert [item["displayName"] for item in (await aws["queryResources"](resource_type, None, None, owned)).value] == [
        "mine"
    ]
    counted = await aws["queryResources"](resource_type, None, None, {**owned, "detail": "count"})
    assert counted.value[0]["count"] == 1
    assert not (await aws["getResourceSchema"](resource_type))["tagsInList"]


async def test_tags_that_may_not_be_read_are_an_error_and_not_none(server, aws):
    put_down(server, "AWS::IAM::Role")
    server.answers["GetRole"] = [
        lambda handler: handler.reply(
            403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        )
    ]
    for options in ({"detail": "tags"}, {"tags": {"owner": "web"}}):
        with pytest.raises(AwsError) as caught:
            await aws["queryResources"]("AWS::IAM::Role", None, None, options)
        assert (caught.value.code, caught.value.details["operation"]) == ("AccessDenied", "GetRole")


async def test_the_serial_number_of_a_virtual_device_is_what_its_tags_are_asked_by(server, aws):
    arn = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
    listed = f"<VirtualMFADevices><member><SerialNumber>{arn}</SerialNumber></member></VirtualMFADevices>"
    whole = (
        "<ListVirtualMFADevicesResponse><ListVirtualMFADevicesResult>"
        f"{listed}</ListVirtualMFADevicesResult></ListVirtualMFADevicesResponse>"
    )
    server.answers["ListVirtualMFADevices"] = [lambda handler: handler.reply(200, whole, "text/xml")]
    mapped = {"ResourceARN": arn, "Tags": [{"Key": "owner", "Value": "web"}]}
    server.answers["GetResources"] = [data(ResourceTagMappingList=[mapped])]
    told = await aws["queryResources"]("AWS::IAM::VirtualMFADevice", None, None, {"detail": "tags"})
    assert [(item["arn"], item["tags"]) for item in told.value] == [(arn, {"owner": "web"})]
    server.answers["GetResources"] = [error("AccessDeniedException")]
    with pytest.raises(AwsError):
        await aws["queryResources"]("AWS::IAM::VirtualMFADevice", None, None, {"tags": {"owner": "web"}})
