"""A function's signature as a contract: which arguments it takes, in which forms, and what is wrong with others."""

from __future__ import annotations

import difflib
import inspect
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast, get_type_hints

from pydantic import PydanticUserError, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from stockade.bindings.first_fault import Check, TooManyWays, Validator, as_declared, ending_at_the_first
from stockade.errors import BindingError, InvalidBinding

# No name is longer; looking for what is near a megabyte of text would hold up the event loop.
_NAME_CHARS = 100

# How near a mistyped name must be to be taken for another.
_NEAR = 0.6

# More faults are counted and not described, at 5 us each: a model that allows no other fields has one for each of them.
_MOST_FAULTS = 1_000


@dataclass(frozen=True)
class Parameter:
    """One argument: its Python name, the name scripts use, its type, and whether it may be left out."""

    name: str
    script_name: str
    adapter: TypeAdapter[Any]
    required: bool

    @cached_property
    def validator(self) -> Check | Validator:
        """Checks an argument, as far as its first fault."""
        return ending_at_the_first(self.adapter)

    @cached_property
    def may_be_none(self) -> bool:
        """Whether null is a value of its type, and not only what stands for none."""
        try:
            self.validator.validate_python(None)
        except Exception:  # of pydantic, or of a check of its author's
            return False
        return True


@dataclass(frozen=True)
class Contract:
    """What a declared function takes and gives."""

    parameters: tuple[Parameter, ...]
    returns: TypeAdapter[Any] | None
    others: Parameter | None = None
    """What `**others` says of further arguments, all together: a script gives them by name. None: there are none."""
    bound: str | None = None
    """What a method calls its object, or its class: the one name that `**others` cannot take."""

    def keywords(self, name: str, args: Sequence[Any]) -> dict[str, Any]:
        """A call's arguments as validated keyword arguments. Raises BindingError in the words of the script."""
        given = self._by_name(name, args[0]) if self._is_options(args) else self._by_position(name, args)
        keywords: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in given:
                keywords[parameter.name] = _checked(name, parameter, given.pop(parameter.name))
            elif parameter.required:
                raise wrong(f"{name}: {parameter.script_name} is missing; it takes {self.shape()}")
        return keywords if self.others is None else keywords | _checked(name, self.others, given)

    def shape(self) -> str:
        """The argument list in short: `(sku, currency?)`, or `({sku, …})` where others may stand beside it."""
        listed = [p.script_name if p.required else f"{p.script_name}?" for p in self.parameters]
        return f"({', '.join(listed)})" if self.others is None else f"({{{', '.join([*listed, '…'])}}})"

    def _is_options(self, args: Sequence[Any]) -> bool:
        """One object whose keys are argument names, or which the first argument could not be, is the options form."""
        if len(args) != 1 or not isinstance(args[0], dict):
            return False
        if self.others is not None:
            return True
        if not self.parameters:
            return False
        names = {p.name for p in self.parameters} | {p.script_name for p in self.parameters}
        if args[0] and set(args[0]) <= names:  # pyright: ignore[reportUnknownArgumentType]
            return True
        return not self._first_takes_object

    @cached_property
    def _first_takes_object(self) -> bool:
        return _takes_object(self.parameters[0].adapter)  # half a millisecond, and as much again for each call

    def _by_position(self, name: str, args: Sequence[Any]) -> dict[str, Any]:
        if len(args) > len(self.parameters):
            given = f"{len(args)} argument{'s' if len(args) > 1 else ''}"
            raise wrong(f"{name} takes {self.shape()}, and was given {given}")
        # null in the place of an optional argument is what JavaScript's undefined becomes on the wire.
        pairs = zip(self.parameters, args, strict=False)
        return {p.name: value for p, value in pairs if value is not None or p.required}

    def _by_name(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        known = {p.script_name: p for p in self.parameters} | {p.name: p for p in self.parameters}
        given: dict[str, Any] = {}
        for key, value in options.items():
            if key not in known and self.others is not None and key != self.bound:
                given[key] = value
                continue
            if key not in known:
                near = difflib.get_close_matches(key[:_NAME_CHARS], [p.script_name for p in self.parameters], 1, _NEAR)
                hint = f"; did you mean {near[0]!r}?" if near else f"; it takes {self.shape()}"
                raise wrong(f"{name} has no argument {key!r}{hint}")
            if value is not None or known[key].required or known[key].may_be_none:
                given[known[key].name] = value
        return given


def contract_of(function: Callable[..., Any]) -> Contract | None:
    """The contract in a signature; None for one that takes `*args` and checks for itself. Raises InvalidBinding."""
    try:
        signature = inspect.signature(function)
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise InvalidBinding(f"{function.__name__}: a type of its signature is not known here ({error})") from None
    except Exception as error:  # an annotation in quotes is code, and may raise anything
        raise InvalidBinding(f"{function.__name__}: its signature cannot be read ({_told(error)})") from None
    parameters, others, bound = list[Parameter](), None, None
    for position, parameter in enumerate(signature.parameters.values()):
        if position == 0 and (parameter.name == "self" or (parameter.name == "cls" and _is_in_class(function))):
            bound = None if parameter.kind is parameter.POSITIONAL_ONLY else parameter.name
            continue  # a method: whoever offers it binds it to its object, or its class
        if parameter.kind is parameter.VAR_POSITIONAL:
            return None
        if parameter.kind is parameter.VAR_KEYWORD:
            each = hints.get(parameter.name, Any)
            others = Parameter(parameter.name, "", _adapter(function, dict[str, each]), required=False)
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise InvalidBinding(f"{function.__name__}: {parameter.name} is positional-only, so no options can name it")
        if isinstance(parameter.default, FieldInfo):  # its bounds would hold nothing, and itself be the argument
            raise InvalidBinding(
                f"{function.__name__}: {parameter.name} has a Field for a default; write "
                f"`{parameter.name}: Annotated[type, Field(...)] = default`"
            )
        parameters.append(
            Parameter(
                name=parameter.name,
                script_name=_script_name(parameter.name, signature.parameters),
                adapter=_adapter(function, hints.get(parameter.name, Any)),
                required=parameter.default is parameter.empty,
            )
        )
    returns = _adapter(function, hints["return"]) if "return" in hints else None
    return Contract(tuple(parameters), returns, others, bound)


def _script_name(name: str, names: Collection[str]) -> str:
    """`account_id` as scripts write it; as it is where that is no name (`_1`), or might be another's as well."""
    made = camel_case(name)
    return made if made.isidentifier() and [camel_case(each) for each in names].count(made) == 1 else name


def camel_case(name: str) -> str:
    """`account_id` as scripts write it: `accountId`."""
    first, *rest = name.strip("_").split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def wrong(message: str) -> BindingError:
    """What a script gets for arguments that do not fit: a TypeError, as from any JavaScript function."""
    return BindingError(message, name="TypeError", code="InvalidArgument")


def _adapter(function: Callable[..., Any], annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except Exception as error:  # of pydantic, or of what the annotation brings along
        reason = error.code if isinstance(error, PydanticUserError) else _told(error)
        raise InvalidBinding(f"{function.__name__}: pydantic cannot check a {annotation!r} ({reason})") from None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _is_in_class(function: Callable[..., Any]) -> bool:
    return "." in getattr(function, "__qualname__", "").rpartition("<locals>.")[2]


def _takes_object(adapter: TypeAdapter[Any]) -> bool:
    try:
        schema = adapter.json_schema()
    except PydanticUserError:
        return True
    named = schema.get("$defs", {})
    options = (named.get(option.get("$ref", "").rpartition("/")[2], option) for option in schema.get("anyOf", [schema]))
    return any(option.get("type", "object") == "object" for option in options)


def _checked(name: str, parameter: Parameter, value: Any) -> Any:
    try:
        return _validated(name, parameter, value)
    except TooManyWays:
        raise wrong(f"{name}: {_called(parameter)} has too many ways to be understood") from None


def _validated(name: str, parameter: Parameter, value: Any) -> Any:
    try:
        return parameter.validator.validate_python(value)
    except ValidationError as error:
        refused = error
    except PydanticUserError as error:
        if error.code != "class-not-fully-defined":
            raise
        reason = f"the type of its argument {parameter.script_name or parameter.name} is not defined to the end"
        raise BindingError(f"{name} cannot be called: {reason}", code="InvalidBinding") from None
    if (count := refused.error_count()) > _MOST_FAULTS:
        raise wrong(f"{name}: {_called(parameter)} is wrong in {count} places (got {_kind(value)})")
    try:
        # Asked strictly for a date, a tuple or an enumeration, pydantic takes its form in JSON only as JSON.
        return parameter.validator.validate_json(json.dumps(value))
    except ValidationError as error:
        fault, again = _first_of(refused), _first_of(error)
        if again["loc"] != fault["loc"] and again["type"] != "json_invalid":  # it is nested too deeply, say
            fault = again  # so the first one was of the form
    got = _kind(value if fault["type"] == "missing" else fault["input"])
    place = f"{parameter.script_name}{_place_of(fault, value)}".removeprefix(".")  # of others, which have one name each
    raise wrong(f"{name}: {place}: {fault['msg']} (got {got})")


def _called(parameter: Parameter) -> str:
    return parameter.script_name or "an argument"  # of others


def _first_of(error: ValidationError) -> Any:
    return error.errors(include_url=False, include_context=False)[0]


def _place_of(fault: Any, value: Any) -> str:
    """Where in a value a fault is. pydantic also names the form it tried, of several, which is no part of the value."""
    place, last = "", len(fault["loc"]) - 1
    for at, part in enumerate(fault["loc"]):
        if isinstance(value, list) and isinstance(part, int):
            items = cast("list[Any]", value)
            place, value = f"{place}[{part}]", items[part] if part < len(items) else None  # which is missing
        elif isinstance(value, dict) and str(part) in value:
            place, value = f"{place}.{part}", cast("dict[str, Any]", value)[str(part)]
        elif fault["type"] == "missing" and at == last:
            place += f".{part}"
        else:
            place += f" ({'the key' if part == '[key]' else f'as {as_declared(str(part))}'})"
    return place


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    text = repr(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    return text if len(text) <= 40 else f"{text[:39]}…"
