"""Modbus: a line's process image as the four Modbus tables. The only package that imports pymodbus."""

from devices.modbus.diagnosis import ClientDiagnosis
from devices.modbus.endpoint import ModbusEndpoint, Ways
from devices.modbus.identity import Identity

__all__ = ["ClientDiagnosis", "Identity", "ModbusEndpoint", "Ways"]
