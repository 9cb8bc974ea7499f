"""Namespace 0 once for all servers of a process, as a shared base under each server's own nodes.

A stock server builds its own 6,275 nodes: 1.5 s and 39 MB. Here a server copies a base node only to change it.
"""

# ruff: noqa: SLF001 - the inside of asyncua: this package alone may, and pin.py guards it

import copy
import threading
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import TypeVar

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData, NodeManagementService
from asyncua.server.standard_address_space import standard_address_space
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.model.companion import fill
from devices.opcua.standard_nodes import describe_namespaces, make_true
from devices.opcua.values import status_code

Nodes = dict[ua.NodeId, NodeData]
T = TypeVar("T")

_lock = threading.Lock()
_built: list[Nodes] = []
_with_companion: list[Nodes] = []


def base(*, companion: bool = False) -> Nodes:
    """The nodes of namespace 0 of this process, with the companion models where wanted.

    The first call takes a second: make it in a thread.
    """
    if companion:
        return _companion_base(base())
    with _lock:
        if not _built:
            space = AddressSpace()
            standard_address_space.fill_address_space(NodeManagementService(space))  # type: ignore[no-untyped-call]
            make_true(space._nodes)
            describe_namespaces(space._nodes)
            _built.append(space._nodes)
        return _built[0]


def _companion_base(below: Nodes) -> Nodes:
    with _lock:
        if not _with_companion:
            nodes = Overlay(below)
            fill(nodes)
            describe_namespaces(nodes)
            _with_companion.append({**below, **dict(dict.items(nodes))})
        return _with_companion[0]


def is_built() -> bool:
    return bool(_built)


def own_value(stored: ua.DataValue | None) -> ua.DataValue | None:
    """asyncua changes arrays and structures in place (namespace array, server status): those are copied deeply."""
    content = stored.Value.Value if stored is not None and stored.Value is not None else None
    if content is None or isinstance(content, bool | int | float | str | bytes):
        return stored
    return copy.deepcopy(stored)


def clone(node: NodeData) -> NodeData:
    twin = NodeData(node.nodeid)
    for number, attribute in node.attributes.items():
        value = own_value(attribute.value) if number == AttributeIds.Value else attribute.value
        twin.attributes[number] = AttributeValue(value)  # type: ignore[arg-type]
    twin.references = list(node.references)
    twin.call = node.call
    return twin


class Overlay(dict[ua.NodeId, NodeData]):
    """A server's nodes over the shared base. `[...]` gives a copy that may be changed, `peek` only looks."""

    def __init__(self, below: Nodes) -> None:
        super().__init__()
        self._below = below
        self._gone: set[ua.NodeId] = set()

    def peek(self, key: ua.NodeId) -> NodeData | None:
        own = dict.get(self, key)
        if own is not None or key in self._gone:
            return own
        return self._below.get(key)

    def __missing__(self, key: ua.NodeId) -> NodeData:
        if key in self._gone:
            raise KeyError(key)
        twin = self[key] = clone(self._below[key])
        return twin

    def get(self, key: ua.NodeId, default: NodeData | T | None = None) -> NodeData | T | None:  # type: ignore[override]
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or (key in self._below and key not in self._gone)

    def __delitem__(self, key: ua.NodeId) -> None:
        if key not in self:
            raise KeyError(key)
        dict.pop(self, key, None)
        self._gone.add(key)

    def _seen(self) -> Nodes:
        seen = {**self._below, **dict(dict.items(self))}
        for key in self._gone - dict.keys(self):
            seen.pop(key, None)
        return seen

    def __iter__(self) -> Iterator[ua.NodeId]:
        return iter(self._seen())

    def __len__(self) -> int:
        return len(self._seen())

    def keys(self) -> KeysView[ua.NodeId]:  # type: ignore[override]
        return self._seen().keys()

    def values(self) -> ValuesView[NodeData]:  # type: ignore[override]
        return self._seen().values()

    def items(self) -> ItemsView[ua.NodeId, NodeData]:  # type: ignore[override]
        return self._seen().items()


class Looking:
    """What a service that only reads may see of an address space; nothing is copied for it."""

    def __init__(self, space: AddressSpace) -> None:
        self._space = space

    def get(self, key: ua.NodeId) -> NodeData | None:
        nodes = self._space._nodes
        return nodes.peek(key) if isinstance(nodes, Overlay) else nodes.get(key)

    def __getitem__(self, key: ua.NodeId) -> NodeData:
        node = self.get(key)
        if node is None:
            raise KeyError(key)
        return node

    def __contains__(self, key: object) -> bool:
        return isinstance(key, ua.NodeId) and key in self._space

    def attribute(self, key: ua.NodeId, number: AttributeIds) -> ua.DataValue:
        """The stored value of an attribute, or the status that says why there is none."""
        node = self.get(key)
        if node is None:
            return ua.DataValue(StatusCode=status_code(StatusCodes.BadNodeIdUnknown))
        attribute = node.attributes.get(number)
        if attribute is None or attribute.value is None:
            return ua.DataValue(StatusCode=status_code(StatusCodes.BadAttributeIdInvalid))
        return attribute.value
