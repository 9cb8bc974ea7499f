"""A line without physics that has all that the information model knows: a full PackML station with devices, counts."""

from sim.components import KINDS
from sim.definition import ComponentDefinition, LineDefinition, PartDefinition, SetPointDefinition, StationDefinition
from sim.tags import line_tags
from sim.text import Text
from tests.devices.fake_line import FakeLine

DEVICES = (("belt", "belt"), ("spindle", "spindle"), ("camera", "camera"), ("x", "linear_axis"))


def definition() -> LineDefinition:
    devices = [
        ComponentDefinition(name, kind, Text(f"设备 {name}", f"device {name}"), options=["speed", "speed_set"])
        for name, kind in DEVICES
    ]
    setpoint = SetPointDefinition("limit", Text("限值", "limit"), 5, 1, 9, "pcs")
    station = StationDefinition("cell", Text("单元", "Cell"), devices, parameters=[setpoint])
    part = PartDefinition(1, 0, [Text("红", "red")], [1], 1, 1)
    return LineDefinition("smart-factory", Text("智能产线", "Smart factory"), part, [station])


def equipped_line() -> tuple[FakeLine, LineDefinition]:
    given = definition()
    return FakeLine(line=given.name, tags=line_tags(given, KINDS)), given
