"""Which type is a kind of which: the HasSubtype tree of an address space, looked up once per type."""

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from devices.opcua.overlay import Looking
from devices.opcua.values import node_id

HAS_SUBTYPE = node_id(ObjectIds.HasSubtype)


class Types:
    """Supertypes by inverse HasSubtype references. Types do not change while a server runs."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._above: dict[ua.NodeId, frozenset[ua.NodeId]] = {}

    def is_kind_of(self, kind: ua.NodeId, wanted: ua.NodeId) -> bool:
        """Whether it is that type or derived from it."""
        return wanted in self.supertypes(kind)

    def supertypes(self, kind: ua.NodeId) -> frozenset[ua.NodeId]:
        """The type and all that it is derived from."""
        known = self._above.get(kind)
        if known is None:
            known = self._above[kind] = frozenset(self._climb(kind))
        return known

    def _climb(self, kind: ua.NodeId) -> list[ua.NodeId]:
        chain, here = [kind], self._looking.get(kind)
        while here is not None:
            parents = (r.NodeId for r in here.references if not r.IsForward and r.ReferenceTypeId == HAS_SUBTYPE)
            parent = next(parents, None)
            if parent is None or parent in chain:
                break
            chain.append(parent)
            here = self._looking.get(parent)
        return chain

    def subtypes(self, kind: ua.NodeId) -> frozenset[ua.NodeId]:
        """The type and all that is derived from it."""
        found, waiting = {kind}, [kind]
        while waiting:
            node = self._looking.get(waiting.pop())
            for reference in node.references if node is not None else ():
                if reference.IsForward and reference.ReferenceTypeId == HAS_SUBTYPE and reference.NodeId not in found:
                    found.add(reference.NodeId)
                    waiting.append(reference.NodeId)
        return frozenset(found)
