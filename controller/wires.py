"""The endpoints of one bench, made from the settings: the one place of the controller that imports the wires."""

from collections.abc import Mapping

from controller import ports
from controller.settings import Settings
from devices.address_map import AddressMap
from devices.endpoint import Credentials, Endpoint, LineView, Wire
from devices.modbus import ModbusEndpoint
from devices.mqtt import MqttBridge, MqttEndpoint
from devices.opcua import OpcUaEndpoint
from sim.definition import LineDefinition
from sim.tag import TagTable

Endpoints = Mapping[Wire, Endpoint]


def address_map(definition: LineDefinition, tags: TagTable, settings: Settings, bench: int) -> AddressMap:
    """The addresses of a line on a bench; on a shared broker the number of the bench is in the topics."""
    return AddressMap(
        definition.name,
        tags,
        {station.name: station.slots for station in definition.stations if station.slots},
        mqtt_prefix=f"linelab/{bench}" if settings.mqtt_url else "linelab",
        word_order=settings.word_order,
    )


def endpoints(view: LineView, addresses: AddressMap, settings: Settings, credentials: Credentials) -> Endpoints:
    """The three wires of a bench, not yet started."""
    host, bench = settings.listen, view.bench
    port = {wire: settings.port(wire, bench) for wire in Wire}
    return {
        Wire.MODBUS: ModbusEndpoint(view, addresses, host, port[Wire.MODBUS], allow=settings.modbus_allow),
        Wire.MQTT: MqttBridge(view, settings.mqtt_url)
        if settings.mqtt_url
        else MqttEndpoint(view, host, port[Wire.MQTT], credentials),
        Wire.OPCUA: OpcUaEndpoint(view, host, port[Wire.OPCUA], credentials),  # last: it takes longest to start
    }


async def start(wires: Endpoints, settings: Settings, bench: int) -> None:
    """Start all or none. Raises `PortTaken`."""
    started: list[Endpoint] = []
    for wire, endpoint in wires.items():
        try:
            await endpoint.start()
        except OSError as error:
            for other in reversed(started):
                await other.stop()
            raise ports.wire(settings, wire, bench).taken(error) from error
        started.append(endpoint)
