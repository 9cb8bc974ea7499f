"""What a PLC as Modbus client asks of a line, request by request, and where the answers lie in its memory.

One request for each station and group of tags: a station under another control then refuses its own requests only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from devices.address_map.address import Address, AddressMap
from devices.address_map.layout import BLOCK, SUPERVISORY, AddressError, Profile, Table
from sim.tag import DataType, Direction

_READS = {Table.COIL: 1, Table.DISCRETE_INPUT: 2, Table.HOLDING_REGISTER: 3, Table.INPUT_REGISTER: 4}
_WRITES = {Table.COIL: 15, Table.HOLDING_REGISTER: 16}
IO = (Direction.INPUT, Direction.OUTPUT)


@dataclass(frozen=True, slots=True)
class Poll:
    """One request that is repeated: zero-based start, and how many bits or registers."""

    station: str
    direction: Direction
    table: Table
    start: int
    count: int
    addresses: tuple[Address, ...]

    @property
    def writes(self) -> bool:
        """Outputs and commands. Parameters that are numbers are read: a PLC that just starts would write zero."""
        return self.direction is Direction.OUTPUT or (self.direction is Direction.PARAMETER and self.table.is_bits)

    @property
    def function(self) -> int:
        return _WRITES[self.table] if self.writes else _READS[self.table]

    @property
    def name(self) -> str:
        return f"{self.station}_{self.direction.value}_{'bits' if self.table.is_bits else 'words'}"

    @property
    def bytes(self) -> int:
        """Room in the memory of a PLC, in whole words."""
        return (self.count + 15) // 16 * 2 if self.table.is_bits else 2 * self.count


@dataclass(frozen=True, slots=True)
class Placed:
    """A request with the byte of the PLC's memory where its first bit or register lies."""

    poll: Poll
    byte: int

    def spots(self) -> Iterator[tuple[Address, int, int]]:
        """Each tag with its byte and bit."""
        for address in self.poll.addresses:
            offset = address.modbus.address - self.poll.start
            if self.poll.table.is_bits:
                yield address, self.byte + offset // 8, offset % 8
            else:
                yield address, self.byte + 2 * offset, 0


def polls(addresses: AddressMap, stations: Sequence[str] | None = None, *, supervisory: bool = True) -> list[Poll]:
    """All requests that show the line, or these stations. Without `supervisory` sensors and actuators alone."""
    chosen = known_stations(addresses, stations)
    groups: dict[tuple[str, Direction, bool], list[Address]] = {}
    for address in addresses:
        if address.station in chosen and (supervisory or address.direction in IO):
            key = address.station, address.direction, address.type is DataType.BOOL
            groups.setdefault(key, []).append(address)
    return [_poll(addresses.profile, group) for group in groups.values()]


def known_stations(addresses: AddressMap, stations: Sequence[str] | None) -> Sequence[str]:
    """All where none is named. Raises `AddressError`."""
    if stations and (unknown := [station for station in stations if station not in addresses.stations]):
        raise AddressError(f"no such station: {', '.join(unknown)}")
    return stations or addresses.stations


def placed(found: Iterable[Poll], first: int = 0) -> list[Placed]:
    """One behind the other, from this byte on."""
    rows = []
    for poll in found:
        rows.append(Placed(poll, first))
        first += poll.bytes
    return rows


def _poll(profile: Profile, group: Sequence[Address]) -> Poll:
    spots = [address.modbus.address for address in group]
    first, last = min(spots), max(spots)
    some = group[0]
    poll = Poll(some.station, some.direction, some.modbus.table, first, last - first + 1, tuple(group))
    if profile is not Profile.LINELAB or not poll.writes:
        return poll
    # holes are written only with the whole block (docs/reference/modbus.md)
    base = SUPERVISORY if first >= SUPERVISORY else 0
    start = base + (first - base) // BLOCK * BLOCK
    return Poll(poll.station, poll.direction, poll.table, start, BLOCK, poll.addresses)
