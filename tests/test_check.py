"""`stockade check`: it refuses what is wrong and nothing that would run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stockade.node import bundled_node
from tests.conftest import ROOT
from tests.test_cli import stockade

WITH_COMPILER = ROOT / "js_worker"

CHECKED = """\
const groups = await queryResources('AWS::EC2::SecurityGroup', '1', 'us-east-1');
return groups.map((g) => g.resourceID);
"""


def check(script: str, *options: str, cwd: Path = WITH_COMPILER):
    return stockade("check", *options, "-", stdin=script, cwd=cwd)


def test_it_finds_what_is_wrong_without_running_anything(tmp_path):
    broken = check("console.log('ran');\nawait (", cwd=tmp_path)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert broken.stderr.startswith("syntax: ")
    assert "2 | await (" in broken.stderr
    assert "ran" not in broken.stderr

    alone = check("throw new Error('never')", cwd=tmp_path)
    assert (alone.returncode, alone.stderr) == (0, "it parses; no TypeScript compiler was found to check it further\n")


def test_it_asks_the_compiler_where_there_is_one():
    done = check(CHECKED, "--demo")

    assert done.returncode == 1
    assert "Property 'resourceID' does not exist on type 'Resource'. Did you mean 'resourceId'?" in done.stderr
    assert "2 | return groups.map((g) => g.resourceID);\n" + " " * 31 + "^" in done.stderr
    assert check(CHECKED.replace("ID)", "Id)"), "--demo").returncode == 0
    assert check("(await queryResources({ resourceType: 'x', detail: 'count' }))[0].count", "--demo").returncode == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```js\n", "```\n"),
        ("~~~ts\n", "~~~"),
        ("#!/usr/bin/env stockade\n", ""),
        ("type Row = { id: string };\n", ""),
    ],
    ids=["a fence", "a fence of types", "a first line of #!", "types"],
)
def test_of_what_the_worker_takes_off_nothing_is_said_and_places_stay(before: str, after: str):
    done = check(before + CHECKED + after, "--demo")

    assert done.returncode == 1
    [told, frame, _] = done.stderr.splitlines()
    assert told == "type: Property 'resourceID' does not exist on type 'Resource'. Did you mean 'resourceId'?"
    assert frame == "3 | return groups.map((g) => g.resourceID);"


@pytest.mark.parametrize(
    "script",
    [
        '{ "a": 1, "b": 2 }',
        "exports.x = 1; exports.x",
        "module.exports = { total: 1 }",
        "export const rate = 2;\nexport default rate * 21",
        "const t = setTimeout(() => 1, 5); t.unref(); clearTimeout(t); clearImmediate(setImmediate(() => 1))",
        "[new CustomEvent('a').type, new DOMException('b').message, new AbortController().signal.aborted]",
        "const u: URL = new URL('https://a.example/'); u.host",
        "[await Promise.try(() => 1), [...new Set([1]).union(new Set([2]))], [...Iterator.from([1])]]",
        "Math.sumPrecise === undefined ? 0 : Math.sumPrecise([1, 2])",
        "const o = {}; o.a = 1; function f(a, b) { return a; } f(o.a)",
        "const e = new Error('a'); e.code = 'B'; Error.captureStackTrace(e); e.code",
        "/** @param {string} b of nobody */ function f(a) { return a; } f(010)",
        "type R = { ok: true; n: number } | { ok: false; why: string };\nconst f = (): R => ({ ok: true, n: 1 });\n"
        "const r = f(); r.ok ? r.n : r.why",
    ],
)
def test_what_runs_is_not_refused(script: str):
    ran = stockade("run", "-", stdin=script)
    assert ran.returncode == 0, ran.stderr

    done = check(script)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("type R = { ok: true; n: number } | { ok: false; why: string };\n(r: R) => r.ok ? r.n : r.who", "2:26"),
        ("(u: { nick: string | null }) => u.nick * 2", "1:33"),
        ("(u: { nick: string | null }) => u.nick.size", "1:40"),
        ("const f = (n: number | undefined) => n;\nf(null); f('a')", "2:12"),
    ],
)
def test_what_is_wrong_is_told_once_whether_something_may_be_null_or_not(script: str, place: str):
    done = check(script)

    line, column = (int(part) for part in place.split(":"))
    [_, frame, caret] = done.stderr.splitlines()
    assert (frame.partition(" ")[0], len(caret) - len(f"{line} | ")) == (str(line), column)


@pytest.mark.parametrize(("name", "code"), [("a.ts", 1), ("a.mts", 1), ("a.js", 0)])
def test_a_file_named_as_typescript_is_held_to_it_though_it_would_be_javascript_as_well(tmp_path, name: str, code: int):
    (tmp_path / name).write_text("function both(a, b) { return a + b; }\nboth(1)")

    done = stockade("check", str(tmp_path / name), cwd=WITH_COMPILER)

    assert done.returncode == code
    assert ("Expected 2 arguments, but got 1." in done.stderr) == bool(code)


@pytest.mark.parametrize("verb", ["check", "run"])
def test_what_is_no_typescript_is_told_of_a_file_so_named_and_not_what_javascript_makes_of_it(tmp_path, verb: str):
    (tmp_path / "a.ts").write_text("const a: number = ;")

    done = stockade(verb, str(tmp_path / "a.ts"), cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("syntax: Expression expected")


def test_a_line_of_hashbang_may_stand_between_fences():
    done = check(f"```js\n#!/usr/bin/env stockade\n{CHECKED}```\n", "--demo")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 3
    assert "4 | return groups.map((g) => g.resourceID);" in done.stderr


def test_a_compiler_that_is_a_script_of_a_shell_is_asked_as_well(tmp_path, monkeypatch):
    """As pnpm, asdf and mise install it."""
    compiler = WITH_COMPILER / "node_modules" / "typescript" / "bin" / "tsc"
    (tmp_path / "tsc").write_text(f'#!/bin/sh\nexec "{bundled_node()}" "{compiler}" "$@"\n')
    (tmp_path / "tsc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert check("1 + 1", cwd=tmp_path).stderr == ""
    assert "type: Cannot find name 'nowhere'" in check("nowhere", cwd=tmp_path).stderr


def test_a_compiler_that_is_no_program_of_nodes_is_none(tmp_path, monkeypatch):
    (tmp_path / "tsc").write_text('#!/bin/sh\nexec node elsewhere/tsc.js "$@"\n')
    (tmp_path / "tsc").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    done = check("nowhere", cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "it parses; no TypeScript compiler was found to check it further\n")


SHOP = """
from typing import Literal
from pydantic import BaseModel
from stockade import binding

class Item(BaseModel):
    sku: str

@binding
async def price(sku: str, currency: Literal["EUR", "USD"] = "EUR", unit_count: int = 1) -> float:
    return 4.0

@binding
async def keep(item: Item, in_: str = "store") -> Item:
    return item
"""


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("(await price({ sku: 'tea', currency: 'USD' })).toFixed() + await price({ sku: 'tea', unit_count: 2 })", ""),
        ("[await keep({ item: { sku: 'tea' }, in: 'car' }), (await keep({ sku: 'tea' }, 'car')).sku]", ""),
        ("await price(5)", "Argument of type 'number' is not assignable to parameter of type 'string'."),
        ("await price('tea', 'GBP')", "Argument of type '\"GBP\"' is not assignable"),
        ("(await price({ sku: 'tea' })).sku", "Property 'sku' does not exist on type 'number'."),
        ("await keep({ item: { sku: 5 } })", "'item' does not exist in type 'Item'"),
    ],
)
def test_arguments_may_stand_in_one_object(tmp_path, call: str, told: str):
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "node_modules").symlink_to(WITH_COMPILER / "node_modules")

    done = check(call, "--binding", "shop:price", "--binding", "shop:keep", cwd=tmp_path)

    assert (done.returncode, told in done.stderr) == (1 if told else 0, True), done.stderr
    assert "overload" not in done.stderr


def test_the_script_of_a_recording_is_checked_as_it_was_before(tmp_path):
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "node_modules").symlink_to(WITH_COMPILER / "node_modules")
    script = "[await price({ sku: 'tea', unit_count: 2 }), await price('tea')]"
    stockade("run", "--binding", "shop:price", "--record", "r.jsonl", "-", stdin=script, cwd=tmp_path)

    done = check(script, "--replay", "r.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert check("await price({ skew: 'tea' })", "--replay", "r.jsonl", cwd=tmp_path).returncode == 1
