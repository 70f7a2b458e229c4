"""The AWS pack's declarations: what a model is shown, held against the compiler and our own examples."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, computed_field, create_model
from typing_extensions import TypeAliasType, deprecated

from stockade.aws.bindings import FUNCTIONS
from stockade.aws.declarations import declarations
from stockade.bindings import binding, discovery, typescript
from stockade.bindings.declarations import CHARS_PER_TOKEN, by_name
from stockade.commands.compiler import COMPILER_OPTIONS
from stockade.node import bundled_node
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def aws() -> dict[str, object]:
    """The bindings as far as declarations go; no account is needed to tell of them."""
    return {name: binding(declaration=text)(lambda *args: None) for name, text in declarations().items()}


def test_every_binding_is_declared_and_nothing_else():
    assert set(declarations()) == set(FUNCTIONS)


def test_the_short_form_fits_a_prompt(aws):
    short = typescript(aws, budget_tokens=1_500)

    assert len(short) <= 1_500 * CHARS_PER_TOKEN
    assert all(f"declare function {name}(" in short for name in FUNCTIONS)
    assert not re.search(r"^type \w+ = (string|number);$", short, re.MULTILINE)


@binding(example="await sell('tea')")
async def sell(sku: str) -> bool:
    """Sells it.

    Once.
    """
    return True


BY_HAND = "declare function buy(): any;"
BOUGHT = binding(declaration=f"/** What there is. */\ntype Some = 1;\n/**\n * Buys it.\n * Twice.\n */\n{BY_HAND}")(
    lambda: 1
)


def test_a_budget_takes_the_further_lines_of_the_documentation_and_then_all_of_it():
    sold = "declare function sell(sku: string): Promise<boolean>;"
    forms = [
        f"/**\n * Sells it.\n *\n * Once.\n * @example await sell('tea')\n */\n{sold}\n"
        f"/** What there is. */\ntype Some = 1;\n/**\n * Buys it.\n * Twice.\n */\n{BY_HAND}\n",
        f"/** Sells it. */\n{sold}\n/** What there is. */\ntype Some = 1;\n/** Buys it. */\n{BY_HAND}\n",
        f"{sold}\ntype Some = 1;\n{BY_HAND}\n",
    ]

    for form, shorter in zip(forms, [*forms[1:], forms[-1]], strict=True):
        fits = -(-len(form.strip()) // CHARS_PER_TOKEN)
        assert typescript({"sell": sell, "buy": BOUGHT}, budget_tokens=fits) == form
        assert typescript({"sell": sell, "buy": BOUGHT}, budget_tokens=fits - 1) == shorter


def test_what_is_printed_of_them_declares_no_type_twice_and_a_strict_compiler_takes_it(aws, tmp_path):
    named = re.findall(r"^(?:interface|type) (\w+)", typescript(aws), re.MULTILINE)

    assert len(named) == len(set(named)) > 5
    assert compiled(tmp_path, aws, options=("--strict", "true")) == ""


WHAT_THE_PAGE_SAYS = """
const { items, errors } = await queryResources({ resourceType: 'AWS::EC2::Instance', region: ['a', 'b'] });
errors.map((each) => [each.retryable, each.hint, each.service, each.operation, each.requestId]);
(await queryResources({ resourceType: 'AWS::EC2::Instance', accountId: ['1', '2'] })).items.concat(items);
(await queryResources('AWS::EC2::Instance', ['1', '2'])).items.length;
const services = await queryResources('AWS::ECS::Service');
[services[0].parent.cluster, services.meta.tier, services.meta.fromCache, services.meta.pages, services.meta.calls];
const counted = await countResources('AWS::ECS::Service');
[counted.errors.map((each) => [each.resourceType, each.hint]), counted.meta.warnings, counted.meta.budget];
[(await listRegions()).meta.warnings, (await getCloudTrailEvents()).meta.warnings];
(await queryCloudWatchLogEvents('/acme/api', new Date(0), Date.now(), 'ERROR')).meta.pages;
"""


def test_what_the_documentation_says_of_them_is_declared(aws, tmp_path):
    (tmp_path / "script.ts").write_text(f"{WHAT_THE_PAGE_SAYS}export {{}};\n")

    assert compiled(tmp_path, aws, tmp_path / "script.ts") == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_is_declared_with_all_that_it_speaks_of(aws, tmp_path, name):
    """A pool may offer some of them, and a script may ask for the declaration of one."""
    assert compiled(tmp_path, {name: aws[name]}) == ""


def test_every_function_takes_one_object_of_its_arguments_as_the_page_says(aws, tmp_path):
    script = tmp_path / "objects.ts"
    script.write_text(
        """
        (await listRegions({ accountId: "1" })).map((each) => each.code);
        (await queryResources({ resourceType: "AWS::S3::Bucket", limit: 1 })).map((each) => each.arn);
        (await countResources({ types: ["AWS::S3::Bucket"], regions: "eu-west-1" })).total.toFixed();
        (await getResourceSchema({ resourceType: "AWS::S3::Bucket" })).properties;
        (await listResourceTypes({ filter: "bucket" })).map((each) => each.type);
        (await queryCloudWatchLogEvents({ logGroupName: "/api", limit: 1 })).events;
        (await getCloudTrailEvents({ eventName: "RunInstances" })).events;
        export {};
        """
    )
    assert compiled(tmp_path, aws, script) == ""


def test_further_arguments_are_declared_as_what_one_object_may_hold_beside_the_others(tmp_path):
    @binding
    async def label(account_id: int, unit: str = "", **others: int) -> None: ...

    @binding
    async def tag(**tags: str) -> None: ...

    bindings = {"label": label, "tag": tag}
    assert typescript(bindings) == (
        "declare function label(options: { accountId: number; unit?: string; [more: string]: any }): Promise<null>;\n"
        "declare function tag(options?: Record<string, string>): Promise<null>;\n"
    )
    script = tmp_path / "further.ts"
    good = "await label({ accountId: 1, a: 2 });\nawait tag();\nawait tag({ a: 'b' });\n"
    script.write_text(f"{good}await label({{ unit: 'kg' }});\nawait tag({{ a: 1 }});\nexport {{}};\n")
    assert re.findall(r"\((\d+),", compiled(tmp_path, bindings, script)) == ["4", "5"]
    assert by_name({"label": label}).splitlines() == [
        f"declare function label({parameters}): Promise<null>;"
        for parameters in (
            "options: { accountId?: number; account_id?: number; unit?: string; [more: string]: any }",
            "accountId: number, unit?: string",
        )
    ]


def test_our_examples_pass_the_compiler_against_them(aws, tmp_path):
    sources = []
    for example in sorted((ROOT / "examples").glob("*.js")):
        copy = tmp_path / f"{example.stem}.ts"
        # A script's last expression is its value; to the compiler that is an unused one, and the file no module.
        copy.write_text(example.read_text() + "\nexport {};\n")
        sources.append(copy)

    assert compiled(tmp_path, aws, *sources) == ""


@pytest.mark.parametrize(
    "name", ["Record", "Map", "Array", "Promise", "Date", "Error", "Awaited", "Generator", "string", "in"]
)
def test_a_model_may_be_called_as_something_of_the_language(tmp_path, name):
    model = create_model(name, id=(int, ...))

    async def found(like: dict[str, model] | None = None) -> list[model]: ...

    found.__annotations__["like"] = dict[str, model] | None
    found.__annotations__["return"] = list[model]
    script = tmp_path / "script.ts"
    script.write_text(
        "const [it] = await found({ a: { id: 1 } });\n"
        "[it.id.toFixed(), new Map([[1, 2]]).get(1), new Date(0).getTime()];\n"
        "// @ts-expect-error\nit.getTime();\n// @ts-expect-error\nnew Date(0).id;\nexport {};\n"
    )

    assert compiled(tmp_path, {"found": binding(found)}, script) == ""


Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | int | None")
Tree = TypeAliasType("Tree", "dict[str, Tree | None]")


@binding
async def grown(like: Json, tree: Tree | None = None) -> Json: ...


def test_a_type_that_holds_itself_is_declared_as_the_compiler_takes_it(tmp_path):
    script = tmp_path / "script.ts"
    script.write_text(
        "await grown({ a: [1, { b: null }] }, { a: { b: null } });\n"
        "// @ts-expect-error\nawait grown({ a: ['b'] });\n// @ts-expect-error\nawait grown(1, { a: 5 });\nexport {};\n"
    )

    assert compiled(tmp_path, {"grown": grown}, script) == ""


class Shop:
    class Item(BaseModel):
        sku: str


class Order:
    class Item(BaseModel):
        of: Shop.Item

        @computed_field
        @property
        def pieces(self) -> int:
            return 1


@binding
async def look(item: Shop.Item) -> list[Shop.Item]: ...


@binding
async def order(item: Order.Item) -> Order.Item: ...


def test_two_types_of_one_name_are_declared_as_two_and_so_is_one_that_is_given_with_more_than_it_is_taken_with():
    """As models of two modules are; the second was declared to be the first."""
    item, given = "interface Item {\n  sku: string;\n}\n", "interface Item3 {\n  of: Item;\n  pieces: number;\n}\n"
    ordered = f"{item}interface Item2 {{\n  of: Item;\n}}\n{given}"
    declared = "declare function order(item: Item2): Promise<Item3>;\n"

    assert typescript({"order": order}) == ordered + declared
    looked = "declare function look(item: Item): Promise<Item[]>;\n"
    assert typescript({"look": look, "order": order}) == ordered + looked + declared
    assert by_name({"look": look, "order": order}).splitlines()[1] == (
        "declare function order(options: { item: Item2 }): Promise<Item3>;"
    )


class Label(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="such as /* this */")


def test_a_model_that_has_no_room_for_more_is_declared_without_and_its_words_end_no_comment():
    assert typescript({"stick": binding(stick)}).startswith(
        "interface Label {\n  /** such as /* this * / */ text: string;\n}\n"
    )


async def stick(label: Label) -> None: ...


class Anything:
    def __getattr__(self, name: str) -> Any:
        return Anything()

    def __call__(self) -> int:
        return 1


def test_what_answers_to_every_name_is_not_advised_against():
    assert typescript({"anything": Anything()}) == "declare function anything(...args: any[]): Promise<any>;\n"


def test_what_takes_nothing_has_no_other_form_and_what_takes_anything_neither():
    assert by_name({"nothing": binding(lambda: 1), "anything": binding(lambda *any_: 1), "plain": print}) == ""


class Colour(Enum):
    RED = "red"
    NONE = 0


def schema(**said: Any) -> Any:
    """A type that says itself what it is in JSON."""
    return Annotated[Any, WithJsonSchema(said)]


@pytest.mark.parametrize(
    ("python", "told"),
    [
        (Any, "any"),
        (bytes, "string"),
        (Callable[[], int], "any"),  # which JSON has no schema of
        (float | bool | None, "number | boolean | null"),
        (Literal["a"], '"a"'),
        (Literal[1, True, None], "1 | true | null"),
        (Colour, '"red" | 0'),
        (list, "any[]"),
        (set[int], "number[]"),
        (tuple[int, str], "[number, string]"),
        (tuple[int | str, ...], "(number | string)[]"),
        (dict, "Record<string, any>"),
        (dict[str, list[bool]], "Record<string, boolean[]>"),
        (schema(type=["string", "null"]), "string | null"),
        (schema(oneOf=[{"type": "string"}, {"const": 1}, {"type": "string"}]), "string | 1"),
        (schema(allOf=[{"type": "string"}, {"type": ["number", "null"]}]), "string & (number | null)"),
        (schema(type="array", items={"allOf": [{"const": 1}, {"const": 2}]}), "(1 & 2)[]"),
        (schema(type="object", additionalProperties=False), "Record<string, any>"),
        (schema(type="object", properties={"a": {"type": "string"}, "b-c": {}}, required=["a"]),
         '{ a: string; "b-c"?: any }'),
        (schema(type="of another time"), "any"),
    ],
)  # fmt: skip
def test_a_type_of_python_is_declared_as_what_a_script_writes_for_it(python: Any, told: str):
    async def found(like): ...

    found.__annotations__ = {"like": python}
    assert typescript({"found": binding(found)}) == f"declare function found(like: {told}): Promise<any>;\n"


async def cost(sku: str) -> float:
    """What it costs."""
    return 1.0


async def test_a_partial_is_told_of_in_the_words_of_what_it_calls():
    """Unless it has some of its own: those of functools say nothing of it."""
    tea = {"tea": partial(cost, "tea")}

    assert typescript(tea) == "/** What it costs. */\ndeclare function tea(...args: any[]): Promise<any>;\n"
    assert await discovery(tea)["searchApi"]() == [{"name": "tea", "summary": "What it costs."}]
    tea["tea"].__doc__ = "What tea costs."
    assert typescript(tea).startswith("/** What tea costs. */\n")


async def test_a_declaration_of_ones_own_with_a_comment_is_found_by_it():
    """As a function has it that stands for another server's tool: its words are in no docstring."""
    types = "interface A { /** of the interface */ a: 1 }"
    told = f"{types}\n/** Sells it.\n * Twice. */\ndeclare function sell(a: A): Promise<1>;"
    sell = {"sell": binding(declaration=told)(lambda *args: 1)}

    assert await discovery(sell)["searchApi"]("twice") == [{"name": "sell", "summary": "Sells it."}]
    assert typescript(sell) == f"{told}\n"


async def test_what_its_author_has_written_of_a_function_stands_above_a_declaration_without_a_comment():
    own = "type A = 1;\ndeclare function price(a: A): Promise<1>;"

    @binding(declaration=own, example="await price(1)")
    async def asked(a: int) -> int:
        """What it costs."""
        return a

    price = {"price": asked}

    documented = "/**\n * What it costs.\n * @example await price(1)\n */\n"
    assert typescript(price) == f"{own.replace('declare', f'{documented}declare')}\n"
    assert typescript(price, budget_tokens=25).count("/** What it costs. */\ndeclare function price") == 1
    assert typescript(price, budget_tokens=1) == f"{own}\n"
    assert await discovery(price)["searchApi"]("costs") == [{"name": "price", "summary": "What it costs."}]
    assert await discovery(price)["describeApi"]("price") == typescript(price).rstrip()


def test_the_example_of_a_function_that_checks_for_itself_is_shown_too():
    most = binding(example="await most(1, 2)")(lambda *numbers: max(numbers))

    assert typescript({"most": most}).startswith("/** @example await most(1, 2) */\n")


@pytest.mark.parametrize(
    "advised", [deprecated("use `price`")(binding(cost)), binding(deprecated("use `price`")(cost))]
)
def test_what_its_author_advises_against_is_declared_so(advised):
    declared = "declare function cost(sku: string): Promise<number>;\n"

    assert typescript({"cost": advised}) == f"/**\n * What it costs.\n * @deprecated use `price`\n */\n{declared}"
    assert "/** @deprecated use `price` */\n" in typescript({"cost": deprecated("use `price`")(lambda sku: 1.0)})


def compiled(folder, bindings, *sources, options=()) -> str:
    """What the compiler says of scripts and of the declarations they are held against."""
    api = folder / "api.d.ts"
    api.write_text(typescript(bindings) + "declare var console: Record<string, (...told: any[]) => void>;\n")
    compiler = ROOT / "js_worker" / "node_modules" / "typescript" / "bin" / "tsc"
    done = subprocess.run(
        [bundled_node(), compiler, "--noEmit", *COMPILER_OPTIONS, *options, api, *sources],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout
