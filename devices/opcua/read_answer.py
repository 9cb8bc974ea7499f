"""The answer to a read, with values that are encoded already. Knows no line and no session.

asyncua encodes each value of an answer field by field, which costs more than to find it out. A tag's value keeps its
bytes (`WireValue`), and the server's time stamp, which is of the moment of asking, is the last thing in them.
"""

import struct
from datetime import datetime

from asyncua import ua
from asyncua.ua.ua_binary import Primitives, struct_to_binary

from devices.opcua.monitored import encoded
from devices.opcua.values import WireValue

STAMP_BYTES = 8
WITHOUT_SERVER_STAMP = 0xFF & ~0x08  # of the mask in front (Part 6, 5.2.2.17)
NOTHING = 2 * struct.calcsize("<i")  # the lengths of an answer's two arrays
_count = struct.Struct("<i").pack


class ReadAnswer(ua.ReadResponse):
    """Its results are `values`, each of them encoded; `Results` stays empty."""

    values: list[bytes]

    def binary(self) -> bytes:
        bare: bytes = struct_to_binary(self)
        return b"".join((bare[:-NOTHING], _count(len(self.values)), *self.values, bare[-NOTHING // 2 :]))


def answer(values: list[bytes]) -> ReadAnswer:
    made = ReadAnswer()
    made.values = values
    return made


def time_bytes(now: datetime) -> bytes:
    packed: bytes = Primitives.DateTime.pack(now)
    return packed


def with_stamps(said: WireValue, stamps: ua.TimestampsToReturn, now: bytes) -> bytes | None:
    """A tag's value with the time stamps that were asked for; None where it has to be encoded anew."""
    whole = encoded(said)
    if stamps == ua.TimestampsToReturn.Both:
        return whole[:-STAMP_BYTES] + now
    if stamps == ua.TimestampsToReturn.Source:
        return bytes((whole[0] & WITHOUT_SERVER_STAMP,)) + whole[1:-STAMP_BYTES]
    return None
