"""Modbus without a wire: addresses, plans, registers, write requests."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.address_map import Table, WordOrder
from devices.drivers import DeviceType, Point, PointError, Write, WriteLimits
from devices.drivers.modbus.codec import decode, encode
from devices.drivers.modbus.driver import not_done, said
from devices.drivers.modbus.place import Place, place_of, place_to_write, words_of
from devices.drivers.modbus.plan import Limits, plan
from devices.drivers.modbus.writes import runs
from sim.tag import DataType, Value

INTEGERS = [kind for kind in DeviceType if kind.is_integer]


def point(address: str, kind: DeviceType = DeviceType.UINT, n: int = 0, **extra: object) -> Point:
    type_ = DataType.BOOL if kind is DeviceType.BOOL else DataType.REAL
    return Point(f"x.p{n}", type_, address, kind, limits=WriteLimits(), **extra)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "kind", "place"),
    [
        ("holding_register 12", DeviceType.REAL, Place(1, Table.HOLDING_REGISTER, 12, 2)),
        ("40013", DeviceType.UINT, Place(1, Table.HOLDING_REGISTER, 12, 1)),
        ("400013", DeviceType.LREAL, Place(1, Table.HOLDING_REGISTER, 12, 4)),
        ("30001", DeviceType.INT, Place(1, Table.INPUT_REGISTER, 0, 1)),
        ("00001", DeviceType.BOOL, Place(1, Table.COIL, 0, 1)),
        ("7:Discrete_Input 3", DeviceType.BOOL, Place(7, Table.DISCRETE_INPUT, 3, 1)),
        ("holding_register 12.15", DeviceType.BOOL, Place(1, Table.HOLDING_REGISTER, 12, 1, 15)),
    ],
)
def test_addresses_as_people_write_them(address: str, kind: DeviceType, place: Place) -> None:
    assert place_of(point(address, kind), 1) == place


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("register 12", DeviceType.UINT, "is no Modbus address; write `holding_register 12`"),
        ("40000", DeviceType.UINT, "count from 1"),
        ("holding_register 65535", DeviceType.REAL, "addresses end at 65535"),
        ("coil 1", DeviceType.UINT, "a coil is a BOOL and no UINT"),
        ("coil 1.2", DeviceType.BOOL, "has no bits"),
        ("holding_register 1.16", DeviceType.BOOL, "bits 0 to 15"),
        ("300:coil 1", DeviceType.BOOL, "units end at 255"),
        ("input_register 1", DeviceType.UINT, "cannot be written"),
    ],
)
def test_an_address_that_means_nothing_says_why(address: str, kind: DeviceType, words: str) -> None:
    with pytest.raises(PointError, match=words):
        place_to_write(point(address, kind), 1)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.sampled_from([1, 2, 4])), min_size=1, max_size=60), st.integers(0, 40)
)
def test_a_plan_brings_every_point_once_within_the_limits_and_in_the_fewest_requests(
    spots: list[tuple[int, int]], gap: int
) -> None:
    kinds = {1: DeviceType.UINT, 2: DeviceType.REAL, 4: DeviceType.LREAL}
    points = [point(f"holding_register {at}", kinds[words], n) for n, (at, words) in enumerate(spots)]
    blocks = plan(points, 1, Limits(gap=gap))
    assert sorted(p.tag for block in blocks for p in block.points) == sorted(p.tag for p in points)
    for block in blocks:
        assert 1 <= block.count <= 125
        assert all(block.first.address <= place.address for place in block.places)
    for before, after in pairwise(blocks):
        end = before.first.address + before.count
        joined = max(end, after.places[0].end) - before.first.address
        assert after.first.address - end > gap or joined > 125


def test_tables_and_units_are_never_read_together_and_bits_go_by_two_thousand() -> None:
    points = [point(f"{unit}:coil {at}", DeviceType.BOOL, n) for n, (unit, at) in enumerate(
        [(1, 0), (1, 200), (1, 460), (2, 0)]
    )]  # fmt: skip
    blocks = plan([*points, point("holding_register 0", n=9)], 1, Limits())
    assert [(block.first.unit, block.first.table, block.count) for block in blocks] == [
        (1, Table.COIL, 201), (1, Table.COIL, 1), (1, Table.HOLDING_REGISTER, 1), (2, Table.COIL, 1),
    ]  # fmt: skip


@given(st.sampled_from(INTEGERS), st.sampled_from(WordOrder), st.data())
def test_integers_survive_registers_in_any_order(kind: DeviceType, order: WordOrder, data: st.DataObject) -> None:
    span = kind.range
    assert span is not None
    value = data.draw(st.integers(*span))
    registers = encode(kind, value, order)
    assert len(registers) == words_of(kind)
    assert decode(kind, registers, order) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False), st.sampled_from(WordOrder))
def test_reals_survive_registers_in_any_order(value: float, order: WordOrder) -> None:
    assert decode(DeviceType.LREAL, encode(DeviceType.LREAL, value, order), order) == value
    back = decode(DeviceType.REAL, encode(DeviceType.REAL, value, order), order)
    assert encode(DeviceType.REAL, back, order) == encode(DeviceType.REAL, value, order)


def written(*writes: tuple[str, DeviceType, Value], multiple: bool = False) -> list[tuple[int, str, int]]:
    made = [Write(point(address, kind, n), value) for n, (address, kind, value) in enumerate(writes)]
    placed = [(place_to_write(write.point, 1), write) for write in made]
    return [
        (run.request.function_code, run.request.encode().hex(), run.writes)
        for run in runs(placed, only_multiple=multiple)
    ]


def test_neighbours_are_written_in_one_request_and_in_their_order() -> None:
    bit, word, real = DeviceType.BOOL, DeviceType.UINT, DeviceType.REAL
    assert written(("coil 3", bit, True)) == [(5, "0003ff00", 1)]
    assert written(("coil 3", bit, True), multiple=True) == [(15, "000300010101", 1)]
    assert written(("coil 3", bit, True), ("coil 4", bit, False), ("coil 5", bit, True)) == [(15, "000300030105", 3)]
    assert written(("40001", word, 9)) == [(6, "00000009", 1)]
    assert written(("40001", word, 9), ("40002", real, 1.5)) == [(16, "000000030600093fc00000", 2)]
    assert written(("40002", word, 1), ("40001", word, 2)) == [(6, "00010001", 1), (6, "00000002", 1)]
    assert written(("40001.3", bit, True), ("40001.4", bit, False)) == [
        (22, "0000fff70008", 1), (22, "0000ffef0000", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "reading", "writing"),
    [
        (2, "refused by the device: illegal data address (2)", "refused by the device: illegal data address (2)"),
        (5, "refused by the device: acknowledged", "sent, outcome unknown: acknowledged, not done yet (5)"),
        (11, "no answer in time: gateway target", "sent, outcome unknown: gateway target did not answer (11)"),
        (99, "refused by the device: exception (99)", "refused by the device: exception (99)"),
    ],
)
def test_exceptions_are_told_in_words(code: int, reading: str, writing: str) -> None:
    assert str(said(code)).startswith(reading)
    assert str(not_done(code)) == writing
