"""What PLCs import: their symbols, compiled back to the addresses that their requests fetch."""

import csv
import io
import re
import xml.etree.ElementTree as ET

import pytest

from devices.address_map import AddressError, AddressMap, Profile, Table
from devices.address_map.exports import Site, make
from devices.address_map.symbols import identifier
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text

TC6 = {"p": "http://www.plcopen.org/xml/tc6_0200"}
CHANNEL = re.compile(
    r"channel (\w+): .* \(FC(\d+)\), cyclic (\d+) ms, offset (\d+), length (\d+), at %([IQ])([BW])(\d+)"
)
TABLES = {
    1: Table.COIL,
    2: Table.DISCRETE_INPUT,
    3: Table.HOLDING_REGISTER,
    4: Table.INPUT_REGISTER,
    15: Table.COIL,
    16: Table.HOLDING_REGISTER,
}
CALL = re.compile(r"// (\w+); ([01]); (\d+); (\d+); P#M(\d+)\.0 (BYTE|WORD) (\d+)")

Spots = dict[str, tuple[Table, int]]


def text_of(name: str, addresses: AddressMap, site: Site) -> str:
    made = make(name, addresses, site)
    assert isinstance(made, str)
    return made


def expected(addresses: AddressMap) -> Spots:
    return {identifier(address): (address.modbus.table, address.modbus.address) for address in addresses}


def channels(text: str) -> Spots:
    """Where each location of the PLC comes from: by the channels alone."""
    found: Spots = {}
    for _, code, _, offset, length, area, unit, at in CHANNEL.findall(text):
        for n in range(int(length)):
            location = f"%{area}X{int(at) + n // 8}.{n % 8}" if unit == "B" else f"%{area}W{int(at) + n}"
            assert location not in found, "two channels in one place"
            found[location] = TABLES[int(code)], int(offset) + n
    return found


def no_overlap(locations: Spots) -> None:
    """Words and bits of an area share its bytes."""
    bits = {(one[1], int(one[3:].split(".")[0])) for one in locations if one[2] == "X"}
    words = {(one[1], 2 * int(one[3:]) + half) for one in locations if one[2] == "W" for half in (0, 1)}
    assert not bits & words


def test_codesys_list_lies_where_its_channels_put_the_answers(addresses: AddressMap, site: Site) -> None:
    text = text_of("codesys-st", addresses, site)
    rows = re.findall(r"^  (\w+) AT (%\S+) : (BOOL|INT|UINT); \(\* (.*) \*\)$", text, re.MULTILINE)
    places = channels(text)
    no_overlap(places)
    assert {name: places[location] for name, location, _, _ in rows} == expected(addresses)
    assert len(rows) == len(addresses)
    comments = {name: comment for name, _, _, comment in rows}
    speed = next(address for address in addresses if address.name == "sorting.belt_speed")
    assert comments["sorting_belt_speed"] == f"{site.say(speed.description)} [mm/s x 10]"


def test_plcopen_xml_is_the_same_list(addresses: AddressMap, site: Site) -> None:
    root = ET.fromstring(text_of("codesys", addresses, site))
    assert [child.tag.partition("}")[2] for child in root] == [
        "fileHeader",
        "contentHeader",
        "types",
        "instances",
        "addData",
    ]
    notes = root.findtext("p:contentHeader/p:Comment", "", TC6)
    places = channels(notes)
    variables = root.findall("p:addData/p:data/p:globalVars/p:variable", TC6)
    assert {str(v.get("name")): places[str(v.get("address"))] for v in variables} == expected(addresses)
    types = {str(v.get("name")): v.find("p:type", TC6) for v in variables}
    kinds = {name: type_[0].tag.partition("}")[2] for name, type_ in types.items() if type_ is not None}
    assert kinds["sorting_belt_run"] == "BOOL"
    assert kinds["sorting_target"] == "INT"
    assert kinds["sorting_belt_speed"] == "UINT"


def test_tia_tags_lie_where_mb_client_puts_the_answers(addresses: AddressMap, site: Site) -> None:
    places: Spots = {}
    base = {"0": Table.COIL, "1": Table.DISCRETE_INPUT, "3": Table.INPUT_REGISTER, "4": Table.HOLDING_REGISTER}
    for _, _, start, length, byte, unit, size in CALL.findall(text_of("siemens-scl", addresses, site)):
        table, first = base[f"{start:0>5}"[0]], int(f"{start:0>5}"[1:]) - 1
        assert int(size) == (int(length) if unit == "WORD" else (int(length) + 7) // 8)
        for n in range(int(length)):
            at = f"%MW{int(byte) + 2 * n}" if unit == "WORD" else f"%M{int(byte) + n // 8}.{n % 8}"
            assert at not in places
            places[at] = table, first + n
    rows = list(csv.reader(io.StringIO(text_of("siemens", addresses, site))))
    assert {len(row) for row in rows} == {9}
    assert {row[0]: places[row[1]] for row in rows} == expected(addresses)
    types = {row[0]: row[2] for row in rows}
    assert (types["sorting_belt_run"], types["sorting_target"], types["sorting_state"]) == ("Bool", "Int", "UInt")


def test_requests_that_write_never_touch_parameters_that_are_numbers(addresses: AddressMap) -> None:
    parameters = {
        address.modbus.address
        for address in addresses
        if address.direction is Direction.PARAMETER and address.type is not DataType.BOOL
    }
    written = [
        range(int(offset), int(offset) + int(length))
        for _, code, _, offset, length, *_ in CHANNEL.findall(text_of("codesys-st", addresses, Site()))
        if code == "16"
    ]
    assert written
    assert not any(address in span for span in written for address in parameters)


def test_stations_can_be_chosen(addresses: AddressMap) -> None:
    rows = list(csv.reader(io.StringIO(text_of("siemens", addresses, Site(stations=("storage",))))))
    assert {row[0].partition("_")[0] for row in rows} == {"storage"}
    assert rows[0][1] == "%M100.0"


def test_two_tags_that_a_plc_calls_alike_are_refused() -> None:
    tags = [Tag(0, "a_b", "c", DataType.BOOL, Direction.INPUT, Text("", "")),
            Tag(1, "a", "b_c", DataType.BOOL, Direction.INPUT, Text("", ""))]  # fmt: skip
    with pytest.raises(AddressError, match=r"a\.b_c and a_b\.c"):
        make("codesys", AddressMap("l", TagTable(tags)), Site())


def test_a_line_that_is_too_large_for_bit_memory_is_refused() -> None:
    rows = [
        (f"s{station}", f"{direction.value}_{type_.value}_{n}", type_, direction)
        for station in range(31)
        for direction in Direction
        for type_, count in ((DataType.INT, 32), (DataType.BOOL, 1))
        for n in range(count)
    ]
    table = TagTable([Tag(i, *row, Text("", "")) for i, row in enumerate(rows)])
    with pytest.raises(AddressError, match="bit memory"):
        make("siemens", AddressMap("l", table), Site())
    assert make("siemens", AddressMap("l", table), Site(stations=("s3",)))


@pytest.mark.parametrize("profile", [Profile.OPENPLC, Profile.FACTORYIO])
def test_mbconfig_says_which_profile_it_needs(profile: Profile, site: Site) -> None:
    tags = TagTable([Tag(0, "a", "b", DataType.BOOL, Direction.INPUT, Text("", ""))])
    with pytest.raises(AddressError, match="profile linelab"):
        make("openplc", AddressMap("l", tags, profile=profile), site)
