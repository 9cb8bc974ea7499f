"""For Node-RED: a flow of MQTT with core nodes alone, a tab for each station.

Every tag has an `mqtt in`; every writable one an `inject` and an `mqtt out` too. Nodes that are not installed stop a
whole flow from starting, so Modbus and OPC UA, which need further nodes, are files of their own (`node_red_wires`).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.site import KEEP_ALIVE_S, USER, Site, advice
from devices.address_map.polls import known_stations
from devices.endpoint import Wire
from sim.tag import DataType
from sim.text import Text

Node = dict[str, object]
ROW, COLUMN = 50, 260  # of the editor's grid

_LOG_IN = Text(
    "打开 MQTT 服务器节点，在“安全”页填入用户名 trainee 和 `linelab up` 显示的口令，然后部署",
    "Open the MQTT broker node, enter user trainee and the token that `linelab up` prints under Security, deploy",
)


def node_id(*words: object) -> str:
    """Always the same for the same node: a second import finds its own nodes again."""
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:16]


def dump(nodes: Sequence[Node]) -> str:
    return json.dumps(nodes, ensure_ascii=False, indent=1) + "\n"


def tab(kind: str, station: str, addresses: AddressMap, site: Site, notes: Sequence[str]) -> Node:
    info = "\n".join((f"LineLab: {addresses.line}", *notes))
    return {"id": node_id(site.bench, kind, station), "type": "tab", "label": f"{station} ({kind})", "info": info}


def debug_node(id_: str, sheet: str, station: str, x: int) -> Node:
    """Where a person sees what came: whole messages in the sidebar."""
    return {
        "id": id_,
        "type": "debug",
        "z": sheet,
        "name": station,
        "active": True,
        "tosidebar": True,
        "complete": "true",
        "targetType": "full",
        "x": x,
        "y": ROW,
        "wires": [],
    }


def stations_of(addresses: AddressMap, site: Site) -> Iterator[tuple[str, list[Address]]]:
    chosen = known_stations(addresses, site.stations)
    for station in addresses.stations:
        found = [address for address in addresses if address.station == station]
        if found and station in chosen:
            yield station, found


def mqtt(addresses: AddressMap, site: Site) -> str:
    broker = node_id(site.bench, "mqtt-broker")
    nodes = [_broker(broker, addresses, site)]
    notes = [*advice(site, (Wire.MQTT,)), site.say(_LOG_IN)]
    for station, found in stations_of(addresses, site):
        sheet = tab("mqtt", station, addresses, site, notes)
        nodes += [sheet, *_station(str(sheet["id"]), broker, station, found, site)]
    return dump(nodes)


def _broker(id_: str, addresses: AddressMap, site: Site) -> Node:
    return {
        "id": id_,
        "type": "mqtt-broker",
        "name": f"LineLab {addresses.line}",
        "broker": site.mqtt_host or site.host,
        "port": str(site.mqtt_port),
        "clientid": "",
        "autoConnect": True,
        "usetls": False,
        "protocolVersion": "5",
        "keepalive": str(KEEP_ALIVE_S),
        "cleansession": True,
        "credentials": {"user": USER, "password": ""},
    }


def _station(sheet: str, broker: str, station: str, addresses: Sequence[Address], site: Site) -> Iterator[Node]:
    debug = node_id(site.bench, "mqtt", station, "debug")
    yield debug_node(debug, sheet, station, 3 * COLUMN)
    for row, address in enumerate(addresses, 1):
        yield _in(sheet, broker, debug, address, site, row)
        if address.writable:
            yield from _out(sheet, broker, address, site, row)


def _in(sheet: str, broker: str, debug: str, address: Address, site: Site, row: int) -> Node:
    return {
        "id": node_id(site.bench, "mqtt in", address.name),
        "type": "mqtt in",
        "z": sheet,
        "name": address.signal,
        "topic": address.mqtt.state,
        "qos": "1",
        "datatype": "json",
        "broker": broker,
        "inputs": 0,
        "info": f"{site.say(address.description)} {address.unit}".strip(),
        "x": COLUMN // 2,
        "y": ROW * row,
        "wires": [[debug]],
    }


def _out(sheet: str, broker: str, address: Address, site: Site, row: int) -> Iterator[Node]:
    out = node_id(site.bench, "mqtt out", address.name)
    truth = address.type is DataType.BOOL
    start = "true" if truth else f"{address.range[0] if address.range else 0:.10g}"
    yield {
        "id": node_id(site.bench, "inject", address.name),
        "type": "inject",
        "z": sheet,
        "name": "",
        "props": [{"p": "payload"}],
        "repeat": "",
        "once": False,
        "payload": start,
        "payloadType": "bool" if truth else "num",
        "x": COLUMN + COLUMN // 2,
        "y": ROW * row,
        "wires": [[out]],
    }
    yield {
        "id": out,
        "type": "mqtt out",
        "z": sheet,
        "name": address.signal,
        "topic": address.mqtt.set,
        "qos": "1",
        "retain": "false",
        "broker": broker,
        "x": 2 * COLUMN,
        "y": ROW * row,
        "wires": [],
    }
