"""Where a tag sits in the four Modbus tables: profiles, blocks, slots, spans. Knows no protocol library and no line.

In LineLab's own profile every station has a block of fixed size in each table, so that a tag that is added never moves
another (docs/decisions/address-map.md). The other profiles pack, as the tools do whose habits they follow; there an
added tag moves those behind it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sim.tag import DataType, Direction, Tag, TagTable

BLOCK = 32  # addresses of one station in one table
SUPERVISORY = 1000  # status and parameters begin here
WIDE = 4000  # the 32-bit view of register a is at WIDE + 2 * a
WIDER = 8000  # the 64-bit view of register a is at WIDER + 4 * a
TEXTS = 20_000  # input registers: texts of TEXT_WORDS registers each
TEXT_WORDS = 16  # 32 bytes
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


class Profile(StrEnum):
    """Whose habits the addresses follow."""

    LINELAB = "linelab"  # a block for each station
    OPENPLC = "openplc"  # packed; parameters from 1024 like %MW, 32 bits from 2048 like %MD, 64 from 4096 like %ML
    FACTORYIO = "factoryio"  # packed: inputs and outputs from 0, status and parameters behind them


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where the views of a profile begin. View v of a number is at `wide` + 2 v and at `wider` + 4 v."""

    wide: int
    wider: int
    block: int  # zeros may be written over a whole multiple of it, holes or not
    parameters: int | None = None  # packed: where parameters that are numbers begin; None: behind the outputs
    whole: int = 0  # so many addresses can be read from 0 on, holes included; 0: as far as there are tags


SCHEMES: Mapping[Profile, Scheme] = {
    Profile.LINELAB: Scheme(WIDE, WIDER, BLOCK),
    Profile.OPENPLC: Scheme(2048, 4096, 1, parameters=1024, whole=8192),
    Profile.FACTORYIO: Scheme(WIDE, WIDER, 1),
}


class Spot(NamedTuple):
    """A place in a table: the zero-based address, and the number of its wider views."""

    address: int
    view: int


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


def spans(tags: TagTable, spots: Mapping[str, Spot], profile: Profile) -> dict[Table, tuple[range, ...]]:
    """The addresses of each table that can be asked for, holes included, nothing behind the last."""
    scheme = SCHEMES[profile]
    found = {}
    for table in Table:
        if profile is Profile.LINELAB:
            size = BLOCK * len(tags.stations)
            narrow: tuple[range, ...] = (range(size), range(SUPERVISORY, SUPERVISORY + size))
            views = narrow
        else:
            here = [spots[tag.name] for tag in tags if group_of(tag).table is table]
            narrow = _runs([spot.address for spot in here])
            views = (range(len(here)),)
        if scheme.whole:
            narrow = (range(scheme.whole if table.is_bits else scheme.wide),)
        found[table] = narrow if table.is_bits else narrow + _wider(scheme, views)
    return found


def _wider(scheme: Scheme, views: Sequence[range]) -> tuple[range, ...]:
    wide = [range(scheme.wide + 2 * v.start, scheme.wide + 2 * v.stop) for v in views]
    return (*wide, *(range(scheme.wider + 4 * v.start, scheme.wider + 4 * v.stop) for v in views))


def _runs(addresses: Sequence[int]) -> tuple[range, ...]:
    """Addresses that follow each other, joined."""
    runs: list[range] = []
    for address in sorted(addresses):
        if runs and runs[-1].stop == address:
            runs[-1] = range(runs[-1].start, address + 1)
        else:
            runs.append(range(address, address + 1))
    return tuple(runs)


def place(tags: TagTable, slots: Slots, profile: Profile = Profile.LINELAB) -> dict[str, Spot]:
    """The place of every tag, by name."""
    if len(tags.stations) > MOST_STATIONS:
        raise AddressError(f"{len(tags.stations)} stations, but the address map holds {MOST_STATIONS}")
    _check_names(tags, slots)
    blocks: dict[str, int] = {}
    for number, station in enumerate(tags.stations):
        for group in GROUPS.values():
            order = _order(tags.of(station), station, group, slots.get(station, {}).get(group.name, ()))
            base = group.base + BLOCK * number
            blocks |= {f"{station}.{name}": base + slot for slot, name in enumerate(order) if name is not None}
    if profile is Profile.LINELAB:
        return {name: Spot(address, address) for name, address in blocks.items()}
    return _packed(tags, blocks, SCHEMES[profile])


def _packed(tags: TagTable, blocks: Mapping[str, int], scheme: Scheme) -> dict[str, Spot]:
    """The same order without holes: all inputs and outputs, then all status and parameters."""
    found: dict[str, Spot] = {}
    for table in Table:
        here = sorted((tag for tag in tags if group_of(tag).table is table), key=lambda tag: blocks[tag.name])
        first_parameter = next((n for n, tag in enumerate(here) if tag.direction is Direction.PARAMETER), 0)
        for view, tag in enumerate(here):
            at = view
            if scheme.parameters is not None and table is Table.HOLDING_REGISTER and view >= first_parameter:
                at = scheme.parameters + view - first_parameter if tag.direction is Direction.PARAMETER else view
            found[tag.name] = Spot(at, view)
    return found


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
