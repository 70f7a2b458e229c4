"""Refuses answers that are not whole: botocore's parsers take a body that is none of AWS's for an empty answer."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# The name of an XML document's outermost element, behind its declaration.
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<(?:[\w.-]+:)?([\w.-]+)")


class NotWhole(Exception):
    """A successful answer broke off, or is not of the form it should be; read as it is, it would be an empty list."""

    def __init__(self, cut: bool) -> None:
        super().__init__("the answer broke off" if cut else "the answer cannot be read")
        self.cut = cut


def check_whole(response_dict: Any, operation_model: Any, **_: Any) -> None:
    """A `before-parse` hook. Raises NotWhole for a success whose body is short, or is no answer to what was asked: a
    page of a proxy, say."""
    if response_dict["status_code"] >= 300 or operation_model.has_streaming_output:
        return
    headers: Any = response_dict["headers"]
    body = response_dict["body"] or b""
    length = headers.get("content-length")
    head = operation_model.http.get("method") == "HEAD"
    if length is not None and "content-encoding" not in headers and not head and len(body) < int(length):
        raise NotWhole(cut=True)
    shape: Any = operation_model.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    free_form = shape is not None and payload and shape.members[payload].type_name in ("blob", "string")
    if head or free_form:
        return
    protocol = str(operation_model.service_model.resolved_protocol)
    if not (_readable(body, protocol, operation_model.name, payload) if body else _may_be_empty(response_dict, shape)):
        raise NotWhole(cut=False)


def _readable(body: bytes, protocol: str, operation: str, payload: str | None) -> bool:
    """Whether a body is of the form that answers have in the service's protocol."""
    root = _ROOT.match(body)
    match protocol:
        case "json" | "rest-json":
            try:
                msgspec.json.decode(body, type=msgspec.Raw if payload else dict[str, msgspec.Raw])
            except msgspec.DecodeError:
                return False
            return True
        case "ec2" | "query":
            return root is None or root[1].decode() == f"{operation}Response"
        case "rest-xml":  # each service names it as it likes
            return root is None or root[1].lower() != b"html"
        case _:
            return True


def _may_be_empty(response_dict: Any, shape: Any) -> bool:
    """Whether nothing at all can be what AWS says: a list of none comes as a body that says so."""
    members: list[Any] = [] if shape is None else list(shape.members.values())
    return response_dict["status_code"] != 200 or all("location" in each.serialization for each in members)
