"""The map as people read it: one table for each Modbus table in the numbers of 40001, in Markdown. Knows no tool."""

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.site import Site, advice
from devices.address_map.layout import Table
from devices.endpoint import Wire
from sim.text import Text

_TITLES = {
    Table.COIL: Text("线圈（可读写，功能码 1 5 15）", "Coils (read and write, functions 1 5 15)"),
    Table.DISCRETE_INPUT: Text("离散输入（只读，功能码 2）", "Discrete inputs (read, function 2)"),
    Table.INPUT_REGISTER: Text("输入寄存器（只读，功能码 4）", "Input registers (read, function 4)"),
    Table.HOLDING_REGISTER: Text(
        "保持寄存器（可读写，功能码 3 6 16）", "Holding registers (read and write, functions 3 6 16)"
    ),
}
_BITS = (Text("编号", "Number"), Text("地址", "Address"), Text("信号", "Tag"), Text("说明", "Description"))
_WORDS = (
    *_BITS[:3],
    Text("类型", "Type"),
    Text("倍率", "Factor"),
    Text("单位", "Unit"),
    Text("量程", "Range"),
    Text("32 位编号", "32 bits at"),
    _BITS[3],
)


def people(addresses: AddressMap, site: Site) -> str:
    """Numbers count from 1, addresses from 0: a tool wants the one or the other."""
    title = site.say(Text("Modbus 地址表", "Modbus addresses"))
    lines = [f"# {addresses.line}: {title}", "", f"{site.modbus_host}:{site.modbus_port}", ""]
    lines += [f"- {line}" for line in advice(site, (Wire.MODBUS,))]
    order = site.say(Text("32 位数值的字节顺序", "Bytes of a 32-bit value"))
    lines += [f"- {order}: {addresses.word_order}", ""]
    for table, heading in _TITLES.items():
        here = sorted((a for a in addresses if a.modbus.table is table), key=lambda a: a.modbus.address)
        if here:
            lines += [f"## {site.say(heading)}", "", *_rows(here, table, site), ""]
    return "\n".join(lines)


def _rows(addresses: list[Address], table: Table, site: Site) -> list[str]:
    header = [site.say(text) for text in (_BITS if table.is_bits else _WORDS)]
    rows = [header, ["---"] * len(header), *(_cells(address, site) for address in addresses)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def _cells(address: Address, site: Site) -> list[str]:
    place, text = address.modbus, site.say(address.description)
    start = [place.reference, str(place.address), address.name]
    if place.table.is_bits:
        return [*start, text]
    wide = "" if place.address_32 is None else place.numbered(place.address_32)
    return [*start, address.type.value, f"x {place.scale}", address.unit, limits(address), wide, text]


def limits(address: Address) -> str:
    return f"{address.range[0]:.10g} … {address.range[1]:.10g}" if address.range else ""
