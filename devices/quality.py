"""What a reading's quality and reason mean on every wire alike. Knows no protocol."""

from enum import IntEnum

from sim.tag import Quality, Reading, Reason

# nobody knows what the value is: it is not said, where a wire can leave it out
UNKNOWN = frozenset({Reason.SENSOR_FAILURE, Reason.NO_COMMUNICATION})
# the value is of an earlier moment, and so is its time stamp
OLD = frozenset({Reason.LAST_USABLE, Reason.NO_COMMUNICATION_LAST_USABLE})


class Ne107(IntEnum):
    """Status signals of NAMUR NE 107, by the numbers of DI's DeviceHealthEnumeration."""

    NORMAL = 0
    FAILURE = 1
    CHECK_FUNCTION = 2
    OFF_SPEC = 3
    MAINTENANCE = 4


def has_value(reading: Reading) -> bool:
    """False where the value is not known at all."""
    return reading.quality is not Quality.BAD or reading.reason not in UNKNOWN


def is_old(reading: Reading) -> bool:
    """True where the value is the last one that was usable."""
    return reading.reason in OLD


def ne107(reading: Reading) -> Ne107:
    """What one signal says of the health of its device."""
    if reading.quality is Quality.BAD:
        return Ne107.CHECK_FUNCTION if reading.reason == Reason.OUT_OF_SERVICE else Ne107.FAILURE
    if reading.reason == Reason.LOCAL_OVERRIDE:
        return Ne107.CHECK_FUNCTION
    return Ne107.OFF_SPEC if reading.quality is Quality.UNCERTAIN else Ne107.NORMAL
