"""The line's namespace under another index: as after a configuration that loads another model before it.

What a client says and is told is translated at the edge of a connection; inside, the index is what it always is. Only
while a link fault says so: every message is taken apart and put together again.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from devices.opcua.model.node_ids import FIRST, LINE, MODELS
from devices.opcua.values import node_id

if TYPE_CHECKING:
    from devices.opcua.session import Session

LAST = FIRST + len(MODELS) - 1  # the last index that is taken
NOBODY = 65_000  # no namespace has it: what a client means with the old index is not here
IN_THE_WAY = "urn:example:added-model"  # what has the line's old index now, and further ones at the end
NAMESPACE_ARRAY = node_id(ObjectIds.Server_NamespaceArray)
Index = Callable[[int], int]


def moved_to(by: int) -> int:
    """The line's index: so many places behind the last that was taken."""
    return LAST + by


def inwards(by: int) -> Index:
    """From what a client says to what it means here."""
    return lambda index: LINE if index == moved_to(by) else NOBODY if index == LINE else index


def outwards(by: int) -> Index:
    return lambda index: moved_to(by) if index == LINE else index


def request_body(type_id: ua.NodeId, body: Buffer, by: int) -> Buffer:
    """The parameters of a request as the server knows them; bytes that carry no node stay as they are."""
    parameters = PARAMETERS.get(int(type_id.Identifier) if isinstance(type_id.Identifier, int) else 0)
    if parameters is None:
        return body
    return Buffer(struct_to_binary(translated(struct_from_binary(parameters, body), inwards(by))))


def translated(value: Any, index: Index) -> Any:
    """The same with every index of a namespace looked up; what has none is the same object."""
    if isinstance(value, ua.NodeId):
        now = index(int(value.NamespaceIndex))
        return value if now == value.NamespaceIndex else dataclasses.replace(value, NamespaceIndex=ua.Int16(now))
    if isinstance(value, ua.QualifiedName):
        now = index(int(value.NamespaceIndex))
        return value if now == value.NamespaceIndex else ua.QualifiedName(value.Name, ua.Int16(now))
    if isinstance(value, list):
        moved = [translated(one, index) for one in value]
        return value if all(now is was for now, was in zip(moved, value, strict=True)) else moved
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: now
            for field in dataclasses.fields(value)
            if field.init and (now := translated(was := getattr(value, field.name), index)) is not was
        }
        return dataclasses.replace(value, **changed) if changed else value
    return value


async def read(session: "Session", params: ua.ReadParameters) -> ua.ReadResponse:
    """Values not yet encoded, so that they can be translated."""
    return ua.ReadResponse(Results=await session.read(params))


def namespaces(uris: list[str], by: int) -> list[str]:
    """The NamespaceArray of a server whose line has moved."""
    line = uris[LINE]
    return [*uris[:LINE], IN_THE_WAY, *uris[LINE + 1 :], *(f"{IN_THE_WAY}:{n}" for n in range(1, by)), line]


def _parameters() -> dict[int, type]:
    """Of every request that has parameters, their type, by the number of the request's encoding."""
    found: dict[int, type] = {}
    for name in dir(ua):
        kind = getattr(ua, name)
        if name.endswith("Request") and dataclasses.is_dataclass(kind) and isinstance(kind, type):
            number = getattr(ObjectIds, f"{name}_Encoding_DefaultBinary", None)
            parameters = getattr(ua, f"{name.removesuffix('Request')}Parameters", None)
            if number is not None and isinstance(parameters, type):
                found[int(number)] = parameters
    return found


PARAMETERS = _parameters()
