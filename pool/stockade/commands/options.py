"""Options that several verbs have, checked as they are read."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from urllib.parse import urlsplit

from stockade.errors import NodeNotFound
from stockade.node import MINIMUM, Node, version_of


def file_name(text: str) -> str:
    """The name of a file, for argparse. An empty one, as of a variable that is not set, is not the same as none."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the file is empty")
    return text


def program(text: str) -> Path:
    """The path of a Node.js, for argparse; it is asked for its version."""
    path = Path(text)
    if not path.is_file() or not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is no program that can be run")
    try:
        version_of(Node(path.resolve(), "--node"))
    except NodeNotFound:
        oldest = ".".join(str(part) for part in MINIMUM)
        why = f"{text!r} does not answer as a Node.js of version {oldest} or newer"
        raise argparse.ArgumentTypeError(why) from None
    return path


def endpoint(text: str) -> str:
    """The URL of an AWS endpoint, for argparse: what botocore would refuse only at the first call."""
    from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

    try:
        parts = urlsplit(text)
        named = parts.scheme in ("http", "https") and parts.port != 0  # reading the port checks it
    except ValueError:
        named = False
    if not named or not (is_valid_endpoint_url(text) or is_valid_ipv6_endpoint_url(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no URL of an endpoint, as http://127.0.0.1:5000 is one")
    return text
