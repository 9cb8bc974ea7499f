"""Where a point is in a Modbus device: unit, table, address, bit; and how many registers it takes. Sans-I/O."""

import re
from dataclasses import dataclass

from devices.address_map import Table
from devices.drivers.point import DeviceType, Point
from devices.drivers.reason import PointError

NAMES = {
    "coil": Table.COIL,
    "discrete_input": Table.DISCRETE_INPUT,
    "input_register": Table.INPUT_REGISTER,
    "holding_register": Table.HOLDING_REGISTER,
}
_REFERENCES = {
    "0": Table.COIL,
    "1": Table.DISCRETE_INPUT,
    "3": Table.INPUT_REGISTER,
    "4": Table.HOLDING_REGISTER,
}
_PLACE = re.compile(r"(?:(?P<unit>\d{1,3}):)?(?P<table>[a-z_]+) (?P<at>\d{1,5})(?:\.(?P<bit>\d{1,2}))?")
# five or six digits of people's tables: the table, then the number from 1
_REFERENCE = re.compile(r"(?:(?P<unit>\d{1,3}):)?(?P<table>[0134])(?P<at>\d{4,5})(?:\.(?P<bit>\d{1,2}))?")
HELP = (
    "write `holding_register 12`, `input_register 3`, `coil 0` or `discrete_input 7` (from 0), `40013` (from 1), "
    "`holding_register 12.3` for a bit, `7:coil 0` for another unit"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Zero-based, as in a PDU. `bit` is one of a register, 0 the lowest."""

    unit: int
    table: Table
    address: int
    words: int  # registers, or 1 for a bit
    bit: int | None = None

    @property
    def end(self) -> int:
        return self.address + self.words


def words_of(kind: DeviceType) -> int:
    return max(1, kind.bits // 16)


def place_of(point: Point, unit: int, text: str = "") -> Place:
    """The place that a point's address (or `text` instead) means. `unit` is the connection's own. Raises `PointError`.

    A BOOL in a register without a bit is on when the register is not 0.
    """
    said = text or point.address
    found = _PLACE.fullmatch(said.strip().lower()) or _REFERENCE.fullmatch(said.strip())
    if found is None or found["table"] not in NAMES | _REFERENCES:
        raise PointError(f"{point.tag}: {said!r} is no Modbus address; {HELP}")
    reference = found["table"] in _REFERENCES
    table = (_REFERENCES if reference else NAMES)[found["table"]]
    words = 1 if table.is_bits else words_of(point.device_type)
    place = Place(
        int(found["unit"] or unit),
        table,
        int(found["at"]) - reference,
        words,
        None if found["bit"] is None else int(found["bit"]),
    )
    _examine(point, place, said)
    return place


def _examine(point: Point, place: Place, said: str) -> None:
    for wrong, what in (
        (place.address < 0, "references count from 1"),
        (place.end > 65536, "addresses end at 65535"),
        (place.unit > 255, "units end at 255"),
        (place.bit is not None and place.table.is_bits, "a coil or discrete input has no bits"),
        (place.bit is not None and place.bit > 15, "a register has bits 0 to 15"),
        (place.bit is not None and point.device_type is not DeviceType.BOOL, "a bit is a BOOL"),
        (
            place.table.is_bits and point.device_type is not DeviceType.BOOL,
            f"a {place.table} is a BOOL and no {point.device_type}",
        ),
    ):
        if wrong:
            raise PointError(f"{point.tag} at {said}: {what}")


def place_to_write(point: Point, unit: int) -> Place:
    """Where writing goes. Raises `PointError` where nothing can be written."""
    place = place_of(point, unit, point.place_to_write)
    if place.table not in (Table.COIL, Table.HOLDING_REGISTER):
        raise PointError(
            f"{point.tag} at {point.place_to_write}: a {place.table} cannot be written; "
            "give it a write_address in coils or holding registers"
        )
    return place
