"""Reason codes of MQTT 5 and return codes of 3.1.1, and what one becomes in the other. Sans-I/O."""

from enum import IntEnum


class Code(IntEnum):
    """What a CONNACK of 3.1.1 says, MQTT 3.1.1 table 3.1."""

    ACCEPTED = 0
    LEVEL = 1  # unacceptable protocol level
    CLIENT_ID = 2  # client identifier not allowed
    UNAVAILABLE = 3
    BAD_LOGIN = 4  # user name or password wrong
    NOT_AUTHORIZED = 5


class Reason(IntEnum):
    """Reason codes, MQTT 5.0 section 2.4, as far as a broker sends or takes them. From 0x80 on they are failures."""

    SUCCESS = 0x00
    WITH_WILL = 0x04  # in a DISCONNECT: publish the will all the same
    NO_SUBSCRIBERS = 0x10
    NO_SUBSCRIPTION = 0x11
    CONTINUE = 0x18
    REAUTHENTICATE = 0x19
    UNSPECIFIED = 0x80
    MALFORMED = 0x81
    PROTOCOL = 0x82
    IMPLEMENTATION = 0x83
    VERSION = 0x84
    CLIENT_ID = 0x85
    BAD_LOGIN = 0x86
    NOT_AUTHORIZED = 0x87
    UNAVAILABLE = 0x88
    BUSY = 0x89
    BANNED = 0x8A
    SHUTTING_DOWN = 0x8B
    BAD_METHOD = 0x8C
    KEEP_ALIVE = 0x8D
    TAKEN_OVER = 0x8E
    BAD_FILTER = 0x8F
    BAD_TOPIC = 0x90
    ID_IN_USE = 0x91
    ID_UNKNOWN = 0x92
    RECEIVE_MAXIMUM = 0x93
    BAD_ALIAS = 0x94
    TOO_LARGE = 0x95
    RATE = 0x96
    QUOTA = 0x97
    ADMINISTRATIVE = 0x98
    PAYLOAD_FORMAT = 0x99
    NO_RETAIN = 0x9A
    NO_QOS = 0x9B
    USE_ANOTHER = 0x9C
    MOVED = 0x9D
    NO_SHARING = 0x9E
    CONNECTION_RATE = 0x9F
    TIME_LIMIT = 0xA0
    NO_SUBSCRIPTION_IDS = 0xA1
    NO_WILDCARDS = 0xA2


FAILED = 0x80  # and above; in a SUBACK of 3.1.1 the one word for it

REASONS = {
    Code.ACCEPTED: Reason.SUCCESS,
    Code.LEVEL: Reason.VERSION,
    Code.CLIENT_ID: Reason.CLIENT_ID,
    Code.UNAVAILABLE: Reason.UNAVAILABLE,
    Code.BAD_LOGIN: Reason.BAD_LOGIN,
    Code.NOT_AUTHORIZED: Reason.NOT_AUTHORIZED,
}
