"""For SIMATIC S7-1200 and S7-1500 in TIA Portal: a PLC tag table in its SDF text form, and the requests for MB_CLIENT.

SDF is the text form that TIA Portal imports and exports beside its own XLSX: nine quoted fields a row. The tags lie in
bit memory, where MB_CLIENT puts what it reads. Registers and S7 words have the same order of bytes.
"""

import csv
import io

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.site import POLL_MS, TIMEOUT_MS, Site, advice
from devices.address_map.layout import AddressError, Table
from devices.address_map.polls import Placed, placed, polls
from devices.address_map.symbols import identifiers, remark, word_type
from devices.endpoint import Wire
from sim.text import Text

FIRST_BYTE = 100  # of bit memory: below are the clock and system bytes of many projects
MEMORY = 8192  # bytes of bit memory of an S7-1200 from CPU 1214C on; a 1211C and 1212C have 4096
_TYPES = {"BOOL": "Bool", "INT": "Int", "UINT": "UInt"}
_AREAS = {Table.COIL: 1, Table.DISCRETE_INPUT: 10001, Table.INPUT_REGISTER: 30001, Table.HOLDING_REGISTER: 40001}


def tag_table(addresses: AddressMap, site: Site) -> str:
    """Name, address, type, three rights of HMIs and retain, comment. The form has no room for notes: see `requests`."""
    spots = [spot for one in _requests(addresses, site) for spot in one.spots()]
    names = {address.name: name for name, address in identifiers(spot[0] for spot in spots).items()}
    file = io.StringIO()
    rows = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for address, byte, bit in spots:
        type_ = _TYPES[word_type(address)]
        comment = remark(address, site.language)
        rows.writerow(
            [names[address.name], _location(address, byte, bit), type_, "True", "True", "False", comment, "", "True"]
        )
    return file.getvalue()


def requests(addresses: AddressMap, site: Site) -> str:
    """What MB_CLIENT has to be called with, one call after the other, as comments and a table of constants in SCL."""
    found = _requests(addresses, site)
    lines = [f"// LineLab: {addresses.line}, {site.modbus_host}:{site.modbus_port}"]
    lines += [f"// {line}" for line in advice(site, (Wire.MODBUS,))]
    lines.append("// " + site.say(_HOW))
    lines.append(f"// REQ: {POLL_MS} ms, MB_Unit_ID: 1, RCV_TIMEOUT: {TIMEOUT_MS} ms")
    lines.append("// request; MB_MODE; MB_DATA_ADDR; MB_DATA_LEN; MB_DATA_PTR")
    for one in found:
        lines.append(f"// {'; '.join(_call(one))}")
    lines += ["CASE #request OF"]
    for number, one in enumerate(found):
        name, mode, address, length, pointer = _call(one)
        lines += [
            f"    {number}: // {name}, {pointer}",
            f"        #mode := {mode}; #address := {address}; #length := {length};",
        ]
    return "\n".join([*lines, "END_CASE;", ""])


_HOW = Text(
    "逐个调用 MB_CLIENT，DONE 或 ERROR 之后才发下一个请求；数值参数只读：要写时用 MB_MODE 1 单独写",
    "Call MB_CLIENT for one after the other, the next request after DONE or ERROR; parameters that are numbers are "
    "read: to write one, use MB_MODE 1 for it alone",
)


def _requests(addresses: AddressMap, site: Site) -> list[Placed]:
    found = placed(polls(addresses, site.stations), FIRST_BYTE)
    if found and (last := found[-1].byte + found[-1].poll.bytes) > MEMORY:
        raise AddressError(f"the line fills {last} bytes of bit memory, an S7-1200 has {MEMORY}: name some stations")
    return found


def _call(one: Placed) -> tuple[str, str, str, str, str]:
    poll = one.poll
    unit = f"BYTE {(poll.count + 7) // 8}" if poll.table.is_bits else f"WORD {poll.count}"
    start = _AREAS[poll.table] + poll.start
    return poll.name, str(int(poll.writes)), str(start), str(poll.count), f"P#M{one.byte}.0 {unit}"


def _location(address: Address, byte: int, bit: int) -> str:
    return f"%M{byte}.{bit}" if address.modbus.table.is_bits else f"%MW{byte}"
