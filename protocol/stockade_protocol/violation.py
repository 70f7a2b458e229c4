"""What is wrong with a line, a message or its moment."""

from __future__ import annotations


class ProtocolViolation(Exception):
    """The peer sent what it may not send, or not now. It is not to be trusted again: end it."""
