"""The fischertechnik contract: topics and payloads of that equipment for a line in the layout of matrix production.

What exercises published for that equipment read and ask is served by this line instead: the Agile Production
Simulation (`ccu/…`, `module/…`, `fts/…`) and the 9V training factory (`f/…`).
Reference: docs/reference/fischertechnik.md.
"""

from devices.endpoint import LineView
from devices.mqtt.fischertechnik.central import Central
from devices.mqtt.fischertechnik.factory import Factory
from devices.mqtt.fischertechnik.layout import plan
from devices.mqtt.fischertechnik.module import ModuleDevice
from devices.mqtt.fischertechnik.nine_volt import NineVolt
from devices.mqtt.fischertechnik.transport import VehicleDevice
from devices.mqtt.voice import Voice
from sim.definition import LineDefinition

__all__ = ["factory_voices"]


def factory_voices(view: LineView, definition: LineDefinition | None = None, prefix: str = "") -> list[Voice]:
    """One for each device and two for control; none where the line is none of that layout."""
    factory = Factory.of(view)
    if factory is None:
        return []
    modules = [ModuleDevice(factory, module, prefix) for module in factory.modules]
    vehicles = [VehicleDevice(factory, vehicle, prefix) for vehicle in factory.vehicles]
    layout = plan(factory, definition) if definition is not None else None
    return [*modules, *vehicles, Central(factory, modules, vehicles, prefix, layout), NineVolt(factory, prefix)]
