"""The fewest requests for a set of points: neighbours are read together, small gaps with them. Sans-I/O."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from devices.drivers.modbus.place import Place, place_of
from devices.drivers.point import Point

MOST_REGISTERS = 125  # of one request, by the norm (6.3, 6.4)
MOST_BITS = 2000  # (6.1, 6.2)
MOST_GAP = 16  # registers, or 16 times as many bits: less to carry than one more request


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold. Some devices take less than the norm's, or refuse to read over gaps."""

    registers: int = MOST_REGISTERS
    bits: int = MOST_BITS
    gap: int = MOST_GAP

    def of(self, place: Place) -> tuple[int, int]:
        """Most addresses and the widest gap in the table of this place."""
        return (self.bits, self.gap * 16) if place.table.is_bits else (self.registers, self.gap)


@dataclass(slots=True)
class ReadBlock:
    """One read request. A device that refuses it as a whole may take its parts: they are remembered here."""

    places: tuple[Place, ...]
    points: tuple[Point, ...]
    parts: tuple["ReadBlock", ...] = ()
    first: Place = field(init=False)
    count: int = field(init=False)

    def __post_init__(self) -> None:
        self.first = self.places[0]
        self.count = max(place.end for place in self.places) - self.first.address

    def halves(self) -> tuple["ReadBlock", "ReadBlock"]:
        middle = len(self.points) // 2
        return (
            ReadBlock(self.places[:middle], self.points[:middle]),
            ReadBlock(self.places[middle:], self.points[middle:]),
        )


def plan(points: Sequence[Point], unit: int, limits: Limits) -> list[ReadBlock]:
    """Blocks by unit, table and address. Two points may share registers. Raises `PointError`."""
    placed = sorted(
        ((place_of(point, unit), point) for point in points),
        key=lambda row: (row[0].unit, row[0].table, row[0].address),
    )
    blocks = []
    for _, rows in groupby(placed, key=lambda row: (row[0].unit, row[0].table)):
        blocks += [ReadBlock(tuple(p for p, _ in run), tuple(p for _, p in run)) for run in _runs(rows, limits)]
    return blocks


def _runs(rows: Iterable[tuple[Place, Point]], limits: Limits) -> list[list[tuple[Place, Point]]]:
    runs: list[list[tuple[Place, Point]]] = []
    end = 0
    for row in rows:
        place = row[0]
        most, gap = limits.of(place)
        if runs and place.address - end <= gap and max(end, place.end) - runs[-1][0][0].address <= most:
            runs[-1].append(row)
            end = max(end, place.end)
        else:
            runs.append([row])
            end = place.end
    return runs
