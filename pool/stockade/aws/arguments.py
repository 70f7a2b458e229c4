"""A script's arguments, positional or as one options object, checked against one pydantic model."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from stockade.aws.errors import AwsError, did_you_mean


class Arguments(BaseModel):
    """The base of each binding's argument model; the fields are camelCase for the script."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True, frozen=True)


Model = TypeVar("Model", bound=Arguments)


def read(model: type[Model], args: tuple[Any, ...], positional: tuple[str, ...], options: bool = False) -> Model:
    """`args` as a `model`: one object, or the values of `positional` in order, with an options object after them."""
    if len(args) == 1 and isinstance(args[0], dict):
        given = cast(dict[str, Any], args[0])
    else:
        given = _from_positional(args, positional, options)
    present = {key: value for key, value in given.items() if value is not None}
    try:
        return model.model_validate(present)
    except ValidationError as error:
        raise _refusal(error, [to_camel(name) for name in model.model_fields]) from None


def _from_positional(args: tuple[Any, ...], positional: tuple[str, ...], options: bool) -> dict[str, Any]:
    values = list(args)
    extra: dict[str, Any] = {}
    if options and len(values) > 1 and isinstance(values[-1], dict):
        extra = cast(dict[str, Any], values.pop())
    if len(values) > len(positional):
        raise AwsError(
            "InvalidArgument",
            f"{len(values)} arguments given, and there are {len(positional)}: {', '.join(positional)}",
        )
    return {**dict(zip(positional, values, strict=False)), **extra}


def _refusal(error: ValidationError, names: list[str]) -> AwsError:
    # A misspelled option is also a missing one; the misspelling is what to say.
    first = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    # Of a union pydantic names the member it tried after the field; the field is what the script knows.
    field = next((str(part) for part in first["loc"]), "")
    hint = did_you_mean(field, names) if first["type"] == "extra_forbidden" else None
    if first["type"] == "extra_forbidden":
        message = f"there is no option {field!r}; there are {', '.join(names)}"
    elif first["type"] == "missing":
        message = f"{field} is missing"
    else:
        message = f"{field}: {first['msg']}"
    return AwsError("InvalidArgument", message, hint=hint)
