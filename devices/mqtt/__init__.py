"""The MQTT wire: an own embedded broker per bench, or a bridge to an external one. paho is imported here only.

Rooms, from the bytes up: `packets`, `codec` and `frames` (the protocol), `topics`, `session`, `broker` and `connection`
(a broker without sockets), `delay` and `server` (its TCP port), `line_topics` (what a line says and hears), `rights`
(who may), `endpoint` (all of that on a bench), `external` (the line on somebody else's broker).
"""

from devices.mqtt.endpoint import MqttEndpoint
from devices.mqtt.external import MqttBridge

__all__ = ["MqttBridge", "MqttEndpoint"]
