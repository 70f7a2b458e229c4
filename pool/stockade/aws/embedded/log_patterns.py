"""The filter patterns of CloudWatch Logs, as AWS documents them: terms, JSON and space-delimited fields.

moto knows single terms and one phrase and lets everything else through, which would teach a script wrong answers.
`compiled(pattern)` gives a predicate on a message, or raises PatternError where AWS would refuse the pattern.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

Test = Callable[[str], bool]
JsonTest = Callable[[Any], bool]

# AWS takes two regular expressions in one pattern, and one `*` in a selector, of which three may have one.
MOST_EXPRESSIONS = 2
MOST_WILDCARDS = 3

# What an expression may hold: of the symbols those AWS lists; a backslash before a symbol, or one of the classes and
# codes it names.
_EXPRESSION = re.compile(r"(?:\\(?:[dDsSwW]|x[0-9A-Fa-f]{2}|[!-/:-@\[-`{-~])|[A-Za-z0-9 :_#=@/;,\-^$?\[\]{}|*+.])+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class PatternError(ValueError):
    """The pattern is none that CloudWatch Logs accepts."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Test:
    """The predicate of a pattern; an empty one matches every message."""
    try:
        return _compiled(pattern.strip())
    except RecursionError:
        raise PatternError("too many parentheses in each other") from None


def _compiled(text: str) -> Test:
    if _QUOTED.sub("", text).count("%") > 2 * MOST_EXPRESSIONS:
        raise PatternError(f"more than {MOST_EXPRESSIONS} regular expressions")
    if not text:
        return lambda _message: True
    if text.startswith("{"):
        return _json(text)
    if text.startswith("["):
        return _fields(text)
    return _terms(text)


# Terms: all of `a b`, none of `-c`, and of `?d ?e` any one where there is nothing else.
# (AWS documents that optional terms are ignored once a pattern has others, and that `" "` matches everything.)

_TERM = re.compile(r'\s*(?P<sign>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<bare>[^\s"]+))')
# Symbols need quotes in a term; these are those a bare term may hold.
_BARE = re.compile(r"[\w.:/@#$&*+=~^,;!<>()-]+\Z")


def _terms(text: str) -> Test:
    groups: dict[str, list[Test]] = {"": [], "-": [], "?": []}
    position = 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None:
            raise PatternError(f"cannot be read from {text[position:][:20]!r}")
        position = match.end()
        groups[match["sign"]].append(_term(match))
        if position < len(text) and not text[position].isspace():
            raise PatternError(f"a space is missing before {text[position:][:20]!r}")
    needed, barred, optional = groups[""], groups["-"], groups["?"]

    def test(message: str) -> bool:
        if needed or barred:
            return all(each(message) for each in needed) and not any(each(message) for each in barred)
        return any(each(message) for each in optional)

    return test


def _term(match: re.Match[str]) -> Test:
    if match["regex"] is not None:
        return _expression(match["regex"])
    if match["quoted"] is not None:
        phrase = re.sub(r"\\(.)", r"\1", match["quoted"])
        if not phrase:
            raise PatternError("an empty phrase")
        if phrase == " ":
            return lambda _message: True
        return lambda message: phrase in message
    bare = match["bare"]
    if not _BARE.match(bare):
        raise PatternError(f"{bare[:40]!r} has symbols that need double quotes")
    return lambda message: bare in message


def _expression(text: str) -> Test:
    if not _EXPRESSION.fullmatch(text):
        raise PatternError("this regular expression is not supported")
    # Not Python's engine, which tries one way after another: a script's %.*.*.*.*.*.*.*Z% would hold up the embedded
    # world, and whoever shares it, for years.
    engine = cast(Any, re2)
    text = re.sub(r"(?<!\\)\{,(?=\d+\})", "{0,", text)  # AWS lets either number be left out, RE2 the second
    options = engine.Options()
    options.dot_nl, options.log_errors = True, False
    try:
        expression = engine.compile(text, options)
    except engine.error:
        raise PatternError("the regular expression is malformed") from None
    return lambda message: expression.search(message.encode("utf-8", "replace").decode()) is not None


# JSON: { $.a.b op value }, joined by && and ||, with parentheses.

_JSON_TOKEN = re.compile(
    r"""\s*(?:
      (?P<selector>\$(?:\.(?:[\w-]+|\*)|\.?\[(?:\d+|\*|"[^"]+"|'[^']+')\])+)
    | (?P<op>&&|\|\||!=|<=|>=|=|<|>|\(|\))
    | (?P<word>IS\s+TRUE|IS\s+FALSE|IS\s+NULL|NOT\s+EXISTS)\b
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | %(?P<regex>[^%]+)%
    | (?P<value>[^\s"&|()=<>!]+)
    )""",
    re.VERBOSE,
)


def _json(text: str) -> Test:
    if not text.endswith("}"):
        raise PatternError("the closing brace is missing")
    tokens = _tokens(text[1:-1])
    if sum(kind == "selector" and "*" in selector for kind, selector in tokens) > MOST_WILDCARDS:
        raise PatternError(f"more than {MOST_WILDCARDS} selectors with *")
    test = _Json(tokens).whole()

    def on_message(message: str) -> bool:
        try:
            parsed: Any = json.loads(message)
        except ValueError:
            return False
        return isinstance(parsed, (dict, list)) and test(parsed)

    return on_message


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _JSON_TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise PatternError(f"cannot be read from {text[position:].strip()[:20]!r}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return tokens


class _Json:
    """A reader of tokens: or of ands of comparisons, the usual way."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> JsonTest:
        test = self._either()
        if self._at != len(self._tokens):
            raise PatternError(f"nothing may follow {self._tokens[self._at - 1][1][:20]!r}")
        return test

    def _either(self) -> JsonTest:
        tests = [self._both()]
        while self._take("op", "||"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _both(self) -> JsonTest:
        tests = [self._one()]
        while self._take("op", "&&"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)

    def _one(self) -> JsonTest:
        if self._take("op", "("):
            inner = self._either()
            if not self._take("op", ")"):
                raise PatternError("a closing parenthesis is missing")
            return inner
        kind, selector = self._next()
        if kind != "selector":
            raise PatternError(f"a selector like $.name was expected, and not {selector[:20]!r}")
        steps = _steps(selector)
        kind, operator = self._next()
        if kind == "word":
            return _is(steps, re.sub(r"\s+", " ", operator))
        if kind != "op" or operator in ("(", ")", "&&", "||"):
            raise PatternError(f"a comparison was expected after {selector}")
        return _compare(steps, operator, *self._next())

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise PatternError("it ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, kind: str, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == (kind, text):
            self._at += 1
            return True
        return False


def _steps(selector: str) -> list[str | int]:
    steps: list[str | int] = []
    for match in re.finditer(r"""\.([\w-]+)|\[(\d+)\]|(\*)|\["([^"]+)"\]|\['([^']+)'\]""", selector):
        name, index, every, double, single = match.groups()
        steps.append(int(index) if index is not None else name or every or double or single)
    if steps.count("*") > 1:
        raise PatternError(f"more than one * in {selector[:20]!r}")
    return steps


def _values(value: Any, steps: list[str | int]) -> list[Any]:
    """What a selector finds: one value, several where it has a `*`, or none."""
    found = [value]
    for step in steps:
        inside: list[Any] = []
        for each in found:
            inside += _step(each, step)
        found = inside
    return found


def _step(value: Any, step: str | int) -> list[Any]:
    if isinstance(value, dict):
        members = cast(dict[str | int, Any], value)
        return list(members.values()) if step == "*" else [members[step]] if step in members else []
    if isinstance(value, list):
        elements = cast(list[Any], value)
        if step == "*":
            return elements
        return [elements[step]] if isinstance(step, int) and step < len(elements) else []
    return []


def _is(steps: list[str | int], word: str) -> JsonTest:
    match word:
        case "NOT EXISTS":
            return lambda value: not _values(value, steps)
        case "IS NULL":
            return lambda value: any(each is None for each in _values(value, steps))
        case _:
            wanted = word == "IS TRUE"
            return lambda value: any(each is wanted for each in _values(value, steps))


def _compare(steps: list[str | int], operator: str, kind: str, text: str) -> JsonTest:
    if kind not in ("quoted", "value", "regex"):
        raise PatternError(f"a value was expected after {operator}")
    test = _scalar_test(operator, kind, text)
    return lambda value: any(test(each) for each in _values(value, steps))


def _scalar_test(operator: str, kind: str, text: str) -> Callable[[Any], bool]:
    """A comparison of one scalar: numbers as numbers, text with `*` for anything."""
    if kind == "regex":
        has = _expression(text)
        if operator not in ("=", "!="):
            raise PatternError("a regular expression can be compared with = and != alone")
        return lambda value: isinstance(value, str) and has(value) == (operator == "=")
    number = _number(text) if kind == "value" else None
    if operator in ("<", "<=", ">", ">="):
        if number is None:
            raise PatternError(f"{operator} compares numbers, and {text[:20]!r} is none")
        return lambda value: (given := _number(value)) is not None and _ordered(given, operator, number)
    wanted = text if kind == "value" else re.sub(r"\\(.)", r"\1", text)
    pattern = re.compile(fnmatch.translate(wanted.replace("[", "[[]").replace("?", "[?]")))

    def equal(value: Any) -> bool:
        if number is not None and not isinstance(value, str):
            return _number(value) == number
        return isinstance(value, (str, int, float)) and pattern.match(_text(value)) is not None

    return equal if operator == "=" else lambda value: not equal(value)


def _ordered(given: float, operator: str, wanted: float) -> bool:
    match operator:
        case "<":
            return given < wanted
        case "<=":
            return given <= wanted
        case ">":
            return given > wanted
        case _:
            return given >= wanted


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# Space-delimited: [ip, user, ..., status = 4*, bytes > 1000]. The last column has the rest of a longer line.

_FIELD_TEST = re.compile(
    r"""\s*(?P<name>[A-Za-z_]\w*)\s*(?:(?P<op>!=|<=|>=|=|<|>)\s*
    (?:"(?P<quoted>[^"]*)"|%(?P<regex>[^%]+)%|(?P<value>[^\s"|&=<>!,]+)))?\s*\Z""",
    re.VERBOSE,
)
_PART = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')

FieldTest = Callable[[str], bool]


def _fields(text: str) -> Test:
    if not text.endswith("]"):
        raise PatternError("the closing bracket is missing")
    columns: list[FieldTest | None] = []
    rest: int | None = None
    body = text[1:-1]
    for part in _split(body, ","):
        if part.strip() == "...":
            if rest is not None:
                raise PatternError("... may stand once")
            rest = len(columns)
        else:
            columns.append(_column(part))

    def test(message: str) -> bool:
        parts = list(_PART.finditer(message))
        found = [part[part.lastindex or 0] for part in parts]
        if rest is None:
            last = len(columns) - 1
            if len(found) > len(columns):
                found[last:] = [message[parts[last].start() :]]
            return len(found) == len(columns) and _all(columns, found)
        after = len(columns) - rest
        if len(found) < len(columns):
            return False
        return _all(columns[:rest], found[:rest]) and _all(columns[rest:], found[len(found) - after :])

    return test


def _all(columns: list[FieldTest | None], found: list[str]) -> bool:
    return all(test is None or test(text) for test, text in zip(columns, found, strict=True))


def _split(text: str, mark: str) -> list[str]:
    """The parts between marks that are in no quotes and no expression."""
    return re.split(rf'{re.escape(mark)}(?=(?:[^"%]|"[^"]*"|%[^%]*%)*\Z)', text)


def _column(text: str) -> FieldTest | None:
    """A column's name alone, or its tests joined by && or ||."""
    if not text.strip():
        raise PatternError("a column has no name")
    for join, combine in (("||", any), ("&&", all)):
        if len(alternatives := _split(text, join)) > 1:
            tests = [_column(each) for each in alternatives]
            if any(test is None for test in tests):
                raise PatternError(f"a comparison was expected beside {join}")
            known = [test for test in tests if test is not None]
            return lambda value, known=known, combine=combine: combine(test(value) for test in known)
    match = _FIELD_TEST.match(text)
    if match is None:
        raise PatternError(f"the column {text.strip()[:30]!r} cannot be read")
    if match["op"] is None:
        return None
    kind = next(name for name in ("quoted", "regex", "value") if match[name] is not None)
    return _scalar_test(match["op"], kind, match[kind])


def install() -> None:
    """Replaces moto's filter in this process; a pattern that cannot be read is refused as AWS refuses it."""
    import moto.logs.models
    from moto.logs.exceptions import InvalidParameterException

    class EventMessageFilter:
        """The name and the two methods moto uses."""

        def __init__(self, pattern: str) -> None:
            try:
                self._test = compiled(pattern or "")
            except PatternError as error:
                raise InvalidParameterException(msg=f"Invalid filter pattern: {error}") from None

        def matches(self, message: str) -> bool:
            return self._test(message)

    models: Any = moto.logs.models
    models.EventMessageFilter = EventMessageFilter
