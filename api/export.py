"""The address map as files: what each format is called on the wire. The file itself is the devices room's."""

import base64
import binascii
from dataclasses import dataclass

from api.lab import LabError
from devices.address_map.exports import FORMATS
from sim.state import JsonValue


@dataclass(frozen=True, slots=True)
class Export:
    """How a browser saves one format."""

    suffix: str
    media_type: str
    binary: bool = False


EXPORTS = {name: Export(one.suffix, one.media_type, one.binary) for name, one in FORMATS.items()} | {
    "nodeset": Export("xml", "application/xml"),
}


def export(result: JsonValue, kind: Export) -> str | bytes:
    """The file that a host made; bytes come over the channel as base64."""
    if not isinstance(result, str):
        raise LabError("internal", {"expected": "a text"})
    if not kind.binary:
        return result
    try:
        return base64.b64decode(result, validate=True)
    except binascii.Error as error:
        raise LabError("internal", {"expected": "base64"}) from error
