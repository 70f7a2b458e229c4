"""How an operation's pages follow each other: by botocore's paginator data, or by the usual token names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import jmespath
from botocore.exceptions import DataNotFoundError, UnknownServiceError

# Where botocore has no paginator, a token that an operation both takes and gives is one all the same.
TOKENS = ("NextToken", "nextToken", "next_token", "NextPageToken", "nextPageToken", "pageToken", "PageToken", "Token")


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
    for name in TOKENS:
        if name in model.input_shape.members:
            for output in dict.fromkeys((name, *TOKENS)):
                if output in model.output_shape.members:
                    return Paging((name,), (output,))
    for name, output in (("Marker", "NextMarker"), ("marker", "nextMarker"), ("Marker", "Marker")):
        if name in model.input_shape.members and output in model.output_shape.members:
            return Paging((name,), (output,))
    return None


def _paginators(loader: Any, service: str) -> dict[str, Any]:
    try:
        return loader.load_service_model(service, "paginators-1")["pagination"]
    except (DataNotFoundError, UnknownServiceError):
        return {}
