"""The one error a script sees from the AWS bindings, and how AWS's many errors become it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from stockade.errors import BindingError

# No name of AWS is longer. What a script asks for may be a megabyte of text, and comparing that would take a second.
MOST_NAME = 200

# The closed list of `error.code`, each with whether the same call may work a little later.
CODES: dict[str, bool] = {
    "UnsupportedType": False,
    "UnsupportedByInstalledSdk": False,
    "NotSupportedInDemo": False,
    "UnknownAccount": False,
    "UnknownRegion": False,
    "UnsupportedRegion": False,
    "RegionNotEnabled": False,
    "AccessDenied": False,
    "CredentialsExpired": False,
    "CredentialsInvalid": False,
    "Throttled": True,
    "NotFound": False,
    "InvalidArgument": False,
    "Timeout": True,
    "LimitExceeded": False,
    "NotReadOnly": False,
    "ConnectionFailed": True,
    "ServiceError": False,
}


class AwsError(BindingError):
    """What a script catches: `name` is 'AwsError', `code` one of CODES, and the fields of `details` beside it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        service: str | None = None,
        operation: str | None = None,
        account_id: str | None = None,
        region: str | None = None,
        request_id: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        details: dict[str, Any] = {
            "retryable": CODES[code] if retryable is None else retryable,
            "service": service,
            "operation": operation,
            "accountId": account_id,
            "region": region,
            "requestId": request_id,
            "hint": hint,
        }
        super().__init__(message, name="AwsError", code=code, details=details)
        self.aws_code = ""  # the code AWS itself gave; nothing where the fault is on this side

    @property
    def hint(self) -> str | None:
        return self.details["hint"]

    def become(self, code: str, hint: str) -> AwsError:
        """The same error under the code that turned out to be the true one."""
        changed = AwsError(code, self.message, hint=hint)
        kept = ("service", "operation", "accountId", "region", "requestId")
        changed.details.update({key: self.details[key] for key in kept})
        changed.aws_code = self.aws_code
        return changed

    def as_data(self) -> dict[str, Any]:
        """The same error as an entry of an `errors` list."""
        return {"code": self.code, "message": self.message, **self.details}


def near(word: str, known: Iterable[str], most: int = 5) -> list[str]:
    """The known names a person may have meant, best first; case and the words between colons do not matter much."""
    names = {name.lower(): name for name in known}
    word = word[:MOST_NAME].lower()
    found = difflib.get_close_matches(word, names, n=most, cutoff=0.6)
    # 0.8 is a slip of the finger; below that the one nearest name is a better answer than a list of strangers.
    close = [name for name in found if difflib.SequenceMatcher(None, name, word).ratio() >= 0.8] or found[:1]
    tail = word.rsplit("::", 1)[-1]
    same_tail = [name for name in names if "::" in name and name.rsplit("::", 1)[-1] == tail]
    return [names[name] for name in dict.fromkeys([*same_tail, *close])][:most]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest names, or None where nothing is near."""
    found = near(word, known)
    return f"did you mean {' or '.join(repr(name) for name in found)}?" if found else None
