"""Why something of a device is not as it should be: reasons of samples and writes, and the errors of a driver."""

from dataclasses import dataclass
from enum import StrEnum

from sim.text import Text


class Why(StrEnum):
    """The kinds of reasons; `TEXTS` says them to people."""

    # of samples
    NOT_YET = "not_yet"  # nothing was heard since the connection was asked for
    SILENT = "silent"  # no answer in time
    OLD = "old"  # nothing new for too long
    LOST = "lost"  # no connection
    REFUSED = "refused"  # the device answered that it will not
    TYPE = "type"  # what the device has there is of another type, or no number
    RANGE = "range"  # of a sample: outside what the tag can hold. Of a write: outside its write range
    IMPLAUSIBLE = "implausible"  # outside what can be, or a jump that cannot be
    TIME = "time"  # the device's time stamp is too old, in the future, or went back
    FROZEN = "frozen"  # the value has not moved for longer than it ever should
    DOUBTED = "doubted"  # the device itself doubts the value
    # of writes, besides some of those above
    READ_ONLY = "read_only"  # the point has no write limits
    UNKNOWN_POINT = "unknown_point"
    RATE = "rate"  # sooner after the last one, or a larger step, than the point allows
    BUSY = "busy"  # too many writes are waiting
    TOO_LATE = "too_late"  # it waited longer than a command is good for
    SUPERSEDED = "superseded"  # an urgent write went first, and this one was dropped
    OUTCOME_UNKNOWN = "outcome_unknown"  # it was sent; whether the device did it is not known


TEXTS: dict[Why, Text] = {
    Why.NOT_YET: Text("尚未收到数据", "nothing heard yet"),
    Why.SILENT: Text("设备未及时应答", "no answer in time"),
    Why.OLD: Text("太久没有新数据", "nothing new for too long"),
    Why.LOST: Text("连接已断开", "no connection"),
    Why.REFUSED: Text("设备拒绝", "refused by the device"),
    Why.TYPE: Text("数据类型不符", "wrong data type"),
    Why.RANGE: Text("超出范围", "out of range"),
    Why.IMPLAUSIBLE: Text("数值不合理", "not plausible"),
    Why.TIME: Text("设备时间不合理", "time stamp not plausible"),
    Why.FROZEN: Text("数值长时间不变", "frozen"),
    Why.DOUBTED: Text("设备标记为可疑", "doubted by the device"),
    Why.READ_ONLY: Text("只读", "read only"),
    Why.UNKNOWN_POINT: Text("没有这个点", "no such point"),
    Why.RATE: Text("写入过快", "written too fast"),
    Why.BUSY: Text("等待的写入太多", "too many writes waiting"),
    Why.TOO_LATE: Text("等待过久,已放弃", "waited too long and was dropped"),
    Why.SUPERSEDED: Text("被紧急写入取代", "superseded by an urgent write"),
    Why.OUTCOME_UNKNOWN: Text("已发送,结果未知", "sent, outcome unknown"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind and what is known besides: `refused`, `illegal data address (2)`. Details are technical and English."""

    why: Why
    detail: str = ""

    @property
    def text(self) -> Text:
        said = TEXTS[self.why]
        return Text(f"{said.zh}:{self.detail}", f"{said.en}: {self.detail}") if self.detail else said

    def __str__(self) -> str:
        return self.text.en


class Silent(Exception):
    """No answer in time; the connection may live. Raised by `Polled.read` and `Driver.write`."""


class Lost(Exception):
    """There is no connection, or it is in a state that only a new one mends. Raised by any method of a driver."""


class PointError(ValueError):
    """A point that this protocol cannot mean; names the tag, the address and what to do. Raised by `Polled.plan`."""


class TargetError(ValueError):
    """A URL or an option that a driver does not understand; says what it would. Raised by `Kind.make`."""
