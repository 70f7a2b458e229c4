"""Bindings as TypeScript declarations: what a model is shown, and what the compiler checks a script against."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from pydantic import PydanticUserError, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from stockade.bindings.contract import Contract, Parameter
from stockade.bindings.registry import IDENTIFIER, info_of
from stockade.bindings.reserved import SYNTAX_NAMES, TYPE_NAMES

# About four characters make a token in English prose and TypeScript alike.
CHARS_PER_TOKEN = 4


def typescript(bindings: Mapping[str, Callable[..., Any]], *, budget_tokens: int | None = None) -> str:
    """The `.d.ts` of some bindings, with their documentation as far as the budget allows: names and types always."""
    types = interfaces(bindings).values()
    for depth in (None, 1, 0):
        text = "\n".join(filter(None, [*types, *(declare(n, f, depth) for n, f in bindings.items())]))
        if budget_tokens is None or len(text) <= budget_tokens * CHARS_PER_TOKEN:
            break
    return f"{text}\n"


def declare(name: str, function: Callable[..., Any], doc_lines: int | None = None) -> str:
    """One binding as a declaration, with at most so many lines of its documentation (None: all)."""
    info = info_of(function)
    if info.declaration is not None:
        return info.declaration.strip() if doc_lines is None else _without_docs(info.declaration, doc_lines)
    tags = "" if doc_lines is not None else _tags(function)
    doc = comment(documentation(function) + tags, doc_lines)
    contract = info.contract
    if contract is None:
        return f"{doc}declare function {name}(...args: any[]): Promise<any>;"
    returns = "any" if contract.returns is None else _type_of(contract.returns, mode="serialization")
    return f"{doc}declare function {name}({_parameters(contract)}): Promise<{returns}>;"


def documentation(function: Callable[..., Any]) -> str:
    """What its author has written of it; of a partial without words of its own, of the function that it calls."""
    contract = info_of(function).contract
    if contract is not None:
        return contract.doc
    words = getattr(function, "__doc__", None)
    if isinstance(function, partial) and words == partial.__doc__:
        words = getattr(cast(Any, function).func, "__doc__", None)
    return (words or "").strip()


def _tags(function: Callable[..., Any]) -> str:
    """What stands below the documentation, in the words of JSDoc."""
    advised_against = getattr(function, "__deprecated__", None)  # by `warnings.deprecated`
    tags = f"\n@deprecated {advised_against}" if isinstance(advised_against, str) else ""
    example = info_of(function).example
    return f"{tags}\n@example {example}" if example else tags


def _parameters(contract: Contract) -> str:
    last_required = max((at for at, each in enumerate(contract.parameters) if each.required), default=-1)
    listed: list[str] = []
    for at, each in enumerate(contract.parameters):
        # `class_` and `in_` in Python: scripts may use either form, and TypeScript has no parameter of such a name.
        name = each.name if each.script_name in SYNTAX_NAMES else each.script_name
        may_lack = "" if at > last_required or each.required else " | undefined"
        listed.append(f"{name}{'?' if at > last_required else ''}: {_type_of(each.adapter)}{may_lack}")
    return ", ".join(listed)


def by_name(bindings: Mapping[str, Callable[..., Any]]) -> str:
    """The other form of a call, with one object. For the compiler, which would refuse it; a model reads of one form."""
    told: list[str] = []
    for name, function in bindings.items():
        info = info_of(function)
        if info.declaration is not None:
            told.append(info.by_name)
        elif info.contract is not None and info.contract.parameters:
            returns = "any" if info.contract.returns is None else _type_of(info.contract.returns, mode="serialization")
            fields = "; ".join(_option(each) for each in info.contract.parameters)
            told.append(f"declare function {name}(options: {{ {fields} }}): Promise<{returns}>;")
    return "\n".join(told)


def _option(parameter: Parameter) -> str:
    printed = _type_of(parameter.adapter)
    if parameter.script_name == parameter.name:
        return f"{_key(parameter.name)}{'' if parameter.required else '?'}: {printed}"
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


def interfaces(bindings: Mapping[str, Callable[..., Any]]) -> dict[str, str]:
    """The named objects that the declarations speak of, by name."""
    found: dict[str, str] = {}
    for function in bindings.values():
        info = info_of(function)
        for name, told in info.interfaces.items():
            found.setdefault(name, told)
        for adapter, mode in _adapters(info.contract):
            schema = _schema(adapter, mode)
            for name, definition in schema.get("$defs", {}).items():
                found.setdefault(_type_name(name), _interface(_type_name(name), definition))
            if schema.get("type") == "object" and "properties" in schema and "title" in schema:
                name = _type_name(schema["title"])
                found.setdefault(name, _interface(name, schema))
    return found


def _adapters(contract: Contract | None) -> list[tuple[TypeAdapter[Any], JsonSchemaMode]]:
    if contract is None:
        return []
    taken: list[tuple[TypeAdapter[Any], JsonSchemaMode]] = [(p.adapter, "validation") for p in contract.parameters]
    if contract.returns is not None:
        taken.append((contract.returns, "serialization"))
    return taken


def _interface(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"type {name} = {_print(schema)};"
    required = set(schema.get("required", ()))
    lines = [
        f"  {_inline_doc(field)}{_key(key)}{'' if key in required else '?'}: {_print(field)};\n"
        for key, field in schema["properties"].items()
    ]
    if schema.get("additionalProperties"):
        lines.append("  [more: string]: any;\n")
    return f"interface {name} {{\n{''.join(lines)}}}"


def _inline_doc(field: dict[str, Any]) -> str:
    text = " ".join(str(field.get("description", "")).split()).replace("*/", "* /")
    return f"/** {text} */ " if text else ""


def _type_of(adapter: TypeAdapter[Any], mode: JsonSchemaMode = "validation") -> str:
    schema = _schema(adapter, mode)
    if schema.get("type") == "object" and "properties" in schema and "title" in schema:
        return _type_name(schema["title"])
    return _print(schema)


def _schema(adapter: TypeAdapter[Any], mode: JsonSchemaMode) -> dict[str, Any]:
    try:
        return adapter.json_schema(mode=mode)
    except PydanticUserError:
        return {}


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
        return " | ".join(json.dumps(option) for option in node["enum"])
    for union in ("anyOf", "oneOf"):
        if union in node:
            return " | ".join(dict.fromkeys(_print(option) for option in node[union]))
    if "allOf" in node:
        return " & ".join(_in_union(_print(option)) for option in node["allOf"])
    kind = node.get("type")
    if isinstance(kind, list):
        return " | ".join(_print({**node, "type": one}) for one in kind)  # pyright: ignore[reportUnknownVariableType]
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
    if "properties" not in node:
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


def _without_docs(declaration: str, lines: int) -> str:
    """A hand-written declaration with its comment blocks cut to so many lines."""

    def cut(found: re.Match[str]) -> str:
        text = "\n".join(line.strip().lstrip("*").strip() for line in found[1].strip().splitlines())
        return comment(text, lines)

    return re.sub(r"/\*\*(.*?)\*/\n?", cut, declaration.strip(), flags=re.DOTALL)
