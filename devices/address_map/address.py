"""One address per tag, on all wires: the record that endpoints, exports and pages share. Knows no protocol library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.address_map.layout import (
    BLOCK,
    SCHEMES,
    SUPERVISORY,
    Profile,
    Scheme,
    Slots,
    Spot,
    Table,
    group_of,
    place,
    spans,
)
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text


class WordOrder(StrEnum):
    """How the four bytes A B C D of a 32-bit value lie in two registers."""

    ABCD = "ABCD"
    CDAB = "CDAB"
    BADC = "BADC"
    DCBA = "DCBA"


_REFERENCE = {Table.COIL: 0, Table.DISCRETE_INPUT: 1, Table.INPUT_REGISTER: 3, Table.HOLDING_REGISTER: 4}


@dataclass(frozen=True, slots=True)
class ModbusPlace:
    """Zero-based PDU addresses. A number has a 16-bit view at `address`, wider ones at `address_32`, `address_64`."""

    table: Table
    address: int
    count: int = 1
    scale: int | None = None  # of a number: value x scale is in the 16-bit register
    signed: bool | None = None  # how the 16-bit register is to be read
    address_32: int | None = None
    count_32: int | None = None
    word_order: WordOrder | None = None
    address_64: int | None = None

    @property
    def reference(self) -> str:
        """As people's tables number it, from 1: `40001`; six digits where five do not reach."""
        return self.numbered(self.address)

    def numbered(self, address: int) -> str:
        """Another address of the same table, in that notation."""
        number = address + 1
        return f"{_REFERENCE[self.table]}{number:04d}" if number <= 9999 else f"{_REFERENCE[self.table]}{number:05d}"


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
        profile: Profile = Profile.LINELAB,
    ) -> None:
        self.line = line
        self.namespace_uri = namespace_uri or f"urn:linelab:{line}"
        self.mqtt_root = f"{mqtt_prefix}/{line}"
        self.word_order = WordOrder(word_order)
        self.stations = tags.stations
        self.profile = profile
        self.scheme = SCHEMES[profile]
        spots = place(tags, slots or {}, profile)
        self.spans = spans(tags, spots, profile)
        self._addresses = tuple(self._address(tag, spots[tag.name]) for tag in tags)
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

    def _iec(self, table: Table, at: int) -> str:
        """The location in an OpenPLC v3 that polls all blocks, the supervisory ones behind the last I/O block."""
        if self.profile is Profile.LINELAB and at >= SUPERVISORY:
            at += BLOCK * len(self.stations) - SUPERVISORY
        return located(table, at)

    def _address(self, tag: Tag, spot: Spot) -> Address:
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
            iec=self._iec(table, spot.address),
            modbus=_modbus(tag, table, spot, self.scheme, self.word_order),
            opcua=OpcuaPlace(self.namespace_uri, f"s={tag.name}"),
            mqtt=MqttPlace(topic, f"{topic}/set" if tag.writable else None),
            description=tag.title,
        )


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


def _modbus(tag: Tag, table: Table, spot: Spot, scheme: Scheme, order: WordOrder) -> ModbusPlace:
    if table.is_bits:
        return ModbusPlace(table, spot.address)
    scale = 10**tag.decimals if tag.type is DataType.REAL else 1
    wide, wider = scheme.wide + 2 * spot.view, scheme.wider + 4 * spot.view
    return ModbusPlace(table, spot.address, 1, scale, is_signed(tag), wide, 2, order, wider)
