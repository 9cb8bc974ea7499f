"""Plain data against a pydantic model: all structural errors in our words, and a model of the rest.

A mistake in one field must not hide those in other fields. So what is broken is taken out, what is missing is stood in
for, and the checks of meaning go on with the remainder.
"""

import copy
import typing
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from scenarios.file_error import Field, FileError, FileErrors, unknown
from scenarios.yaml_source import Plain, Source

M = TypeVar("M", bound=BaseModel)
_KEY = "[key]"  # how pydantic says that the key itself is wrong
_MOST_REPAIRS = 20


def validate(model: type[M], source: Source, stand_ins: Mapping[str, object]) -> M:
    """The model of a file. Errors are added to `source`, and raised at once where too little is left to look at."""
    data = copy.deepcopy(source.data)
    if not isinstance(data, dict):
        raise FileErrors([FileError(source.path, 1, "", "must be a mapping (key: value)")])
    for turn in range(_MOST_REPAIRS):
        try:
            return model.model_validate(data)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if turn == 0:
            _report(model, source, details)
        for detail in details:
            _repair(data, detail, stand_ins)
    raise FileErrors(source.errors)


def _report(model: type[BaseModel], source: Source, details: list[ErrorDetails]) -> None:
    for detail in details:
        source.add(_field(detail), _message(model, detail))
    for detail in details:
        source.give_up(_field(detail))


def _field(detail: ErrorDetails) -> Field:
    at = detail["loc"]
    return at[:-1] if at and at[-1] == _KEY else at


def _repair(data: Plain, detail: ErrorDetails, stand_ins: Mapping[str, object]) -> None:
    """Take the nearest named field around the mistake out, or put a stand-in where it is missing."""
    at = _field(detail)
    row = _at(data, at[:-1])
    item = f"{at[-2]}[]" if len(at) > 1 else ""
    if isinstance(row, list) and isinstance(at[-1], int) and item in stand_ins:
        row[at[-1]] = typing.cast(Plain, copy.deepcopy(stand_ins[item]))
        return
    while at and isinstance(at[-1], int):
        at = at[:-1]
    holder = _at(data, at[:-1])
    if not at or not isinstance(holder, dict):
        return
    name = str(at[-1])
    if detail["type"] == "missing":
        holder[name] = typing.cast(Plain, copy.deepcopy(stand_ins.get(name)))
    else:
        holder.pop(name, None)


def _at(data: Plain, at: Field) -> Plain:
    for part in at:
        if isinstance(data, dict) and isinstance(part, str):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _message(model: type[BaseModel], detail: ErrorDetails) -> str:
    words = _WORDS.get(detail["type"])
    if words is not None:
        return words(detail)
    if detail["type"] == "extra_forbidden":
        at = detail["loc"]
        return unknown("key", str(at[-1]), _keys(model, at[:-1]))
    return detail["msg"].removeprefix("Value error, ").lower()


def _pattern(detail: ErrorDetails) -> str:
    dash = " and -" if "_-]" in detail.get("ctx", {}).get("pattern", "") else ""
    return f"{str(detail['input'])[:60]!r} is no name: small letters, digits, _{dash}, a letter first"


def _wrong_count(detail: ErrorDetails) -> str:
    ctx = detail.get("ctx", {})
    if "min_length" in ctx:
        return "is empty" if ctx["min_length"] == 1 else f"needs at least {ctx['min_length']} values"
    return f"has more than {ctx.get('max_length')} entries"


_WORDS: Mapping[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda detail: "is missing",
    "string_type": lambda detail: "must be a text",
    "int_type": lambda detail: "must be a whole number",
    "float_type": lambda detail: "must be a number",
    "bool_type": lambda detail: "must be true or false",
    "list_type": lambda detail: "must be a list",
    "dict_type": lambda detail: "must be a mapping (key: value)",
    "model_type": lambda detail: "must be a mapping (key: value)",
    "model_attributes_type": lambda detail: "must be a mapping (key: value)",
    "literal_error": lambda detail: f"must be {detail['ctx']['expected']}",
    "string_pattern_mismatch": _pattern,
    "string_too_short": lambda detail: "is empty",
    "string_too_long": lambda detail: f"is longer than {detail['ctx']['max_length']} characters",
    "too_short": _wrong_count,
    "too_long": _wrong_count,
    "greater_than_equal": lambda detail: f"must be at least {detail['ctx']['ge']}",
    "less_than_equal": lambda detail: f"must be at most {detail['ctx']['le']}",
    "value_error": lambda detail: str(detail["ctx"]["error"]),
}


def _keys(model: type[BaseModel], at: Field) -> list[str]:
    """The keys that a mapping at this place may have."""
    hint: object = model
    for part in at:
        hint = _inside(hint, part)
    found = _model_of(hint)
    return [info.alias or name for name, info in found.model_fields.items()] if found is not None else []


def _inside(hint: object, part: str | int) -> object:
    model = _model_of(hint)
    if model is not None:
        fields = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
        return fields.get(str(part))
    for choice in _choices(hint):
        arguments = typing.get_args(choice)
        if typing.get_origin(choice) is dict:
            return arguments[1]
        if typing.get_origin(choice) is list:
            return arguments[0]
    return None


def _model_of(hint: object) -> type[BaseModel] | None:
    for choice in _choices(hint):
        if isinstance(choice, type) and issubclass(choice, BaseModel):
            return choice
    return None


def _choices(hint: object) -> list[object]:
    """The type itself without its annotations; the members of a union."""
    if typing.get_origin(hint) is typing.Annotated:
        return _choices(typing.get_args(hint)[0])
    if typing.get_origin(hint) in (dict, list) or isinstance(hint, type):
        return [hint]
    return [inner for member in typing.get_args(hint) for inner in _choices(member)]
