"""One listed item in the form every type shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from stockade.aws.catalog import Row
from stockade.aws.normalise import tags_of
from stockade.aws.paging import expression

GLOBAL = "global"

PARTITIONS = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
    "eusc-": "aws-eusc",
}

# Where the services that have one endpoint for a whole partition answer outside of the commercial one.
HOMES = {
    "aws-cn": "cn-northwest-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1",
}

_VARIABLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Place:
    """Where an item was listed, and what its parent gave."""

    account: str
    region: str
    parent: Mapping[str, Any]


def envelope(row: Row, item: Any, place: Place) -> dict[str, Any]:
    """The item with its id, name, ARN, tags and status beside its own properties."""
    bare = {row.id[-1] if row.id else "Id": item}
    properties = cast(dict[str, Any], item) if isinstance(item, dict) else bare
    seen: dict[str, Any] = {**properties, "parent": dict(place.parent)} if place.parent else properties
    ids = [text_at(path, seen) for path in row.id]
    resource_id = "|".join(part for part in ids if part) if row.id else place.account
    tags = tags_of(expression(row.tags).search(seen)) if row.tags else {}
    region = GLOBAL if row.home else (text_at(row.region_of, seen) or place.region)
    made: dict[str, Any] = {
        "resourceType": row.type,
        "resourceId": resource_id,
        "arn": arn_of(row, seen, place, region),
        "displayName": tags.get("Name") or text_at(row.name, seen) or last_part(resource_id),
        "accountId": place.account,
        "region": region,
        "status": text_at(row.status, seen) or None,
        "tags": tags,
        "properties": properties,
    }
    if place.parent:
        made["parent"] = dict(place.parent)
    return made


def arn_of(row: Row, seen: Mapping[str, Any], place: Place, region: str) -> str | None:
    """The item's ARN, as it says it or as AWS's format makes it; None where neither can be had."""
    found = text_at(row.arn, seen)
    if found.startswith("arn:"):
        return found
    if row.arn_template is None:
        return None
    partition = partition_of(place.region if region == GLOBAL else region)
    names = {"Partition": partition, "Region": "" if region == GLOBAL else region, "Account": place.account}
    missing: list[str] = []

    def value(match: re.Match[str]) -> str:
        if match[1] in names:
            return names[match[1]]
        text = text_at(match[1], seen)
        if text == "":
            missing.append(match[1])
        # Some identifiers are the whole URL, or begin with the word that the ARN has before them.
        before = match.string[: match.start()].rpartition(":")[2]
        return last_part(text) if "://" in text else text.removeprefix(f"/{before}" if before else "")

    made = _VARIABLE.sub(value, row.arn_template)
    return None if missing else made


def partition_of(region: str) -> str:
    """The partition a region belongs to, by its name."""
    return next((partition for prefix, partition in PARTITIONS.items() if region.startswith(prefix)), "aws")


def home_of(row: Row, region: str) -> str:
    """The region to call: the service's one home in the region's partition, or the region itself."""
    if row.home is None:
        return region
    return HOMES.get(partition_of(region), row.home)


def last_part(resource_id: str) -> str:
    """What a person reads in a URL or an ARN."""
    if resource_id.startswith(("arn:", "http://", "https://")):
        return re.split(r"[/:]", resource_id)[-1] or resource_id
    return resource_id


def text_at(path: str | None, seen: Mapping[str, Any]) -> str:
    """The text at a jmespath, or nothing."""
    if path is None:
        return ""
    found = expression(path).search(seen)
    return "" if found is None or isinstance(found, (dict, list)) else str(found)
