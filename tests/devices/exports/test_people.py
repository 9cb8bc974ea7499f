"""What people read: the numbered table, the page for UaExpert and the sheet, read back word by word."""

import re
import subprocess
from pathlib import Path

import pytest

from devices.address_map import AddressError, AddressMap, Table
from devices.address_map.exports import FORMATS, Site, advice, make
from devices.endpoint import Wire
from tests.tools import need


def text_of(name: str, addresses: AddressMap, site: Site) -> str:
    made = make(name, addresses, site)
    assert isinstance(made, str)
    return made


def test_the_numbered_table_has_every_tag_once_in_order(addresses: AddressMap, site: Site) -> None:
    text = text_of("people", addresses, site)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("| ")]
    found = {row[2]: row for row in rows if row[0].isdigit()}
    assert set(found) == {address.name for address in addresses}
    for address in addresses:
        row = found[address.name]
        assert (row[0], row[1], row[-1]) == (
            address.modbus.reference,
            str(address.modbus.address),
            site.say(address.description),
        )
        if not address.modbus.table.is_bits:
            assert row[4] == f"x {address.modbus.scale}"
            wide = int(row[7][1:]) - 1
            assert (row[7][0], wide) == (address.modbus.reference[0], address.modbus.address_32)
    for table in Table:
        here = [int(row[1]) for row in rows if row[0].isdigit() and found[row[2]] is row and _table(row[0]) is table]
        assert here == sorted(here)


def _table(number: str) -> Table:
    tables = (Table.COIL, Table.DISCRETE_INPUT, None, Table.INPUT_REGISTER, Table.HOLDING_REGISTER)
    found = tables[int(number[0])]
    assert found is not None
    return found


def test_the_page_for_uaexpert_names_every_node(addresses: AddressMap, site: Site) -> None:
    text = text_of("uaexpert", addresses, site)
    rows = {row[0]: row for row in (line.split("\t") for line in text.splitlines() if line.startswith("ns="))}
    assert set(rows) == {f"ns=2;{address.opcua.node_id}" for address in addresses}
    for address in addresses:
        right, type_ = rows[f"ns=2;{address.opcua.node_id}"][1:3]
        assert (right.strip() == "rw", type_) == (address.writable, address.type.value)
    for word in ("opc.tcp://10.0.0.7:4840/", "Basic256Sha256", addresses.namespace_uri, "trainee"):
        assert word in text


def test_every_export_with_room_for_comments_says_what_the_other_side_sets(addresses: AddressMap, site: Site) -> None:
    wires = {
        Wire.MODBUS: ("people", "codesys", "codesys-st", "siemens-scl", "node-red-modbus", "telegraf", "fuxa"),
        Wire.OPCUA: ("uaexpert", "node-red-opcua", "telegraf", "fuxa"),
        Wire.MQTT: ("node-red", "telegraf", "fuxa"),
    }
    for wire, names in wires.items():
        first, *_, order = advice(site, (wire,))
        assert re.search(r"\d+ m?s", first), wire
        for name in names:
            text = text_of(name, addresses, site)
            assert first in text, name
            assert order.split("；" if site.language == "zh" else ";")[0] in text, name


def test_no_export_has_a_password(addresses: AddressMap, site: Site) -> None:
    for name, kind in FORMATS.items():
        if not kind.binary and not (name == "openplc" and addresses.profile != "linelab"):
            assert not re.search(r'(?i)(password|pwd)"?\s*[:=]\s*"[^"$]', text_of(name, addresses, site)), name


def test_a_station_that_is_not_there_is_named(addresses: AddressMap) -> None:
    for name in ("codesys", "codesys-st", "siemens", "siemens-scl", "uaexpert", "node-red", "node-red-opcua", "pdf"):
        with pytest.raises(AddressError, match="attic"):
            make(name, addresses, Site(stations=("attic",)))


def test_the_sheet_says_every_tag_wire_and_setting(addresses: AddressMap, site: Site, tmp_path: Path) -> None:
    program = need("pdftotext", "apt-get install poppler-utils poppler-data")
    made = make("pdf", addresses, site)
    assert isinstance(made, bytes)
    assert made == make("pdf", addresses, site)
    assert b"/FontFile" not in made
    (tmp_path / "sheet.pdf").write_bytes(made)
    command = [program, "-layout", str(tmp_path / "sheet.pdf"), "-"]
    text = subprocess.run(command, check=True, capture_output=True, timeout=20).stdout.decode()
    rows = {words[0]: words for words in map(str.split, text.splitlines()) if len(words) > 3}
    for address in addresses:
        if address.signal == "state":  # twice on this line
            continue
        row = rows[address.signal]
        assert {address.modbus.reference, str(address.modbus.address)} <= set(row), address.name
        assert site.say(address.description).split()[0] in row, address.name
        if address.unit:
            assert address.unit in row
    flat = "".join(text.split())
    for line in (*advice(site, tuple(Wire)), "10.0.0.7:5021", "opc.tcp://10.0.0.7:4840/"):
        assert "".join(line.split()) in flat
