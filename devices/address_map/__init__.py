"""The address map: one module derives every address of every tag on every wire, and exports them."""

from devices.address_map.address import Address, AddressMap, ModbusPlace, MqttPlace, OpcuaPlace, WordOrder
from devices.address_map.layout import (
    BLOCK,
    GROUPS,
    SUPERVISORY,
    TEXT_WORDS,
    TEXTS,
    WIDE,
    AddressError,
    Profile,
    Scheme,
    Slots,
    Table,
)

__all__ = [
    "BLOCK",
    "GROUPS",
    "SUPERVISORY",
    "TEXTS",
    "TEXT_WORDS",
    "WIDE",
    "Address",
    "AddressError",
    "AddressMap",
    "ModbusPlace",
    "MqttPlace",
    "OpcuaPlace",
    "Profile",
    "Scheme",
    "Slots",
    "Table",
    "WordOrder",
]
