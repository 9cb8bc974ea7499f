"""Devices behind an MQTT broker, through paho-mqtt on the loop. Knows no line and no binding.

`address` reads topics with field paths, `payload` holds text and JSON as values, `sparkplug` follows edge nodes (all
three sans-I/O); `link` is one connection, `driver` puts them together, `listen` looks what is published.
"""
