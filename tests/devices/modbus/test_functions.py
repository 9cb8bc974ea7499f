"""The contract of each function code and each exception, over a real socket."""

import struct

import pytest

from devices.endpoint import Role, Wire
from devices.modbus.refusals import EXCEPTIONS
from sim.refusal import Refusal
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, bits, read, words, write_coils, write_words


async def test_reads_bits_with_holes_as_false(client: RawClient, line: FakeLine) -> None:
    line.set("sorting.belt_run", True)
    line.set("storage.fork_extend", True)
    assert bits(await client.ask(read(1, 0, 64)), 64) == [at in (0, 32) for at in range(64)]
    assert bits(await client.ask(read(2, 0, 3)), 3) == [False, True, False]


async def test_reads_numbers_with_holes_as_zero(client: RawClient, line: FakeLine) -> None:
    line.set("sorting.colour", 3)
    line.set("sorting.belt_current", 1.25)
    assert words(await client.ask(read(4, 0, 4))) == [3, 125, 0, 0]
    assert words(await client.ask(read(3, 0, 2))) == [2000, 0]
    assert words(await client.ask(read(4, 1000, 2))) == [2, 70000 & 0xFFFF]


async def test_writes_one_coil_and_echoes_the_request(client: RawClient, line: FakeLine) -> None:
    on, off = read(5, 0, 0xFF00), read(5, 0, 0)
    assert await client.ask(on) == on
    assert bits(await client.ask(read(1, 0, 1)), 1) == [True]
    assert await client.ask(off) == off
    assert [writes for _, writes in line.requests] == [[("sorting.belt_run", True)], [("sorting.belt_run", False)]]


async def test_a_momentary_coil_echoes_on_and_reads_back_false(client: RawClient, line: FakeLine) -> None:
    on = read(5, 1000, 0xFF00)
    assert await client.ask(on) == on
    assert line.requests[0][1] == [("sorting.cmd_start", True)]
    assert bits(await client.ask(read(1, 1000, 1)), 1) == [False]


async def test_writes_one_register_scaled(client: RawClient, line: FakeLine) -> None:
    assert await client.ask(read(6, 0, 1234)) == read(6, 0, 1234)
    assert line.requests[0][1] == [("sorting.belt_speed", 123.4)]


async def test_one_block_write_is_one_request(client: RawClient, line: FakeLine) -> None:
    assert await client.ask(write_words(0, 1000, 0x10000 - 3)) == struct.pack(">BHH", 16, 0, 2)
    assert await client.ask(write_coils(0, True, True)) == struct.pack(">BHH", 15, 0, 2)
    assert [writes for _, writes in line.requests] == [
        [("sorting.belt_speed", 100.0), ("sorting.target", -3)],
        [("sorting.belt_run", True), ("sorting.ejector_1_extend", True)],
    ]


async def test_a_block_with_one_refused_value_changes_nothing(client: RawClient, line: FakeLine) -> None:
    assert await client.ask(write_words(0, 1000, 6)) == b"\x90\x03"  # target goes to 5
    assert words(await client.ask(read(3, 0, 2))) == [2000, 0]


async def test_zeros_in_holes_of_a_block_write_are_left_out(client: RawClient, line: FakeLine) -> None:
    """A PLC that writes whole blocks (OpenPLC does) has no value for a hole."""
    block = write_coils(0, True, *[False] * 31)
    assert await client.ask(block) == struct.pack(">BHH", 15, 0, 32)
    assert line.requests[0][1] == [("sorting.belt_run", True), ("sorting.ejector_1_extend", False)]


async def test_mask_write_changes_the_bits_of_the_16_bit_view(client: RawClient, line: FakeLine) -> None:
    line.set("sorting.belt_speed", float(0x12) / 10)
    request = struct.pack(">BHHH", 22, 0, 0xF2, 0x25)
    assert await client.ask(request) == request
    assert words(await client.ask(read(3, 0, 1))) == [0x17]  # the example of the specification


async def test_read_write_writes_first(client: RawClient, line: FakeLine) -> None:
    request = struct.pack(">BHHHHBHH", 23, 0, 2, 0, 2, 4, 777, 4)
    assert words(await client.ask(request)) == [777, 4]


async def test_read_write_with_an_unreadable_range_writes_nothing(client: RawClient, line: FakeLine) -> None:
    request = struct.pack(">BHHHHBH", 23, 500, 2, 0, 1, 2, 777)
    assert await client.ask(request) == b"\x97\x02"
    assert line.requests == []


async def test_every_unit_is_answered(client: RawClient) -> None:
    for unit in (0, 1, 77, 247, 255):
        assert words(await client.ask(read(3, 0, 1), unit)) == [2000]


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        *((bytes([code, 0, 0]), 1) for code in (0, 7, 8, 11, 12, 17, 20, 21, 24, 0x41, 0x64)),
        (b"\x2b\x0d\x01\x00", 1),  # another encapsulated interface
        (read(1, 64, 1), 2),  # behind the last block
        (read(2, 63, 2), 2),
        (read(3, 500, 1), 2),
        (read(4, 1064, 1), 2),
        (read(3, 4128, 1), 2),
        (read(4, 6128, 1), 2),
        (read(3, 0xFFFF, 2), 2),
        (read(5, 2, 0xFF00), 2),  # holes
        (read(5, 2, 0), 2),
        (read(6, 2, 0), 2),
        (read(6, 32, 5), 3),  # storage.crane_x_target goes to 4
        (write_coils(0, True, True, True), 2),
        (write_coils(2, False, False), 2),
        (write_words(0, 0, 0, 1), 2),
        (struct.pack(">BHHH", 22, 2, 0xFFFF, 0), 2),
        (struct.pack(">BHHHHBH", 23, 0, 1, 9, 1, 2, 0), 2),
        (read(1, 0, 0), 3),
        (read(1, 0, 2001), 3),
        (read(3, 0, 126), 3),
        (read(4, 0, 0), 3),
        (b"\x03\x00\x00", 3),
        (read(3, 0, 1) + b"\0", 3),
        (read(5, 0, 0x1234), 3),
        (read(6, 0, 5001), 3),  # 500.1 mm/s, the belt goes to 500
        (struct.pack(">BHHBB", 15, 0, 9, 1, 1), 3),
        (struct.pack(">BHHB", 15, 0, 0, 0), 3),
        (struct.pack(">BHHB", 15, 0, 1969, 247) + bytes(247), 3),
        (struct.pack(">BHHBH", 16, 0, 2, 2, 1), 3),
        (struct.pack(">BHHBB", 16, 0, 1, 1, 1), 3),
        (struct.pack(">BHHHHBH", 23, 0, 126, 0, 1, 2, 0), 3),
        (struct.pack(">BHHHHBH", 23, 0, 1, 0, 2, 2, 0), 3),
        (b"\x2b\x0e\x05\x00", 3),
    ],
)
async def test_wrong_requests_earn_their_exception(client: RawClient, line: FakeLine, pdu: bytes, code: int) -> None:
    before = list(line.values)
    assert await client.ask(pdu) == bytes([pdu[0] | 0x80, code])
    assert line.values == before
    assert words(await client.ask(read(3, 0, 1))) == [2000]  # and the connection lives on


async def test_a_function_code_with_the_exception_bit_is_unknown(client: RawClient) -> None:
    assert await client.ask(read(0x83, 0, 1)) == b"\x83\x01"


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (Refusal.UNKNOWN, 2),
        (Refusal.READ_ONLY, 2),
        (Refusal.RANGE, 3),
        (Refusal.TYPE, 3),
        (Refusal.NOT_OWNER, 4),
        (Refusal.FORBIDDEN, 4),
        (Refusal.PAUSED, 6),
        (Refusal.STATE, 6),
        (Refusal.OFFLINE, 11),
    ],
)
async def test_each_refusal_has_its_exception(client: RawClient, line: FakeLine, refusal: Refusal, code: int) -> None:
    line.refuse["sorting.target"] = refusal
    single, block = read(6, 1, 1), write_words(0, 1000, 1)
    mask = struct.pack(">BHHH", 22, 1, 0, 1)
    both = struct.pack(">BHHHHBH", 23, 0, 1, 1, 1, 2, 1)
    for pdu in (single, block, mask, both):
        assert await client.ask(pdu) == bytes([pdu[0] | 0x80, code])
    assert line.values[line.tags.find("sorting.belt_speed").index] == 200.0  # type: ignore[union-attr]


def test_every_refusal_is_translated() -> None:
    assert set(EXCEPTIONS) == set(Refusal)


@pytest.mark.parametrize(("code", "numbers"), [(1, [0, 1, 2]), (2, [0, 1, 2, 4, 5]), (3, [0, 1, 2, 4, 5])])
async def test_identifies_itself(client: RawClient, code: int, numbers: list[int]) -> None:
    answer = await client.ask(bytes([0x2B, 0x0E, code, 0]))
    assert answer[:6] == bytes([0x2B, 0x0E, code, 0x82, 0, 0])
    found = objects(answer)
    assert list(found) == numbers
    assert (found[0], found[1]) == (b"LineLab", b"smart-factory")
    assert found[2] != b""


async def test_identifies_one_object_and_the_rest_of_a_stream(client: RawClient) -> None:
    assert objects(await client.ask(b"\x2b\x0e\x04\x01")) == {1: b"smart-factory"}
    assert list(objects(await client.ask(b"\x2b\x0e\x02\x04"))) == [4, 5]
    assert list(objects(await client.ask(b"\x2b\x0e\x01\x77"))) == [0, 1, 2]  # unknown: from the start
    assert await client.ask(b"\x2b\x0e\x04\x77") == b"\xab\x02"


def objects(answer: bytes) -> dict[int, bytes]:
    found, rest = {}, answer[7:]
    for _ in range(answer[6]):
        number, size = rest[0], rest[1]
        found[number], rest = rest[2 : 2 + size], rest[2 + size :]
    assert rest == b""
    return found


async def test_traffic_names_reads_and_refused_requests(client: RawClient, line: FakeLine) -> None:
    await client.ask(read(3, 0, 4))
    await client.ask(read(6, 500, 0))
    await client.ask(read(6, 1, 1))
    await client.ask(read(6, 1, 9))  # refused by the line, which knows
    assert line.notes == [(client.name, "read", "fc3 0+4"), (client.name, "refused", "fc6 01f40000 exception 2")]


async def test_a_client_is_a_trainee_with_its_address_as_name(client: RawClient, line: FakeLine) -> None:
    await client.ask(read(6, 1, 1))
    ((who, _),) = line.requests
    assert (who.wire, who.role, who.name) == (Wire.MODBUS, Role.TRAINEE, client.name)
