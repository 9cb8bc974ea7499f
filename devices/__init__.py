"""The wires: endpoints that a line offers, the address map, codecs, and drivers for real devices.

An endpoint translates the process image to a protocol and back. It gets a `LineView` and nothing else; it holds
no business logic. asyncua, pymodbus and paho are imported here only, each in one package.
"""
