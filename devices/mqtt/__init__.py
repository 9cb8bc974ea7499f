"""The MQTT wire: an own embedded broker per bench, or a bridge to an external one. paho is imported here only.

Rooms, from the bytes up: `fields`, `properties`, `packets`, `codec`, `frames`, `reasons` (the protocol); `topics`,
`routes`, `letter`, `retained`, `session`, `broker`, `greeting`, `connection`, `throttle`, `trouble` (a broker without
sockets); `websocket`, `delay`, `outlet` and `server` (its ports); `line_topics` (what a line says and hears), `rights`
(who may), `sys_topics` (what the broker says of itself), `endpoint` (all of that on a bench), `external` (the line on
somebody else's broker) and `acl` (rights there). `voice` is the contract of further ways to speak for a line: `plain`
JSON and the ones in rooms of their own (`uns`, `devices/sparkplug`); `in_house` gives them to the own broker.
"""

from devices.mqtt.endpoint import MorePorts, MqttEndpoint
from devices.mqtt.external import Bridges, MqttBridge
from devices.mqtt.voice import Voice

__all__ = ["Bridges", "MorePorts", "MqttBridge", "MqttEndpoint", "Voice"]
