"""What dashboards and collectors load: read by the parser of the format, compared with the map field by field."""

import json
import tomllib
from typing import Any

import pytest

from devices.address_map import AddressError, AddressMap, Table, WordOrder
from devices.address_map.exports import Site, make
from tests.devices.fake_line import table as tags

REGISTERS = {
    "coil": Table.COIL,
    "discrete": Table.DISCRETE_INPUT,
    "input": Table.INPUT_REGISTER,
    "holding": Table.HOLDING_REGISTER,
}
# as the pages of the three plugins name their fields
MODBUS_KEYS = {"name", "interval", "controller", "timeout", "busy_retries", "configuration_type", "request"}
REQUEST_KEYS = {"slave_id", "byte_order", "register", "measurement", "fields"}
FIELD_KEYS = {"address", "name", "type", "output"}
OPCUA_KEYS = {
    "name", "endpoint", "connect_timeout", "request_timeout", "security_policy", "security_mode", "auth_method",
    "timestamp", "nodes",
}  # fmt: skip
MQTT_KEYS = {
    "servers", "topics", "qos", "username", "password", "data_format", "json_string_fields", "json_time_key",
    "json_time_format",
}  # fmt: skip


def loaded(name: str, addresses: AddressMap, site: Site) -> Any:
    made = make(name, addresses, site)
    assert isinstance(made, str)
    return tomllib.loads(made) if name == "telegraf" else json.loads(made)


def test_telegraf_asks_for_every_tag_on_every_wire(addresses: AddressMap, site: Site) -> None:
    inputs = loaded("telegraf", addresses, site)["inputs"]
    (modbus,), (opcua,), (mqtt,) = inputs["modbus"], inputs["opcua"], inputs["mqtt_consumer"]
    assert (set(modbus), set(opcua), set(mqtt)) == (MODBUS_KEYS, OPCUA_KEYS, MQTT_KEYS)
    assert modbus["controller"] == "tcp://10.0.0.7:5021"
    found = {}
    for request in modbus["request"]:
        assert set(request) == REQUEST_KEYS
        assert request["byte_order"] == "ABCD"
        spots = [field["address"] for field in request["fields"]]
        assert spots == sorted(spots)
        for field in request["fields"]:
            assert set(field) <= FIELD_KEYS
            key = f"{request['measurement']}.{field['name']}"
            found[key] = REGISTERS[request["register"]], field["address"], field.get("type")
    for address in addresses:
        place = address.modbus
        table, at, type_ = found.pop(address.name)
        assert (table, at) == (place.table, place.address if place.address_32 is None else place.address_32)
        assert (type_ is None) == place.table.is_bits
    assert not found
    assert {node["name"]: f"{node['identifier_type']}={node['identifier']}" for node in opcua["nodes"]} == {
        address.name: address.opcua.node_id for address in addresses
    }
    assert mqtt["topics"] == [address.mqtt.state for address in addresses]


def test_node_red_has_every_topic_and_sound_wires(addresses: AddressMap, site: Site) -> None:
    nodes = loaded("node-red", addresses, site)
    assert {node["type"] for node in nodes} == {"tab", "mqtt-broker", "mqtt in", "mqtt out", "inject", "debug"}
    sound(nodes)
    of_type = {kind: [node["topic"] for node in nodes if node["type"] == kind] for kind in ("mqtt in", "mqtt out")}
    assert sorted(of_type["mqtt in"]) == sorted(address.mqtt.state for address in addresses)
    assert sorted(of_type["mqtt out"]) == sorted(a.mqtt.set for a in addresses if a.mqtt.set)


def sound(nodes: list[dict[str, Any]]) -> None:
    """Ids are unique, every wire, tab and configuration is there."""
    ids = [node["id"] for node in nodes]
    assert len(set(ids)) == len(ids)
    for node in nodes:
        ends = [end for port in node.get("wires", []) for end in port]
        more = [node[key] for key in ("z", "broker", "server") if key in node and node["type"] != "mqtt-broker"]
        if node["type"] == "OpcUa-Client":
            more.append(node["endpoint"])
        assert set(ends + more) <= set(ids), node


TABLES = {
    "Coil": Table.COIL,
    "Input": Table.DISCRETE_INPUT,
    "InputRegister": Table.INPUT_REGISTER,
    "HoldingRegister": Table.HOLDING_REGISTER,
}


def test_node_red_modbus_names_what_it_reads(addresses: AddressMap, site: Site) -> None:
    nodes = loaded("node-red-modbus", addresses, site)
    sound(nodes)
    by_id = {node["id"]: node for node in nodes}
    found = {}
    for node in nodes:
        if node["type"] == "modbus-read":
            text = by_id[node["wires"][0][0]]["func"]
            rows = json.loads(text[text.index("[") : text.index("];") + 1])
            for name, at, scale, signed in rows:
                assert at < int(node["quantity"])
                found[name] = TABLES[node["dataType"]], int(node["adr"]) + at, scale, signed
    assert found == {a.name: (a.modbus.table, a.modbus.address, a.modbus.scale, a.modbus.signed) for a in addresses}


def test_node_red_opcua_subscribes_every_node(addresses: AddressMap, site: Site) -> None:
    nodes = loaded("node-red-opcua", addresses, site)
    sound(nodes)
    items = [node["item"] for node in nodes if node["type"] == "OpcUa-Item"]
    assert sorted(items) == sorted(f"ns=2;{address.opcua.node_id}" for address in addresses)
    started = {end for node in nodes if node["type"] == "inject" for end in node["wires"][0]}
    assert started == {node["id"] for node in nodes if node["type"] == "OpcUa-Item"}


FUXA_TABLES = {
    "000000": Table.COIL,
    "100000": Table.DISCRETE_INPUT,
    "300000": Table.INPUT_REGISTER,
    "400000": Table.HOLDING_REGISTER,
}


@pytest.mark.parametrize(("order", "suffix"), [("ABCD", ""), ("DCBA", "LE"), ("CDAB", "MLE")])
def test_fuxa_has_every_tag_in_three_devices(site: Site, order: str, suffix: str) -> None:
    addresses = AddressMap("smart-factory", tags(), word_order=order)
    modbus, opcua, mqtt = loaded("fuxa", addresses, site)
    assert (modbus["type"], opcua["type"], mqtt["type"]) == ("ModbusTCP", "OPCUA", "MQTTclient")
    assert modbus["property"]["address"] == "10.0.0.7:5021"
    for device in (modbus, opcua, mqtt):
        assert all(tag["id"] == key for key, tag in device["tags"].items())
    registers = {tag["name"]: tag for tag in modbus["tags"].values()}
    nodes = {tag["name"]: tag["address"] for tag in opcua["tags"].values()}
    topics = {tag["name"]: tag["address"] for tag in mqtt["tags"].values()}
    for address in addresses:
        tag, place = registers.pop(address.name), address.modbus
        wide = tag["type"].startswith("UInt32")
        assert FUXA_TABLES[tag["memaddress"]] is place.table
        assert int(tag["address"]) - 1 == (place.address_32 if wide else place.address)
        assert tag.get("divisor", 1) == (place.scale or 1)
        assert not wide or tag["type"] == f"UInt32{suffix}"
        assert nodes.pop(address.name) == f"ns=2;{address.opcua.node_id}"
        assert topics.pop(address.name) == address.mqtt.state
        if address.mqtt.set:
            assert topics.pop(f"{address.name}_set") == address.mqtt.set
    assert (registers, nodes, topics) == ({}, {}, {})


def test_fuxa_says_which_word_orders_it_has() -> None:
    with pytest.raises(AddressError, match="BADC"):
        make("fuxa", AddressMap("l", tags(), word_order=WordOrder.BADC), Site())
