"""For Node-RED with further nodes: Modbus by node-red-contrib-modbus, OPC UA by node-red-contrib-opcua."""

import json
from collections.abc import Iterator, Sequence

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.node_red import COLUMN, ROW, Node, debug_node, dump, node_id, stations_of, tab
from devices.address_map.exports.site import POLL_MS, PUBLISHING_MS, TIMEOUT_MS, Site, advice
from devices.address_map.exports.uaexpert import NAMESPACE
from devices.address_map.layout import Table
from devices.address_map.polls import Poll, polls
from devices.endpoint import Wire
from sim.tag import DataType
from sim.text import Text

_TABLES = {
    Table.COIL: "Coil",
    Table.DISCRETE_INPUT: "Input",
    Table.INPUT_REGISTER: "InputRegister",
    Table.HOLDING_REGISTER: "HoldingRegister",
}
_UA_TYPES = {
    DataType.BOOL: "Boolean",
    DataType.INT: "Int16",
    DataType.UINT: "UInt16",
    DataType.DINT: "Int32",
    DataType.UDINT: "UInt32",
    DataType.REAL: "Float",
}


def needs(module: str) -> Text:
    return Text(f"先在“节点管理”中安装 {module}", f"First install {module} by Manage palette")


def modbus(addresses: AddressMap, site: Site) -> str:
    """One reading for each group of tags; a function makes an object of names and values of it."""
    client = node_id(site.bench, "modbus-client")
    nodes: list[Node] = [
        {
            "id": client,
            "type": "modbus-client",
            "name": f"LineLab {addresses.line}",
            "clienttype": "tcp",
            "bufferCommands": True,
            "tcpHost": site.host,
            "tcpPort": str(site.modbus_port),
            "tcpType": "DEFAULT",
            "unit_id": "1",
            "commandDelay": "1",
            "clientTimeout": str(TIMEOUT_MS),
            "reconnectOnTimeout": True,
            "reconnectTimeout": "2000",
            "parallelUnitIdsAllowed": True,
        }
    ]
    notes = [site.say(needs("node-red-contrib-modbus")), *advice(site, (Wire.MODBUS,))]
    for station, _ in stations_of(addresses, site):
        sheet = tab("modbus", station, addresses, site, notes)
        nodes += [sheet, *_readings(str(sheet["id"]), client, polls(addresses, (station,)), site)]
    return dump(nodes)


def _readings(sheet: str, client: str, found: Sequence[Poll], site: Site) -> Iterator[Node]:
    for row, poll in enumerate(found, 1):
        read, names, debug = (node_id(site.bench, "modbus", poll.name, part) for part in ("read", "names", "debug"))
        first = min(a.modbus.address for a in poll.addresses)
        yield {
            "id": read,
            "type": "modbus-read",
            "z": sheet,
            "name": poll.name,
            "unitid": "1",
            "dataType": _TABLES[poll.table],
            "adr": str(first),
            "quantity": str(max(a.modbus.address for a in poll.addresses) - first + 1),
            "rate": str(POLL_MS),
            "rateUnit": "ms",
            "server": client,
            "emptyMsgOnFail": False,
            "x": COLUMN // 2,
            "y": ROW * row,
            "wires": [[names], []],
        }
        yield {
            "id": names,
            "type": "function",
            "z": sheet,
            "name": "names",
            "func": _function(poll.addresses, first),
            "outputs": 1,
            "x": COLUMN + COLUMN // 2,
            "y": ROW * row,
            "wires": [[debug]],
        }
        yield {
            "id": debug,
            "type": "debug",
            "z": sheet,
            "name": poll.name,
            "active": False,  # ten times a second is too much to look at
            "tosidebar": True,
            "complete": "payload",
            "targetType": "msg",
            "x": 2 * COLUMN + COLUMN // 2,
            "y": ROW * row,
            "wires": [],
        }


def _function(addresses: Sequence[Address], first: int) -> str:
    """JavaScript: rows of name, place in the answer, scale and sign become an object."""
    rows = [[a.name, a.modbus.address - first, a.modbus.scale, a.modbus.signed] for a in addresses]
    table = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    return (
        f"const rows = [\n{table}\n];\n"
        "const found = {};\n"
        "for (const [name, at, scale, signed] of rows) {\n"
        "  const raw = msg.payload[at];\n"
        "  found[name] = scale === null ? Boolean(raw) : (signed && raw > 32767 ? raw - 65536 : raw) / scale;\n"
        "}\n"
        "msg.payload = found;\n"
        "return msg;\n"
    )


def opcua(addresses: AddressMap, site: Site) -> str:
    """Every tag is an item that is subscribed when the flow starts."""
    endpoint = node_id(site.bench, "opcua-endpoint")
    nodes: list[Node] = [
        {
            "id": endpoint,
            "type": "OpcUa-Endpoint",
            "name": f"LineLab {addresses.line}",
            "endpoint": site.opcua_url,
            "secpol": "None",
            "secmode": "None",
            "none": True,
            "login": False,
            "usercert": False,
        }
    ]
    notes = [site.say(needs("node-red-contrib-opcua")), *advice(site, (Wire.OPCUA,))]
    for station, found in stations_of(addresses, site):
        sheet = tab("opcua", station, addresses, site, notes)
        nodes += [sheet, *_items(str(sheet["id"]), endpoint, station, found, site)]
    return dump(nodes)


def _items(sheet: str, endpoint: str, station: str, addresses: Sequence[Address], site: Site) -> Iterator[Node]:
    start, client, debug = (node_id(site.bench, "opcua", station, part) for part in ("start", "client", "debug"))
    items = [node_id(site.bench, "opcua item", address.name) for address in addresses]
    yield {
        "id": start,
        "type": "inject",
        "z": sheet,
        "name": "start",
        "props": [{"p": "payload"}],
        "once": True,
        "onceDelay": 1,
        "payload": "",
        "payloadType": "date",
        "x": COLUMN // 2,
        "y": ROW,
        "wires": [items],
    }
    for row, (item, address) in enumerate(zip(items, addresses, strict=True), 1):
        yield {
            "id": item,
            "type": "OpcUa-Item",
            "z": sheet,
            "name": address.signal,
            "item": f"ns={NAMESPACE};{address.opcua.node_id}",
            "datatype": _UA_TYPES[address.type],
            "value": "",
            "x": COLUMN + COLUMN // 2,
            "y": ROW * row,
            "wires": [[client]],
        }
    yield {
        "id": client,
        "type": "OpcUa-Client",
        "z": sheet,
        "endpoint": endpoint,
        "action": "subscribe",
        "deadbandtype": "a",
        "deadbandvalue": 1,
        "time": str(PUBLISHING_MS),
        "timeUnit": "ms",
        "certificate": "n",
        "securitymode": "None",
        "securitypolicy": "None",
        "name": station,
        "x": 2 * COLUMN + COLUMN // 2,
        "y": ROW,
        "wires": [[debug], [], []],
    }
    yield debug_node(debug, sheet, station, 3 * COLUMN + COLUMN // 2)
