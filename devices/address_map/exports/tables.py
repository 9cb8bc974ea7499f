"""The address map as the files that other tools read: pure functions from map to text. Knows no wire's code."""

import csv as csv_module
import io
import json as json_module
from collections.abc import Callable, Sequence

from devices.address_map.address import Address, AddressMap
from devices.address_map.layout import Table
from sim.tag import DataType, Direction
from sim.text import Text

Cell = str | int | float | None
Column = tuple[str, Callable[[Address], Cell]]

_RANGE_COLUMNS: tuple[Column, ...] = (
    ("low", lambda a: a.range[0] if a.range else None),
    ("high", lambda a: a.range[1] if a.range else None),
)
_COLUMNS: tuple[Column, ...] = (
    ("name", lambda a: a.name),
    ("station", lambda a: a.station),
    ("direction", lambda a: a.direction.value),
    ("type", lambda a: a.type.value),
    ("unit", lambda a: a.unit),
    *_RANGE_COLUMNS,
    ("iec_address", lambda a: a.iec),
    ("modbus_table", lambda a: a.modbus.table.value),
    ("modbus_address", lambda a: a.modbus.address),
    ("modbus_count", lambda a: a.modbus.count),
    ("modbus_reference", lambda a: a.modbus.reference),
    ("modbus_scale", lambda a: a.modbus.scale),
    ("modbus_address_32", lambda a: a.modbus.address_32),
    ("modbus_address_64", lambda a: a.modbus.address_64),
    ("modbus_word_order", lambda a: a.modbus.word_order),
    ("opcua_namespace_uri", lambda a: a.opcua.namespace_uri),
    ("opcua_node_id", lambda a: a.opcua.node_id),
    ("mqtt_state", lambda a: a.mqtt.state),
    ("mqtt_set", lambda a: a.mqtt.set),
    ("description_en", lambda a: a.description.en),
    ("description_zh", lambda a: a.description.zh),
)

_SHORT = {
    Table.DISCRETE_INPUT: "Input",
    Table.COIL: "Coil",
    Table.INPUT_REGISTER: "Input Reg",
    Table.HOLDING_REGISTER: "Holding Reg",
}
_FACTORYIO_TYPES = {DataType.BOOL: "Bool", DataType.REAL: "Real"}

TABLE_HEADER = {
    "en": ("Tag", "Dir", "Type", "Unit", "Range", "Modbus", "4xxxx", "x", "32 bit", "IEC", "Description"),
    "zh": ("信号", "方向", "类型", "单位", "量程", "Modbus", "4xxxx", "倍率", "32 位", "IEC", "说明"),
}


def table(addresses: AddressMap, language: str = "en") -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """Header and rows for a terminal."""
    return TABLE_HEADER[language], [_row(address, language) for address in addresses]


def patterns(addresses: AddressMap, language: str = "en") -> str:
    """Where a tag is on the wires whose addresses follow from its name: one rule each, not a column."""
    some = next(iter(addresses), None)
    if some is None:
        return ""
    prefix = some.mqtt.state.removesuffix(f"{some.name.replace('.', '/')}")
    commands = {"en": "commands on", "zh": "命令发到"}[language]
    given = {"en": "with", "zh": "需加"}[language]
    line = addresses.line
    return (
        f"OPC UA   ns=2;s=STATION.SIGNAL   ({some.opcua.namespace_uri})\n"
        f"MQTT     {prefix}STATION/SIGNAL   ({commands} .../set)\n"
        f"         spBv1.0/GROUP/DDATA/{line}/STATION   (Sparkplug B: metric SIGNAL, {given} --sparkplug GROUP)\n"
        f"         E/S/A/{line}/STATION/input|output|status|parameter/SIGNAL   (UNS, {given} --uns E/S/A)\n"
    )


def csv(addresses: AddressMap) -> str:
    return _csv([name for name, _ in _COLUMNS], [[cell(a) for _, cell in _COLUMNS] for a in addresses])


def json(addresses: AddressMap) -> str:
    """Every field of every tag; the machine-readable form of the map."""
    document = {
        "line": addresses.line,
        "word_order": addresses.word_order,
        "tags": [_record(address) for address in addresses],
    }
    return json_module.dumps(document, ensure_ascii=False, indent=2) + "\n"


def factoryio(addresses: AddressMap) -> str:
    """The tag list as Factory I/O exports its own, which drivers for it import."""
    header = ["Name", "Type", "Data Type", "Address"]
    return _csv(header, [[a.name, _kind(a), _FACTORYIO_TYPES.get(a.type, "Int"), short(a)] for a in addresses])


def short(address: Address) -> str:
    """`Coil 3`, `Input Reg 1004`: table and zero-based address as one reads them aloud."""
    return f"{_SHORT[address.modbus.table]} {address.modbus.address}"


def _kind(address: Address) -> str:
    return "Input" if address.direction in (Direction.INPUT, Direction.STATUS) else "Output"


def _row(address: Address, language: str) -> tuple[str, ...]:
    limits = f"{address.range[0]:.10g} .. {address.range[1]:.10g}" if address.range else ""
    place = address.modbus
    return (
        address.name,
        address.direction.value,
        address.type.value,
        address.unit,
        limits,
        short(address),
        place.reference,
        str(place.scale or ""),
        str(place.address_32 or ""),
        address.iec,
        in_language(address.description, language),
    )


def in_language(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en


def _record(address: Address) -> dict[str, object]:
    place = address.modbus
    return {
        "name": address.name,
        "station": address.station,
        "direction": address.direction,
        "type": address.type,
        "unit": address.unit,
        "range": list(address.range) if address.range else None,
        "iec_address": address.iec,
        "modbus": {
            "table": place.table,
            "address": place.address,
            "count": place.count,
            "reference": place.reference,
            "scale": place.scale,
            "signed": place.signed,
            "address_32": place.address_32,
            "count_32": place.count_32,
            "address_64": place.address_64,
            "word_order": place.word_order,
        },
        "opcua": {"namespace_uri": address.opcua.namespace_uri, "node_id": address.opcua.node_id},
        "mqtt": {"state": address.mqtt.state, "set": address.mqtt.set},
        "description": {"en": address.description.en, "zh": address.description.zh},
    }


def _csv(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    file = io.StringIO()
    writer = csv_module.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
