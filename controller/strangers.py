"""Strangers on a wire: what the event of a fault says, as traffic, as the wire's last write and as its requests."""

from collections.abc import Iterator, Mapping
from typing import cast

from devices.strangers import StrangerWrite
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import TagTable


def refusal_of(data: Mapping[str, JsonValue]) -> Refusal | None:
    answer = data.get("answer")
    return Refusal(str(answer)) if answer else None


def writes_of(data: Mapping[str, JsonValue], tags: TagTable) -> Iterator[StrangerWrite]:
    """The values that a stranger wrote; nothing where his request was something else."""
    args = data.get("args")
    if data.get("op") != "write" or not isinstance(args, dict):
        return
    for item in cast(list[list[JsonValue]], args.get("writes", [])):
        tag = tags.find(str(item[0]))
        value = None if tag is None else tag.accept(item[1])
        if tag is not None and value is not None and not isinstance(value, Refusal):
            yield StrangerWrite(str(data["peer"]), tag, value, refusal_of(data))
