"""For FUXA: its devices with all tags, as the editor's import of devices takes them: Modbus, OPC UA and MQTT.

Everything is in the open project format of FUXA: a device has a type, a property with its address, and tags by id. User
and password are no part of it: FUXA keeps them in a store of their own, they are entered at the device.
"""

import json

from devices.address_map.address import Address, AddressMap, WordOrder
from devices.address_map.exports.site import KEEP_ALIVE_S, POLL_MS, PUBLISHING_MS, Site, advice
from devices.address_map.exports.uaexpert import NAMESPACE
from devices.address_map.layout import AddressError, Table
from devices.endpoint import Wire
from sim.tag import DataType

JsonObject = dict[str, object]

# FUXA counts addresses from 1 within these
MEMORY = {
    Table.COIL: "000000",
    Table.DISCRETE_INPUT: "100000",
    Table.INPUT_REGISTER: "300000",
    Table.HOLDING_REGISTER: "400000",
}
_ORDERS = {WordOrder.ABCD: "", WordOrder.DCBA: "LE", WordOrder.CDAB: "MLE"}
_WIDE = {DataType.DINT: "Int32", DataType.UDINT: "UInt32"}


def devices(addresses: AddressMap, site: Site) -> str:
    """Three devices. Raises `AddressError` where FUXA has no such word order."""
    if addresses.word_order not in _ORDERS:
        raise AddressError(f"FUXA has no word order {addresses.word_order}: choose ABCD, CDAB or DCBA")
    found = [_modbus(addresses, site), _opcua(addresses, site), _mqtt(addresses, site)]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _modbus(addresses: AddressMap, site: Site) -> JsonObject:
    property_: JsonObject = {
        "address": f"{site.host}:{site.modbus_port}",
        "port": None,
        "slaveid": "1",
        "connectionOption": "TcpPort",
        "delay": 10,
    }
    return _device("modbus", "ModbusTCP", POLL_MS, property_, [_register(a, addresses, site) for a in addresses], site)


def _opcua(addresses: AddressMap, site: Site) -> JsonObject:
    tags = [
        _tag("opcua", a, site) | {"type": _UA_TYPES[a.type], "address": f"ns={NAMESPACE};{a.opcua.node_id}"}
        for a in addresses
    ]
    return _device("opcua", "OPCUA", PUBLISHING_MS, {"address": site.opcua_url}, tags, site)


def _mqtt(addresses: AddressMap, site: Site) -> JsonObject:
    property_: JsonObject = {
        "address": f"mqtt://{site.broker}:{site.mqtt_port}",
        "clientId": "fuxa",
        "keepalive": KEEP_ALIVE_S,
    }
    tags = [_tag("mqtt", a, site) | _topic(a) for a in addresses]
    tags += [_tag("mqtt", a, site, "_set") | _command(a) for a in addresses if a.writable]
    return _device("mqtt", "MQTTclient", 1000, property_, tags, site)


_UA_TYPES = {
    DataType.BOOL: "Boolean",
    DataType.INT: "Int16",
    DataType.UINT: "UInt16",
    DataType.DINT: "Int32",
    DataType.UDINT: "UInt32",
    DataType.REAL: "Float",
}


def _device(
    kind: str, type_: str, polling_ms: int, property_: JsonObject, tags: list[JsonObject], site: Site
) -> JsonObject:
    wires = {"modbus": Wire.MODBUS, "opcua": Wire.OPCUA, "mqtt": Wire.MQTT}
    return {
        "id": f"d_linelab_{site.bench}_{kind}",
        "name": f"LineLab {site.bench} {kind}",
        "description": "; ".join(advice(site, (wires[kind],))),
        "enabled": True,
        "type": type_,
        "polling": polling_ms,
        "property": property_,
        "tags": {str(tag["id"]): tag for tag in tags},
    }


def _tag(kind: str, address: Address, site: Site, suffix: str = "") -> JsonObject:
    name = f"{address.name}{suffix}"
    return {
        "id": f"t_linelab_{site.bench}_{kind}_{name}",
        "name": name,
        "description": f"{site.say(address.description)} {address.unit}".strip(),
        "daq": {"enabled": False, "interval": 60, "changed": False, "restored": False},
    }


def _register(address: Address, addresses: AddressMap, site: Site) -> JsonObject:
    place = address.modbus
    found = _tag("modbus", address, site) | {"memaddress": MEMORY[place.table], "address": str(place.address + 1)}
    if address.type is DataType.BOOL:
        return found | {"type": "Bool"}
    if address.type in _WIDE and place.address_32 is not None:
        suffix = _ORDERS[addresses.word_order]
        return found | {"type": f"{_WIDE[address.type]}{suffix}", "address": str(place.address_32 + 1)}
    scale = place.scale or 1
    divisor = {"divisor": scale, "format": len(str(scale)) - 1} if scale > 1 else {}
    return found | {"type": "Int16" if place.signed else "UInt16"} | divisor


def _topic(address: Address) -> JsonObject:
    """The value within the JSON of the state."""
    return {
        "type": "json",
        "address": address.mqtt.state,
        "memaddress": "value",
        "options": {"subs": ["value", "quality", "ts", "unit"]},
    }


def _command(address: Address) -> JsonObject:
    """What is set goes out as it is."""
    return {"type": "raw", "address": address.mqtt.set, "memaddress": "", "options": {}}
