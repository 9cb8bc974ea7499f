"""The driver of S7 controllers: plans, reads, writes. Knows the link and the notation, and no line."""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.drivers.driver import Block, Heard, Raw
from devices.drivers.point import DeviceType, Point, Write
from devices.drivers.reason import Lost, Reason, Why
from devices.drivers.s7.address import bytes_of, place, value_of
from devices.drivers.s7.link import Refused, S7Link
from devices.drivers.s7.plan import Request, Span, plan

NO_SUCH_BLOCK = "(0x0a)"  # the code of an object that does not exist
ASK_AGAIN = 50  # reads after which a place that was refused is asked for once more


@dataclass(slots=True)
class _Apart:
    """A request of which the controller refused a part: what it takes, and what it said of the rest."""

    requests: list[Request]
    refused: dict[Point, Reason]
    reads: int = 0


class S7Driver:
    """Implements `Polled`."""

    def __init__(self, link: S7Link) -> None:
        self._link = link
        self._apart: dict[Request, _Apart] = {}

    async def open(self) -> None:
        self._apart.clear()
        await self._link.open()

    async def close(self) -> None:
        await self._link.close()

    def examine(self, points: Sequence[Point]) -> None:
        for point in points:
            place(point, point.address)
            if point.writable:
                place(point, point.place_to_write)

    def plan(self, points: Sequence[Point]) -> Sequence[Block]:
        return plan(points, self._link.pdu)

    async def read(self, block: Block) -> Sequence[Heard]:
        if not isinstance(block, Request):
            raise TypeError("a block of another driver")
        apart = self._apart.get(block)
        if apart is None:
            try:
                return await self._read(block)
            except Refused as refusal:
                apart = self._apart[block] = await self._divide(block, refusal)
        heard: dict[Point, Heard] = {**apart.refused}
        try:
            for request in apart.requests:
                heard.update(zip(request.points, await self._read(request), strict=True))
        except Refused as refusal:  # what was there is there no longer
            heard.update({point: _refused(refusal) for point in block.points if point not in heard})
            apart.reads = ASK_AGAIN
        apart.reads += 1
        if apart.reads > ASK_AGAIN:
            del self._apart[block]
        return [heard[point] for point in block.points]

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        return [await self._write(each) for each in writes]

    async def _read(self, request: Request) -> list[Heard]:
        data = await self._link.read(request.spans)
        heard: list[Heard] = []
        for point, where, within in zip(request.points, request.places, request.within, strict=True):
            begin = where.byte - request.spans[within].byte
            piece = data[within][begin : begin + where.size]
            if len(piece) < where.size:
                raise Lost(f"{len(data[within])} bytes came, {request.spans[within].size} were asked for")
            heard.append(Raw(value_of(point, where, piece)))
        return heard

    async def _divide(self, block: Request, refusal: Refused) -> _Apart:
        """Find out what the controller refuses."""
        refused: dict[Point, Reason] = {}
        await self._search(block.points, refusal, refused)
        good = [point for point in block.points if point not in refused]
        return _Apart(plan(good, self._link.pdu) if good else [], refused)

    async def _search(self, points: Sequence[Point], refusal: Refused, refused: dict[Point, Reason]) -> None:
        """By halves: these points were refused as one request."""
        blocks = {(where.memory, where.block) for where in (place(point, point.address) for point in points)}
        if len(points) == 1 or (len(blocks) == 1 and NO_SUCH_BLOCK in str(refusal)):
            refused.update(dict.fromkeys(points, _refused(refusal)))
            return
        for half in (points[: len(points) // 2], points[len(points) // 2 :]):
            for request in plan(half, self._link.pdu):
                try:
                    await self._link.read(request.spans)
                except Refused as deeper:
                    await self._search(request.points, deeper, refused)

    async def _write(self, write: Write) -> Reason | None:
        point, value = write
        where = place(point, point.place_to_write)
        data = bytes_of(point, value)
        if data is None:
            return Reason(Why.TYPE, f"a {point.device_type} does not hold {value}")
        span = Span(where.memory, where.block, where.byte, where.size)
        try:
            if point.device_type is DeviceType.BOOL:
                await self._link.write_bit(span, where.bit, bool(value))
            else:
                await self._link.write(span, data)
        except Refused as refusal:
            return _refused(refusal)
        return None


def _refused(refusal: Refused) -> Reason:
    return Reason(Why.REFUSED, str(refusal))
