"""Refuses answers that are not whole: botocore's JSON parser takes any body that is no JSON for an empty answer."""

from __future__ import annotations

from typing import Any

import msgspec


class NotWhole(Exception):
    """A successful answer broke off, or is not of the form it should be; read as it is, it would be an empty list."""

    def __init__(self, cut: bool) -> None:
        super().__init__("the answer broke off" if cut else "the answer cannot be read")
        self.cut = cut


def check_whole(response_dict: Any, operation_model: Any, **_: Any) -> None:
    """A `before-parse` hook. Raises NotWhole for a success whose body is short or, where JSON is due, is none."""
    if response_dict["status_code"] >= 300 or operation_model.has_streaming_output:
        return
    headers: Any = response_dict["headers"]
    body = response_dict["body"] or b""
    length = headers.get("content-length")
    plain = "content-encoding" not in headers and operation_model.http.get("method") != "HEAD"
    if length is not None and plain and len(body) < int(length):
        raise NotWhole(cut=True)
    protocol = str(operation_model.service_model.resolved_protocol)
    shape: Any = operation_model.output_shape
    payload = shape.serialization.get("payload") if shape is not None else None
    free_form = shape is not None and payload and shape.members[payload].type_name in ("blob", "string")
    if body and protocol in ("json", "rest-json") and not free_form:
        try:
            msgspec.json.decode(body, type=msgspec.Raw)
        except msgspec.DecodeError:
            raise NotWhole(cut=False) from None
