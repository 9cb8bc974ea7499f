"""Tags: the named signals of a line, as data. The static table that every wire is built from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sim.refusal import Refusal
from sim.text import Text

Value = bool | int | float


class DataType(StrEnum):
    """Elementary data types, named as in IEC 61131-3."""

    BOOL = "BOOL"
    INT = "INT"  # 16 bit, signed
    UINT = "UINT"  # 16 bit
    DINT = "DINT"  # 32 bit, signed
    UDINT = "UDINT"  # 32 bit
    REAL = "REAL"  # IEEE 754 single precision on the wires

    @property
    def is_integer(self) -> bool:
        return self not in (DataType.BOOL, DataType.REAL)

    @property
    def zero(self) -> "Value":
        return {DataType.BOOL: False, DataType.REAL: 0.0}.get(self, 0)


INTEGER_RANGE: dict[DataType, tuple[float, float]] = {
    DataType.INT: (-32768, 32767),
    DataType.UINT: (0, 65535),
    DataType.DINT: (-(2**31), 2**31 - 1),
    DataType.UDINT: (0, 2**32 - 1),
}


LARGEST_REAL = 3.4028234663852886e38  # IEEE 754 single precision


class Direction(StrEnum):
    """The direction of a signal as a PLC sees it."""

    INPUT = "input"  # a sensor: the PLC reads it
    OUTPUT = "output"  # an actuator: whoever is in control of the station writes it
    STATUS = "status"  # supervisory level, read only: PackML state, counts, times
    PARAMETER = "parameter"  # supervisory level, writable: set-points, PackML commands


class Quality(StrEnum):
    """How far a reading can be trusted; maps to OPC UA status codes and to `quality` in JSON."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


class Reason(StrEnum):
    """Why a reading is not simply good; each wire says it in its own words (OPC UA: docs/reference/wires.md)."""

    SENSOR_FAILURE = "sensor_failure"
    DEVICE_FAILURE = "device_failure"
    NO_COMMUNICATION = "no_communication"
    NOT_CONNECTED = "not_connected"
    OUT_OF_SERVICE = "out_of_service"
    CONFIGURATION = "configuration"
    LAST_USABLE = "last_usable"
    NO_COMMUNICATION_LAST_USABLE = "no_communication_last_usable"
    ENGINEERING_UNITS_EXCEEDED = "engineering_units_exceeded"
    SENSOR_NOT_ACCURATE = "sensor_not_accurate"
    SUB_NORMAL = "sub_normal"
    LOCAL_OVERRIDE = "local_override"  # of a good quality: somebody forces the point


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as the field says it, with its quality and the reason for that; `reason` is a `Reason` or empty."""

    value: Value
    quality: Quality = Quality.GOOD
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """One named signal of a station: `station.signal`, the same string in YAML, OPC UA, MQTT and tests."""

    index: int  # position in the table, stable for one definition
    station: str
    signal: str
    type: DataType
    direction: Direction
    title: Text
    unit: str = ""  # engineering unit as printed: mm/s, °C, %
    low: float | None = None  # engineering range, both ends or neither; None: the range of the data type
    high: float | None = None
    decimals: int = 0  # of a REAL: shown, and its scale in a 16-bit register (value x 10**decimals)
    initial: Value = 0
    momentary: bool = False  # a command: writing true does it, and it reads false again
    owned: bool = False  # only the client in control of the station may write it
    moves: bool = False  # a number that alone makes something move: where the drive is told to go
    kept: bool = False  # a number in which control remembers how far it is: it outlasts a stop
    powered: bool = False  # an actuator: an emergency stop cuts its power in the plant
    computed: bool = False  # a function of time: wires evaluate it when they read, no change is announced

    @property
    def name(self) -> str:
        return f"{self.station}.{self.signal}"

    @property
    def writable(self) -> bool:
        return self.direction in (Direction.OUTPUT, Direction.PARAMETER)

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest permitted value, None for BOOL and an unlimited REAL."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return INTEGER_RANGE.get(self.type)

    def accept(self, value: object) -> Value | Refusal:
        """The value in this tag's own type, or why it is refused. An int is good for a REAL, nothing else is cast."""
        if not self.writable:
            return Refusal.READ_ONLY
        if self.type is DataType.BOOL:
            return value if isinstance(value, bool) else Refusal.TYPE
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Refusal.TYPE
        if self.type.is_integer and not isinstance(value, int):
            return Refusal.TYPE
        # `not (a <= x <= b)` refuses NaN as well; without limits of its own a REAL has those of single precision
        low, high = self.range or (-LARGEST_REAL, LARGEST_REAL)
        if not low <= value <= high:
            return Refusal.RANGE
        return float(value) if self.type is DataType.REAL else value


class TagTable(Sequence[Tag]):
    """All tags of one line in order of their index; also found by name. Never changes while the line lives."""

    def __init__(self, tags: Sequence[Tag]) -> None:
        self._tags = tuple(tags)
        self._by_name = {tag.name: tag for tag in self._tags}
        self.stations = tuple(dict.fromkeys(tag.station for tag in self._tags))

    def __len__(self) -> int:
        return len(self._tags)

    def __iter__(self) -> Iterator[Tag]:
        return iter(self._tags)

    def __getitem__(self, index: int) -> Tag:  # type: ignore[override]
        return self._tags[index]

    def find(self, name: str) -> Tag | None:
        """The tag called `station.signal`, None where there is none."""
        return self._by_name.get(name)

    def of(self, station: str) -> tuple[Tag, ...]:
        return tuple(tag for tag in self._tags if tag.station == station)
