"""How AWS's names are compared: operations, types, members and identifiers, without case, plurals and fillers."""

from __future__ import annotations

import re
from functools import cache

VERBS = ("BatchDescribe", "BatchGet", "List", "Describe", "Get", "Search")

# What an operation's noun may end in without meaning another thing.
FILLERS = ("summary", "metadata", "info", "detail", "name", "list", "page", "v2", "all")

ENDINGS = (
    ("yses", "ysis"),
    ("iases", "ias"),
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("uses", "us"),
)

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+")

KINDS = ("Identifier", "Arn", "Name", "Id")


@cache
def words(text: str) -> tuple[str, ...]:
    """The words of a camel-case name, each lower-case and singular."""
    return tuple(singular(word.lower()) for word in _WORD.findall(text.replace("IDs", "Ids")))


@cache
def singular(word: str) -> str:
    """An English plural's singular, well enough for AWS's nouns."""
    for ending, instead in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "sis", "ias")) and len(word) > 2:
        return word[:-1]
    return word


@cache
def key(text: str) -> str:
    """A name as one word to compare by."""
    return "".join(words(text))


@cache
def verb(operation: str) -> str | None:
    """The reading verb an operation begins with."""
    return next((each for each in VERBS if operation.startswith(each) and operation != each), None)


@cache
def full_noun(operation: str) -> str:
    """An operation's noun as a key, with whatever it ends in."""
    return key(operation.removeprefix(verb(operation) or ""))


@cache
def noun(operation: str) -> str:
    """An operation's noun as a key, without fillers."""
    found = verb(operation)
    parts = list(words(operation.removeprefix(found) if found else operation))
    while len(parts) > 1 and parts[-1] in FILLERS:
        parts.pop()
    return "".join(parts)


def kind(name: str) -> str | None:
    """What sort of identifier a member name says it is: Arn, Name, Id or Identifier."""
    lowered = name.lower()
    if lowered.endswith("arns"):
        return "Arn"
    return next((each for each in KINDS if lowered.endswith(each.lower())), None)


def stem(name: str) -> str:
    """A member name without the kind it ends in, as a key: `clusterArn` and `ClusterIdentifier` are both `cluster`."""
    for each in ("identifiers", "identifier", "arns", "arn", "names", "name", "ids", "id"):
        if name.lower().endswith(each) and len(name) > len(each):
            return key(name[: -len(each)])
    return key(name)
