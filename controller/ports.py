"""Ports: are they free, and what to say where they are not."""

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from controller.settings import PORT_OPTIONS, PortOption, Settings
from devices.endpoint import Wire

_MORE = {
    PortOption.MODBUS_RTU: "Modbus RTU over TCP",
    PortOption.MQTT_WEBSOCKET: "MQTT over WebSocket",
    PortOption.MQTT_TLS: "MQTT over TLS",
}
NAMES = {Wire.OPCUA: "OPC UA", Wire.MODBUS: "Modbus TCP", Wire.MQTT: "MQTT"}


class PortTaken(Exception):
    """Nobody can listen there: says which port it is, whose, why, and what setting changes it."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who is to listen on a port."""

    name: str
    listen: str
    port: int
    option: PortOption

    def taken(self, error: OSError) -> PortTaken:
        why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        option = "--listen" if error.errno == errno.EADDRNOTAVAIL else self.option
        return PortTaken(f"{self.name} cannot listen on {self.listen} port {self.port}: {why}; {option} changes it")

    def probe(self) -> None:
        """Raises `PortTaken` unless one could listen there now."""
        family = socket.AF_INET6 if ":" in self.listen else socket.AF_INET
        try:
            socket.create_server((self.listen, self.port), family=family).close()
        except OSError as error:
            raise self.taken(error) from error


def wire(settings: Settings, wire: Wire, bench: int) -> Listener:
    port = settings.port(wire, bench)
    return Listener(f"bench {bench}: {NAMES[wire]}", settings.listen, port, PORT_OPTIONS[wire])


def more(settings: Settings, bench: int) -> Iterator[Listener]:
    """Who else listens on a bench."""
    for option, port in settings.more_ports(bench).items():
        yield Listener(f"bench {bench}: {_MORE[option]}", settings.listen, port, option)


def page(settings: Settings) -> Listener:
    return Listener("the page", settings.listen, settings.web_port, PortOption.WEB)


def all_of(settings: Settings) -> Iterator[Listener]:
    """Everybody who will listen in a lab of these settings."""
    yield page(settings)
    for bench in range(1, settings.benches + 1):
        for one in Wire:
            if one is not Wire.MQTT or settings.mqtt_url is None:
                yield wire(settings, one, bench)
        yield from more(settings, bench)
