"""For CODESYS V3: a global variable list for the channels of its Modbus TCP client, as text and as PLCopen XML.

Channels are made by hand in the device editor; the list says which, and at which byte the I/O mapping of each has to
begin so that the located variables fit. PLCopen XML is the TC6 version that CODESYS reads, with the element in which
it keeps a global variable list.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.site import POLL_MS, TIMEOUT_MS, Site, advice
from devices.address_map.polls import Placed, placed, polls
from devices.address_map.symbols import identifiers, remark, word_type
from devices.endpoint import Wire
from sim.text import Text

FIRST_BYTE = 1000  # of %I and of %Q: behind what a small controller has of its own
TC6 = "http://www.plcopen.org/xml/tc6_0200"
XHTML = "http://www.w3.org/1999/xhtml"
GLOBAL_VARIABLES = "http://www.3s-software.com/plcopenxml/globalvars"
WRITTEN = "2026-01-01T00:00:00"  # the schema wants a time; one that is always the same keeps the file comparable
_FUNCTIONS = {
    1: "Read Coils",
    2: "Read Discrete Inputs",
    3: "Read Holding Registers",
    4: "Read Input Registers",
    15: "Write Multiple Coils",
    16: "Write Multiple Registers",
}


def channels(addresses: AddressMap, site: Site) -> list[tuple[str, Placed]]:
    """Every channel with its area, `I` for what is read and `Q` for what is written."""
    found = polls(addresses, site.stations)
    read = placed((poll for poll in found if not poll.writes), FIRST_BYTE)
    written = placed((poll for poll in found if poll.writes), FIRST_BYTE)
    return [*(("I", one) for one in read), *(("Q", one) for one in written)]


def variables(addresses: AddressMap, site: Site) -> Iterator[tuple[str, str, str, Address]]:
    """Name, location, type and tag."""
    rows = [(area, *spot) for area, one in channels(addresses, site) for spot in one.spots()]
    names = {address.name: name for name, address in identifiers(row[1] for row in rows).items()}
    for area, address, byte, bit in rows:
        yield names[address.name], _location(address, area, byte, bit), word_type(address), address


def global_variables(addresses: AddressMap, site: Site) -> str:
    """The list as text, to be pasted into a GVL; the channels are its comment."""
    head = ["(*", *(f"  {line.replace('*)', '* )')}" for line in _notes(addresses, site)), "*)", "VAR_GLOBAL"]
    rows = [
        f"  {name} AT {location} : {type_}; (* {remark(address, site.language).replace('*)', '* )')} *)"
        for name, location, type_, address in variables(addresses, site)
    ]
    return "\n".join([*head, *rows, "END_VAR", ""])


def plcopen_xml(addresses: AddressMap, site: Site) -> str:
    """The same list for Project > Import PLCopenXML."""
    root = ET.Element("project", {"xmlns": TC6})
    header = {"companyName": "", "productName": "LineLab", "productVersion": "1", "creationDateTime": WRITTEN}
    ET.SubElement(root, "fileHeader", header)
    _content(ET.SubElement(root, "contentHeader", {"name": addresses.line}), _notes(addresses, site))
    types = ET.SubElement(root, "types")
    for empty in ("dataTypes", "pous"):
        ET.SubElement(types, empty)
    ET.SubElement(ET.SubElement(root, "instances"), "configurations")
    data = ET.SubElement(
        ET.SubElement(root, "addData"), "data", {"name": GLOBAL_VARIABLES, "handleUnknown": "implementation"}
    )
    listed = ET.SubElement(data, "globalVars", {"name": "GVL_LineLab"})
    for name, location, type_, address in variables(addresses, site):
        variable = ET.SubElement(listed, "variable", {"name": name, "address": location})
        ET.SubElement(ET.SubElement(variable, "type"), type_)
        note = ET.SubElement(ET.SubElement(variable, "documentation"), "xhtml", {"xmlns": XHTML})
        note.text = remark(address, site.language)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _content(header: ET.Element, notes: Iterable[str]) -> None:
    ET.SubElement(header, "Comment").text = "\n".join(notes)
    coordinates = ET.SubElement(header, "coordinateInfo")
    for language in ("fbd", "ld", "sfc"):
        ET.SubElement(ET.SubElement(coordinates, language), "scaling", {"x": "1", "y": "1"})


def _notes(addresses: AddressMap, site: Site) -> Iterator[str]:
    yield f"LineLab: {addresses.line}"
    yield f"Modbus TCP Slave: {site.modbus_host}:{site.modbus_port}, Response Timeout {TIMEOUT_MS} ms"
    yield from advice(site, (Wire.MODBUS,))
    yield site.say(
        Text(
            "在 Modbus TCP Slave 下建立下列通道，并在 I/O 映射中把每个通道的起始地址固定为所列地址；"
            "数值参数只读：要写时另建通道，功能码 6，上升沿触发",
            "Make these channels of the Modbus TCP Slave and fix the address of each in the I/O mapping as listed; "
            "parameters that are numbers are read: to write one, add a channel with function 6 and a rising edge",
        )
    )
    for area, one in channels(addresses, site):
        poll = one.poll
        start = f"%{area}B{one.byte}" if poll.table.is_bits else f"%{area}W{one.byte // 2}"
        yield (
            f"channel {poll.name}: {_FUNCTIONS[poll.function]} (FC{poll.function}), "
            f"cyclic {POLL_MS} ms, offset {poll.start}, length {poll.count}, at {start}"
        )


def _location(address: Address, area: str, byte: int, bit: int) -> str:
    # CODESYS numbers words by twos of bytes: %IW500 is %IB1000 and %IB1001
    return f"%{area}X{byte}.{bit}" if address.modbus.table.is_bits else f"%{area}W{byte // 2}"
