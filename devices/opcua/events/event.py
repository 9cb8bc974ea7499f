"""One event as its source makes it, and its fields as a client selects them (OPC 10000-4, 7.22.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds

Path = tuple[str, ...]  # browse names from the event's type, without namespaces: ("EnabledState", "Id")
CONDITION_ID: Path = ()  # with attribute NodeId: the condition itself
EVENT_TYPE: Path = ("EventType",)
NOTHING = ua.Variant()


def path(names: str) -> Path:
    """`EnabledState/Id` as a path."""
    return tuple(names.split("/"))


@dataclass(frozen=True, slots=True)
class Event:
    """What happened at a node. `fields` are the values below its type by their path, those of BaseEventType too.

    `node` is the notifier or the object that it happened at; who listens there or at a notifier above hears it.
    `condition` is the NodeId of the condition's instance, for events that are a condition's state.

    """

    node: ua.NodeId
    type: ua.NodeId
    time: datetime
    fields: Mapping[Path, ua.Variant]
    condition: ua.NodeId | None = None

    def value(self, names: Path, attribute: int = AttributeIds.Value) -> ua.Variant:
        """A field; empty where this event has none of that name."""
        if attribute == AttributeIds.NodeId and names == CONDITION_ID:
            return NOTHING if self.condition is None else ua.Variant(self.condition, ua.VariantType.NodeId)
        if attribute != AttributeIds.Value:
            return NOTHING
        found = self.fields.get(names)
        if found is None and names == EVENT_TYPE:
            return ua.Variant(self.type, ua.VariantType.NodeId)
        return NOTHING if found is None else found

    def select(self, operands: Iterable[ua.SimpleAttributeOperand]) -> list[ua.Variant]:
        return [self.value(names_of(one.BrowsePath), one.AttributeId) for one in operands]


def names_of(browse_path: Iterable[ua.QualifiedName] | None) -> Path:
    return tuple(str(name.Name) for name in browse_path or ())
