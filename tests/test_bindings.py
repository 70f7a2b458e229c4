"""Bindings with a contract: what is checked, what is declared, what a script and a model are told."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import subprocess
from typing import Annotated, Any, Literal
from unittest.mock import AsyncMock, MagicMock
from xmlrpc.client import ServerProxy

import pytest
from pydantic import BaseModel, Field

from stockade import InvalidBinding, Pool, RuntimeConfig, binding
from stockade.bindings import BindingInfo, current_run, discovery, info_of, typescript
from stockade.node import bundled_node
from tests.conftest import ROOT


class Item(BaseModel):
    """One thing in the shop."""

    sku: str
    price: Annotated[float, Field(description="in euros")]
    tags: list[str] | None = None


@binding(read_only=True, example="await price('tea')")
async def price(sku: str, currency: Literal["EUR", "USD"] = "EUR", unit_count: int = 1) -> Item:
    """What something costs.

    The price is that of `unit_count` units together.
    """
    return Item(sku=sku, price=4.0 * unit_count, tags=[currency])


@binding
def total(items: list[Item], by_sku: dict[str, int] | None = None) -> float:
    """The sum of some items."""
    return sum(item.price * (by_sku or {}).get(item.sku, 1) for item in items)


@binding
def ping() -> None:
    """Takes nothing."""


SHOP = {"price": price, "total": total}


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("await price('tea')", {"sku": "tea", "price": 4.0, "tags": ["EUR"]}),
        ("(await price('tea', undefined, 3)).price", 12.0),
        ("(await price({ sku: 'tea', unitCount: 2 })).price", 8.0),
        ("(await price({ sku: 'tea', unit_count: 2 })).price", 8.0),
        ("await total([await price('tea'), await price('milk')], { milk: 2 })", 12.0),
    ],
)
async def test_arguments_come_by_position_or_as_one_object(pool: Pool, script: str, value: object):
    run = await pool.execute(script, bindings=SHOP)

    assert run.error is None
    assert run.value == value


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("price()", "price: sku is missing; it takes (sku, currency?, unitCount?)"),
        ("price(5)", "price: sku: Input should be a valid string (got 5)"),
        ("price('tea', 'GBP')", "price: currency: Input should be 'EUR' or 'USD' (got 'GBP')"),
        ("price({ skuu: 'tea' })", "price has no argument 'skuu'; did you mean 'sku'?"),
        ("price({ quantity: 2 })", "price has no argument 'quantity'; it takes (sku, currency?, unitCount?)"),
        ("price({ sku: 'tea', unitcount: 2 })", "price has no argument 'unitcount'; did you mean 'unitCount'?"),
        ("price({ sku: 'tea' }, 'EUR')", "price: sku: Input should be a valid string (got dict)"),
        ("price('tea', 'EUR', 1, 2)", "price takes (sku, currency?, unitCount?), and was given 4 arguments"),
        ("ping(1)", "ping takes (), and was given 1 argument"),
        ("total([{ sku: 'tea' }])", "total: items[0].price: Field required (got list)"),
    ],
)
async def test_wrong_arguments_are_told_in_the_words_of_the_script(pool: Pool, call: str, told: str):
    run = await pool.execute(f"await {call}", bindings={**SHOP, "ping": ping})

    assert run.error is not None
    assert (run.error.kind, run.error.name, run.error.message) == ("exception", "TypeError", told)


def test_declarations_have_names_types_documentation_and_an_example():
    assert typescript(SHOP) == (
        "interface Item {\n  sku: string;\n  /** in euros */ price: number;\n  tags?: string[] | null;\n}\n"
        "/**\n * What something costs.\n *\n * The price is that of `unit_count` units together.\n"
        " * @example await price('tea')\n */\n"
        'declare function price(sku: string, currency?: "EUR" | "USD", unitCount?: number): Promise<Item>;\n'
        "/** The sum of some items. */\n"
        "declare function total(items: Item[], bySku?: Record<string, number> | null): Promise<number>;\n"
    )


def test_a_budget_takes_documentation_before_types():
    short = typescript(SHOP, budget_tokens=80)

    assert "What something costs" not in short
    assert "declare function price(sku: string" in short


@dataclasses.dataclass
class Point:
    x: float
    y: float = 0.0


@binding
def many(
    point: Point,
    pair: tuple[int, str],
    either: int | list[str | None],
    strange_key: dict[str, Point | None],
    anything: Any = None,
) -> list[tuple[str, Point]]:
    """Every shape: */ even this."""
    return []


def test_whatever_is_printed_the_compiler_accepts(tmp_path):
    (tmp_path / "api.d.ts").write_text(typescript({**SHOP, "many": many, **discovery(SHOP), "raw": lambda *a: a}))
    (tmp_path / "use.ts").write_text(
        "export const a: Promise<number> = total([{ sku: 'a', price: 1 }]);\n"
        "export const b: Promise<[string, Point][]> = many({ x: 1 }, [1, 'a'], ['x', null], { k: null });\n"
        "// @ts-expect-error\nprice(5);\n"
    )
    compiler = ROOT / "js_worker" / "node_modules" / "typescript" / "bin" / "tsc"

    done = subprocess.run(
        [bundled_node(), compiler, "--noEmit", "--strict", "--types", "", tmp_path / "api.d.ts", tmp_path / "use.ts"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert (done.stdout, done.returncode) == ("", 0)


async def test_examples_run(pool: Pool):
    for name, function in {**SHOP, **discovery(SHOP)}.items():
        example = info_of(function).example
        if example is not None:
            run = await pool.execute(example, bindings=SHOP)
            assert run.error is None, (name, run.error)


async def test_a_script_can_ask_what_it_may_call(pool: Pool):
    run = await pool.execute("[await searchApi('costs'), await describeApi('total')]", bindings=SHOP)

    found, described = run.value
    assert found[0] == {"name": "price", "summary": "What something costs."}
    assert described.endswith("Promise<number>;")
    wrong = await pool.execute("try { await describeApi('totals') } catch (e) { `${e}` }", bindings=SHOP)
    assert wrong.value == "RangeError: there is no function 'totals'; searchApi() lists them"
    assert (await pool.execute("typeof searchApi")).value == "undefined"


async def test_a_call_that_takes_longer_than_declared_is_rejected(pool: Pool):
    @binding(timeout_seconds=0.05)
    async def slow() -> None:
        await asyncio.Event().wait()

    run = await pool.execute(
        "try { await slow() } catch (e) { return [e.name, e.code, e.message] }", bindings={"slow": slow}
    )

    assert run.value == ["TimeoutError", "Timeout", "slow took longer than 0.05 seconds"]


async def test_a_timeout_of_the_functions_own_is_not_taken_for_the_declared_one(pool: Pool):
    @binding(timeout_seconds=60)
    async def ask() -> None:
        raise TimeoutError("the bank does not answer")

    run = await pool.execute("try { await ask() } catch (e) { return [e.name, e.message] }", bindings={"ask": ask})

    assert run.value == ["TimeoutError", "the bank does not answer"]


async def test_a_binding_may_bound_its_calls_and_how_many_go_on_at_once(pool: Pool):
    going = most = 0

    @binding(max_calls=6, concurrency=2)
    async def step() -> int:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await asyncio.sleep(0)
        going -= 1
        return most

    run = await pool.execute(
        "(await Promise.allSettled(Array.from({ length: 8 }, () => step()))).map((r) => r.reason?.code ?? r.status)",
        bindings={"step": step},
    )

    assert run.value == ["fulfilled"] * 6 + ["LimitExceeded"] * 2
    assert most == 2


async def test_a_binding_knows_its_run(pool: Pool):
    seen = []

    def in_thread() -> None:
        seen.append(current_run())

    async def in_loop() -> None:
        seen.append(current_run())

    run = await pool.execute("await a(); await b()", bindings={"a": in_thread, "b": in_loop}, tenant="me")

    assert [(info.run_id, info.tenant) for info in seen] == [(run.run_id, "me")] * 2
    assert current_run() is None


async def test_what_a_binding_says_of_its_run_is_in_the_result(pool: Pool):
    async def buy(sku: str) -> int:
        bought = current_run().facts.setdefault("shop", {"bought": []})["bought"]
        bought.append(sku)
        return len(bought)

    run = await pool.execute(
        "await buy('tea'); await buy('milk'); while (true) {}",
        bindings={"buy": buy},
        config=RuntimeConfig(timeout_seconds=1),
    )

    assert run.error.kind == "timeout"
    assert run.facts == {"shop": {"bought": ["tea", "milk"]}}
    assert (await pool.execute("1 + 1")).facts == {}


def annotated(hint: Any) -> Any:
    def taken(sku):
        return sku

    taken.__annotations__["sku"] = hint
    return taken


def _bounded(most: int = Field(50, le=100)) -> int:
    return most


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (lambda: binding(timeout_seconds=0)(lambda: 1), "timeout_seconds must be more than 0"),
        (lambda: binding(concurrency=0)(lambda: 1), "concurrency must be a whole number of at least 1, not 0"),
        (lambda: binding(timeout_seconds=float("nan"))(lambda: 1), "timeout_seconds must be more than 0, not nan"),
        (lambda: binding(timeout_seconds=10**400)(lambda: 1), "timeout_seconds must be more than 0, not 1000"),
        (lambda: binding(timeout_seconds="5")(lambda: 1), "timeout_seconds must be more than 0, not '5'"),
        (lambda: binding(max_calls=1.5)(lambda: 1), "max_calls must be a whole number of at least 1, not 1.5"),
        (lambda: binding(max_calls=True)(lambda: 1), "max_calls must be a whole number of at least 1, not True"),
        (lambda: binding(eval("lambda a, /: a")), "positional-only"),
        (lambda: binding(_bounded), r"most has a Field for a default; write `most: Annotated\[type, Field\("),
        (lambda: binding(read_only=True)(Shop(1.0).stock), "not a method: write one around it"),
        (lambda: binding(read_only=True)(functools.partial(print, 1)), "not a partial: write one around it"),
        (lambda: binding(read_only=True)(Shop(1.0)), "not a Shop: write one around it"),
        (lambda: binding(Shop), "not a type: write one around it"),
        (lambda: binding(int), "not a type: write one around it"),
        (lambda: binding(max), "not a builtin_function_or_method: write one around it"),
        (lambda: binding(property(lambda self: 1)), "not a property: write one around it"),
        (lambda: binding("price"), "not a str: write one around it"),
        (lambda: binding(annotated("Nowhere")), "a type of its signature is not known here"),
        (lambda: binding(annotated("not a type!")), r"taken: its signature cannot be read \(SyntaxError"),
        (lambda: binding(annotated("asyncio.Nowhere")), r"taken: its signature cannot be read \(AttributeError"),
        (lambda: binding(annotated("1 / 0")), r"taken: its signature cannot be read \(ZeroDivisionError"),
        (lambda: binding(annotated(5)), "taken: pydantic cannot check a 5 "),
        (lambda: binding(annotated(asyncio.Event)), "taken: pydantic cannot check a .*Event"),
        (lambda: binding(annotated(Annotated[str, Field(pattern="(")])), r"pydantic cannot check a .*\(SchemaError"),
    ],
)
def test_a_declaration_that_cannot_be_kept_is_refused(declare, told: str):
    with pytest.raises(InvalidBinding, match=told):
        declare()


class Shop:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    @binding(read_only=True)
    async def cost(self, sku: str, unit_count: int = 1) -> float:
        """What it costs here."""
        return self.factor * unit_count

    def stock(self, sku: str) -> int:
        return 1

    def __call__(self, sku: str) -> str:
        return sku


async def test_a_method_is_a_binding_of_its_object(pool: Pool):
    run = await pool.execute(
        "[await cheap('tea', 2), await dear({ sku: 'tea', unitCount: 3 })]",
        bindings={"cheap": Shop(1.0).cost, "dear": Shop(10.0).cost},
    )

    assert run.value == [2, 30]
    assert run.safe_to_retry
    assert typescript({"cheap": Shop(1.0).cost}).endswith(
        "declare function cheap(sku: string, unitCount?: number): Promise<number>;\n"
    )


async def test_a_megabyte_where_a_name_is_due_is_refused_like_any_other(pool: Pool):
    run = await pool.execute(
        "const long = 'wx'.repeat(400_000); const told = [];"
        "try { await price({ [long]: 1 }) } catch (e) { told.push(e.name) }"
        "told.push((await searchApi(long)).length); told",
        bindings=SHOP,
    )

    assert run.value == ["TypeError", 0]


async def test_what_answers_to_every_attribute_is_a_binding_of_which_nothing_is_declared(pool: Pool):
    class Proxy:
        def __getattr__(self, name: str) -> Any:
            return Proxy()

        def __call__(self, *args: Any) -> list[Any]:
            return list(args)

    functions = {
        "proxy": Proxy(), "mock": MagicMock(return_value=1), "waits": AsyncMock(return_value=2),
        "remote": ServerProxy("http://127.0.0.1:1").add,
    }  # fmt: skip
    run = await pool.execute("[await proxy(1, 2), await mock(), await waits()]", bindings=functions)

    assert run.value == [[1, 2], 1, 2]
    assert all(info_of(function) == BindingInfo() for function in functions.values())
    assert "remote(...args: any[])" in typescript(functions)
    assert {each["name"] for each in await discovery(functions)["searchApi"]()} == {*functions}


class Market:
    currency = "EUR"

    @classmethod
    @binding(read_only=True)
    def below(cls, sku: str) -> str:
        return f"{sku} {cls.currency}"

    @binding(read_only=True)
    @classmethod
    def above(cls, sku: str) -> str:
        return f"{sku} {cls.currency}"

    @staticmethod
    @binding(read_only=True)
    def below_static(sku: str) -> str:
        return sku

    @binding(read_only=True)
    @staticmethod
    async def above_static(sku: str) -> str:
        return sku


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (Market.below, "tea EUR"), (Market().below, "tea EUR"), (Market.above, "tea EUR"),
        (Market.below_static, "tea"), (Market.above_static, "tea"), (Market().above_static, "tea"),
    ],
)  # fmt: skip
async def test_what_is_declared_of_a_static_or_class_method_holds_on_either_side_of_its_decorator(
    pool: Pool, function: Any, value: str
):
    run = await pool.execute(
        "[await price({ sku: 'tea' }), await price('tea'), await price().catch((e) => e.message)]",
        bindings={"price": function},
    )

    assert run.value == [value, value, "price: sku is missing; it takes (sku)"]
    assert run.safe_to_retry


async def test_an_argument_of_a_plain_function_may_be_called_cls_and_a_later_one_self(pool: Pool):
    @binding
    def pupils(cls: str, self: str) -> str:
        return f"{cls} {self}"

    assert (await pool.execute("await pupils('5b', 'Ann')", bindings={"pupils": pupils})).value == "5b Ann"
