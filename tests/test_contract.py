"""An argument is what its declaration says: how it is checked, how it is declared, and what is said of a wrong one."""

from __future__ import annotations

import datetime
import enum
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel

from stockade import BindingError, Pool, binding
from stockade.bindings import Reply, info_of, typescript


class Colour(enum.Enum):
    RED = "red"


class Visit(BaseModel):
    """What has no form of its own in JSON, taken strictly."""

    model_config = ConfigDict(strict=True)

    at: datetime.datetime
    place: tuple[int, int]
    colour: Colour


class Stock(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    unit_price: float
    in_stock: bool = True


@binding
async def visit(visit: Visit) -> str:
    return visit.at.isoformat()


@binding
async def paint(colour: Colour | None = None, coats: int = 1) -> str:
    return f"{coats} of {colour}"


@binding
async def ping() -> None: ...


@binding
async def stock() -> Stock:
    return Stock.model_validate({"unitPrice": 1.5})


class Label(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = ""


@binding
async def stick(label: Label) -> None: ...


class Shelf(BaseModel):
    stocks: list[Stock]


@binding
async def fill(shelf: Shelf, also: list[int | Stock], counts: dict[str, int], *, all_: list[Shelf]) -> None: ...


@binding
async def reorder(stock: Stock, in_: str = "store", *, from_: str) -> float:
    return stock.unit_price


class Part(BaseModel):
    sku: str
    sizes: list[int | list[str]] = []
    span: tuple[int, int] = (1, 2)


class New(Part):
    kind: Literal["new"]


class Old(BaseModel):
    kind: Literal["old"]


Either = Annotated[New | Old, Field(discriminator="kind")]


@binding
async def put(first: Part | int, second: Either | None = None, third: dict[int, Part] | None = None) -> None: ...


@binding
async def count(numbers: list[int]) -> int:
    return len(numbers)


DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]


@binding
async def tidy(text: Annotated[str | None, AfterValidator(lambda text: text.strip())] = "untold") -> None: ...


def keywords(function: Callable[..., Any], *args: Any) -> dict[str, Any]:
    contract = info_of(function).contract
    assert contract is not None
    return contract.keywords(function.__name__, args)


def test_a_strict_model_takes_what_json_has_for_a_date_a_tuple_and_an_enumeration():
    given = {"at": "2026-01-31T12:00:00Z", "place": [1, 2], "colour": "red"}

    assert keywords(visit, given)["visit"].colour is Colour.RED


@pytest.mark.parametrize(
    ("function", "args", "told"),
    [
        (visit, [{"at": "noon", "place": [1, 2], "colour": "red"}], "visit.at: Input should be a valid datetime"),
        (visit, [{"at": "2026-01-31T12:00:00Z", "place": [1, "b"], "colour": "red"}], "(got 'b')"),
        (reorder, [{"stock": {"unitPrice": "dear"}, "from": "a"}], "(got 'dear')"),
        (reorder, [{"stock": None, "from": "a"}], "valid dictionary or instance of Stock (got null)"),
        (reorder, [None, "a", "b"], "valid dictionary or instance of Stock (got null)"),
        (count, [DEEP], "numbers[0]: Input should be a valid integer (got list)"),  # too deep for its JSON
        (stick, [{"label": {"txt": "a"}}], "stick: label.txt: Extra inputs are not permitted (got 'a')"),
        (stick, [{"label": dict.fromkeys(map(str, range(5_000)), 1)}], "label is wrong in 5000 places (got dict)"),
        (ping, [{}], "ping takes (), and was given 1 argument"),
        (paint, [{"color": "red"}], "paint has no argument 'color'; did you mean 'colour'?"),
        (put, [{"sku": 5}], "put: first (as Part).sku: Input should be a valid string (got 5)"),
        (put, [{"sku": "a", "sizes": [1, {}]}], "first (as Part).sizes[1] (as int): Input should be a valid integer"),
        (put, [{"sku": "a", "span": [1]}], "first (as Part).span[1]: Field required (got dict)"),
        (put, ["a"], "put: first (as Part): Input should be a valid dictionary or instance of Part (got 'a')"),
        (put, [1.5], "put: first (as Part): Input should be a valid dictionary or instance of Part (got 1.5)"),
        (put, [{}], "put: first (as Part).sku: Field required (got dict)"),  # an object, and no options that lack it
        (put, [1, {"kind": "new"}], "put: second (as new).sku: Field required (got dict)"),
        (put, [1, {"kind": "old"}, {"1": {}}], "put: third.1.sku: Field required (got dict)"),
        (put, [1, {"kind": "old"}, {"b": {"sku": "a"}}], "put: third.b (the key): Input should be a valid integer"),
    ],
)
def test_what_is_wrong_is_named_and_shown(function: Callable[..., Any], args: list[Any], told: str):
    with pytest.raises(BindingError) as caught:
        keywords(function, *args)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "faults"),
    [
        ("shelf", {"stocks": [{}] * 50}, 1),
        ("also", ["a"] * 50, 2),
        ("counts", {str(number): "a" for number in range(50)}, 1),
        ("all_", [{"stocks": ["a"] * 50}] * 50, 1),
    ],
)
def test_of_a_list_of_wrong_items_the_first_alone_is_described(name: str, value: Any, faults: int):
    """A megabyte of them kept the event loop for seconds, and a script is shown one."""
    contract = info_of(fill).contract
    assert contract is not None
    (parameter,) = (each for each in contract.parameters if each.name == name)

    with pytest.raises(ValidationError) as caught:
        parameter.validator.validate_python(value)
    assert caught.value.error_count() == faults  # one for each form that an item may have


@binding
def keep(last: deque[int], named: OrderedDict[str, int], times: Counter[str]) -> None: ...


@pytest.mark.parametrize("name", ["last", "named", "times"])
def test_of_a_queue_or_a_dictionary_of_another_kind_too(name: str):
    """pydantic has schemas of their own for them, and a megabyte of wrong items took a second."""
    given: dict[str, Any] = {"last": [], "named": {}, "times": {}}
    given[name] = ["a"] * 2_000 if name == "last" else {str(number): "a" for number in range(2_000)}

    with pytest.raises(BindingError, match=rf"keep: {name}(\[0\]|\.0): Input should be .*\(got 'a'\)"):
        keywords(keep, given)


class Order(BaseModel):
    lines: list[Line]


@binding
def place(times: int, order: Order) -> None: ...


class Line(BaseModel):
    count: int


def test_of_a_type_that_was_defined_after_its_binding_too():
    """As Python 3.14 lets one write it without quotes."""
    with pytest.raises(BindingError, match=r"place: order\.lines\[0\]\.count: Input should be .*\(got 'a'\)"):
        keywords(place, 1, {"lines": [{"count": "a"}] * 2_000})


def test_an_argument_whose_type_is_never_defined_is_not_for_the_script_to_mend():
    """pydantic tells whoever calls it to define the type, and where to read of that."""

    def keep(unread: Any) -> None: ...
    def keep_all(**unread: Any) -> None: ...

    for function in (keep, keep_all):
        function.__annotations__["unread"] = create_model("Unread", part=("Nowhere", ...))
        with pytest.raises(BindingError) as caught:
            keywords(binding(function), {"part": 1})
        told = f"{function.__name__} cannot be called: the type of its argument unread is not defined to the end"
        assert str(caught.value) == told
        assert caught.value.code == "InvalidBinding"


def test_an_object_is_the_argument_itself_where_that_may_be_anything():
    def keep(value: Any) -> None: ...

    assert keywords(binding(keep), {"a": 1}) == {"value": {"a": 1}}


class Sizes(BaseModel):
    sizes: Iterable[int]


@binding
def most(sizes: Iterable[int], also: Sizes | None = None) -> int:
    return max([*sizes, *(also.sizes if also else ())])


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([[1, "x"]], "most: sizes[1]: Input should be a valid integer, unable to parse string as an integer (got 'x')"),
        ([[1], {"sizes": [None]}], "most: also.sizes[0]: Input should be a valid integer (got null)"),
        (["12"], "most: sizes: Input should be a valid list (got '12')"),
    ],
)
def test_what_is_only_said_to_have_items_is_checked_as_a_list_before_the_call(args: list[Any], told: str):
    """pydantic checks such a one while it is gone through, and would tell the function, in words of its own."""
    assert list(keywords(most, [3, 5])["sizes"]) == [3, 5]
    with pytest.raises(BindingError) as refused:
        keywords(most, *args)
    assert str(refused.value) == told


def test_what_is_right_is_what_its_declaration_makes_of_it():
    given = {"shelf": {"stocks": [{"unitPrice": 1}]}, "also": [1], "counts": {}, "all": []}
    shelf = keywords(fill, given)["shelf"]

    assert (type(shelf), type(shelf.stocks[0])) == (Shelf, Stock)


def test_the_names_as_written_in_python_make_an_object_of_options_too_where_the_first_argument_is_one():
    assert keywords(reorder, {"stock": {"unitPrice": 1}, "from_": "a"})["from_"] == "a"


@pytest.mark.parametrize("function", [lambda sku, *more, **named: sku, lambda sku, *more: sku])
def test_what_takes_any_arguments_checks_for_itself(function: Callable[..., Any]):
    assert info_of(binding(function)).contract is None


async def test_a_model_crosses_under_the_names_that_are_declared_and_can_be_handed_back(pool: Pool):
    run = await pool.execute(
        "const it = await stock(); [Object.keys(it), await reorder({ stock: it, from: 'a' })]",
        bindings={"stock": stock, "reorder": reorder},
    )

    assert run.value == [["unitPrice", "inStock"], 1.5]
    assert "unitPrice: number" in typescript({"stock": stock})


def test_what_is_declared_is_typescript_whatever_python_calls_it_and_in_whichever_order():
    assert typescript({"reorder": reorder}).splitlines()[-1] == (
        "declare function reorder(stock: Stock, in_: string | undefined, from: string): Promise<number>;"
    )


@binding
async def pick(_: int, _1: int, a_b: int, aB: int, _c: int, c: int = 6) -> list[int]:
    return [_, _1, a_b, aB, _c, c]


async def test_an_argument_whose_name_is_none_in_camel_case_or_that_of_another_keeps_its_own(pool: Pool):
    script = "[await pick(1, 2, 3, 4, 5), await pick({ _: 1, _1: 2, a_b: 3, aB: 4, _c: 5, c: 7 })]"
    run = await pool.execute(script, bindings={"pick": pick})

    assert run.value == [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 7]]
    declared = "_: number, _1: number, a_b: number, aB: number, _c: number, c?: number"
    assert typescript({"pick": pick}) == f"declare function pick({declared}): Promise<number[]>;\n"
    with pytest.raises(BindingError, match="pick: a_b is missing"):
        keywords(pick, {"_": 1, "_1": 2, "aB": 4, "_c": 5})


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")

    sku: str


def test_a_model_that_has_room_for_more_is_declared_so():
    @binding
    async def found(like: Open | None = None) -> Open: ...

    assert typescript({"found": found}).startswith("interface Open {\n  sku: string;\n  [more: string]: any;\n}\n")


async def test_a_script_that_asks_for_a_declaration_gets_the_types_it_speaks_of(pool: Pool):
    run = await pool.execute("await describeApi('stock')", bindings={"stock": stock})

    assert run.value == typescript({"stock": stock}).strip()


@binding
async def rows() -> Reply:
    return Reply([1, 2], {"pages": 1})


async def test_a_binding_that_gives_a_reply_is_declared_to_give_what_the_script_gets(pool: Pool):
    run = await pool.execute("const all = await rows(); [all, all.meta]", bindings={"rows": rows})

    assert run.value == [[1, 2], {"pages": 1}]
    assert typescript({"rows": rows}) == "declare function rows(): Promise<any>;\n"


@binding
async def page(limit: int | None = 10, after: str = "start") -> list[Any]:
    return [limit, after]


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("page({ limit: null })", [None, "start"]),
        ("page({ limit: undefined, after: null })", [10, "start"]),
        ("page(null, null)", [10, "start"]),
    ],
)
async def test_null_by_name_is_none_where_the_argument_may_be_that(pool: Pool, call: str, given: list[Any]):
    """By position it may have been `undefined`, which by name is left out."""
    assert (await pool.execute(f"await {call}", bindings={"page": page})).value == given


def test_null_by_name_is_the_default_where_a_check_of_its_authors_cannot_take_it():
    """It raises what is no ValueError, as of an attribute that None lacks."""
    assert keywords(tidy, {"text": None}) == {}
    assert keywords(tidy, {"text": " a "}) == {"text": "a"}


@binding
async def label(account_id: int, unit: str = "each", **others: int | list[str]) -> list[Any]:
    return [account_id, unit, others]


@binding
async def tag(**tags: str) -> dict[str, str]:
    return tags


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("label({ accountId: 1, a: 2, b: undefined })", [1, "each", {"a": 2}]),
        ("label({ account_id: 1, unit: null, others: 3 })", [1, "each", {"others": 3}]),
        ("label(1, 'kg')", [1, "kg", {}]),
        ("tag()", {}),
        ("tag({ self: 'a', name: 'b', '': 'c' })", {"self": "a", "name": "b", "": "c"}),
    ],
)
async def test_arguments_beside_those_of_a_signature_come_by_name(pool: Pool, call: str, given: Any):
    """As for a tool of another server, of which a schema alone knows the arguments."""
    assert (await pool.execute(f"await {call}", bindings={"label": label, "tag": tag})).value == given


@pytest.mark.parametrize(
    ("function", "args", "told"),
    [
        (tag, [{"a": "1", "b": 1}], "tag: b: Input should be a valid string (got 1)"),
        (tag, ["a"], "tag takes ({…}), and was given 1 argument"),
        (label, [{"unit": "kg", "a": 1}], "label: accountId is missing; it takes ({accountId, unit?, …})"),
        (label, [1, "kg", 2], "label takes ({accountId, unit?, …}), and was given 3 arguments"),
        (label, [{"accountId": 1, "a": [1]}], "label: a (as int): Input should be a valid integer (got list)"),
    ],
)
def test_what_is_wrong_of_arguments_that_have_only_a_name_is_told_by_it(
    function: Callable[..., Any], args: list[Any], told: str
):
    with pytest.raises(BindingError) as caught:
        keywords(function, *args)
    assert caught.value.message == told
