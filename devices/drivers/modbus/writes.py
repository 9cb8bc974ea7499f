"""The fewest write requests for a list of writes, in their order: neighbours go together. Sans-I/O."""

from collections.abc import Sequence
from typing import NamedTuple

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu import bit_message as bits
from pymodbus.pdu import register_message as registers

from devices.address_map import Table
from devices.drivers.modbus.codec import encode
from devices.drivers.modbus.place import Place
from devices.drivers.point import DeviceType, Write

MOST = {Table.COIL: 1968, Table.HOLDING_REGISTER: 123}  # of one request, by the norm (6.11, 6.12)


class Run(NamedTuple):
    """One request and how many of the writes it does."""

    request: ModbusPDU
    writes: int


def runs(placed: Sequence[tuple[Place, Write]], *, only_multiple: bool = False) -> list[Run]:
    """Writes to addresses that follow each other become one request, which a device does as a whole."""
    found: list[list[tuple[Place, Write]]] = []
    for row in placed:
        if found and _follows(found[-1], row[0]):
            found[-1].append(row)
        else:
            found.append([row])
    return [Run(_request(run, only_multiple=only_multiple), len(run)) for run in found]


def _follows(run: Sequence[tuple[Place, Write]], place: Place) -> bool:
    first, last = run[0][0], run[-1][0]
    return (
        (place.unit, place.table, place.address) == (last.unit, last.table, last.end)
        and place.bit is None
        and last.bit is None
        and place.end - first.address <= MOST[place.table]
    )


def _request(run: Sequence[tuple[Place, Write]], *, only_multiple: bool) -> ModbusPDU:
    place, write = run[0]
    at, unit = place.address, place.unit
    if place.bit is not None:
        # FC 22: the other bits of the register stay as they are, whoever writes them meanwhile
        mask = 1 << place.bit
        return registers.MaskWriteRegisterRequest(
            at, and_mask=0xFFFF & ~mask, or_mask=mask * bool(write.value), dev_id=unit
        )
    if place.table is Table.COIL:
        states = [bool(one.value) for _, one in run]
        if len(states) == 1 and not only_multiple:
            return bits.WriteSingleCoilRequest(address=at, dev_id=unit, bits=states)
        return bits.WriteMultipleCoilsRequest(address=at, dev_id=unit, bits=states)
    words = [word for _, one in run for word in _words(one)]
    if len(words) == 1 and not only_multiple:
        return registers.WriteSingleRegisterRequest(address=at, dev_id=unit, registers=words)
    return registers.WriteMultipleRegistersRequest(address=at, dev_id=unit, registers=words)


def _words(write: Write) -> list[int]:
    kind = write.point.device_type
    return [int(bool(write.value))] if kind is DeviceType.BOOL else encode(kind, write.value, write.point.word_order)
