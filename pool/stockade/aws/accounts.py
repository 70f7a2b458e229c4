"""listAccounts: the accounts a script may ask about."""

from __future__ import annotations

from typing import Any

from stockade.aws.arguments import Arguments, read
from stockade.aws.identities import Account
from stockade.aws.source import AwsSource


class ListAccounts(Arguments):
    """listAccounts()"""


async def list_accounts(source: AwsSource, args: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Every account as {id, name, alias, email, default, source}, the default one first."""
    read(ListAccounts, args, ())
    return [as_data(account) for account in await source.accounts()]


def as_data(account: Account) -> dict[str, Any]:
    """An account as a script sees it; the identity's ARN is for the command line, not for untrusted code."""
    return {
        "id": account.id,
        "name": account.name,
        "alias": account.alias,
        "email": account.email,
        "default": account.default,
        "source": account.source.split()[0],
    }
