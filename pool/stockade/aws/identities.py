"""Which accounts a script may ask about, and the credentials for each: an explicit file, an organization and a role,
the profiles of the AWS config, or the current identity alone; the first that is configured."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from stockade.aws.answers import DeadlinePassed, seconds_left, until
from stockade.aws.clients import Sessions, client_config
from stockade.aws.errors import MOST_NAME, AwsError, did_you_mean
from stockade.aws.translate import translated
from stockade.errors import StockadeError

# An assumed role is narrowed to what both of these allow together, whatever the role itself may do.
SESSION_POLICIES = (
    "arn:{partition}:iam::aws:policy/job-function/ViewOnlyAccess",
    "arn:{partition}:iam::aws:policy/ReadOnlyAccess",
)

# Longer than four attempts at each of the calls that a sign-in may take, and than all pages of a large organization.
OPENING_SECONDS = 600.0

# One name for all runs of this library: credentials are kept across runs, so a run's own id would be the first run's.
ROLE_SESSION_NAME = "stockade"


@dataclass(frozen=True)
class Account:
    """One account and where it was learned from; `arn` is the identity used there, once it has been checked."""

    id: str
    name: str
    source: str
    alias: str | None = None
    email: str | None = None
    default: bool = False
    regions: tuple[str, ...] = ()
    arn: str | None = None


@dataclass(frozen=True)
class Entry:
    """An account with the way to open a botocore session in it."""

    account: Account
    open: Callable[[], Any]


class AccountBook:
    """The accounts of one source: listed once, each session opened once and its identity checked then."""

    def __init__(self, load: Callable[[], Iterable[Entry]], endpoint_url: str | None) -> None:
        self._load = load
        self._endpoint_url = endpoint_url
        self._lock = threading.RLock()
        self._entries: dict[str, Entry] | None = None
        self._sessions: dict[str, Any] = {}
        self._opening: dict[str, threading.Lock] = {}
        self._end = math.inf

    def accounts(self) -> list[Account]:
        """Every account, the default one first."""
        return sorted((entry.account for entry in self._all().values()), key=lambda account: not account.default)

    def find(self, account_id: str | None) -> Account:
        """The account of that id, or the default one; UnknownAccount with the nearest otherwise."""
        entries = self._all()
        if account_id is None:
            return self.accounts()[0]
        entry = entries.get(account_id)
        if entry is None:
            account_id = account_id[:MOST_NAME]
            by_name = [a.id for a in self.accounts() if account_id.lower() in (a.name.lower(), (a.alias or "").lower())]
            near = f"did you mean {by_name[0]!r}?" if by_name else did_you_mean(account_id, entries)
            raise AwsError(
                "UnknownAccount",
                f"there is no account {account_id[:40]!r} among the {len(entries)} configured",
                account_id=account_id[:40],
                hint=near or "listAccounts() lists them",
            )
        return entry.account

    def session(self, account_id: str) -> Any:
        """The session of an account, opened and checked at its first use."""
        with self._lock:
            if account_id in self._sessions:
                return self._sessions[account_id]
            entry = self._all()[account_id]
            opening = self._opening.setdefault(account_id, threading.Lock())
        # sts is asked here, and an account whose sts hangs must hold up nobody but those who want that account.
        with waited_for(opening):
            if account_id not in self._sessions:
                try:
                    session = entry.open()
                    arn = check_identity(session, account_id, self._endpoint_url)
                except Exception as error:  # a profile that is not there, say
                    raise translated(
                        error, service="sts", operation="GetCallerIdentity", account_id=account_id
                    ) from None
                with self._lock:
                    known = replace(entry, account=replace(entry.account, arn=arn))
                    self._entries = {**self._all(), account_id: known}
                    self._sessions[account_id] = session
            return self._sessions[account_id]

    def accepted(self, account_id: str) -> bool:
        """Whether sts accepts the account's credentials now. Raises AwsError where it does not say."""
        try:
            caller(self.session(account_id), self._endpoint_url)
        except AwsError as error:
            if error.code in ("CredentialsInvalid", "CredentialsExpired", "AccessDenied"):
                return False
            raise
        return True

    def close(self) -> None:
        """Ends the listing of the accounts, where a thread is at it, with its attempt."""
        self._end = 0.0

    def _all(self) -> dict[str, Entry]:
        with waited_for(self._lock):
            if self._entries is None:
                # What is left out of a list for one run's haste would be missing for all.
                with until(lambda: self._end):
                    found = {entry.account.id: entry for entry in self._load()}
                if not any(entry.account.default for entry in found.values()) and found:
                    first = next(iter(found))
                    found[first] = replace(found[first], account=replace(found[first].account, default=True))
                self._entries = found
            return self._entries


@contextmanager
def waited_for(lock: threading.Lock | threading.RLock) -> Generator[None]:
    """Holds a lock, waited for no longer than the run lasts; raises DeadlinePassed then."""
    if not lock.acquire(timeout=seconds_left(OPENING_SECONDS)):
        raise DeadlinePassed
    try:
        yield
    finally:
        lock.release()


def caller(session: Any, endpoint_url: str | None) -> tuple[str, str]:
    """The account id and ARN that a session's credentials are for: one call to sts, which needs no permission."""
    try:
        client = session.create_client(
            "sts",
            region_name=session.get_config_variable("region"),
            endpoint_url=endpoint_url,
            config=client_config(1, 2, endpoint_url),
        )
        with closing(client):
            answer = client.get_caller_identity()
    except Exception as error:
        raise translated(error, service="sts", operation="GetCallerIdentity") from None
    return str(answer["Account"]), str(answer["Arn"])


def check_identity(session: Any, account_id: str, endpoint_url: str | None) -> str:
    """The ARN of the session's identity; refused where it belongs to another account than the one it stands for."""
    actual, arn = caller(session, endpoint_url)
    if actual != account_id:
        raise AwsError(
            "CredentialsInvalid",
            f"the credentials configured for account {account_id} belong to account {actual}",
            account_id=account_id,
            hint="mend the account's entry in the accounts file or the AWS config",
        )
    return arn


def assumed(base: Any, sessions: Sessions, role_arn: str, external_id: str | None, endpoint_url: str | None) -> Any:
    """A session in a role, its credentials renewed by botocore before they end."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.exceptions import NoCredentialsError

    source = base.get_credentials()
    if source is None:
        raise NoCredentialsError
    partition = role_arn.split(":")[1]
    policies = [{"arn": policy.format(partition=partition)} for policy in SESSION_POLICIES]
    extra: dict[str, Any] = {"RoleSessionName": ROLE_SESSION_NAME, "PolicyArns": policies}
    if external_id:
        extra["ExternalId"] = external_id
    fetcher = AssumeRoleCredentialFetcher(
        partial(
            base.create_client,
            region_name=base.get_config_variable("region"),
            endpoint_url=endpoint_url,
            config=client_config(1, 4, endpoint_url),
        ),
        source,
        role_arn,
        extra_args=extra,
    )
    session = sessions.make()
    session._credentials = DeferredRefreshableCredentials(  # the one way botocore itself offers, used by its docs
        refresh_using=fetcher.fetch_credentials, method="assume-role"
    )
    session.set_config_variable("region", base.get_config_variable("region"))
    return session


def current_identity(base: Any, endpoint_url: str | None) -> list[Entry]:
    """The one account of the credentials that boto3 would use."""
    account_id, arn = caller(base, endpoint_url)
    alias = _alias(base, endpoint_url)
    account = Account(account_id, alias or account_id, "identity", alias=alias, default=True, arn=arn)
    return [Entry(account, lambda: base)]


def organization(sessions: Sessions, base: Any, role_name: str, endpoint_url: str | None) -> list[Entry]:
    """Every active account of the organization, entered through one role name; the base's own account as itself."""
    own, _ = caller(base, endpoint_url)
    region = base.get_config_variable("region")
    try:
        partition = base.get_partition_for_region(region)  # raises for a region that botocore has not heard of
        client = base.create_client(
            "organizations", region_name=region, endpoint_url=endpoint_url, config=client_config(1, 4, endpoint_url)
        )
        end = time.monotonic() + OPENING_SECONDS  # an answer may always name a next page
        pages: list[dict[str, Any]] = []
        with closing(client):
            for page in client.get_paginator("list_accounts").paginate():
                if time.monotonic() > end:
                    raise DeadlinePassed
                pages.append(page)
    except Exception as error:
        raise translated(error, service="organizations", operation="ListAccounts", account_id=own) from None
    entries: list[Entry] = []
    for found in (each for page in pages for each in page["Accounts"]):
        if found.get("State", found.get("Status")) != "ACTIVE":
            continue
        account = Account(
            found["Id"], found.get("Name", found["Id"]), "organization", email=found.get("Email"),
            default=found["Id"] == own,
        )  # fmt: skip
        role_arn = f"arn:{partition}:iam::{account.id}:role/{role_name}"
        opener = partial(assumed, base, sessions, role_arn, None, endpoint_url)
        entries.append(Entry(account, (lambda: base) if account.default else opener))
    return entries


def profiles(sessions: Sessions, base: Any, endpoint_url: str | None) -> list[Entry]:
    """One account for each profile of the AWS config whose identity can be told; the first of two for one account."""
    entries: dict[str, Entry] = {}
    chosen = base.get_config_variable("profile") or "default"
    problems: list[AwsError] = []
    for name in sorted(base.available_profiles, key=lambda each: (each != chosen, each)):
        try:
            session = sessions.make(name)
            account_id, arn = caller(session, endpoint_url)
        except AwsError as error:
            problems.append(error)
            continue
        account = Account(account_id, name, f"profile {name}", default=name == chosen, arn=arn)
        entries.setdefault(account_id, Entry(account, lambda session=session: session))
    if not entries and problems:
        raise problems[0]
    return list(entries.values())


class AccountInFile(BaseModel):
    """One entry of an accounts file."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^\d{12}$")
    name: str | None = None
    alias: str | None = None
    email: str | None = None
    profile: str | None = None
    role_arn: str | None = Field(default=None, pattern=r"^arn:[\w-]+:iam::\d{12}:role/.+$")
    external_id: str | None = None
    regions: list[str] = []
    default: bool = False


def accounts_file(sessions: Sessions, base: Any, path: str | Path, endpoint_url: str | None) -> list[Entry]:
    """The accounts of a JSON file: a list, or an object with the list under `accounts`."""
    entries: list[Entry] = []
    for listed in read_accounts_file(path):
        account = Account(
            listed.id, listed.name or listed.alias or listed.id, "file", alias=listed.alias, email=listed.email,
            default=listed.default, regions=tuple(listed.regions),
        )  # fmt: skip
        entries.append(Entry(account, partial(_open_listed, sessions, base, listed, endpoint_url)))
    return entries


def read_accounts_file(path: str | Path) -> list[AccountInFile]:
    """The checked entries of an accounts file; a StockadeError says in one sentence what is wrong with it."""
    name = Path(path).name
    try:
        data: Any = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise StockadeError(f"the accounts file {name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise StockadeError(f"the accounts file {name} is not JSON: {error}") from None
    listed: Any = cast(Mapping[str, Any], data).get("accounts") if isinstance(data, dict) else data
    try:
        found = TypeAdapter(list[AccountInFile]).validate_python(listed)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise StockadeError(f"the accounts file {name} is wrong at {where}: {first['msg']}") from None
    if not found:
        raise StockadeError(f"the accounts file {name} lists no account")
    twice = [each.id for index, each in enumerate(found) if each.id in {other.id for other in found[:index]}]
    if twice:
        raise StockadeError(f"the accounts file {name} lists account {twice[0]} twice")
    if sum(each.default for each in found) > 1:
        raise StockadeError(f"the accounts file {name} has more than one default account")
    for each in found:
        if each.role_arn and each.role_arn.split(":")[4] != each.id:
            raise StockadeError(f"the accounts file {name} gives account {each.id} a role of another account")
    return found


def _open_listed(sessions: Sessions, base: Any, listed: AccountInFile, endpoint_url: str | None) -> Any:
    start = sessions.make(listed.profile) if listed.profile else base
    if listed.role_arn is None:
        return start
    return assumed(start, sessions, listed.role_arn, listed.external_id, endpoint_url)


def _alias(session: Any, endpoint_url: str | None) -> str | None:
    """The account's alias where the identity may read it: a nicety, so no error of it matters."""
    client = session.create_client(
        "iam",
        region_name=session.get_config_variable("region") or "us-east-1",
        endpoint_url=endpoint_url,
        config=client_config(1, 1, endpoint_url),
    )
    try:
        aliases = client.list_account_aliases().get("AccountAliases", [])
    except Exception:
        return None
    finally:
        client.close()
    return str(aliases[0]) if aliases else None
