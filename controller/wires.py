"""The endpoints of one bench, made from the settings: the one place of the controller that imports the wires."""

from collections.abc import Mapping

from controller import ports
from controller.certificates import certificate_store
from controller.settings import PortOption, Settings
from controller.voices import voices
from devices.address_map import AddressMap
from devices.endpoint import Credentials, Endpoint, LineView, Wire
from devices.modbus import ModbusEndpoint, Ways
from devices.mqtt import Bridges, MorePorts, MqttEndpoint
from devices.opcua import Companion, ModelSettings, OpcUaEndpoint, Security, Style
from devices.wire_view import WireView
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
        profile=settings.modbus_profile,
    )


def endpoints(
    view: LineView,
    addresses: AddressMap,
    settings: Settings,
    credentials: Credentials,
    definition: LineDefinition | None = None,
) -> Endpoints:
    """The three wires of a bench, not yet started. `definition` tells which devices the information model shows."""
    host, bench = settings.listen, view.bench
    port = {wire: settings.port(wire, bench) for wire in Wire}
    return {
        Wire.MODBUS: ModbusEndpoint(
            WireView(view, Wire.MODBUS),
            addresses,
            host,
            port[Wire.MODBUS],
            allow=settings.modbus_allow,
            ways=_ways(settings, bench),
        ),
        Wire.MQTT: _mqtt(WireView(view, Wire.MQTT), settings, credentials, definition),
        # last: it takes longest to start
        Wire.OPCUA: OpcUaEndpoint(
            WireView(view, Wire.OPCUA),
            host,
            port[Wire.OPCUA],
            credentials,
            security=_security(view, settings),
            model=information_model(settings, definition),
        ),
    }


def information_model(settings: Settings, definition: LineDefinition | None) -> ModelSettings:
    return ModelSettings(Companion(settings.opcua_companion), Style(settings.opcua_node_ids), definition)


def _mqtt(view: LineView, settings: Settings, credentials: Credentials, definition: LineDefinition | None) -> Endpoint:
    """A broker of the bench's own, or connections to one that is there already."""
    speak = voices(view, settings, definition)
    if settings.mqtt_url:
        return Bridges(view, settings.mqtt_url, speak)
    port = settings.port(Wire.MQTT, view.bench)
    return MqttEndpoint(view, settings.listen, port, credentials, more=_more_ports(view, settings), voices=speak)


def _ways(settings: Settings, bench: int) -> Ways:
    return Ways(settings.more_ports(bench).get(PortOption.MODBUS_RTU), settings.serial(bench))


def _security(view: LineView, settings: Settings) -> Security:
    store = certificate_store(settings, view.bench, view.clock)
    return Security(store, plain=settings.opcua_plain, anonymous=settings.opcua_anonymous)


def _more_ports(view: LineView, settings: Settings) -> MorePorts:
    ports_ = settings.more_ports(view.bench)
    store = certificate_store(settings, view.bench, view.clock)
    return MorePorts(
        ports_.get(PortOption.MQTT_WEBSOCKET), ports_.get(PortOption.MQTT_TLS), certificate=store.own_certificate
    )


async def start(wires: Endpoints, settings: Settings, bench: int) -> None:
    """Start all or none. Raises `PortTaken`."""
    started: list[Endpoint] = []
    for wire, endpoint in wires.items():
        try:
            await endpoint.start()
        except OSError as error:
            for other in reversed(started):
                await other.stop()
            if wire is Wire.MODBUS and settings.modbus_serial and "serial line" in str(error):
                raise ports.PortTaken(f"bench {bench}: {error.strerror}; --modbus-serial changes it") from error
            raise _listener(settings, wire, bench).taken(error) from error
        started.append(endpoint)


def _listener(settings: Settings, wire: Wire, bench: int) -> ports.Listener:
    """Whose port it is that cannot be had: of a wire with several the one that is not free."""
    for listener in ports.more(settings, bench) if wire is not Wire.OPCUA else ():
        try:
            listener.probe()
        except ports.PortTaken:
            return listener
    return ports.wire(settings, wire, bench)
