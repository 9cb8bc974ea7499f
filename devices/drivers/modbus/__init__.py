"""The Modbus driver, TCP and RTU, on pymodbus' client transport, framers and PDUs; beside `devices/modbus` the only
package that imports pymodbus."""
