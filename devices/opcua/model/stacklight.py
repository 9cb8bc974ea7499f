"""IA stack light (OPC 10000-200): the three lamps of a station, each with the lamp's own signal."""

from asyncua.ua.object_ids import ObjectIds

from devices.opcua.model.builder import Builder, Spot
from devices.opcua.model.node_ids import standard
from sim.tag import Tag

LAMPS = (("Red", 1, "stack_red"), ("Yellow", 4, "stack_yellow"), ("Green", 2, "stack_green"))  # SignalColor numbers
SEGMENTED, CONTINUOUS = 0, 0
ORDERED = standard(ObjectIds.HasOrderedComponent)


def stacklight(builder: Builder, at: Spot, station: str) -> None:
    """The lowest element is number 0."""
    lamps = [(name, colour, tag) for name, colour, signal in LAMPS if (tag := builder.tag(station, signal)) is not None]
    if not lamps:
        return
    spot = builder.part(at, "Line:Stacklight", "IA:BasicStacklightType")
    builder.constant(spot, "IA:StacklightMode", "IA:StacklightOperationMode", SEGMENTED)
    for number, (name, colour, tag) in enumerate(reversed(lamps)):
        _lamp(builder, spot, number, name, colour, tag)


def _lamp(builder: Builder, at: Spot, number: int, name: str, colour: int, tag: Tag) -> None:
    lamp = builder.part(at, f"Line:{name}", "IA:StackElementLightType", reference=ORDERED)
    builder.constant(lamp, "NumberInList", "UInt32", number)
    builder.alias(lamp, "IA:SignalOn", tag, is_property=True)
    builder.constant(lamp, "IA:SignalColor", "IA:SignalColor", colour, is_property=False)
    builder.constant(lamp, "IA:SignalMode", "IA:SignalModeLight", CONTINUOUS, is_property=False)
