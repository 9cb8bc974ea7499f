"""S7: notation, bytes and grouping without a wire; what goes over it against python-snap7's server."""

import asyncio
from collections.abc import Callable

import pytest

from controller.clock import SystemClock
from devices.address_map import WordOrder
from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Point,
    PointError,
    ProbeLimits,
    Quality,
    Timing,
    Why,
    WriteLimits,
    discover,
    make_driver,
)
from devices.drivers.s7.address import Memory, Place, bytes_of, place, value_of
from devices.drivers.s7.plan import plan
from sim.tag import DataType
from tests.devices.drivers.foreign import Snap7
from tests.devices.drivers.proxy import Cable

T = DeviceType


def point(address: str, type_: DeviceType = T.INT, **more: object) -> Point:
    of_tag = DataType.BOOL if type_ is T.BOOL else DataType.REAL
    return Point(f"press.{address}", of_tag, address, type_, limits=WriteLimits(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "type_", "where"),
    [
        ("DB1.DBX0.3", T.BOOL, Place(Memory.BLOCK, 1, 0, 3, 1)),
        ("%db12.dbw4", T.INT, Place(Memory.BLOCK, 12, 4, 0, 2)),
        ("DB1.DBD8", T.REAL, Place(Memory.BLOCK, 1, 8, 0, 4)),
        ("DB1.DBX16.0", T.LREAL, Place(Memory.BLOCK, 1, 16, 0, 8)),
        ("M10.7", T.BOOL, Place(Memory.MERKERS, 0, 10, 7, 1)),
        ("EW2", T.UINT, Place(Memory.INPUTS, 0, 2, 0, 2)),
        ("QB1", T.USINT, Place(Memory.OUTPUTS, 0, 1, 0, 1)),
    ],
)
def test_siemens_notation(address: str, type_: DeviceType, where: Place) -> None:
    assert place(point(address, type_), address) == where


@pytest.mark.parametrize(
    ("address", "type_", "words"),
    [
        ("DB1.DBW0", T.REAL, "16 bits"),
        ("DB1.DBX0.3", T.INT, "begins at bit 0"),
        ("DB1.DBX0", T.BOOL, "needs its bit"),
        ("DB1.DBX0.9", T.BOOL, "no address"),
        ("DB1.DBW70000", T.INT, "behind the last byte"),
        ("holding 3", T.INT, "no address"),
    ],
)
def test_what_makes_no_sense_is_said_with_the_tag(address: str, type_: DeviceType, words: str) -> None:
    with pytest.raises(PointError, match=words) as told:
        place(point(address, type_), address)
    assert f"press.{address}" in str(told.value)


def test_another_word_order_is_refused() -> None:
    with pytest.raises(PointError, match="one word order"):
        plan([point("DB1.DBD0", T.DINT, word_order=WordOrder.CDAB)], 480)


@pytest.mark.parametrize(("type_", "value"), [(T.BOOL, True), (T.SINT, -1), (T.UDINT, 2**32 - 1), (T.LREAL, 1e-300)])
def test_values_survive_their_bytes(type_: DeviceType, value: float) -> None:
    one = point("DB1.DBX0.0", type_)
    data = bytes_of(one, value)
    assert data is not None
    assert value_of(one, Place(Memory.BLOCK, 1, 0, 0, len(data)), data) == value
    assert bytes_of(point("DB1.DBW0", T.INT), 40_000) is None


def test_neighbours_are_one_item_and_many_blocks_one_request() -> None:
    near = [point(f"DB1.DBW{2 * at}") for at in range(100)]
    assert [len(request.spans) for request in plan(near, 480)] == [1]
    spread = [point(f"DB{number}.DBW0") for number in range(1, 19)]
    assert [len(request.spans) for request in plan(spread, 480)] == [18]
    far = [point(f"DB1.DBW{40 * at}") for at in range(11)]
    assert len(plan(far, 480)) == 1, "what lies between is read, or skipped, in one request"


@pytest.mark.parametrize("pdu", [240, 480, 960])
def test_no_request_is_larger_than_the_controller_takes(pdu: int) -> None:
    points = [point(f"DB{block}.DBD{37 * at}", T.DINT) for block in range(1, 8) for at in range(40)]
    requests = plan(points, pdu)
    for request in requests:
        assert 12 + 12 * len(request.spans) <= pdu
        assert 14 + sum(4 + span.size + span.size % 2 for span in request.spans) <= pdu
    found = [one for request in requests for one in request.points]
    assert sorted(one.tag for one in found) == sorted(one.tag for one in points)


async def test_a_bit_is_written_alone_and_a_missing_block_spoils_no_neighbour() -> None:
    """The server takes a bit for a byte (its fault), so that the frame itself is looked at."""
    server, sent = Snap7(), bytearray()

    def overhear(data: bytes) -> bytes:
        sent.extend(data)
        return data

    good, bit, missing = point("DB1.DBW0"), point("DB1.DBX8.3", T.BOOL), point("DB9.DBW0")
    behind = point("DB2.DBW30")
    clock = SystemClock()
    await server.start()
    try:
        async with Cable(server.port, ask=overhear) as cable:
            driver = make_driver(server.target(cable.port), Timing(), clock)
            device = Device("press", driver, [Group("all", 0.02, (good, bit, missing, behind))], clock)
            device.start()
            await _until(lambda: all(device.latest(one.tag).heard_s for one in (good, bit)))  # type: ignore[union-attr]
            for one in (missing, behind):
                sample = device.latest(one.tag)
                assert sample is not None
                assert sample.reason is not None
                assert (sample.quality, sample.reason.why) == (Quality.BAD, Why.REFUSED)
            requests, values = device.counters.requests, device.counters.values
            await _until(lambda: device.counters.values >= values + 40)
            assert device.counters.requests - requests <= 12, "what was refused is not asked for each time"
            sent.clear()
            assert await device.write(bit.tag, True) is None
            refused = await device.write(missing.tag, 1)
            assert refused is not None
            assert refused.why is Why.REFUSED
            await device.stop()
    finally:
        await server.kill()
    # write var, one item: BIT of DB1 at bit address 67; then one bit of data
    assert bytes.fromhex("0501120a1001000100018400004300030001 01") in bytes(sent)


async def test_probe_lists_the_words_of_data_blocks_within_limits() -> None:
    server = Snap7()
    await server.start()
    try:
        target = server.target(server.port)
        all_ = await discover(target, Timing(), SystemClock())
        assert all_.complete
        assert [found.address for found in all_.found[-10:]] == [f"DB2.DBW{at}" for at in range(0, 20, 2)]
        assert all_.found[0].value == 1
        assert "DB1: 600 bytes" in all_.notes
        few = await discover(target, Timing(), SystemClock(), ProbeLimits(most_found=7, first=2, last=2))
        assert (few.complete, [found.name for found in few.found]) == (False, ["DB2"] * 7)
    finally:
        await server.kill()


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)
