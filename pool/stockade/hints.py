"""What to say of a run that ended well and gave nothing of use, or left calls behind. The worker's are on errors."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Container, Sequence

from stockade.result import CallRecord
from stockade_protocol import Returned

# A call stands at the very end. On the whole of a hostile script the pattern would be quadratic: a megabyte of line
# ends would hold up the event loop, and with it everybody's clock.
_END_CHARS = 200

_ENDS_IN_CALL = re.compile(r"(?:^|[;}\n])\s*(?:await\s+)?([A-Za-z_$][\w$]*)\s*\(\s*\)\s*;?\s*$")
_ENDS_IN_ITS_CALL = re.compile(r"\}\s*(?:\)\s*\(\s*\)|\(\s*\)\s*\))\s*;?\s*$")

_FIELD_OF_PROMISE = re.compile(r"\bawait\s+([\w$]+)\([^()]*\)\.(?!then\b|catch\b|finally\b)([\w$]+)[^;\n]*;?\s*$")

# They begin with a word, for which a search is fast, and what follows is bounded.
_GIVES = re.compile(r"return\b\s{0,100}[^;\s}]")
_IS_FUNCTION = re.compile(r"\s{0,100}(?:\(|=\s{0,100}(?:async\s{0,100})?(?:\(|function\b))")
_DECLARED_BEFORE = re.compile(r"\b(?:function|const|let|var)\s{1,20}\Z")

_UNNAMED = re.compile(r"[;!]?(?:(?:await|void)\s{1,20})?\((?:async\b\s{0,20})?(?:function\b|\()")
_FUNCTION = re.compile(
    r"(?:async\s{1,20})?function\s{1,20}([\w$]+)|(?:const|let|var)\s{1,20}([\w$]+)\s{0,20}=\s{0,20}(?:async\b\s{0,20})?(?:\(|function\b)"
)

_VARIABLE = re.compile(r"(?:const|let|var)\s{1,20}([\w$]+)\s{0,20}=")

# A label, where the fields of an object were meant.
_BLOCK_OF_FIELDS = re.compile(
    r"=>\s{0,20}\{\s{0,100}([A-Za-z_$][\w$]{0,60})\s{0,20}:\s{0,20}+(?!for\b|while\b|do\b|switch\b|\{|:)"
)

# What each of these is handed is to give something, and a block gives what it returns.
_BLOCK_ARROW = re.compile(
    r"\.(map|flatMap|filter|find|findIndex|some|every|reduce|sort|toSorted)\(\s{0,20}(?:async\b\s{0,20})?"
    r"(?:[\w$]{1,60}|\([^()]{0,200}\))\s{0,20}=>\s{0,20}\{([^{}]{1,500})\}"
)
_LEAVES = re.compile(r"\b(?:return|throw|for|while)\b")
_DOES = re.compile(r"\bconsole\.|\.(?:push|set|add)\(|[^=!<>]=[^=>]")
_ASYNC_TEST = re.compile(r"\.(filter|find|findIndex|some|every)\(\s{0,20}async\b")
_COMMENT = re.compile(r"(?<!:)//[^\n]*")
_EMPTY = frozenset(("[]", "0", "-1", "false", "null"))

_FOR_IN = re.compile(
    r"\bfor\s{0,20}\(\s{0,20}(?:const|let|var)\s{1,20}([\w$]{1,60})\s{1,20}in\s{1,20}([\w$]{1,60})\s{0,20}\)"
)

# Parts of what a call gives, or all of it.
_TAKEN = re.compile(
    r"\b(?:const|let|var)\s{1,20}(?:\{[^{}=]{0,200}\}|([A-Za-z_$][\w$]{0,60}))"
    r"\s{0,20}=\s{0,20}([A-Za-z_$][\w$]{0,60})\s{0,20}\("
)

# Functions that somebody else is to call, as a cloud's runtime would.
_EXPORTED = re.compile(
    r"(?:module\.)?exports\.[\w$]+\s{0,20}=\s{0,20}(?:async\b\s{0,20})?(?:function\b|\(|[\w$]+\s{0,20}=>)"
    r"|export\s{1,20}default\s{0,20}\{"
)

# A name stands in a script a few times; where it stands more often nobody is told anything.
_MOST_USES = 1_000

# Of a script so much is searched for what may stand anywhere: a few milliseconds of the event loop at worst.
_SEARCHED_CHARS = 5_000

# So many names are told.
_MOST_NAMES = 3

# So many lines the last function may have.
_MOST_LINES = 1_000

_RETURNED = Returned()


def of_run(script: str, text: str | None, ending: Returned = _RETURNED, calls: Sequence[CallRecord] = ()) -> str | None:
    """A sentence for a run that ended before its calls had, or whose value is hardly what was meant; else None.

    `text` is the value as JSON.
    """
    if text == "{}" and _EXPORTED.match(_last_statement(script)):
        return (
            "the value is what the script exports, and JSON holds no functions: `export default` the one to be called"
        )
    if ending.left_out:
        return f"{ending.left_out} is a function, and JSON holds none: was it to be called?"
    if text in (None, "{}") and (name := _unawaited(script, {call.name for call in calls})):
        return f"`{name}(…)` gives a Promise, which has no such fields: write `await {name}(…)`"
    if "(async" in script and (test := _ASYNC_TEST.search(_code(script))):
        return (
            f"`.{test[1]}(async …)` tests a promise, which is always true: await the answers first, with `Promise.all`"
        )
    if " in " in script and (advice := _of_for_in(_code(script))):
        return advice
    given_up = Counter(call.name for call in calls if call.outcome == "in_flight")
    if given_up and "Promise.race" not in script and "Promise.any" not in script:
        return _given_up(script, given_up)
    if text is None:
        return of_nothing(script) or ending.hint or _of_arrow(script, has_gaps=False)
    has_gaps = text.startswith("[null")
    block = _BLOCK_OF_FIELDS.search(script, 0, _SEARCHED_CHARS) if has_gaps else None
    if block is not None:
        return f"`=> {{ {block[1]}: … }}` is a block, which gives nothing: write `=> ({{ {block[1]}: … }})`"
    if ending.hint is None and (has_gaps or text in _EMPTY or "ort((" in script):
        return _of_arrow(script, has_gaps)
    return ending.hint


def of_nothing(script: str) -> str | None:
    """A sentence for a script whose value is undefined where that was hardly meant, as its end shows; else None."""
    end = script.rstrip()[-_END_CHARS:]
    last = _last_statement(script)
    if end.endswith(("}", "};")):
        return _of_declared(script, last)
    call = _ENDS_IN_CALL.search(end)
    if call is not None and _declares(script, call[1]):
        return _returned_nothing(script, f"{call[1]}()")
    if _ENDS_IN_ITS_CALL.search(end) and _UNNAMED.match(last):
        return _returned_nothing(script, "the function at the end")
    field = _FIELD_OF_PROMISE.search(end)
    if field is not None and not _is_plain(script, field[1]):
        name, read = field[1], field[2]
        return f"`await {name}(…).{read}` reads from a promise: write `(await {name}(…)).{read}`"
    variable = _VARIABLE.match(last)
    if variable is not None and ";" not in last.rstrip().removesuffix(";") and script.count(variable[1]) == 1:
        return f"the script ends in a declaration, which has no value: end it with `{variable[1]}`"
    return None


def _code(script: str) -> str:
    """So much of it as is searched, without its comments."""
    return _COMMENT.sub("", script[:_SEARCHED_CHARS])


def _given_up(script: str, calls: Counter[str]) -> str:
    count = calls.total()
    names = ", ".join(f"`{name}`" for name in list(calls)[:_MOST_NAMES])
    told = f"{count} calls of {names} were" if count > 1 else f"a call of {names} was"
    where = " in `for … of`, since `forEach` waits for nothing" if ".forEach(async" in script else ""
    return f"{told} under way when the script ended, and given up: await {'them' if count > 1 else 'it'}{where}"


def _unawaited(script: str, called: Container[str]) -> str | None:
    """A binding whose promise was taken for what it gives."""
    waits = "await" in script or ".then" in script
    head = script[:_SEARCHED_CHARS]
    for variable, name in _TAKEN.findall(head):
        if name in called and (not variable or (not waits and f"{variable}." in head)):
            return name
    return None


def _of_for_in(head: str) -> str | None:
    """A field of what a loop gives as text: the names of an object's fields, or the places of a list."""
    for name, held in itertools.islice(_FOR_IN.findall(head), _MOST_NAMES):
        one = rf"(?<![\w$.]){re.escape(name)}(?![\w$])"
        reads_field = re.search(rf"{one}\.(?!length\b)[\w$]+\b(?!\s{{0,20}}\()", head)
        is_anothers = re.search(rf"{one}\s{{0,20}}(?:[,:=]|\)?\s{{0,20}}=>|of\b)", head)
        if reads_field and not is_anothers and head.count(f" {name} ") == 1:
            return f"`for (… in {held})` gives names, as text: for the rows write `for (const {name} of {held})`"
    return None


def _of_arrow(script: str, has_gaps: bool) -> str | None:
    """An arrow with a block that returns nothing, where something is made of what it returns."""
    for method, block in _BLOCK_ARROW.findall(script[:_SEARCHED_CHARS]):
        may_be_meant = method in ("map", "flatMap") and (not has_gaps or _DOES.search(block))  # as forEach would be
        if block.strip() and not may_be_meant and not _LEAVES.search(block):
            return f"the arrow in `.{method}(…)` has a block without `return`, and gives nothing"
    return None


def _of_declared(script: str, last: str) -> str | None:
    """Where a function is all that the script ends in, and its name stands nowhere else."""
    found = _FUNCTION.match(last)
    name = found and (found[1] or found[2])
    if found is None or not name or script.count(name) > 1:
        return None
    if found[1]:  # it was called, as the last thing there is
        return _returned_nothing(script, f"{name}()")
    return f"{name} is never called, so the script has no value: end the script with `{name}()`"


def _returned_nothing(script: str, name: str) -> str | None:
    if _GIVES.search(script):
        return None
    return f"{name} returned nothing, so the script has no value: end it with `return` and what it is to give"


def _last_statement(script: str) -> str:
    """How the last line begins that is not indented and does more than close a bracket, if it is not too far up."""
    line = len(script) + 1
    for _ in range(_MOST_LINES):
        end = line - 1
        line = script.rfind("\n", 0, end) + 1
        if script[line : line + 1].strip("})\r\n\t "):
            return script[line : line + _END_CHARS]
        if line == 0:
            break
    return ""


def _is_plain(script: str, name: str) -> bool:
    """Whether it is a function of the script's own that is not async, as far as that is seen."""
    one = re.escape(name)
    is_async = rf"\basync\s{{1,20}}function\s{{1,20}}{one}\b|\b{one}\s{{0,20}}=\s{{0,20}}async\b"
    return _declares(script, name) and not re.search(is_async, script[:_SEARCHED_CHARS])


def _declares(script: str, name: str) -> bool:
    """Whether it declares a function of this name, as a declaration or as the value of a variable."""
    at = -1
    for _ in range(_MOST_USES):
        at = script.find(name, at + 1)
        if at < 0:
            return False
        if _DECLARED_BEFORE.search(script[max(0, at - 30) : at]) and _IS_FUNCTION.match(script, at + len(name)):
            return True
    return False
