"""OPC UA: the line as an address space. Everything that touches the inside of asyncua is in this package."""

import devices.opcua.pin  # noqa: F401 first: another version is named before anything of it fails
from devices.opcua.endpoint import OpcUaEndpoint
from devices.opcua.model.companion import Companion
from devices.opcua.model.node_id_styles import Style
from devices.opcua.nodes import ModelSettings, namespace_uri
from devices.opcua.security import Security

__all__ = ["Companion", "ModelSettings", "OpcUaEndpoint", "Security", "Style", "namespace_uri"]
