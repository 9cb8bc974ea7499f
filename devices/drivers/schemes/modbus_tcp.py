"""`modbus-tcp://host:502/unit`; with `?framing=rtu` RTU frames over TCP, as simple gateways have them."""

from devices.drivers.modbus.target import discover, make
from devices.drivers.target import Kind

KIND = Kind("modbus-tcp", make, discover)
