"""Values and registers: both views, word orders, and a walk over the whole map on the wire."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.address_map import Address, AddressMap, Table, WordOrder
from devices.modbus import ModbusEndpoint
from devices.modbus.texts import in_words
from devices.modbus.words import codec, join, split
from sim.tag import DataType, Direction, Tag, TagTable, Value
from sim.text import Text
from tests.devices.fake_line import FakeLine
from tests.devices.modbus.raw import RawClient, bits, read, words, write_words


def number(type_: DataType, low: float | None = None, high: float | None = None, decimals: int = 0) -> Address:
    tag = Tag(0, "a", "v", type_, Direction.PARAMETER, Text("", ""), low=low, high=high, decimals=decimals)
    return AddressMap("l", TagTable([tag]))[0]


@pytest.mark.parametrize(
    ("address", "value", "word"),
    [
        (number(DataType.INT), -2, 0xFFFE),
        (number(DataType.UINT), 65535, 0xFFFF),
        (number(DataType.DINT), -70000, -70000 & 0xFFFF),
        (number(DataType.UDINT), 70000, 4464),
        (number(DataType.REAL, 0, 500, 1), 123.44, 1234),
        (number(DataType.REAL, 0, 500, 1), -1.0, 0),
        (number(DataType.REAL, 0, 500, 1), 7000.0, 65535),
        (number(DataType.REAL, -10, 10, 2), -1.25, -125 & 0xFFFF),
        (number(DataType.REAL, -10, 10, 2), 400.0, 32767),
        (number(DataType.REAL), -math.inf, 0x8000),
        (number(DataType.REAL), math.nan, 0),
    ],
)
def test_16_bit_view_shows(address: Address, value: Value, word: int) -> None:
    assert codec(address).narrow.to_bits(value) == word


@given(st.integers(0, 65535), st.integers(0, 4), st.booleans())
def test_a_scaled_register_comes_back_exactly(word: int, decimals: int, signed: bool) -> None:
    views = codec(number(DataType.REAL, -1 if signed else 0, 1, decimals))
    value = views.narrow.from_bits(word)
    raw = word - 65536 if signed and word > 32767 else word
    assert value == raw / 10**decimals
    assert views.narrow.to_bits(value) == word


@given(st.integers(-(2**15), 2**15 - 1))
def test_int_and_dint_are_signed_in_both_views(value: int) -> None:
    for type_ in (DataType.INT, DataType.DINT):
        views = codec(number(type_))
        assert views.narrow.from_bits(views.narrow.to_bits(value)) == value
        assert views.wide.from_bits(views.wide.to_bits(value)) == value


@given(st.integers(0, 2**32 - 1))
def test_udint_fills_32_bits(value: int) -> None:
    views = codec(number(DataType.UDINT))
    assert views.wide.from_bits(views.wide.to_bits(value)) == value


@given(st.floats(width=32, allow_nan=False))
def test_every_single_comes_back(value: float) -> None:
    views = codec(number(DataType.REAL))
    bits_ = struct.unpack(">I", struct.pack(">f", value))[0]
    assert views.wide.to_bits(views.wide.from_bits(bits_)) == bits_


@given(st.integers(-99999, 99999), st.integers(0, 4))
def test_a_decimal_written_as_a_single_is_that_decimal(digits: int, decimals: int) -> None:
    """So a limit of 0.3 accepts a written 0.3, whose single is larger."""
    value = digits / 10**decimals
    assert codec(number(DataType.REAL)).wide.from_bits(struct.unpack(">I", struct.pack(">f", value))[0]) == value


def test_a_value_beyond_a_single_is_the_largest_single() -> None:
    assert codec(number(DataType.REAL)).wide.to_bits(1e300) == 0x7F7FFFFF


@pytest.mark.parametrize(
    ("order", "expected"),
    [("ABCD", (0x0A0B, 0x0C0D)), ("CDAB", (0x0C0D, 0x0A0B)), ("BADC", (0x0B0A, 0x0D0C)), ("DCBA", (0x0D0C, 0x0B0A))],
)
def test_word_orders(order: str, expected: tuple[int, int]) -> None:
    assert split(0x0A0B0C0D, WordOrder(order)) == list(expected)
    assert join(expected, WordOrder(order)) == 0x0A0B0C0D


@pytest.mark.parametrize("order", WordOrder)
async def test_a_word_order_holds_for_reading_and_writing(
    line: FakeLine, addresses: AddressMap, order: WordOrder
) -> None:
    endpoint = ModbusEndpoint(line, addresses, port=0, word_order=order)
    await endpoint.start()
    async with RawClient(endpoint.url) as client:
        pair = split(struct.unpack(">I", struct.pack(">f", 321.5))[0], order)
        assert (await client.ask(write_words(4000, *pair)))[0] == 16
        assert words(await client.ask(read(3, 4000, 2))) == list(pair)
        assert line.requests[0][1] == [("sorting.belt_speed", 321.5)]
    await endpoint.stop()


async def test_the_order_of_the_map_is_the_default(line: FakeLine) -> None:
    endpoint = ModbusEndpoint(line, AddressMap(line.line, line.tags, word_order="CDAB"), port=0)
    await endpoint.start()
    async with RawClient(endpoint.url) as client:
        assert words(await client.ask(read(4, 6002, 2))) == [70000 & 0xFFFF, 1]  # sorting.parts_out
    await endpoint.stop()


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (read(6, 4000, 0), 3),  # half a value
        (read(6, 4001, 0), 3),
        (write_words(4001, 0, 0), 3),
        (write_words(4000, 0, 0, 0), 3),
        (struct.pack(">BHHH", 22, 4000, 0, 0), 3),
        (write_words(4000, 0x7FC0, 0), 3),  # not a number
        (write_words(4000, 0x7F80, 0), 3),  # infinity
        (write_words(4000, 0x43FA, 0x0100), 3),  # a little more than 500
        (write_words(4002, 0, 6), 3),
        (read(6, 4004, 0), 2),  # a hole
        (write_words(4004, 0, 0), 2),
        (write_words(4002, 0, 1, 0, 1), 2),
    ],
)
async def test_bad_writes_of_the_32_bit_view(client: RawClient, line: FakeLine, pdu: bytes, code: int) -> None:
    before = list(line.values)
    assert await client.ask(pdu) == bytes([pdu[0] | 0x80, code])
    assert line.values == before


async def test_several_32_bit_values_are_one_request(client: RawClient, line: FakeLine) -> None:
    assert (await client.ask(write_words(4000, 0x4348, 0, 0xFFFF, 0xFFFB, 0, 0)))[0] == 16
    assert line.requests[0][1] == [("sorting.belt_speed", 200.0), ("sorting.target", -5)]


async def test_half_a_32_bit_value_can_be_read(client: RawClient, line: FakeLine) -> None:
    assert words(await client.ask(read(4, 6003, 2))) == [70000 & 0xFFFF, 0]
    assert words(await client.ask(read(4, 6002, 1))) == [1]


def sample(tag: Tag) -> Value:
    """A permitted value that differs from the initial one."""
    if tag.type is DataType.BOOL:
        return not tag.initial
    low, high = tag.range or (0, 100)
    value = low if tag.initial != low else high
    return float(value) if tag.type is DataType.REAL else int(value)


READ_CODES = {Table.COIL: 1, Table.DISCRETE_INPUT: 2, Table.HOLDING_REGISTER: 3, Table.INPUT_REGISTER: 4}


async def test_every_tag_is_read_at_its_addresses(client: RawClient, line: FakeLine, addresses: AddressMap) -> None:
    for tag, address in zip(line.tags, addresses, strict=True):
        line.set(tag.name, value := sample(tag))
        place = address.modbus
        answer = await client.ask(read(READ_CODES[place.table], place.address, 1))
        if place.table.is_bits:
            assert bits(answer, 1) == [value], tag.name
            continue
        assert place.address_32 is not None
        assert codec(address).narrow.from_bits(words(answer)[0]) == (value if tag.name != "sorting.parts_out" else 0), (
            tag.name
        )
        wide = await client.ask(read(READ_CODES[place.table], place.address_32, 2))
        assert codec(address).wide.from_bits(join(words(wide), WordOrder.ABCD)) == value, tag.name


async def test_every_writable_tag_is_written_at_its_addresses(
    client: RawClient, line: FakeLine, addresses: AddressMap
) -> None:
    for tag, address in zip(line.tags, addresses, strict=True):
        if not address.writable:
            continue
        value, place = sample(tag), address.modbus
        if place.table.is_bits:
            assert (await client.ask(read(5, place.address, 0xFF00 if value else 0)))[0] == 5
            assert line.requests[-1][1] == [(tag.name, value)]
            continue
        assert place.address_32 is not None
        assert (await client.ask(read(6, place.address, codec(address).narrow.to_bits(value))))[0] == 6
        assert line.requests[-1][1] == [(tag.name, value)]
        pair = split(codec(address).wide.to_bits(value), WordOrder.ABCD)
        assert (await client.ask(write_words(place.address_32, *pair)))[0] == 16
        assert line.requests[-1][1] == [(tag.name, value)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (WordOrder.ABCD, [0x3FF8, 0, 0, 1]),
        (WordOrder.CDAB, [1, 0, 0, 0x3FF8]),
        (WordOrder.BADC, [0xF83F, 0, 0, 0x0100]),
        (WordOrder.DCBA, [0x0100, 0, 0, 0xF83F]),
    ],
)
def test_four_registers_in_every_order(order: WordOrder, expected: list[int]) -> None:
    assert split(0x3FF8000000000001, order, 4) == expected
    assert join(expected, order) == 0x3FF8000000000001


async def test_a_number_in_sixty_four_bits(client: RawClient, line: FakeLine) -> None:
    line.set("sorting.belt_speed", 123.25)
    assert words(await client.ask(read(3, 8000, 4))) == list(struct.unpack(">4H", struct.pack(">d", 123.25)))
    given = struct.unpack(">4H", struct.pack(">d", 77.125))
    await client.ask(write_words(8000, *given))
    assert line.requests[-1][1] == [("sorting.belt_speed", 77.125)]
    assert words(await client.ask(read(4, 8000 + 4 * 1001, 4))) == [0, 0, 1, 70000 - 65536]  # parts_out
    assert await client.ask(write_words(8000, *given[:2])) == b"\x90\x03"  # half of it


async def test_texts_in_input_registers(client: RawClient, line: FakeLine) -> None:
    def text(answer: bytes) -> str:
        return answer[2:].rstrip(b"\0").decode()

    assert text(await client.ask(read(4, 20000, 16))) == "smart-factory"
    assert [text(await client.ask(read(4, 20000 + 16 * k, 16))) for k in (1, 2, 3)] == ["sorting", "Stopped", "storage"]
    line.set("sorting.state", 6)
    assert text(await client.ask(read(4, 20032, 4))) == "Execute"
    assert await client.ask(read(4, 20000 + 16 * 5, 1)) == b"\x84\x02"


@given(st.text(max_size=40))
def test_a_text_that_is_too_long_is_cut_between_characters(text: str) -> None:
    registers = in_words(text)
    raw = b"".join(word.to_bytes(2, "big") for word in registers)
    assert len(registers) == 16
    assert text.encode().startswith(raw.rstrip(b"\0").decode().encode()) or "\0" in text
