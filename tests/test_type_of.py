"""A JSON Schema of somebody else's as a TypeScript type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stockade.bindings import binding, type_of
from tests.test_declarations import compiled

ROW = {"type": "object", "properties": {"id": {"type": "integer"}, "next": {"$ref": "#/$defs/Row"}}, "required": ["id"]}

SEARCH: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "q": {"type": "string", "description": "what to\nlook */ for"},
        "row": {"$ref": "#/$defs/Row", "description": "where from"},
        "per-page": {"type": ["integer", "null"], "default": 10},
        "sort": {"enum": ["up", "down", None]},
        "tags": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "number"}]}},
        "old": {"$ref": "#/definitions/a~1b"},
        "rest": True,
    },
    "required": ["q"],
    "additionalProperties": {"type": "string"},
    "$defs": {"Row": ROW},
    "definitions": {"a/b": {"type": "boolean"}},
}


def test_the_arguments_of_a_tool_are_told_with_what_is_said_of_each():
    assert type_of(SEARCH) == (
        "{ /** what to look * / for */ q: string; /** where from */ row?: { id: number; next?: any }; "
        '"per-page"?: number | null; sort?: "up" | "down" | null; tags?: (string | number)[]; old?: boolean; '
        "rest?: any; [more: string]: any }"
    )


def test_the_compiler_takes_what_is_told(tmp_path: Path):
    fields = {'a"*/ };\nb': {"const": "\u2028*/"}, "default": {"enum": []}}
    strange = {"type": "object", "properties": fields}
    take = binding(declaration=f"declare function take(a: {type_of(SEARCH)}, b: {type_of(strange)}): any;")(lambda: 1)

    right, wrong = tmp_path / "right.ts", tmp_path / "wrong.ts"
    right.write_text("take({ q: '1', sort: 'up', row: { id: 1 } }, {});")
    wrong.write_text("take({ q: 1 }, {});")

    assert compiled(tmp_path, {"take": take}, right) == ""
    assert "is not assignable" in compiled(tmp_path, {"take": take}, wrong)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({}, "any"),
        ({"type": "object"}, "Record<string, any>"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "Record<string, any>"),
        (
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/n"}, "$defs": {"n": {"type": "null"}}},
            "Record<string, null>",
        ),
        ({"$ref": "#/$defs/Row", "$defs": {"Row": ROW}}, "{ id: number; next?: any }"),
        ({"$ref": "#"}, "any"),
        ({"$ref": "https://elsewhere.example/schema#/a"}, "any"),
        ({"$ref": "#/$defs/none"}, "any"),
        ({"type": "object", "properties": {"$ref": {"type": "string"}}}, "{ $ref?: string }"),
        ({"anyOf": []}, "never"),
        ({"type": []}, "any"),
        ({"prefixItems": [{"type": "string"}], "type": "array"}, "[string]"),
    ],
)
def test_a_part_that_says_nothing_is_any(schema: dict[str, Any], told: str):
    assert type_of(schema) == told


def test_a_schema_that_grows_with_each_reference_is_told_in_part():
    """Each of sixty types holds the next one twice."""
    twice = {
        str(n): {
            "type": "object",
            "properties": {key: {"$ref": f"#/$defs/{n + 1}"} for key in "ab"},
            "required": ["a"] * 50,
        }
        for n in range(60)
    }
    told = type_of({"$ref": "#/$defs/0", "$defs": twice})

    assert "b?: any" in told
    assert len(told) < 1_000_000


@pytest.mark.parametrize(
    "schema",
    [
        None,
        5,
        "text",
        {"type": "object", "properties": 5},
        {"properties": {"a": {"enum": 5}}},
        {"properties": {"a": {}}, "required": 5},
        {"$ref": 5},
        {"default": object()},
    ],
)
def test_what_is_no_schema_is_refused(schema: Any):
    with pytest.raises(ValueError, match=r"^this is no JSON Schema that a type can be written from$"):
        type_of(schema)


def test_a_schema_too_deep_for_python_is_refused():
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"type": "array", "items": deep}

    with pytest.raises(ValueError, match="no JSON Schema"):
        type_of(deep)
