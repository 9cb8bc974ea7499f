"""`modbus-rtu:///dev/ttyUSB0?unit=7&baud=19200&parity=even`: a serial line, with several units where there are."""

from devices.drivers.modbus.target import discover, make
from devices.drivers.target import Kind

KIND = Kind("modbus-rtu", make, discover)
