"""listRegions: the regions of an account, with their names."""

from __future__ import annotations

from typing import Any

from stockade.aws.arguments import Arguments, read
from stockade.aws.catalog import Row
from stockade.aws.envelope import GLOBAL, partition_of
from stockade.aws.errors import MOST_NAME, AwsError, did_you_mean
from stockade.aws.source import AwsSource, Scope
from stockade.bindings import Reply


class ListRegions(Arguments):
    """listRegions(accountId?)"""

    account_id: str | None = None


async def list_regions(source: AwsSource, args: tuple[Any, ...]) -> Reply:
    """Every region that is switched on for the account, as {code, name}."""
    given = read(ListRegions, args, ("accountId",))
    account = await source.account(given.account_id)
    state = source.state()
    names = region_names(source)
    scope = Scope(account.id, source.default_region, "ec2")

    def reduce(page: Any, _shape: Any) -> list[str]:
        return [each["RegionName"] for each in page["Regions"] if each.get("OptInStatus") != "not-opted-in"]

    warnings: list[str] = []
    try:
        codes, _ = await source.page(state, scope, "DescribeRegions", {}, reduce)
    except AwsError as error:
        if error.code not in ("AccessDenied", "Timeout", "ConnectionFailed"):
            raise
        codes = sorted(names)
        warnings.append(f"{error.code}: the regions are those botocore knows, not those the account has switched on")
    # moto lists every partition's; an account has the regions of one.
    own = [code for code in sorted(codes) if partition_of(code) == partition_of(source.default_region)]
    wanted = [code for code in own if not account.regions or code in account.regions]
    listed = [{"code": code, "name": names.get(code, code)} for code in wanted]
    return Reply(listed, {"warnings": warnings, "budget": state.budget.as_data()})


def region_names(source: AwsSource) -> dict[str, str]:
    """Code to name of every region of the source's partition that botocore knows."""
    for partition in source.sessions.endpoints()["partitions"]:
        regions: dict[str, Any] = partition["regions"]
        if source.default_region in regions:
            return {code: str(each["description"]) for code, each in regions.items()}
    return {}


def known_region(source: AwsSource, region: str | None, of: Row | None = None) -> str:
    """The region as given, the configured one where none is, or UnknownRegion with the nearest names; "global" is one
    for a type whose list is."""
    if region is None:
        region = source.default_region
    names = region_names(source)
    if region == GLOBAL:
        if of is not None and (of.home or of.region_of):
            return region
        raise AwsError(
            "UnknownRegion",
            f"{of.type if of else 'what is asked for'} is in regions, and 'global' is none",
            region=region,
            hint="name one, or several in a list: listRegions() lists them",
        )
    if not names or region in names:
        return region
    region = region[:MOST_NAME]
    by_name = [code for code, name in names.items() if region.lower() in name.lower()]
    hint = f"did you mean {by_name[0]!r}?" if len(by_name) == 1 else did_you_mean(region, names)
    raise AwsError(
        "UnknownRegion",
        f"there is no region {region[:40]!r}",
        region=region[:40],
        hint=hint or "listRegions() lists them",
    )
