"""A script's arguments, positional or as one options object, checked against one pydantic model."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from stockade.aws.errors import AwsError, did_you_mean

# Of what a script made up, a message shows so much.
MOST_SHOWN = 40

# Accounts, regions or types of one call, before those that are named twice are left out. A script may name a hundred
# thousand in the megabyte it has for a call, and each must be looked at on the event loop.
MOST_NAMED = 1000

# Tags to filter by; an attribute to look up has two. pydantic describes each that is wrong or too many, at 10 us, and
# on the event loop.
MOST_MEMBERS = 20

Names = Annotated[list[str], Field(max_length=MOST_NAMED)]


class Arguments(BaseModel):
    """The base of each binding's argument model; the fields are camelCase for the script."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True, frozen=True)


Model = TypeVar("Model", bound=Arguments)


def read(model: type[Model], args: tuple[Any, ...], positional: tuple[str, ...], options: bool = False) -> Model:
    """`args` as a `model`: one object, or the values of `positional` in order, with an options object after them."""
    _check_times(args)
    if len(args) == 1 and isinstance(args[0], dict):
        given = cast(dict[str, Any], args[0])
    else:
        given = _from_positional(args, positional, options)
    present = {key: value for key, value in given.items() if value is not None}
    names = [to_camel(name) for name in model.model_fields]
    # A misspelled option is also a missing one; the misspelling is what to say.
    strange = next((key for key in present if key not in names), None)
    if strange is not None:
        there = f"there are {', '.join(names)}" if names else "it takes none"
        raise AwsError(
            "InvalidArgument",
            f"there is no option {strange[:MOST_SHOWN]!r}; {there}",
            hint=did_you_mean(strange, names) or _part_of(strange, names),
        )
    _check_members(present)
    try:
        return model.model_validate(present)
    except ValidationError as error:
        raise _refusal(error) from None


def _check_members(present: dict[str, Any]) -> None:
    for name, value in present.items():
        for each in cast(list[Any], value) if isinstance(value, list) else (value,):
            if isinstance(each, dict) and (count := len(cast(dict[str, Any], each))) > MOST_MEMBERS:
                raise AwsError("InvalidArgument", f"{name}: {count} members given, and there may be {MOST_MEMBERS}")


def _part_of(strange: str, names: list[str]) -> str | None:
    """A hint for a name that is a part of the right one, or has it within: `type`, `accounts`, `resourceTypes`."""
    word = strange[:MOST_SHOWN].lower().removesuffix("s")
    found = [
        name for name in names if len(word) > 2 and (word in name.lower() or name.lower().removesuffix("s") in word)
    ]
    return f"did you mean {found[0]!r}?" if found else None


def _check_times(args: tuple[Any, ...]) -> None:
    """A time that is named and null was meant to be one: NaN and an invalid Date arrive so. Without this it would be
    the last hour, and nobody would know."""
    for each in args:
        for name in ("startTime", "endTime") if isinstance(each, dict) else ():
            if name in each and each[name] is None:
                raise AwsError(
                    "InvalidArgument",
                    f"{name} is null, or NaN, or an invalid Date",
                    hint=f"check how it was computed; leave {name} out for the default",
                )


def _from_positional(args: tuple[Any, ...], positional: tuple[str, ...], options: bool) -> dict[str, Any]:
    values = list(args)
    extra: dict[str, Any] = {}
    if options and len(values) > 1 and isinstance(values[-1], dict):
        extra = cast(dict[str, Any], values.pop())
    if len(values) > len(positional):
        given = f"{len(values)} argument{'s' if len(values) > 1 else ''} given"
        there = f"there are {len(positional)}: {', '.join(positional)}" if positional else "it takes none"
        raise AwsError("InvalidArgument", f"{given}, and {there}")
    return {**dict(zip(positional, values, strict=False)), **extra}


def _refusal(error: ValidationError) -> AwsError:
    # Of a union pydantic tells what each member would have wanted; what is wrong within the right one says most.
    errors = error.errors(include_url=False)
    first = min(errors, key=lambda each: each["type"] in ("string_type", "list_type"))
    field = next((str(part) for part in first["loc"]), "")
    if first["type"] in ("missing", "extra_forbidden"):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:MOST_SHOWN]}" for part in first["loc"])
        place = place.removeprefix(".")
        return AwsError(
            "InvalidArgument", f"{place} is missing" if first["type"] == "missing" else f"there is no {place}"
        )
    hint = None
    if field in ("accountId", "accounts") and isinstance(first["input"], int):
        hint = "an account id is text, in quotes: a number would lose its leading zeros"
    return AwsError("InvalidArgument", f"{field}: {first['msg']}", hint=hint)


def named(given: list[str] | str | None) -> list[str | None]:
    """One or several names as a list, each once; nothing is one that is left open."""
    return list(dict.fromkeys(given)) if isinstance(given, list) else [given]
