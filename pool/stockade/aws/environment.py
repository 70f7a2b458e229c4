"""An AwsSource on real AWS, from what the environment and the user's AWS config say."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stockade.aws.clients import Sessions
from stockade.aws.envelope import partition_of
from stockade.aws.identities import AccountBook, Entry, accounts_file, current_identity, organization, profiles
from stockade.aws.limits import AwsLimits
from stockade.aws.source import AwsSource

# For the command line, and for services that are configured by their environment.
ACCOUNTS_VARIABLE = "STOCKADE_AWS_ACCOUNTS"
ROLE_VARIABLE = "STOCKADE_AWS_ROLE"


def source_from_environment(
    endpoint_url: str | None,
    accounts: str | Path | None,
    role_name: str | None,
    region: str | None,
    limits: AwsLimits | None,
) -> AwsSource:
    """The first that is configured: accounts file, organization and role, profiles, the current identity."""
    accounts = accounts or os.environ.get(ACCOUNTS_VARIABLE) or None
    role_name = role_name or os.environ.get(ROLE_VARIABLE) or None
    sessions = Sessions()
    base = sessions.make()
    # Credentials are of one partition, and in any other nobody knows them.
    if region and partition_of(region) != partition_of(base.get_config_variable("region")):
        base.set_config_variable("region", region)
    load: Callable[[], list[Entry]]
    if accounts is not None:
        load = partial(accounts_file, sessions, base, accounts, endpoint_url)
    elif role_name is not None:
        load = partial(organization, sessions, base, role_name, endpoint_url)
    elif len(base.available_profiles) > 1 and not os.environ.get("AWS_ACCESS_KEY_ID"):
        load = partial(profiles, sessions, base, endpoint_url)
    else:
        load = partial(current_identity, base, endpoint_url)
    return AwsSource(
        AccountBook(load, endpoint_url),
        sessions=sessions,
        endpoint_url=endpoint_url,
        default_region=region or base.get_config_variable("region"),
        limits=limits,
    )
