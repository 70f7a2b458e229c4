"""Reads the attacks: one script a file, one attack a script, its expectations in a header of fixed form.

    // attack: what it tries, in one sentence
    // expect: the endings that are right, comma separated: `ok` or kinds of error
    // because: why there is more than one right ending          (asked for wherever there is)
    // value: for `ok`, the JSON the script must come to, or: anything     (default "contained")
    // modes: process, context                                     (default both)
    // layer: realm, worker, supervisor, kernel, clock or memory   (which layer is to hold it)
    // limits: timeout_seconds=0.4 max_calls=5                     (beside those of every attack)
    // uses: probe                                                 (puts probe.js before the script)
    // fill: 1000 "x"                                              (that text so many times for /*FILL*/ in the script)

A line `// then: <JSON>` starts a second script, for the same worker where the mode allows; its value must be that JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from stockade.result import ErrorKind

Layer = Literal["realm", "worker", "supervisor", "kernel", "clock", "memory"]

CONTAINED = "contained"
ANYTHING: Any = object()

# Every class is a folder. Those of `text` aim at what the supervisor does with a text of the script's choosing.
CLASSES = ("escapes", "serialisation", "protocol", "leaks", "cpu", "memory", "output", "host", "text")

FILL = "/*FILL*/"

_FIELD = re.compile(r"// (\w+): (.+)")
_THEN = re.compile(r"^// then: (.+)\n", re.MULTILINE)
_FIELDS = {"attack", "expect", "value", "modes", "layer", "limits", "uses", "fill", "because"}
_ENDINGS = {"ok", *get_args(ErrorKind)}


@dataclass(frozen=True)
class Attack:
    """One script that must gain nothing."""

    name: str  # class/file
    tries: str
    expect: frozenset[str]
    value: Any
    modes: frozenset[str]
    layer: Layer
    limits: dict[str, float]
    script: str
    then: str | None = None
    then_value: Any = None

    @property
    def kind(self) -> str:
        """The class it belongs to."""
        return self.name.partition("/")[0]


def load(mode: str | None = None) -> list[Attack]:
    """Every attack that ships with this package, or those meant for one isolation mode. Raises ValueError."""
    return [attack for attack in _all() if mode is None or mode in attack.modes]


def parse(name: str, text: str, probe: str = "") -> Attack:
    """One file of the corpus. Raises ValueError for a header that is not of the fixed form."""
    fields = _header(name, text)
    first, *rest = _THEN.split(text)
    if len(rest) > 2:
        raise ValueError(f"{name}: more than one `// then:`")
    then_value, then = (json.loads(rest[0]), rest[1]) if rest else (None, None)
    first = _filled(first, fields.get("fill"))
    before = probe if fields.get("uses") == "probe" else ""
    expect = _words(fields["expect"])
    layer = fields.get("layer", "realm")
    if (len(expect) > 1) != ("because" in fields):
        raise ValueError(f"{name}: more than one right ending needs its `because`, and only then")
    if not expect <= _ENDINGS or layer not in get_args(Layer):
        raise ValueError(f"{name}: unknown ending or layer in the header")
    return Attack(
        name=name,
        tries=fields["attack"],
        expect=expect,
        value=_value(fields.get("value")),
        modes=_words(fields.get("modes", "process, context")),
        layer=cast(Layer, layer),
        limits={key: float(value) for key, value in (pair.split("=") for pair in fields.get("limits", "").split())},
        script=before + first,
        then=None if then is None else before + then,
        then_value=then_value,
    )


def _all() -> Iterator[Attack]:
    root = files("stockade.attacks")
    probe = root.joinpath("probe.js").read_text("utf-8")
    for folder in CLASSES:
        for file in sorted(root.joinpath(folder).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".js"):
                yield parse(f"{folder}/{file.name.removesuffix('.js')}", file.read_text("utf-8"), probe)


def _header(name: str, text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        found = _FIELD.fullmatch(line)
        if found is None:
            break
        fields[found[1]] = found[2]
    if not {"attack", "expect"} <= fields.keys() <= _FIELDS:
        raise ValueError(f"{name}: the header needs `attack` and `expect`, and knows {', '.join(sorted(_FIELDS))}")
    return fields


def _value(text: str | None) -> Any:
    match text:
        case None:
            return CONTAINED
        case "anything":
            return ANYTHING
        case _:
            return json.loads(text)


def _filled(script: str, fill: str | None) -> str:
    if fill is None:
        return script
    times, _, text = fill.partition(" ")
    return script.replace(FILL, int(times) * json.loads(text))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(","))
