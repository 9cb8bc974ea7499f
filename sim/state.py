"""State as data: slotted dataclasses to plain JSON values and back, by their annotations alone."""

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, cast

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Plain = NewType("Plain", dict[str, JsonValue])  # JSON that a state carries as it came and that nobody changes
T = TypeVar("T")


def dump(value: object) -> JsonValue:
    """Plain JSON of a state. Dicts with keys other than text become lists of pairs, so that order and type stay."""
    if isinstance(value, Enum):
        return cast(JsonValue, value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [dump(item) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: dump(item) for key, item in value.items()}
        return [[dump(key), dump(item)] for key, item in value.items()]
    if is_dataclass(value):
        return {name: dump(getattr(value, name)) for name, _ in _fields(cast(type, type(value)))}
    raise TypeError(f"{type(value).__name__} is not state: use dataclasses, lists, dicts and plain values")


def load(kind: type[T], data: JsonValue) -> T:
    """The state of this kind that `dump` gave `data` for. Raises ValueError where the two do not fit."""
    try:
        return cast(T, _load(kind, data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a {getattr(kind, '__name__', kind)}: {error!r}") from error


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((f.name, hints[f.name]) for f in fields(kind) if f.compare)


def _is_state(kind: Any) -> bool:
    """What changes must be complete; what is frozen is a definition, and may be older than a field of its kind."""
    return not kind.__dataclass_params__.frozen


@cache
def _defaults(kind: type) -> dict[str, Any]:
    """Fields that may be missing in the data, as JSON of their defaults."""
    known = {f.name: f.default if f.default_factory is MISSING else f.default_factory() for f in fields(kind)}
    return {name: dump(value) for name, value in known.items() if value is not MISSING}


def _load(kind: Any, data: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is None:
        return _load_plain(kind, data)
    arguments = typing.get_args(kind)
    if origin in (list, tuple) and not isinstance(data, list):
        raise TypeError(f"{data!r} is not a list")
    if origin is list:
        return [_load(arguments[0], item) for item in data]
    if origin is tuple:
        return tuple(_load(a, item) for a, item in zip(arguments, data, strict=True))
    if origin is dict:
        if arguments[0] is str and not isinstance(data, dict):
            raise TypeError(f"{data!r} is not a JSON object")
        pairs = data.items() if isinstance(data, dict) else data
        return {_load(arguments[0], key): _load(arguments[1], item) for key, item in pairs}
    if origin in (typing.Union, types.UnionType):
        return _load_union(arguments, data)
    raise TypeError(f"{kind} is not a kind of state")


def _load_plain(kind: Any, data: Any) -> Any:
    if kind is Plain:
        kind = dict
    if is_dataclass(kind):
        given = data if _is_state(kind) else {**_defaults(cast(type, kind)), **data}
        return cast(Any, kind)(**{name: _load(hint, given[name]) for name, hint in _fields(cast(type, kind))})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if isinstance(kind, type) and (not isinstance(data, kind) or (kind is int and isinstance(data, bool))):
        raise TypeError(f"{data!r} is not a {kind.__name__}")
    return data


def _load_union(arguments: tuple[Any, ...], data: Any) -> Any:
    for kind in arguments:
        if kind is type(data) or (kind is type(None) and data is None):
            return data
    for kind in arguments:
        if (kind is Plain or is_dataclass(kind)) and isinstance(data, dict):
            return _load(kind, data)
    raise TypeError(f"{data!r} is none of {arguments}")
