"""What an OPC UA server offers: the variables below Objects, with type, value and rights. Reads, never writes."""

import asyncio
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.opcua.nodes import TYPES, standard, type_of
from devices.drivers.opcua.session import Session
from devices.drivers.reason import Silent
from sim.tag import Value

DEEPEST = 12
AT_ONCE = 100  # nodes in a request
_SKIPPED = {ObjectIds.Server, ObjectIds.Aliases, ObjectIds.Locations}  # of every server: no process values
_WRITE = 1 << ua.AccessLevel.CurrentWrite.value
_ATTRIBUTES = (AttributeIds.Value, AttributeIds.DataType, AttributeIds.UserAccessLevel)
_WHO = (
    ObjectIds.Server_ServerStatus_BuildInfo_ManufacturerName,
    ObjectIds.Server_ServerStatus_BuildInfo_ProductName,
    ObjectIds.Server_ServerStatus_BuildInfo_SoftwareVersion,
)


@dataclass(slots=True)
class _Search:
    """How far it is: nodes still to be browsed with their names, and what was found."""

    limits: ProbeLimits
    ahead: list[tuple[ua.NodeId, str, int]]
    seen: set[ua.NodeId] = field(default_factory=set)
    variables: dict[ua.NodeId, str] = field(default_factory=dict)
    complete: bool = True


async def discover(session: Session, limits: ProbeLimits) -> Discovery:
    """Breadth first, within the limits. Raises `Lost`."""
    await session.open()
    try:
        search = _Search(limits, [(standard(ObjectIds.ObjectsFolder), "", 0)])
        found: list[Found] = []
        try:
            async with asyncio.timeout(limits.most_s):
                while search.ahead and search.complete:
                    await _step(session, search)
                    await asyncio.sleep(limits.pause_s)
                await _describe(session, search, found)
        except (TimeoutError, Silent):
            search.complete = False
        return Discovery(tuple(found), search.complete, (), await _identity(session))
    finally:
        await session.close()


async def _step(session: Session, search: _Search) -> None:
    """Browse the next nodes, and follow answers that were too long for one message."""
    now, search.ahead = search.ahead[:AT_ONCE], search.ahead[AT_ONCE:]
    asked = [(name, depth) for _, name, depth in now]
    results = await session.browse([node for node, _, _ in now])
    while asked:
        more: list[tuple[tuple[str, int], bytes]] = []
        for (name, depth), result in zip(asked, results, strict=True):
            for reference in result.References or ():
                _take(search, reference, name, depth)
            if result.ContinuationPoint:
                more.append(((name, depth), result.ContinuationPoint))
        asked = [who for who, _ in more]
        results = await session.browse_next([point for _, point in more]) if more else []


def _take(search: _Search, reference: ua.ReferenceDescription, above: str, depth: int) -> None:
    node = ua.NodeId(reference.NodeId.Identifier, reference.NodeId.NamespaceIndex, reference.NodeId.NodeIdType)
    of_all_servers = node.NamespaceIndex == 0 and node.Identifier in _SKIPPED
    is_property = reference.ReferenceTypeId == standard(ObjectIds.HasProperty)
    if node in search.seen or of_all_servers or is_property:
        return
    search.seen.add(node)
    name = f"{above}.{reference.BrowseName.Name}" if above else str(reference.BrowseName.Name)
    if reference.NodeClass == ua.NodeClass.Variable:
        if len(search.variables) >= search.limits.most_found:
            search.complete = False
            return
        search.variables[node] = name
    if depth < DEEPEST:
        search.ahead.append((node, name, depth + 1))


async def _describe(session: Session, search: _Search, found: list[Found]) -> None:
    nodes = list(search.variables)
    for begin in range(0, len(nodes), AT_ONCE):
        part = nodes[begin : begin + AT_ONCE]
        rows = await session.read([(node, attribute) for node in part for attribute in _ATTRIBUTES])
        for k, node in enumerate(part):
            found.append(_found(session, node, search.variables[node], rows[3 * k : 3 * k + 3]))


def _found(session: Session, node: ua.NodeId, name: str, row: list[ua.DataValue]) -> Found:
    value, data_type, access = row
    type_ = type_of(value, data_type)
    rights = access.Value.Value if access.Value is not None else None
    writable = bool(rights & _WRITE) if isinstance(rights, int) else None
    note = (
        "" if type_ is not None else f"{value.Value.VariantType.name if value.Value else 'nothing'}, no value of a tag"
    )
    return Found(_address(session, node), type_, name, _plain(value), writable, note)


def _address(session: Session, node: ua.NodeId) -> str:
    """By the name of the namespace: its number may be another after a restart."""
    text = str(node.to_string())
    index = node.NamespaceIndex
    if not 0 < index < len(session.namespaces):
        return text
    return f"nsu={session.namespaces[index]};{text.partition(';')[2]}"


def _plain(value: ua.DataValue) -> Value | str | None:
    variant = value.Value
    if variant is None or variant.Value is None:
        return None
    if variant.is_array or variant.VariantType.value not in TYPES:
        return str(variant.Value)[:80]
    plain: Value = variant.Value
    return plain


async def _identity(session: Session) -> str:
    try:
        rows = await session.read([(standard(number), AttributeIds.Value) for number in _WHO])
    except Silent:
        return ""
    return " ".join(str(row.Value.Value) for row in rows if row.Value is not None and row.Value.Value)
