"""Where accounts come from: a file, an organization and a role, profiles, the current identity; in that order."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from stockade.aws import AwsError, AwsSource, aws_bindings, identities
from stockade.aws.clients import Sessions
from stockade.aws.errors import CODES
from stockade.aws.identities import Account, AccountBook, Entry, read_accounts_file
from stockade.errors import StockadeError

MANAGEMENT, PRODUCTION = "123456789012", "210987654321"


@pytest.fixture
def config(tmp_path, monkeypatch, world):
    """An AWS config of its own, and nothing else of AWS in the environment."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL", world.endpoint_url)
    keys = "aws_access_key_id = key\naws_secret_access_key = secret\nregion = eu-west-1\n"
    path.write_text(f"[default]\n{keys}", "utf-8")
    return path, keys


async def accounts(**options):
    with AwsSource.from_environment(**options) as source:
        return await source.accounts()


async def test_the_current_identity_is_one_account_and_its_region_the_default(config):
    with AwsSource.from_environment() as source:
        (account,) = await source.accounts()
        assert source.default_region == "eu-west-1"
    assert (account.id, account.source, account.alias) == (MANAGEMENT, "identity", "acme-management")
    assert account.default


async def test_a_role_taken_with_a_web_identity_is_an_identity_like_others(config, tmp_path, monkeypatch):
    """So a service in a cluster is given its role: boto3 exchanges a token in a file for it."""
    path, _keys = config
    path.write_text("", "utf-8")
    (tmp_path / "token").write_text("token", "utf-8")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", f"arn:aws:iam::{PRODUCTION}:role/service")
    (account,) = await accounts()
    assert account.id == PRODUCTION


def test_a_region_that_is_set_to_nothing_is_none_that_is_configured(config, monkeypatch):
    """As where settings are all named and not all given: botocore would sign in to a profile's role at `https://sts..`."""
    path, _keys = config
    path.write_text("", "utf-8")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert Sessions().make().create_client("sts").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


async def test_the_endpoint_of_the_environment_is_used_by_every_client(config):
    with AwsSource.from_environment() as source:
        reply = await aws_bindings(source)["queryResources"]("AWS::EC2::Instance")
    assert len(reply.value) == 3
    assert reply.value[0]["region"] == "eu-west-1"


async def test_profiles_are_one_account_each_and_one_that_fails_does_not_hide_the_others(config):
    path, keys = config
    role = f"[profile production]\nrole_arn = arn:aws:iam::{PRODUCTION}:role/reader\nsource_profile = default\n"
    broken = "[profile broken]\ncredential_process = false\n"
    path.write_text(f"[default]\n{keys}{role}{broken}", "utf-8")
    found = {account.id: account for account in await accounts()}
    assert set(found) == {MANAGEMENT, PRODUCTION}
    assert found[PRODUCTION].source == "profile production"
    assert found[MANAGEMENT].default


async def test_a_key_that_is_set_to_nothing_is_none_in_the_environment(config, monkeypatch):
    path, keys = config
    path.write_text(f"[default]\n{keys}[profile other]\n{keys}", "utf-8")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    assert [account.source for account in await accounts()] == ["profile default"]


async def test_role_and_file_can_come_from_the_environment(config, tmp_path, monkeypatch):
    monkeypatch.setenv("STOCKADE_AWS_ROLE", "StockadeReadOnly")
    assert len(await accounts()) == 4
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps([{"id": MANAGEMENT}]), "utf-8")
    monkeypatch.setenv("STOCKADE_AWS_ACCOUNTS", str(path))
    assert [account.source for account in await accounts()] == ["file"]


async def test_an_organization_and_a_role_come_before_profiles(config):
    path, keys = config
    path.write_text(f"[default]\n{keys}[profile other]\n{keys}", "utf-8")
    found = await accounts(role_name="StockadeReadOnly")
    assert len(found) == 4
    assert {account.source for account in found} == {"organization"}


async def test_a_file_comes_first_and_enters_by_role(config, tmp_path):
    listed = [
        {"id": PRODUCTION, "name": "live", "role_arn": f"arn:aws:iam::{PRODUCTION}:role/r", "regions": ["eu-west-1"]}
    ]
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps(listed), "utf-8")
    with AwsSource.from_environment(accounts_file=path, role_name="StockadeReadOnly") as source:
        aws = aws_bindings(source)
        (account,) = await aws["listAccounts"]()
        assert (account["id"], account["name"], account["source"]) == (PRODUCTION, "live", "file")
        assert [region["code"] for region in (await aws["listRegions"]()).value] == ["eu-west-1"]
        reply = await aws["queryResources"]("AWS::RDS::DBInstance", PRODUCTION, "eu-west-1")
        assert reply.value[0]["displayName"] == "production-main"
        assert (await source.accounts())[0].arn.startswith(f"arn:aws:sts::{PRODUCTION}:assumed-role/r/")


async def test_credentials_of_another_account_than_the_stated_one_are_refused(config, tmp_path):
    path = tmp_path / "accounts.json"
    path.write_text(json.dumps([{"id": PRODUCTION, "profile": "default"}]), "utf-8")
    with AwsSource.from_environment(accounts_file=path) as source, pytest.raises(AwsError) as caught:
        await aws_bindings(source)["queryResources"]("AWS::SNS::Topic", PRODUCTION, "us-east-1")
    assert caught.value.code == "CredentialsInvalid"
    assert MANAGEMENT in caught.value.message


async def test_a_role_that_wants_a_second_factor_is_refused_and_never_asked_for(config):
    """A prompt in a service would wait for ever."""
    path, keys = config
    mfa = (
        f"[profile mfa]\nrole_arn = arn:aws:iam::{PRODUCTION}:role/r\nsource_profile = default\n"
        f"mfa_serial = arn:aws:iam::{MANAGEMENT}:mfa/me\n"
    )
    path.write_text(f"[default]\n{keys}{mfa}", "utf-8")
    assert [account.id for account in await accounts()] == [MANAGEMENT]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "lists no account"),
        ('[{"id": "12"}]', "wrong at 0.id"),
        ('[{"id": "111111111111", "rolearn": "x"}]', "wrong at 0.rolearn"),
        ('[{"id": "111111111111"}, {"id": "111111111111"}]', "twice"),
        ('[{"id": "111111111111", "default": true}, {"id": "222222222222", "default": true}]', "more than one default"),
        ('[{"id": "111111111111", "role_arn": "arn:aws:iam::222222222222:role/r"}]', "another account"),
    ],
)
def test_a_wrong_accounts_file_is_told_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "accounts.json"
    path.write_text(text, "utf-8")
    with pytest.raises(StockadeError, match=words) as caught:
        read_accounts_file(path)
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_accounts_file_is_told_in_one_sentence(tmp_path):
    with pytest.raises(StockadeError, match=r"accounts file none\.json cannot be read"):
        read_accounts_file(tmp_path / "none.json")


def test_an_account_whose_sign_in_hangs_holds_up_no_other(monkeypatch):
    monkeypatch.setattr("stockade.aws.identities.check_identity", lambda _session, account, _url: f"arn of {account}")
    opening, released = threading.Event(), threading.Event()

    def hang():
        opening.set()
        released.wait(60)
        return "slow session"

    book = AccountBook(
        lambda: [
            Entry(Account("slow", "slow", "file"), hang),
            Entry(Account("quick", "quick", "file"), lambda: "quick"),
        ],
        None,
    )
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(book.session, "slow") for _ in range(2)]
        try:
            assert opening.wait(60)
            assert book.session("quick") == "quick"
            assert book.find("quick").arn == "arn of quick"
            assert not any(each.done() for each in slow)
        finally:
            released.set()
        assert [each.result(60) for each in slow] == ["slow session"] * 2
    assert book.find("slow").arn == "arn of slow"


@pytest.mark.parametrize("code", CODES)
def test_credentials_count_as_refused_only_where_sts_says_so(monkeypatch, code):
    """What is passing leaves open whether they are good."""
    answers = iter([(MANAGEMENT, "arn"), AwsError(code, "no")])

    def caller(*_: object):
        if isinstance(answer := next(answers), AwsError):
            raise answer
        return answer

    monkeypatch.setattr(identities, "caller", caller)
    book = AccountBook(lambda: [Entry(Account(MANAGEMENT, "main", "file"), object)], None)
    if code in ("CredentialsInvalid", "CredentialsExpired", "AccessDenied"):
        assert book.accepted(MANAGEMENT) is False
    else:
        with pytest.raises(AwsError):
            book.accepted(MANAGEMENT)


def test_the_account_that_is_marked_comes_first_and_the_first_one_where_none_is():
    def book(*marked: bool) -> AccountBook:
        return AccountBook(
            lambda: [Entry(Account(f"{i}", f"{i}", "file", default=d), object) for i, d in enumerate(marked)], None
        )

    assert [(each.id, each.default) for each in book(False, True).accounts()] == [("1", True), ("0", False)]
    assert [(each.id, each.default) for each in book(False, False).accounts()] == [("0", True), ("1", False)]
    assert book(False, True).find(None).id == "1"
    assert book().accounts() == []
