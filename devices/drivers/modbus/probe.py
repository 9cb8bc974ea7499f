"""What a Modbus device offers: each table within stated limits, and what it says of itself (FC 43/14)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.mei_message import ReadDeviceInformationRequest

from devices.address_map import Table
from devices.drivers.discovery import Discovery, Found, ProbeLimits
from devices.drivers.modbus.driver import request
from devices.drivers.modbus.link import ModbusLink
from devices.drivers.modbus.place import Place
from devices.drivers.modbus.plan import Limits
from devices.drivers.point import DeviceType
from devices.drivers.reason import Lost, Silent
from devices.endpoint import Clock

WRITABLE = {
    Table.DISCRETE_INPUT: False,
    Table.INPUT_REGISTER: False,
}  # coils and holding registers: nobody knows without writing
ILLEGAL_FUNCTION = 1
_PARTS = (0, 1, 2)  # of the identification: vendor, product, version


class Probe:
    """One search. Reads only; halves a span that is refused, so that a hole costs few requests."""

    def __init__(self, link: ModbusLink, unit: int, sizes: Limits, limits: ProbeLimits, clock: Clock) -> None:
        self._link, self._unit, self._sizes, self._limits, self._clock = link, unit, sizes, limits, clock
        self._until_s = clock.monotonic() + limits.most_s
        self._found: list[Found] = []
        self._notes: list[str] = []

    async def run(self) -> Discovery:
        """Raises `Lost` where the device cannot be reached."""
        await self._link.open()
        try:
            for table in Table:
                await self._table(table)
            identity = await self._identity()  # last: some devices lose their frames at a function they do not know
        finally:
            await self._link.close()
        return Discovery(tuple(self._found), not self._notes, tuple(self._notes), identity)

    @property
    def _spent(self) -> str:
        if self._clock.monotonic() >= self._until_s:
            return f"stopped after {self._limits.most_s:g} s"
        if len(self._found) >= self._limits.most_found:
            return f"stopped at {self._limits.most_found} places"
        return ""

    async def _table(self, table: Table) -> None:
        size = self._sizes.bits if table.is_bits else self._sizes.registers
        spans = [
            (first, min(size, self._limits.last + 1 - first))
            for first in range(self._limits.first, self._limits.last + 1, size)
        ]
        spans.reverse()
        while spans and not self._spent:
            first, count = spans.pop()
            code = await self._span(table, first, count)
            if code == ILLEGAL_FUNCTION:
                return  # the device has no such table
            if code and count > 1:
                half = count // 2
                spans += [(first + half, count - half), (first, half)]
        if self._spent:
            self._note(f"{table} from {self._found_until(table)}: {self._spent}")

    def _found_until(self, table: Table) -> int:
        last = next((found for found in reversed(self._found) if found.address.startswith(table)), None)
        return self._limits.first if last is None else int(last.address.split()[1]) + 1

    async def _span(self, table: Table, first: int, count: int) -> int:
        """The exception code, 0 where all could be read."""
        place = Place(self._unit, table, first, 1)
        await asyncio.sleep(self._limits.pause_s)
        answer = await self._ask(request(place, count))
        if answer.isError():
            return answer.exception_code
        got = answer.bits if table.is_bits else answer.registers
        kind = DeviceType.BOOL if table.is_bits else DeviceType.UINT
        for at, value in enumerate(got[: min(count, self._limits.most_found - len(self._found))], first):
            self._found.append(Found(f"{table} {at}", kind, "", value, WRITABLE.get(table)))
        return 0

    async def _ask(self, question: ModbusPDU) -> ModbusPDU:
        """Twice, where the first gets no answer: a search is often the first that a device hears after a while."""
        with suppress(Silent):
            return await self._link.ask(question)
        await self._link.open()
        try:
            return await self._link.ask(question)
        except Silent:
            raise Lost(f"unit {self._unit} does not answer; name the unit in the URL") from None

    def _note(self, note: str) -> None:
        self._notes.append(note)

    async def _identity(self) -> str:
        """Empty where the device does not know the function, which is the norm."""
        try:
            answer = await self._link.ask(ReadDeviceInformationRequest(read_code=1, dev_id=self._unit))
        except Silent:
            return ""  # some keep silent at a function that they do not know
        if answer.isError():
            return ""
        told: Mapping[int, bytes] = getattr(answer, "information", {})
        return " ".join(told[part].decode("utf-8", "replace") for part in _PARTS if part in told)
