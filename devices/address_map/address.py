"""One address per tag, on all wires: the record that endpoints, exports and pages share. Knows no protocol library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.address_map.layout import BLOCK, SUPERVISORY, WIDE, Slots, Table, group_of, place, spans
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text


class WordOrder(StrEnum):
    """How the four bytes A B C D of a 32-bit value lie in two registers."""

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"


@dataclass(frozen=True, slots=True)
class ModbusPlace:
    """Zero-based PDU addresses. A number has a 16-bit view at `address` and a 32-bit view at `address_32`."""

    table: Table
    address: int
    count: int = 1
    scale: int | None = None  # of a number: value x scale is in the 16-bit register
    signed: bool | None = None  # how the 16-bit register is to be read
    address_32: int | None = None
    count_32: int | None = None
    word_order: WordOrder | None = None


@dataclass(frozen=True, slots=True)
class OpcuaPlace:
    namespace_uri: str
    node_id: str  # without the namespace: `s=sorting.belt_run`


@dataclass(frozen=True, slots=True)
class MqttPlace:
    state: str
    set: str | None  # None: read only


@dataclass(frozen=True, slots=True)
class Address:
    """Everything that somebody needs to connect one tag, on any wire."""

    index: int
    name: str
    station: str
    signal: str
    direction: Direction
    type: DataType
    unit: str
    range: tuple[float, float] | None
    iec: str  # as an OpenPLC v3 that polls the line sees it
    modbus: ModbusPlace
    opcua: OpcuaPlace
    mqtt: MqttPlace
    description: Text

    @property
    def writable(self) -> bool:
        return self.mqtt.set is not None


class AddressMap(Sequence[Address]):
    """All addresses of one line, in order of the tag table. Derived once, never changes."""

    def __init__(
        self,
        line: str,
        tags: TagTable,
        slots: Slots | None = None,
        *,
        namespace_uri: str | None = None,
        mqtt_prefix: str = "linelab",
        word_order: str = WordOrder.ABCD,
    ) -> None:
        self.line = line
        self.namespace_uri = namespace_uri or f"urn:linelab:{line}"
        self.mqtt_root = f"{mqtt_prefix}/{line}"
        self.word_order = WordOrder(word_order)
        self.stations = tags.stations
        self.bit_spans = spans(len(tags.stations), bits=True)
        self.word_spans = spans(len(tags.stations), bits=False)
        places = place(tags, slots or {})
        self._addresses = tuple(self._address(tag, places[tag.name]) for tag in tags)
        self._by_name = {address.name: address for address in self._addresses}

    def __len__(self) -> int:
        return len(self._addresses)

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses)

    def __getitem__(self, index: int) -> Address:  # type: ignore[override]
        return self._addresses[index]

    def find(self, name: str) -> Address | None:
        """The address of `station.signal`, None where there is no such tag."""
        return self._by_name.get(name)

    def _address(self, tag: Tag, at: int) -> Address:
        table = group_of(tag).table
        topic = f"{self.mqtt_root}/{tag.station}/{tag.signal}"
        return Address(
            index=tag.index,
            name=tag.name,
            station=tag.station,
            signal=tag.signal,
            direction=tag.direction,
            type=tag.type,
            unit=tag.unit,
            range=tag.range,
            iec=iec(table, at, len(self.stations)),
            modbus=_modbus(tag, table, at, self.word_order),
            opcua=OpcuaPlace(self.namespace_uri, f"s={tag.name}"),
            mqtt=MqttPlace(topic, f"{topic}/set" if tag.writable else None),
            description=tag.title,
        )


def iec(table: Table, at: int, stations: int) -> str:
    """The location in an OpenPLC v3 that polls all blocks, the supervisory ones behind the last I/O block."""
    offset = at if at < SUPERVISORY else at - SUPERVISORY + BLOCK * stations
    return located(table, offset)


def located(table: Table, offset: int) -> str:
    """The IEC location of the n-th point that an OpenPLC v3 polls: it puts what it polls from address 100 on."""
    area = "I" if table in (Table.DISCRETE_INPUT, Table.INPUT_REGISTER) else "Q"
    if table.is_bits:
        return f"%{area}X{100 + offset // 8}.{offset % 8}"
    return f"%{area}W{100 + offset}"


def is_signed(tag: Tag) -> bool:
    """Whether the 16-bit register holds two's complement. An unlimited REAL may be negative."""
    if tag.type is DataType.REAL:
        return tag.low is None or tag.low < 0
    return tag.type in (DataType.INT, DataType.DINT)


def _modbus(tag: Tag, table: Table, at: int, order: WordOrder) -> ModbusPlace:
    if table.is_bits:
        return ModbusPlace(table, at)
    scale = 10**tag.decimals if tag.type is DataType.REAL else 1
    return ModbusPlace(table, at, 1, scale, is_signed(tag), WIDE + 2 * at, 2, order)
