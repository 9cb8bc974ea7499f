"""Each export of the address map, read back by a reader of that format."""

import csv
import io
import json
import re

import pytest

from devices.address_map import AddressError, AddressMap
from devices.address_map import exports as export
from devices.address_map.openplc import mbconfig, openplc, variables
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text
from tests.devices.fake_line import table


@pytest.fixture
def addresses() -> AddressMap:
    return AddressMap("smart-factory", table())


def test_json_has_every_field_of_every_tag(addresses: AddressMap) -> None:
    document = json.loads(export.json(addresses))
    assert [tag["name"] for tag in document["tags"]] == [address.name for address in addresses]
    speed = next(tag for tag in document["tags"] if tag["name"] == "sorting.belt_speed")
    assert speed == {
        "name": "sorting.belt_speed",
        "station": "sorting",
        "direction": "output",
        "type": "REAL",
        "unit": "mm/s",
        "range": [0, 500],
        "iec_address": "%QW100",
        "modbus": {
            "table": "holding_register",
            "address": 0,
            "count": 1,
            "reference": "40001",
            "scale": 10,
            "signed": False,
            "address_32": 4000,
            "count_32": 2,
            "address_64": 8000,
            "word_order": "ABCD",
        },
        "opcua": {"namespace_uri": "urn:linelab:smart-factory", "node_id": "s=sorting.belt_speed"},
        "mqtt": {
            "state": "linelab/smart-factory/sorting/belt_speed",
            "set": "linelab/smart-factory/sorting/belt_speed/set",
        },
        "description": {"en": "test belt_speed", "zh": "测试 belt_speed"},
    }


def test_csv_reads_back_with_unicode_and_commas() -> None:
    text = Text("速度，快", 'speed, "fast"')
    tags = TagTable([Tag(0, "a", "v", DataType.REAL, Direction.OUTPUT, text, unit="°C", low=-1, high=1, decimals=2)])
    (row,) = csv.DictReader(io.StringIO(export.csv(AddressMap("l", tags))))
    assert (row["description_zh"], row["description_en"], row["unit"]) == (text.zh, text.en, "°C")
    assert (row["modbus_scale"], row["low"], row["mqtt_set"]) == ("100", "-1", "linelab/l/a/v/set")


def test_factoryio_list_has_its_header_and_address_words(addresses: AddressMap) -> None:
    rows = list(csv.DictReader(io.StringIO(export.factoryio(addresses))))
    assert list(rows[0]) == ["Name", "Type", "Data Type", "Address"]
    by_name = {row["Name"]: (row["Type"], row["Data Type"], row["Address"]) for row in rows}
    assert by_name["sorting.eye_1"] == ("Input", "Bool", "Input 0")
    assert by_name["storage.crane_x"] == ("Input", "Real", "Input Reg 32")
    assert by_name["storage.fork_extend"] == ("Output", "Bool", "Coil 32")
    assert by_name["sorting.target"] == ("Output", "Int", "Holding Reg 1")


@pytest.mark.parametrize(("language", "word"), [("en", "test eye_1"), ("zh", "测试 eye_1")])
def test_table_has_a_cell_for_every_column(addresses: AddressMap, language: str, word: str) -> None:
    header, rows = export.table(addresses, language)
    assert {len(row) for row in rows} == {len(header)}
    assert rows[0][-1] == word


class OpenPlc:
    """Reads `mbconfig.cfg` and counts its points as OpenPLC v3 does: device by device, from 100 on."""

    def __init__(self, text: str) -> None:
        settings = dict(re.findall(r'^(\S+) = "(.*)"$', text, re.MULTILINE))
        self.settings = settings
        self.points: dict[str, tuple[str, int]] = {}
        for key, area in (
            ("Discrete_Inputs", "IX"),
            ("Coils", "QX"),
            ("Input_Registers", "IW"),
            ("Holding_Registers", "QW"),
        ):
            point = 0
            for number in range(int(settings["Num_Devices"])):
                start, size = (int(settings[f"device{number}.{key}_{end}"]) for end in ("Start", "Size"))
                for at in range(start, start + size):
                    location = f"{100 + point // 8}.{point % 8}" if area.endswith("X") else f"{100 + point}"
                    self.points[f"%{area}{location}"] = key, at
                    point += 1


KEYS = {
    "discrete_input": "Discrete_Inputs",
    "coil": "Coils",
    "input_register": "Input_Registers",
    "holding_register": "Holding_Registers",
}


def test_openplc_polls_every_io_tag_where_the_map_says(addresses: AddressMap) -> None:
    plc = OpenPlc(mbconfig(addresses, "10.0.0.7", 5021))
    assert (plc.settings["device0.address"], plc.settings["device1.IP_Port"]) == ("10.0.0.7", "5021")
    for address in addresses:
        if address.modbus.address < 1000:
            assert plc.points[address.iec] == (KEYS[address.modbus.table], address.modbus.address)


def test_openplc_with_supervisory_blocks_keeps_the_io_where_it_was(addresses: AddressMap) -> None:
    plc = OpenPlc(mbconfig(addresses, supervisory=True))
    for address in addresses:
        if (address.modbus.table, address.modbus.address) != ("holding_register", 1000):  # parameters are not written
            assert plc.points[address.iec] == (KEYS[address.modbus.table], address.modbus.address)


@pytest.mark.parametrize("chosen", [None, ["storage"], ["storage", "sorting"]])
@pytest.mark.parametrize("supervisory", [False, True])
def test_openplc_variables_lie_where_its_configuration_puts_them(
    addresses: AddressMap, chosen: list[str] | None, supervisory: bool
) -> None:
    plc = OpenPlc(mbconfig(addresses, stations=chosen, supervisory=supervisory))
    text = variables(addresses, stations=chosen, supervisory=supervisory)
    rows = re.findall(r"^  (\w+) AT (\S+) : (BOOL|INT|UINT);", text, re.MULTILINE)
    by_identifier = {address.name.replace(".", "_"): address for address in addresses}
    assert {name.partition("_")[0] for name, _, _ in rows} == set(chosen or addresses.stations)
    for name, location, _ in rows:
        place = by_identifier[name].modbus
        assert plc.points[location] == (KEYS[place.table], place.address)


def test_openplc_reads_the_joint_text_as_the_configuration(addresses: AddressMap) -> None:
    text = openplc(addresses)
    assert OpenPlc(text).points == OpenPlc(mbconfig(addresses)).points
    assert "#   sorting_eye_1 AT %IX100.0 : BOOL;" in text


def test_openplc_refuses_more_points_than_it_polls() -> None:
    tags = TagTable([Tag(n, f"st{n}", "eye", DataType.BOOL, Direction.INPUT, Text("", "")) for n in range(13)])
    addresses = AddressMap("l", tags)
    with pytest.raises(AddressError, match="400 points"):
        mbconfig(addresses)
    assert OpenPlc(mbconfig(addresses, stations=["st12"])).points["%IX100.0"] == ("Discrete_Inputs", 384)


def test_openplc_names_an_unknown_station(addresses: AddressMap) -> None:
    with pytest.raises(AddressError, match="attic"):
        mbconfig(addresses, stations=["attic"])
