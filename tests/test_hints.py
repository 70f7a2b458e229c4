"""What is said of a run that returned nothing."""

from __future__ import annotations

import asyncio

import pytest

from stockade import Pool, RuntimeConfig
from stockade.bindings import binding
from stockade.hints import of_nothing, of_run
from stockade.result import CallRecord

CALLED = CallRecord(name="page", ms=1.0, outcome="resolved", bytes_in=2, bytes_out=2)
TOLD = "main() returned nothing, so the script has no value: end it with `return` and what it is to give"


@pytest.mark.parametrize(
    "script",
    [
        "async function main() { await f(); }\nmain();",
        "const main = async () => { const rows = await f(); rows.length; };\nawait main()",
        "function main() { if (x) return; }\nmain()\n",
        "async function main() {\n  await f();\n}\n",
        "const rows = 1;\nfunction main() { console.log(rows); }",
    ],
)
def test_a_main_that_returns_nothing_is_told_to(script: str):
    assert of_nothing(script) == TOLD


@pytest.mark.parametrize(
    "script",
    [
        "(async () => {\n  const rows = await f();\n  rows.length;\n})();",
        "await (async function () { await f(); })()\n",
        "(function () { console.log(1); }())",
    ],
)
def test_a_function_called_where_it_stands_is_told_to_return(script: str):
    assert of_nothing(script) == TOLD.replace("main()", "the function at the end")


@pytest.mark.parametrize(
    "script",
    [
        "const rows = await f();\n\nconst main = async () => {\n  if (rows) {\n    return 1;\n  }\n};\n",
        "const main = (x) => { return x; }",
        "const main = function () {\r\n  return 1;\r\n}",
    ],
)
def test_a_function_that_nobody_calls_is_told_to_be_called(script: str):
    assert of_nothing(script) == "main is never called, so the script has no value: end the script with `main()`"


@pytest.mark.parametrize(
    "script",
    [
        "main();\nfunction main() {\n  console.log(1);\n}",
        "function main() {\n  return 1;\n}\nif (x) {\n  y();\n}",
        "const main = {\n  a() {}\n}",
        "for (const main of f()) { g(); }",
        "(async () => { return 1; })()",
        "f({})()",
        "(await f({}))()",
        "f(() => { g(); })()",
        "  function main() {}",
        "async function main() {\n  return await f();\n}",
        "function main() {" + "\n  x();" * 1_000 + "\n}",
    ],
)
def test_a_function_that_may_be_meant_so_is_told_nothing(script: str):
    assert of_nothing(script) is None


@pytest.mark.parametrize(
    "script", ["const rows = await f();", "let a = 1;\nvar rows =\n  a;\n", "const rows = f({\n  limit: 1,\n});"]
)
def test_a_script_that_ends_in_a_variable_is_told_to_end_with_it(script: str):
    assert of_nothing(script) == "the script ends in a declaration, which has no value: end it with `rows`"


@pytest.mark.parametrize(
    "script",
    [
        "exports.handler = async (event) => { return 1; };",
        "module.exports.run = function () {};",
        "exports.run = async event => event;",
        "export default {\n  async fetch() { return 1; },\n};",
    ],
)
async def test_a_script_that_exports_functions_for_others_to_call_is_told_so(pool: Pool, script: str):
    run = await pool.execute(script)

    assert (run.value, run.hint) == (
        {},
        "the value is what the script exports, and JSON holds no functions: `export default` the one to be called",
    )
    assert (await pool.execute("exports.one = 1; ({})")).hint is None
    assert (await pool.execute("module.exports = () => ({})")).hint is None


@pytest.mark.parametrize(
    ("script", "value", "left_out"),
    [
        ("const rows = () => [1];\n({ rows, count: 1 })", {"count": 1}, "the value.rows"),
        ("const page = async () => 1;\nawait Promise.all([page(), page, page])", [1, None, None], "the value[1]"),
        (
            "class Row { name = 'a'; total = () => 1; }\nreturn { rows: [new Row()] }",
            {"rows": [{"name": "a"}]},
            "the value.rows[0].total",
        ),
        ("new Map([['a', { f() {} }]])", {"a": {}}, "the value.a.f"),
        ("({ toJSON: () => ({ f() {} }) })", {}, "the value.f"),
    ],
)
async def test_a_function_that_json_left_out_is_told_by_its_path(pool: Pool, script: str, value: object, left_out: str):
    run = await pool.execute(script)

    assert run.value == value
    assert run.hint == f"{left_out} is a function, and JSON holds none: was it to be called?"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("[1, 2].map((n) => { number: n })", "number"),
        ("await Promise.all([1].map(async n => {\n  id:\n n\n}))", "id"),
        ("[1].map((n) => { again: for (;;) break again; })", None),
        ("[1].map(() => { block: { break block; } })", None),
        ("[1].map((n) => { number: n; return n; })", None),
        ("[null].map((n) => ({ n }).n)", None),
    ],
)
async def test_an_arrow_with_a_block_in_place_of_an_object_is_told_so(pool: Pool, script: str, told: str | None):
    run = await pool.execute(script)

    hint = f"`=> {{ {told}: … }}` is a block, which gives nothing: write `=> ({{ {told}: … }})`"
    assert (run.ok, run.hint) == (True, told and hint)


@pytest.mark.parametrize(
    ("script", "method"),
    [
        ("[1, 2].map((n) => { n * 2 })", "map"),
        ("[1, 2].filter(n => { n > 1; })", "filter"),
        ("[1, 2].filter((n) => {\n  n > 1\n}).length", "filter"),
        ("[1, 2].some((n, i) => { n > i })", "some"),
        ("const one = [1].find((n) => { n === 1 });\nconsole.log(one)", "find"),
        ("[1, 2].reduce((sum, n) => { sum + n }, 0)", "reduce"),
        ("['b', 'c'].concat([1, 3, 2].sort((a, b) => { a - b }))", "sort"),
        ("const seen = [];\n[1].map((n) => { seen.push(n) });\nseen", None),
        ("[1].map((n) => { console.log(n); });", None),
        ("[{}].map((one) => { one.a = 1; });", None),
        ("[1].map((n) => {})", None),
        ("[1].filter((n) => { return n > 1 })", None),
        ("[1].filter((n) => { if (n > 1) { return true; } })", None),
        ("[1].forEach((n) => { n * 2 }); 0", None),
        ("[2, 1].sort((a, b) => a - b)", None),
    ],
)
async def test_an_arrow_whose_block_returns_nothing_is_told_so(pool: Pool, script: str, method: str | None):
    run = await pool.execute(script)

    hint = f"the arrow in `.{method}(…)` has a block without `return`, and gives nothing"
    assert (run.ok, run.hint) == (True, method and hint)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("const out = [];\nfor (const row in rows) out.push(row.id);\nout", True),
        ("for (let row in rows) { console.log(row.id); }", True),
        ("const out = [];\nfor (const row in rows) out.push(rows[row].id, row.length, row.trim());\nout", False),
        ("let n = 0;\nfor (const row in rows) n += row.length;\nfor (const row of rows) n += row.id;\nn", False),
        ("for (const row of rows) if ('id' in row) console.log(row.id);", False),
        ("let n = 0;\nfor (const row in rows) n += rows[row].id;\nrows.filter(row => row.id === 1)", False),
        ("let n = 0;\nfor (const row in rows) n += rows[row].id;\nrows.filter((row) => row.id === 1)", False),
        ("// row.id is its number\nfor (const row in rows) console.log(rows[row]);", False),
    ],
)
async def test_a_loop_over_names_that_was_to_be_one_over_rows_is_told_so(pool: Pool, script: str, told: bool):
    run = await pool.execute(f"const rows = [{{ id: 1 }}, {{ id: 2 }}];\n{script}")

    hint = "`for (… in rows)` gives names, as text: for the rows write `for (const row of rows)`"
    assert (run.ok, run.hint) == (True, hint if told else None)


@pytest.mark.parametrize("method", ["filter", "find", "some", "every"])
async def test_a_test_that_gives_a_promise_is_told_to_be_true_always(pool: Pool, method: str):
    run = await pool.execute(f"const rows = [1, 2];\nrows.{method}(async (n) => await (n > 1))")

    assert run.value in ([1, 2], 1, True)
    assert (
        run.hint
        == f"`.{method}(async …)` tests a promise, which is always true: await the answers first, with `Promise.all`"
    )
    assert (await pool.execute("Promise.all([1].map(async (n) => n))")).hint is None
    assert (await pool.execute(f"// no .{method}(async f) here\n[1].{method}((n) => n)")).hint is None
    asked = await pool.execute(f"[1].{method}(async (n) => await page(n)).length", bindings={"page": lambda _: False})
    assert asked.hint == run.hint


@pytest.mark.parametrize(
    "script",
    [
        "const { items } = page(1); items",
        "return (() => { let { items: rows, total } = page(1);\n return { rows }; })()",
        "const got = page(1);\n({ rows: got.items })",
    ],
)
async def test_what_was_taken_from_a_promise_of_a_binding_is_told_so(pool: Pool, script: str):
    run = await pool.execute(script, bindings={"page": lambda number: {"items": [number]}})

    assert run.value in (None, {})
    assert run.hint == "`page(…)` gives a Promise, which has no such fields: write `await page(…)`"


@pytest.mark.parametrize(
    "script",
    [
        "const { items } = await page(1); undefined",
        "const { items } = (await page(1)); ({})",
        "const own = { page: () => 1 }; const { a } = own.page(); a",
        "const got = page(1); (await got).items.length; ({})",
        "const got = page(1); got.then(() => 1); undefined",
        "const got = page(1); undefined",
        "const other = () => ({}); const { a } = other(1); a",
    ],
)
async def test_nothing_is_said_of_promises_that_are_waited_for_or_not_read(pool: Pool, script: str):
    run = await pool.execute(script, bindings={"page": lambda number: {"items": [number]}})

    assert (run.ok, run.hint) == (True, None)


@pytest.mark.parametrize("declared", [False, True])
async def test_a_binding_that_was_handed_to_map_is_told_what_map_gives_it(pool: Pool, declared: bool):
    async def page(number: int) -> int:
        return number

    run = await pool.execute(
        "await Promise.all([1, 2].map(page))", bindings={"page": binding(page) if declared else page}
    )

    assert run.error is not None
    assert run.error.hint == "`map` gives it the index and the list as well: write `.map((one) => page(one))`."


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("page(1); 'sent'", "a call of `page` was under way when the script ended, and given up: await it"),
        (
            "[1, 2].forEach(async (n) => { await page(n); });\n'sent'",
            "2 calls of `page` were under way when the script ended, and given up: await them in `for … of`, since "
            "`forEach` waits for nothing",
        ),
        (
            "(async () => { await page(1); })(); other(); 'sent'",
            "2 calls of `page`, `other` were under way when the script ended, and given up: await them",
        ),
        ("await Promise.race([page(1), 1])", None),
        ("await Promise.any([page(1), 1])", None),
        ("setTimeout(() => 1, 1000); await said()", None),
    ],
)
async def test_calls_that_were_given_up_are_told(pool: Pool, script: str, told: str | None):
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    run = await pool.execute(script, bindings={"page": never, "other": never, "said": lambda: 1})

    assert (run.ok, run.hint) == (True, told)


async def test_the_largest_value_has_room_for_the_longest_path(pool: Pool):
    config = RuntimeConfig(timeout_seconds=10, line_bytes=64 * 1024, result_bytes=63 * 1024)
    run = await pool.execute("({ ['\\0'.repeat(500)]: () => 1, fill: 'x'.repeat(63 * 1024 - 11) })", config=config)

    assert run.ok, run.error
    assert len(run.result or "") == 63 * 1024
    assert run.hint is not None
    assert run.hint.startswith("the value.\0")


@pytest.mark.parametrize(
    "script",
    [
        "({ a: undefined, b: [undefined], n: null, s: 'f' })",
        "console.log(() => 1); await said({ f: () => 1 }); [1]",
        "class Row { a = 1; get b() { return 2; } f() {} static g() {} }\nnew Row()",
    ],
)
async def test_nothing_is_said_of_functions_that_are_not_in_the_value(pool: Pool, script: str):
    run = await pool.execute(script, bindings={"said": lambda given: given})

    assert (run.ok, run.hint) == (True, None)


@pytest.mark.parametrize(
    "script",
    [
        "return await page(1).items",
        "const a = 1;\nawait page('x').items;\n",
        "const page = async (n) => ({ items: n });\nawait page(1).items",
        "async function page(n) { return { items: n }; }\nawait page(1).items",
    ],
)
def test_what_was_read_from_a_promise_is_told_so(script: str):
    assert of_nothing(script) == "`await page(…).items` reads from a promise: write `(await page(…)).items`"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "undefined",
        "await page().then(f)",
        "const log = (n) => ({ save: async () => n });\nawait log(1).save();",
        "(await page()).items",
        "f();",
        "async function main() { return 1; }\nmain();",
        "const a = 1;\nif (a) f();",
        "const a = 1; f();",
        "const rows = f();\nconst { rows: first } = rows;",
        "f(() => {\n  const a = 1;\n});",
        "helper.main()",
        "main",
    ],
)
def test_nothing_is_said_where_it_is_not_sure(script: str):
    assert of_nothing(script) is None


@pytest.mark.parametrize(
    "filler",
    [
        "\n",
        " ",
        "return ",
        "function ",
        "const main =",
        "}\n",
        "main() ",
        "function f() {}\n",
        " })()",
        "(async (",
        "((,",
        "exports.a = ",
        "const a = ",
        "=> { a",
        "const { a } = f(",
        "const a = f(",
        "const a = page(",
        ".map(a => {",
        ".map((a" + "," * 190 + ") => {" + " " * 490 + "}",
        ".sort((a",
        "for (const a in b) a.a",
        "for (const a in ",
        "const {" + "a" * 190,
    ],
)
def test_no_script_makes_looking_for_a_hint_slow(filler: str):
    """It runs on the event loop. Quadratic time on so much text would be minutes, and end this test by its timeout."""
    assert of_nothing(filler * (1_000_000 // len(filler)) + "1") is None
    assert of_nothing(filler * (1_000_000 // len(filler)) + "}") is None
    assert of_run(filler * (1_000_000 // len(filler)), "{}") is None
    assert of_run(filler * (1_000_000 // len(filler)), "[null]") is None
    assert of_run("sort((" + filler * (1_000_000 // len(filler)), "1") is None
    assert of_run(filler * (1_000_000 // len(filler)) + "1", None, calls=[CALLED]) is None
    assert of_nothing("function main() {}" + filler * (1_000_000 // len(filler)) + "\nmain()") in (None, TOLD)


async def test_the_hint_stands_in_the_result_and_its_text(pool: Pool):
    run = await pool.execute("async function main() { 1 + 1; }\nmain()")

    assert (run.ok, run.value, run.hint) == (True, None, TOLD)
    assert f"value: undefined\nhint: {TOLD}\n" in run.text()
    assert (await pool.execute("1")).hint is None
