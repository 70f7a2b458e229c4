"""Bindings as TypeScript declarations: what a model is shown, and what the compiler checks a script against."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, cast

from pydantic import PydanticUserError, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from stockade.bindings.contract import Contract, Parameter
from stockade.bindings.registry import IDENTIFIER, info_of
from stockade.bindings.reserved import SYNTAX_NAMES, TYPE_NAMES

# About four characters make a token in English prose and TypeScript alike.
CHARS_PER_TOKEN = 4

# One of a JSON Schema's to a type, as Python writes it.
_REFERENCE = re.compile(r'"\$ref": "#/\$defs/([^"]*)"')

# So many parts of a schema are told, where references lead to the same ones again and again; the rest is `any`.
_MOST_PARTS = 20_000

# Of a declaration written by hand.
_FUNCTION = "declare function "
_COMMENT = re.compile(r"/\*\*(.*?)\*/\n?", re.DOTALL)
_ABOVE = re.compile(rf"/\*\*((?:(?!\*/).)*)\*/\s*{_FUNCTION}", re.DOTALL)


def typescript(bindings: Mapping[str, Callable[..., Any]], *, budget_tokens: int | None = None) -> str:
    """The `.d.ts` of some bindings, with their documentation as far as the budget allows: names and types always."""
    types = _Types(bindings)
    told = interfaces(bindings, types).values()
    for depth in (None, 1, 0):
        text = "\n".join(filter(None, [*told, *(declare(n, f, depth, types) for n, f in bindings.items())]))
        if budget_tokens is None or len(text) <= budget_tokens * CHARS_PER_TOKEN:
            break
    return f"{text}\n"


def declare(name: str, function: Callable[..., Any], doc_lines: int | None = None, types: _Types | None = None) -> str:
    """One binding as a declaration, with at most so many lines of its documentation (None: all)."""
    info = info_of(function)
    tags = "" if doc_lines is not None else _tags(function)
    doc = comment(documentation(function) + tags, doc_lines)
    if info.declaration is not None:
        return _by_hand(info.declaration.strip(), doc, doc_lines)
    contract = info.contract
    if contract is None:
        return f"{doc}declare function {name}(...args: any[]): Promise<any>;"
    types = types or _Types({name: function})
    as_told = _parameters if contract.others is None else _options
    parameters = as_told(contract, types.taken[name])
    return f"{doc}declare function {name}({parameters}): Promise<{_print(types.given[name])}>;"


def documentation(function: Callable[..., Any]) -> str:
    """What its author has written of it; of a partial without words of its own, of the function that it calls."""
    said = cast(Any, function)
    if isinstance(function, partial) and function.__doc__ == partial.__doc__:
        said = said.func
    return (inspect.getdoc(said) or _above(info_of(said).declaration or "")).strip()


def _tags(function: Callable[..., Any]) -> str:
    """What stands below the documentation, in the words of JSDoc."""
    advised_against = getattr(function, "__deprecated__", None)  # by `warnings.deprecated`
    tags = f"\n@deprecated {advised_against}" if isinstance(advised_against, str) else ""
    example = info_of(function).example
    return f"{tags}\n@example {example}" if example else tags


def _parameters(contract: Contract, schemas: Mapping[str, Any]) -> str:
    last_required = max((at for at, each in enumerate(contract.parameters) if each.required), default=-1)
    listed: list[str] = []
    for at, each in enumerate(contract.parameters):
        # `class_` and `in_` in Python: scripts may use either form, and TypeScript has no parameter of such a name.
        name = each.name if each.script_name in SYNTAX_NAMES else each.script_name
        may_lack = "" if at > last_required or each.required else " | undefined"
        listed.append(f"{name}{'?' if at > last_required else ''}: {_print(schemas[each.name])}{may_lack}")
    return ", ".join(listed)


def by_name(bindings: Mapping[str, Callable[..., Any]]) -> str:
    """The other form of a call, with one object. For the compiler, which would refuse it; a model reads of one form."""
    told, types = list[str](), _Types(bindings)
    for name, function in bindings.items():
        info, forms = info_of(function), list[str]()
        contract = info.contract
        if info.declaration is not None:
            told.append(info.by_name)
        elif contract is not None:
            if contract.parameters or contract.others is not None:
                forms.append(_options(contract, types.taken[name], in_either_case=True))
            if contract.parameters and contract.others is not None:  # whose one form that is told is by name
                forms.append(_parameters(contract, types.taken[name]))
            told += [f"declare function {name}({form}): Promise<{_print(types.given[name])}>;" for form in forms]
    return "\n".join(told)


def _options(contract: Contract, schemas: Mapping[str, Any], *, in_either_case: bool = False) -> str:
    fields = [_option(each, _print(schemas[each.name]), in_either_case) for each in contract.parameters]
    if contract.others is None:
        return f"options: {{ {'; '.join(fields)} }}"
    may_lack = "" if any(each.required for each in contract.parameters) else "?"
    if not fields:
        return f"options{may_lack}: {_print(schemas[contract.others.name])}"
    fields.append("[more: string]: any")  # TypeScript has no type of the others alone
    return f"options{may_lack}: {{ {'; '.join(fields)} }}"


def _option(parameter: Parameter, printed: str, in_either_case: bool) -> str:
    if parameter.script_name == parameter.name or not in_either_case:
        return f"{_key(parameter.script_name)}{'' if parameter.required else '?'}: {printed}"
    return "; ".join(f"{_key(name)}?: {printed}" for name in (parameter.script_name, parameter.name))  # either will do


def comment(text: str, lines: int | None) -> str:
    """Documentation as a `/** … */` block; empty for none."""
    kept = [line.rstrip().replace("*/", "* /") for line in text.strip().splitlines()]
    if lines is not None:
        kept = kept[:lines]
    if not any(kept):
        return ""
    if len(kept) == 1:
        return f"/** {kept[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in kept) + " */\n"


def interfaces(bindings: Mapping[str, Callable[..., Any]], types: _Types | None = None) -> dict[str, str]:
    """The named objects that the declarations speak of, by name."""
    found: dict[str, str] = {}
    for function in bindings.values():
        for name, told in info_of(function).interfaces.items():
            found.setdefault(name, told)
    for name, definition in (types or _Types(bindings)).named.items():
        found.setdefault(name, _interface(name, definition))
    return found


class _Types:
    """What the signatures of some bindings speak of: a JSON Schema of each part, and each type under a name of its own.

    One model is two where it is taken in another form than it is given in (it has a field that is computed, say).
    """

    def __init__(self, bindings: Mapping[str, Callable[..., Any]]) -> None:
        self.named: dict[str, dict[str, Any]] = {}
        self._whole: dict[str, str] = {}  # by name: all that the type says, to tell it from another
        self.taken: dict[str, dict[str, Any]] = {}
        self.given: dict[str, Any] = {}
        for name, function in bindings.items():
            contract = info_of(function).contract
            if contract is not None:
                taken = [*contract.parameters, *filter(None, [contract.others])]
                self.taken[name] = {each.name: self._part(each.adapter, "validation") for each in taken}
                self.given[name] = {} if contract.returns is None else self._part(contract.returns, "serialization")

    def _part(self, adapter: TypeAdapter[Any], mode: JsonSchemaMode) -> dict[str, Any]:
        try:
            schema = adapter.json_schema(mode=mode)
        except PydanticUserError:
            return {}
        definitions: dict[str, Any] = schema.pop("$defs", {})
        names = {each: self._name(each, definitions[each], definitions) for each in definitions}
        if schema.get("type") == "object" and "properties" in schema and "title" in schema:
            name = self._name(schema["title"], schema, definitions)
            definitions, names, schema = {**definitions, "": schema}, {**names, "": name}, {"$ref": "#/$defs/"}
        for each, definition in definitions.items():
            self.named[names[each]] = _renamed(definition, names)
        return _renamed(schema, names)

    def _name(self, title: str, definition: Any, definitions: Mapping[str, Any]) -> str:
        """Its own name, with a number where that is another type's already."""
        whole = json.dumps([definition, _spoken_of(definition, definitions)], sort_keys=True, default=str)
        name, number = _type_name(title), 1
        while self._whole.setdefault(name, whole) != whole:
            number += 1
            name = f"{_type_name(title)}{number}"
        return name


def type_of(schema: Mapping[str, Any]) -> str:
    """A JSON Schema, such as another server has for the arguments of a tool, as a TypeScript type.

    The descriptions of its own fields stand above them. Types that it refers to stand where they are spoken of; one
    that holds itself, or that it does not define itself, is `any`. Raises ValueError for what is no such schema.
    """
    try:
        whole = json.loads(json.dumps(dict(schema)))
        node = _followed(whole, whole, (), iter(range(_MOST_PARTS)))
        return f"{{ {' '.join(_fields(node)).removesuffix(';')} }}" if node.get("properties") else _print(node)
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise ValueError("this is no JSON Schema that a type can be written from") from None


def _followed(part: Any, whole: Any, above: tuple[str, ...], left: Iterator[int]) -> Any:
    """A part of a schema with what it refers to in place of the references."""
    enough = next(left, None) is None
    if isinstance(part, list):
        return [_followed(each, whole, above, left) for each in cast(list[Any], part)]
    if not isinstance(part, dict):
        return part
    if enough:
        return {}
    node = cast(dict[str, Any], part)
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return {key: _followed(each, whole, above, left) for key, each in node.items()}
    target: Any = whole
    for name in reference.removeprefix("#").split("/")[1:]:
        known = cast(dict[str, Any], target) if isinstance(target, dict) else {}
        target = known.get(name.replace("~1", "/").replace("~0", "~"))
    if not isinstance(target, dict) or reference[:1] != "#" or reference in above:
        target = {}
    said = {key: each for key, each in node.items() if key != "$ref"}
    return {**_followed(target, whole, (*above, reference), left), **said}


def _interface(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"type {name} = {_print(schema)};"
    fields = "".join(f"  {field}\n" for field in _fields(schema))
    return f"interface {name} {{\n{fields}}}"


def _fields(schema: dict[str, Any]) -> list[str]:
    """The members of an object, each with what is said of it."""
    required = set(schema.get("required", ()))
    fields = [
        f"{_inline_doc(field)}{_key(key)}{'' if key in required else '?'}: {_print(field)};"
        for key, field in schema["properties"].items()
    ]
    return [*fields, "[more: string]: any;"] if schema.get("additionalProperties") else fields


def _inline_doc(field: Any) -> str:
    said = cast(dict[str, Any], field).get("description", "") if isinstance(field, dict) else ""
    text = " ".join(str(said).split()).replace("*/", "* /")
    return f"/** {text} */ " if text else ""


def _spoken_of(schema: Any, definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that a schema leads to."""
    found: dict[str, Any] = {}
    left = [schema]
    while left:
        for name in _REFERENCE.findall(json.dumps(left.pop(), default=str)):
            if name in definitions and name not in found:
                found[name] = definitions[name]
                left.append(found[name])
    return found


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """The same, speaking of the types by these names."""
    text = json.dumps(schema, default=str)
    return json.loads(_REFERENCE.sub(lambda found: f'"$ref": "#/$defs/{names.get(found[1], found[1])}"', text))


def _print(schema: Any) -> str:
    """One JSON Schema as a TypeScript type."""
    if not isinstance(schema, dict) or not schema:
        return "any"
    node: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    if "$ref" in node:
        return _type_name(node["$ref"].rpartition("/")[2])
    if "const" in node:
        return json.dumps(node["const"])
    if "enum" in node:
        return " | ".join(json.dumps(option) for option in node["enum"]) or "never"
    for union in ("anyOf", "oneOf"):
        if union in node:
            return " | ".join(dict.fromkeys(_print(option) for option in node[union])) or "never"
    if "allOf" in node:
        return " & ".join(_in_union(_print(option)) for option in node["allOf"])
    kind = node.get("type")
    if isinstance(kind, list):
        kinds = [_print({**node, "type": one}) for one in kind]  # pyright: ignore[reportUnknownVariableType]
        return " | ".join(kinds) or "any"
    match kind:
        case "string":
            return "string"
        case "integer" | "number":
            return "number"
        case "boolean":
            return "boolean"
        case "null":
            return "null"
        case "array":
            return _array(node)
        case "object":
            return _object(node)
        case _:
            return "any"


def _array(node: dict[str, Any]) -> str:
    if "prefixItems" in node:
        return f"[{', '.join(_print(item) for item in node['prefixItems'])}]"
    return f"{_in_union(_print(node.get('items')))}[]"


def _object(node: dict[str, Any]) -> str:
    if not node.get("properties"):
        extra = node.get("additionalProperties", {})
        printed = _print(extra) if isinstance(extra, dict) else "any"
        # What it names may hold it in turn, and the compiler takes no circle through the brackets of another type.
        return f"{{ [key: string]: {printed} }}" if "$ref" in str(node) else f"Record<string, {printed}>"
    required = set(node.get("required", ()))
    fields = (
        f"{_key(key)}{'' if key in required else '?'}: {_print(field)}" for key, field in node["properties"].items()
    )
    return "{ " + "; ".join(fields) + " }"


def _in_union(printed: str) -> str:
    return f"({printed})" if " | " in printed or " & " in printed else printed


def _key(key: str) -> str:
    return key if IDENTIFIER.match(key) else json.dumps(key)


def _type_name(title: str) -> str:
    name = re.sub(r"\W+", "_", title).strip("_") or "Value"
    return f"{name}_" if name in TYPE_NAMES else name


def _by_hand(declaration: str, doc: str, doc_lines: int | None) -> str:
    """A declaration as its author wrote it, with its own comments cut to so many lines; without any, with the docs."""
    if "/**" not in declaration:
        before, function, rest = declaration.rpartition(_FUNCTION)
        return f"{before}{doc if function else ''}{function}{rest}"
    if doc_lines is None:
        return declaration
    return _COMMENT.sub(lambda found: comment(_uncommented(found[1]), doc_lines), declaration)


def _above(declaration: str) -> str:
    """What is written above the function in a declaration written by hand."""
    found = _ABOVE.search(declaration)
    return _uncommented(found[1]) if found else ""


def _uncommented(block: str) -> str:
    return "\n".join(line.strip().lstrip("*").strip() for line in block.strip().splitlines())
