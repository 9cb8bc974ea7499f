"""Sparkplug B 3.0: the line as an edge node, its stations as devices. Sans-I/O: a `Voice` of the MQTT wire.

From the bytes up: `schema` (field numbers of the published payload), `codec` (bytes and values), `names` (topics),
`metrics` (what a line has to say), `host` (is the primary host there), `commands` (what is asked of the line) and
`node` (the edge node). protobuf is imported here only, and not by this file: settings check names at each start.
"""
