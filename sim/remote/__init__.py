"""Real devices, as the line knows them: readings in place of sensors, and a stand-in in the material flow.

Knows no device, driver, address or wire: what a device says comes through the gate as inputs, so that a mixed run is
replayed like any other. See docs/decisions/real-devices.md.
"""
