"""The doer of one Modbus connection: blocks read by FC 1 to 4, values written by FC 5, 6, 15, 16 and 22."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu import bit_message as bits
from pymodbus.pdu import register_message as registers

from devices.address_map import Table
from devices.drivers.driver import Block, Heard, Raw
from devices.drivers.modbus.codec import decode
from devices.drivers.modbus.link import ModbusLink
from devices.drivers.modbus.place import Place, place_to_write
from devices.drivers.modbus.plan import Limits, ReadBlock, plan
from devices.drivers.modbus.writes import runs
from devices.drivers.point import Point, Write
from devices.drivers.reason import Reason, Why

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, not done yet",
    6: "device busy",
    7: "negative acknowledge",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target did not answer",
}
ILLEGAL_ADDRESS, ILLEGAL_VALUE, ACKNOWLEDGED, TARGET_SILENT = 2, 3, 5, 11

READS = {
    Table.COIL: bits.ReadCoilsRequest,
    Table.DISCRETE_INPUT: bits.ReadDiscreteInputsRequest,
    Table.HOLDING_REGISTER: registers.ReadHoldingRegistersRequest,
    Table.INPUT_REGISTER: registers.ReadInputRegistersRequest,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one connection."""

    unit: int = 1
    limits: Limits = field(default_factory=Limits)
    only_multiple: bool = False  # the device has FC 15 and 16 alone


def said(code: int) -> Reason:
    """An exception code as a reason."""
    why = Why.SILENT if code == TARGET_SILENT else Why.REFUSED
    return Reason(why, f"{EXCEPTIONS.get(code, 'exception')} ({code})")


def not_done(code: int) -> Reason:
    """The same of a write: two codes leave it open."""
    reason = said(code)
    return Reason(Why.OUTCOME_UNKNOWN, reason.detail) if code in (ACKNOWLEDGED, TARGET_SILENT) else reason


class ModbusDriver:
    """Implements `Polled`."""

    def __init__(self, link: ModbusLink, settings: Settings) -> None:
        self._link, self._settings = link, settings
        self._places: dict[str, Place] = {}  # of each tag, where to write

    async def open(self) -> None:
        await self._link.open()

    async def close(self) -> None:
        await self._link.close()

    def plan(self, points: Sequence[Point]) -> Sequence[Block]:
        for point in points:
            if point.writable:
                self._places[point.tag] = place_to_write(point, self._settings.unit)
        return plan(points, self._settings.unit, self._settings.limits)

    # ---- reading ----------------------------------------------------------------------------------------------

    async def read(self, block: Block) -> Sequence[Heard]:
        if not isinstance(block, ReadBlock):
            raise TypeError("a block of another driver")
        if block.parts:
            return [heard for part in block.parts for heard in await self.read(part)]
        answer = await self._link.ask(request(block.first, block.count))
        if not answer.isError():
            return _values(block, answer)
        # a hole in the middle, or more than the device takes at once: the others are not to suffer for it
        if answer.exception_code in (ILLEGAL_ADDRESS, ILLEGAL_VALUE) and len(block.points) > 1:
            block.parts = block.halves()
            return await self.read(block)
        return [said(answer.exception_code)] * len(block.points)

    # ---- writing ----------------------------------------------------------------------------------------------

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        answers: list[Reason | None] = []
        placed = [(self._places[write.point.tag], write) for write in writes]
        for run in runs(placed, only_multiple=self._settings.only_multiple):
            answer = await self._link.ask(run.request)
            refused = not_done(answer.exception_code) if answer.isError() else None
            answers += [refused] * run.writes
        return answers


def request(place: Place, count: int) -> ModbusPDU:
    """The read of so many addresses from a place on."""
    return READS[place.table](address=place.address, count=count, dev_id=place.unit)


def _values(block: ReadBlock, answer: ModbusPDU) -> list[Heard]:
    first, table = block.first, block.first.table
    got: Sequence[int | bool] = answer.bits if table.is_bits else answer.registers
    if len(got) < block.count:
        return [Reason(Why.TYPE, f"{len(got)} values for {block.count}")] * len(block.points)
    heard: list[Heard] = []
    for place, point in zip(block.places, block.points, strict=True):
        at = place.address - first.address
        if table.is_bits:
            heard.append(Raw(bool(got[at])))
        else:
            words = got[at : at + place.words]
            heard.append(Raw(decode(point.device_type, words, point.word_order, place.bit)))
    return heard
