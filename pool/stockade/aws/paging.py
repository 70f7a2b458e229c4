"""How an operation's pages follow each other: by botocore's paginator data, or by the usual token names."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath
from botocore.exceptions import DataNotFoundError, UnknownServiceError

# Where botocore has no paginator, a token that an operation both takes and gives is one all the same. By the name it is
# taken under, and those it is given under.
TOKENS = {
    "NextToken": ("NextToken",),
    "nextToken": ("nextToken",),
    "Token": ("NextToken",),
    "pageToken": ("nextPageToken",),
    "Marker": ("NextMarker", "Marker"),  # where both are given, the second is the one that was taken
    "NextMarker": ("NextMarker",),
    "position": ("position",),
}


class SameToken(Exception):
    """The token of the next page is that of this one: followed, it would be asked for ever; dropped, the list might
    not be whole."""


@dataclass(frozen=True)
class Paging:
    """The inputs that take the tokens, the jmespath of each token in the answer, and of the flag that says more."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    more: str | None = None

    def following(self, params: dict[str, Any], page: Any) -> dict[str, Any] | None:
        """The parameters of the next page, or None after the last one. Raises SameToken where there is no end."""
        if self.more is not None and not expression(self.more).search(page):
            return None
        tokens = [expression(output).search(page) for output in self.outputs]
        if not any(tokens):
            return None
        rest = {key: value for key, value in params.items() if key not in self.inputs}
        given = {name: token for name, token in zip(self.inputs, tokens, strict=True) if token is not None}
        following = {**rest, **given}
        if following == params:
            raise SameToken
        return following


_POLICY = ("TrafficPolicyIdMarker",)
_INSTANCE = ("HostedZoneIdMarker", "TrafficPolicyInstanceNameMarker", "TrafficPolicyInstanceTypeMarker")

# Those that say where to go on by their last item, or by several parts.
SPECIAL = {
    ("dynamodb", "ListGlobalTables"): Paging(("ExclusiveStartGlobalTableName",), ("LastEvaluatedGlobalTableName",)),
    ("firehose", "ListDeliveryStreams"): Paging(
        ("ExclusiveStartDeliveryStreamName",), ("DeliveryStreamNames[-1]",), "HasMoreDeliveryStreams"
    ),
    ("kinesisanalytics", "ListApplications"): Paging(
        ("ExclusiveStartApplicationName",), ("ApplicationSummaries[-1].ApplicationName",), "HasMoreApplications"
    ),
    ("route53", "ListTrafficPolicies"): Paging(_POLICY, _POLICY, "IsTruncated"),
    ("route53", "ListTrafficPolicyInstances"): Paging(_INSTANCE, _INSTANCE, "IsTruncated"),
}


@cache
def expression(text: str) -> Any:
    """A compiled jmespath."""
    return jmespath.compile(text)


def paging_of(loader: Any, service: str, operation: str, model: Any) -> Paging | None:
    """The paging of one operation; None where all comes in one answer."""
    known = _paginators(loader, service).get(operation)
    if known is not None:
        inputs, outputs = known["input_token"], known["output_token"]
        return Paging(
            (inputs,) if isinstance(inputs, str) else tuple(inputs),
            (outputs,) if isinstance(outputs, str) else tuple(outputs),
            known.get("more_results"),
        )
    if model.input_shape is None or model.output_shape is None:
        return None
    given = list(_given(model.output_shape))
    for name, outputs in TOKENS.items():
        if name in model.input_shape.members:
            for output in outputs:
                for path in given:
                    if path.rpartition(".")[2] == output:
                        return Paging((name,), (path,))
    return SPECIAL.get((service, operation))


def _given(shape: Any) -> Generator[str]:
    """The paths to the members of an answer, and then to those of what it is all within, as some services give it."""
    yield from shape.members
    for name, within in shape.members.items():
        if within.type_name == "structure":
            yield from (f"{name}.{member}" for member in within.members)


def _paginators(loader: Any, service: str) -> dict[str, Any]:
    try:
        return loader.load_service_model(service, "paginators-1")["pagination"]
    except (DataNotFoundError, UnknownServiceError):
        return {}
