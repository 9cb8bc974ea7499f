"""Modbus: a line's process image as the four Modbus tables. It and `devices/drivers/modbus` alone import pymodbus."""

from devices.modbus.diagnosis import ClientDiagnosis
from devices.modbus.endpoint import ModbusEndpoint, Ways
from devices.modbus.identity import Identity

__all__ = ["ClientDiagnosis", "Identity", "ModbusEndpoint", "Ways"]
