"""Modbus TCP: a line's process image as the four Modbus tables. The only package that imports pymodbus."""

from devices.modbus.endpoint import ModbusEndpoint
from devices.modbus.identity import Identity

__all__ = ["Identity", "ModbusEndpoint"]
