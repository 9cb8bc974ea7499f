"""The address map: where tags are, that they stay there, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.address_map import BLOCK, GROUPS, AddressError, AddressMap, ModbusPlace, Profile, Table
from devices.address_map.layout import group_of
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text
from tests.devices.fake_line import table

Row = tuple[str, DataType, Direction]


def tags(rows: list[Row]) -> TagTable:
    """Tags of these stations, types and directions, each with a signal name of its own."""
    return TagTable(
        [Tag(i, station, f"s{i}", type_, direction, Text("", "")) for i, (station, type_, direction) in enumerate(rows)]
    )


def places(addresses: AddressMap) -> dict[str, tuple[Table, int, int | None]]:
    return {a.name: (a.modbus.table, a.modbus.address, a.modbus.address_32) for a in addresses}


@pytest.mark.parametrize(
    ("name", "where", "address", "iec"),
    [
        ("sorting.eye_2", Table.DISCRETE_INPUT, 1, "%IX100.1"),
        ("sorting.belt_current", Table.INPUT_REGISTER, 1, "%IW101"),
        ("sorting.belt_run", Table.COIL, 0, "%QX100.0"),
        ("sorting.target", Table.HOLDING_REGISTER, 1, "%QW101"),
        ("sorting.blocked", Table.DISCRETE_INPUT, 1000, "%IX108.0"),
        ("sorting.parts_out", Table.INPUT_REGISTER, 1001, "%IW165"),
        ("sorting.cmd_reset", Table.COIL, 1001, "%QX108.1"),
        ("sorting.ejector_2_colour", Table.HOLDING_REGISTER, 1000, "%QW164"),
        ("storage.fork_extend", Table.COIL, 32, "%QX104.0"),
        ("storage.crane_x", Table.INPUT_REGISTER, 32, "%IW132"),
        ("storage.state", Table.INPUT_REGISTER, 1032, "%IW196"),
    ],
)
def test_each_kind_of_tag_has_its_table_block_and_iec_location(name: str, where: Table, address: int, iec: str) -> None:
    found = AddressMap("smart-factory", table()).find(name)
    assert found is not None
    assert (found.modbus.table, found.modbus.address, found.iec) == (where, address, iec)


def test_a_number_has_scale_sign_and_32_bit_view() -> None:
    addresses = AddressMap("smart-factory", table(), word_order="CDAB")
    speed, target = addresses.find("sorting.belt_speed"), addresses.find("sorting.target")
    assert speed
    assert target
    assert (speed.modbus.scale, speed.modbus.signed, speed.modbus.address_32, speed.modbus.count_32) == (
        10,
        False,
        4000,
        2,
    )
    assert (target.modbus.scale, target.modbus.signed, target.modbus.address_32) == (1, True, 4002)
    assert speed.modbus.word_order == "CDAB"


def test_opcua_and_mqtt_names_follow_the_tag() -> None:
    run = AddressMap("smart-factory", table(), mqtt_prefix="linelab/2").find("sorting.belt_run")
    eye = AddressMap("smart-factory", table()).find("sorting.eye_1")
    assert run
    assert eye
    assert (run.opcua.namespace_uri, run.opcua.node_id) == ("urn:linelab:smart-factory", "s=sorting.belt_run")
    assert run.mqtt.set == "linelab/2/smart-factory/sorting/belt_run/set"
    assert (eye.mqtt.state, eye.mqtt.set) == ("linelab/smart-factory/sorting/eye_1", None)


def test_slots_order_a_block_and_reserve_holes() -> None:
    slots = {"sorting": {"outputs_bool": [None, "ejector_1_extend", None]}}
    addresses = AddressMap("l", table(), slots)
    assert places(addresses)["sorting.ejector_1_extend"][1] == 1
    assert places(addresses)["sorting.belt_run"][1] == 3


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ({"nowhere": {}}, "nowhere"),
        ({"sorting": {"coils": []}}, "coils"),
        ({"sorting": {"outputs_bool": ["eye_1"]}}, r"sorting, outputs_bool: no such signal: eye_1"),
        ({"sorting": {"inputs_bool": ["eye_1", "eye_1"]}}, "eye_1 is listed twice"),
        ({"sorting": {"inputs_bool": [None] * 31}}, "sorting, inputs_bool: 33 addresses, but a block holds 32"),
    ],
)
def test_slots_that_do_not_fit_are_refused_by_name(slots: dict[str, dict[str, list[str | None]]], message: str) -> None:
    with pytest.raises(AddressError, match=message):
        AddressMap("l", table(), slots)


def test_a_full_block_names_station_group_and_count() -> None:
    rows: list[Row] = [("a", DataType.BOOL, Direction.STATUS)] * (BLOCK + 1)
    with pytest.raises(ValueError, match="station a, status_bool: 33 addresses"):
        AddressMap("l", tags(rows))


def test_more_stations_than_blocks_are_refused() -> None:
    rows: list[Row] = [(f"st{n}", DataType.BOOL, Direction.INPUT) for n in range(32)]
    assert len(AddressMap("l", tags(rows[:31]))) == 31
    with pytest.raises(AddressError, match="32 stations"):
        AddressMap("l", tags(rows))


row = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(DataType), st.sampled_from(Direction))


@given(st.lists(row, max_size=40), st.lists(row, max_size=40))
@settings(max_examples=60, deadline=None)
def test_added_tags_move_nothing(rows: list[Row], added: list[Row]) -> None:
    try:
        after = places(AddressMap("l", tags(rows + added)))
    except AddressError:
        return  # a full block is refused, which moves nothing either
    before = places(AddressMap("l", tags(rows)))
    assert before.items() <= after.items()


@given(st.lists(row, min_size=1, max_size=40), st.data())
@settings(max_examples=60, deadline=None)
def test_added_slots_move_nothing(rows: list[Row], data: st.DataObject) -> None:
    """Whoever writes the present order down as slots, and adds reserves behind it, moves nothing."""
    table_ = tags(rows)
    before = AddressMap("l", table_)
    slots: dict[str, dict[str, list[str | None]]] = {}
    for tag in sorted(table_, key=lambda tag: places(before)[tag.name][1]):
        slots.setdefault(tag.station, {}).setdefault(group_of(tag).name, []).append(tag.signal)
    for groups in slots.values():
        for listed in groups.values():
            del listed[data.draw(st.integers(0, len(listed))) :]
    assert places(AddressMap("l", table_, slots)) == places(before)


@given(st.sampled_from(Profile), st.lists(row, max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_two_tags_share_an_address_and_all_can_be_read(profile: Profile, rows: list[Row]) -> None:
    try:
        addresses = AddressMap("l", tags(rows), profile=profile)
    except AddressError:
        return
    taken: set[tuple[Table, int]] = set()
    for address in addresses:
        place = address.modbus
        cells = {(place.table, place.address)}
        if place.address_32 is not None:
            cells |= {(place.table, place.address_32), (place.table, place.address_32 + 1)}
        if place.address_64 is not None:
            cells |= {(place.table, place.address_64 + n) for n in range(4)}
        assert not cells & taken
        taken |= cells
        assert all(any(at in span for span in addresses.spans[place.table]) for _, at in cells)


def test_every_direction_and_type_has_a_group() -> None:
    assert sorted(GROUPS) == sorted(
        f"{direction}_{kind}"
        for direction in ("inputs", "outputs", "status", "parameters")
        for kind in ("bool", "number")
    )


def test_packed_profiles_have_no_holes_and_keep_the_order_of_the_blocks() -> None:
    for profile in (Profile.OPENPLC, Profile.FACTORYIO):
        found = AddressMap("l", table(), profile=profile)
        for kind in (Table.DISCRETE_INPUT, Table.COIL, Table.INPUT_REGISTER):
            here = [a.modbus.address for a in found if a.modbus.table is kind]
            assert sorted(here) == list(range(len(here)))
    names = {a.name: a.modbus.address for a in found}
    assert [names[f"{n}"] for n in ("sorting.eye_1", "storage.eye_pick", "sorting.blocked")] == [0, 2, 3]


def test_parameters_of_the_openplc_profile_are_where_it_keeps_memory_words() -> None:
    found = {a.name: a.modbus for a in AddressMap("l", table(), profile=Profile.OPENPLC)}
    outputs = [found[f"{n}"].address for n in ("sorting.belt_speed", "sorting.target", "storage.crane_x_target")]
    assert outputs == [0, 1, 2]
    assert found["sorting.ejector_2_colour"].address == 1024
    assert [found["sorting.belt_speed"].address_32, found["sorting.ejector_2_colour"].address_32] == [2048, 2054]
    assert found["sorting.ejector_2_colour"].address_64 == 4096 + 4 * 3


def test_numbers_of_peoples_tables() -> None:
    found = {a.name: a.modbus for a in AddressMap("l", table())}
    names = ("sorting.eye_1", "sorting.belt_run", "sorting.colour", "sorting.belt_speed", "sorting.state")
    assert [found[n].reference for n in names] == ["10001", "00001", "30001", "40001", "31001"]
    assert ModbusPlace(Table.HOLDING_REGISTER, 9998).reference == "49999"
    assert ModbusPlace(Table.HOLDING_REGISTER, 9999).reference == "410000"
