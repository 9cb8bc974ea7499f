"""Where a tag sits in the four Modbus tables: station blocks, slots and spans. Knows no protocol library and no line.

Every station has a block of fixed size in each table, so that a tag that is added never moves another
(docs/decisions/address-map.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sim.tag import DataType, Direction, Tag, TagTable

BLOCK = 32  # addresses of one station in one table
SUPERVISORY = 1000  # status and parameters begin here
WIDE = 4000  # the 32-bit view of register a is at WIDE + 2 * a
MOST_STATIONS = SUPERVISORY // BLOCK

Slots = Mapping[str, Mapping[str, Sequence[str | None]]]  # station -> group -> signal names in order, None a hole


class AddressError(ValueError):
    """A line whose tags do not fit the address map, or slots that do not fit the line."""


class Table(StrEnum):
    """The four Modbus tables."""

    DISCRETE_INPUT = "discrete_input"
    COIL = "coil"
    INPUT_REGISTER = "input_register"
    HOLDING_REGISTER = "holding_register"

    @property
    def is_bits(self) -> bool:
        return self in (Table.DISCRETE_INPUT, Table.COIL)


@dataclass(frozen=True, slots=True)
class Group:
    """Tags of one station that share a block: a direction, and bits or numbers."""

    name: str
    direction: Direction
    table: Table
    base: int


def _groups() -> dict[tuple[Direction, bool], Group]:
    rows = [
        ("inputs", Direction.INPUT, Table.DISCRETE_INPUT, Table.INPUT_REGISTER, 0),
        ("outputs", Direction.OUTPUT, Table.COIL, Table.HOLDING_REGISTER, 0),
        ("status", Direction.STATUS, Table.DISCRETE_INPUT, Table.INPUT_REGISTER, SUPERVISORY),
        ("parameters", Direction.PARAMETER, Table.COIL, Table.HOLDING_REGISTER, SUPERVISORY),
    ]
    groups = {}
    for name, direction, bits, numbers, base in rows:
        groups[direction, True] = Group(f"{name}_bool", direction, bits, base)
        groups[direction, False] = Group(f"{name}_number", direction, numbers, base)
    return groups


_GROUPS = _groups()
GROUPS = {group.name: group for group in _GROUPS.values()}


def group_of(tag: Tag) -> Group:
    return _GROUPS[tag.direction, tag.type is DataType.BOOL]


def spans(stations: int, *, bits: bool) -> tuple[range, ...]:
    """The addresses of a table that can be read: whole station blocks, holes included, nothing behind the last."""
    size = BLOCK * stations
    narrow = (range(size), range(SUPERVISORY, SUPERVISORY + size))
    if bits:
        return narrow
    return narrow + tuple(range(WIDE + 2 * span.start, WIDE + 2 * span.stop) for span in narrow)


def place(tags: TagTable, slots: Slots) -> dict[str, int]:
    """The zero-based address of every tag, by name."""
    if len(tags.stations) > MOST_STATIONS:
        raise AddressError(f"{len(tags.stations)} stations, but the address map holds {MOST_STATIONS}")
    _check_names(tags, slots)
    places: dict[str, int] = {}
    for number, station in enumerate(tags.stations):
        for group in GROUPS.values():
            order = _order(tags.of(station), station, group, slots.get(station, {}).get(group.name, ()))
            base = group.base + BLOCK * number
            places |= {f"{station}.{name}": base + slot for slot, name in enumerate(order) if name is not None}
    return places


def _order(tags: Sequence[Tag], station: str, group: Group, listed: Sequence[str | None]) -> list[str | None]:
    """Signals of one block: the listed ones at their slots, then the others in order of the table."""
    members = [tag.signal for tag in tags if group_of(tag) is group]
    where = f"station {station}, {group.name}"
    named = [name for name in listed if name is not None]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise AddressError(f"{where}: {', '.join(twice)} is listed twice")
    if strangers := [name for name in named if name not in members]:
        raise AddressError(f"{where}: no such signal: {', '.join(strangers)}")
    order = [*listed, *(name for name in members if name not in named)]
    if len(order) > BLOCK:
        raise AddressError(f"{where}: {len(order)} addresses, but a block holds {BLOCK}")
    return order


def _check_names(tags: TagTable, slots: Slots) -> None:
    for station, groups in slots.items():
        if station not in tags.stations:
            raise AddressError(f"slots of station {station}, which is not on the line")
        if unknown := [name for name in groups if name not in GROUPS]:
            raise AddressError(f"station {station}: no such group of slots: {', '.join(unknown)}")
