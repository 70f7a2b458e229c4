"""What is said of a run that read a field which what it was given has not, and went well all the same."""

from __future__ import annotations

from typing import Any

import pytest

from stockade import Pool, RuntimeConfig


async def trail() -> dict[str, Any]:
    return {"events": [{"eventName": "A"}, {"eventName": "B", "user": "me"}], "nextToken": None, "totalEvents": 2}


async def accounts() -> list[dict[str, Any]]:
    return [{"id": "1", "name": "a"}, {"id": "2", "name": "b", "parent": "1"}]


async def machines() -> list[dict[str, Any]]:
    return [{"id": "1", "disks": [{"gb": 8}], "more": {"Size": "large", "State": {"Name": "on"}}}]


async def tags() -> dict[str, int]:
    return {f"tag{number}": number for number in range(101)}


BINDINGS = {"trail": trail, "accounts": accounts, "machines": machines, "tags": tags}
OF_TRAIL = "; it has: events, nextToken, totalEvents."
OF_EVENTS = " in its `events`; it has: eventName, user."
OF_ACCOUNTS = "; it has: id, name, parent."
A_LIST = "`accounts` gives a list, whose rows have: id, name, parent."


@pytest.mark.parametrize(
    ("script", "value", "field"),
    [
        ("const r = await trail(); return r.length;", None, "`length`" + OF_TRAIL),
        ("const r = await trail(); ({ n: 1, all: r.count })", {"n": 1}, "`count`" + OF_TRAIL),
        ("const r = await trail(); `${r.count} events`", "undefined events", "`count`" + OF_TRAIL),
        ("const r = await trail(); r.count * 2", None, "`count`" + OF_TRAIL),
        ("const r = await trail(); new Map([['a', r.count]])", {}, "`count`" + OF_TRAIL),
        ("const r = await trail(); new Map([['a', r.count - 1]])", {"a": None}, "`count`" + OF_TRAIL),
        ("const r = await trail(); console.log(r.event);", None, "`event`: did you mean `events`?"),
        ("const { items: list } = await trail(); [list]", [None], "`items`" + OF_TRAIL),
        ("(await trail()).items", None, "`items`" + OF_TRAIL),
        ("const r = await trail(); r.events.map((e) => e.name)", [None] * 2, "`name`" + OF_EVENTS),
        ("const { events } = await trail(); events.map((e) => ({ n: e.by }))", [{}, {}], "`by`" + OF_EVENTS),
        ("for (const e of (await trail()).events) console.log(e.name);", None, "`name`" + OF_EVENTS),
    ],
)
async def test_a_field_that_is_not_there_is_told_with_those_that_are(
    pool: Pool, script: str, value: object, field: str
):
    run = await pool.execute(script, bindings=BINDINGS)

    assert (run.error, run.value) == (None, value)
    assert run.hint == f"What `trail` gives has no field {field}"


@pytest.mark.parametrize(
    ("script", "field"),
    [
        ("const a = await accounts(); a.map((x) => x.accountId)", "`accountId`" + OF_ACCOUNTS),
        ("const a = await accounts();\nfor (const x of a) console.log(x.Id);", "`Id`: did you mean `id`?"),
        ("const [first] = await accounts(); first.email", "`email`" + OF_ACCOUNTS),
        ("const a = await accounts(); a[0].email", "`email`" + OF_ACCOUNTS),
        ("(await accounts())[0].email", "`email`" + OF_ACCOUNTS),
        ("const a = await accounts(); a.reduce((sum, x) => sum + x.size, 0)", "`size`" + OF_ACCOUNTS),
        ("const a = await accounts(); a.filter((x) => x.state === 'on').length", "`state`" + OF_ACCOUNTS),
        ("const a = await accounts(); a.sort((x, y) => y.age - x.age)[0].name", "`age`" + OF_ACCOUNTS),
        ("const a = await accounts(); a.toSorted((x, y) => (x.age < y.age ? 1 : -1))[0].name", "`age`" + OF_ACCOUNTS),
        ("const a = await accounts(); a.filter((x) => x.age > 3)", "`age`" + OF_ACCOUNTS),
        ("const a = await accounts(); ({ on: a.filter((x) => x.state == 'on') })", "`state`" + OF_ACCOUNTS),
        (
            "const a = await accounts(); let n = 0; for (const x of a) if (x.age !== 1) continue; else n += 1; n",
            "`age`" + OF_ACCOUNTS,
        ),
    ],
)
async def test_a_field_that_no_row_of_a_list_has_is_told(pool: Pool, script: str, field: str):
    run = await pool.execute(script, bindings=BINDINGS)

    assert (run.error, run.hint) == (None, f"What `accounts` gives has no field {field}")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("const m = await machines(); m.map((x) => x.Size)", "`Size`: did you mean `more.Size`?"),
        ("const m = await machines(); m.filter((x) => x.State.Name === 'on')", "`State`: did you mean `more.State`?"),
        ("const m = await machines(); m.filter((x) => x.size === 'small')", "`size`: did you mean `more.Size`?"),
        ("const [{ disks }] = await machines(); disks.map((d) => d.size)", "`size` in its `disks`; it has: gb."),
    ],
)
async def test_a_field_of_an_object_within_is_told_with_its_place(pool: Pool, script: str, told: str):
    run = await pool.execute(script, bindings=BINDINGS)

    assert (run.error.hint if run.error else run.hint) == f"What `machines` gives has no field {told}"


@pytest.mark.parametrize(
    "script",
    [
        "const a = await accounts(); a.accounts",
        "const { accounts: a } = await accounts(); a",
        "(await accounts()).items",
    ],
)
async def test_a_list_that_was_taken_for_an_object_is_told_to_be_one(pool: Pool, script: str):
    run = await pool.execute(script, bindings=BINDINGS)

    assert (run.error, run.value, run.hint) == (None, None, A_LIST)


@pytest.mark.parametrize(
    "script",
    [
        "const r = await trail(); if (r.next) 1;",
        "const r = await trail(); r.next ?? undefined",
        "const r = await trail(); r.next === undefined ? undefined : 1",
        "const r = await trail(); r.sum = undefined; r.sum",
        "const r = await trail(); r.constructor.one",
        "const r = await trail(); const one = (r) => r.two; one({})",
        "const r = await trail(); function one(a, r) { return r.two; } one(1, {})",
        "let r = await trail(); r = r.events; r.two",
        "const r = await trail(); console.log(r.totalEvents);",
        "const r = await trail(); const events = [{ a: 1 }]; events.map((e) => e.b)",
        "const r = await trail(); ({ of: r.events.map((e) => e.user) })",
        "const r = await trail(); const next = r.next; const found = []; found",
        "const r = await trail(); if (!r.next) 0; [r.events.filter((e) => e.error).length]",
        "const a = await accounts(); a.filter((x) => x.parent === '2').length",
        "const a = await accounts(); a.sort((x, y) => y.id - x.id).find((x) => x.age === 1)?.name ?? 'nobody'",
        "const a = await accounts(); `${a.sort((x, y) => y.id - x.id).filter((z) => z.on !== 'off').length} of them`",
        "const a = await accounts(); [a.find((x) => x.state === 'on') ?? 'none', 'x'.repeat(1000)]",
        "const a = await accounts(); a.reduce((sum, x) => sum.total + x.id, { total: '' })",
        "const a = await accounts(); // a.total is for another\n/* and\na.sum */ a.map((x) => undefined)",
        "const a = await accounts(); a.map((x) => x.parent)",
        "const r = await trail(); ({ all: 0, next: r.nextPage, cursor: r.cursor })",
        "let r = await trail(); r = r.events; r.filter((x) => x.size === 0)",
        "let a = await accounts(); a = a.map((x) => ({ size: 1 })); a.filter((x) => x.size === 0)",
        "const a = await accounts(); [a.length, a.meta, a.at(5)]",
        "const t = await tags(); t.other",
        "const a = await accounts(); a.map((x: any) => x.id); [1].map((x: any) => x.other)",
        "const a = await accounts(); a.map((x) => x.id); Object.entries({ a: 1 }).map(([k, x]) => x.other)",
        "const a = await accounts(); a.map((x) => x.id); [{ x: {} }].map(({ x }) => x.other)",
        "const a = await accounts(); const at = ([k, a]): number => a.other; at([1, {}])",
        "const a = await accounts(); try { throw 1; } catch (a) { console.log(a.other); }",
        "const a = await accounts(); class Own { of(a) { return a.other; } } new Own().of({})",
        "const r = await trail(); return { events: 1, total: r.totalEvents, none: undefined }",
    ],
)
async def test_nothing_is_said_of_fields_that_are_there_or_may_be_missing(pool: Pool, script: str):
    run = await pool.execute(script, bindings=BINDINGS)

    assert (run.error, run.hint) == (None, None)


async def test_names_of_any_kind_are_fields(pool: Pool):
    strange = {"a(b": [{"x[": 1}], "$.[]": [{"\\": 1}], "": [{"": 1}], "__proto__": 1, "constructor": [1]}

    run = await pool.execute("const r = await strange(); r.missing", bindings={"strange": lambda: strange})

    assert (run.error, run.value) == (None, None)
    assert run.hint == "What `strange` gives has no field `missing`; it has: a(b, $.[], , __proto__, constructor."


async def test_what_any_of_the_calls_gave_counts(pool: Pool):
    pages = iter([{"items": [1], "next": "b"}, {"items": [2]}])
    script = "const page = async () => { const r = await list(); return r.next; };\n[await page(), await page()]"

    run = await pool.execute(script, bindings={"list": lambda: next(pages)})

    assert (run.value, run.hint) == (["b", None], None)


@pytest.mark.parametrize("length", [100, 15_000, 15_200, 21_000])
async def test_the_longest_hint_has_room_beside_the_largest_value(pool: Pool, length: int):
    config = RuntimeConfig(timeout_seconds=10, line_bytes=64 * 1024, result_bytes=63 * 1024)
    given = {"\0" * 500 + str(number): 1 for number in range(20)}

    script = f"const r = await wide(); [r.missing, '\u20ac'.repeat({length})]"
    run = await pool.execute(script, bindings={"wide": lambda: given}, config=config)

    assert run.ok, run.error
    assert (run.hint or "").startswith("What `wide` gives has no field `missing`; it has: \0") == (length <= 15_000)


@pytest.mark.parametrize("before", ["", "v.a;" * 500, "(await " * 300, "const {" * 300, "function(a," * 200])
async def test_no_script_makes_the_look_for_such_fields_long(pool: Pool, before: str):
    given = {f"field{number}": [{"a": 1}] for number in range(100)}
    names = [f"b{number}" for number in range(30)]
    reads = ";".join(f"const v{name} = await {name}(); v{name}.q{name} = v{name}.q{name}" for name in names)
    config = RuntimeConfig(timeout_seconds=20, compute_seconds=5)

    run = await pool.execute(
        f"`{before}`;\n{reads};undefined", bindings=dict.fromkeys(names, lambda: given), config=config
    )

    assert (run.error, run.value, run.hint) == (None, None, None)
