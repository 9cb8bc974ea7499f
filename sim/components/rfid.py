"""RFID: a reader and writer for the tag on the part before it: a fixed UID and a number that can be written."""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.spot import Spot
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

OK, NO_TAG, READ_ERROR, WRITE_ERROR, TAG_LOST, PROTECTED = range(6)
READY, BUSY = range(2)
DATA = "tag"  # in a part's contents


def uid_of(serial: int) -> int:
    """The tag's UID, 32 bits: tags come in no order, so consecutive parts have UIDs that look unlike."""
    return serial * 2654435761 % 2**32 if serial else 0


def uid_text(uid: int) -> str:
    """A UID as readers of ISO 14443 tags print it: seven bytes, the first the maker's."""
    return f"04{uid:012x}"


@dataclass(slots=True)
class RfidState:
    """The access under way, and the tag that was read last."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0  # before it now
    access: int = 0  # 1 read, 2 write
    since_ns: int = 0
    last: int = 0  # serial
    deaf: bool = False
    doubled: bool = False
    reading: bool = False
    writing: bool = False


class Rfid(Component):
    """A rising `read` or `write` is an access that takes its time; then `done` and `error` stand until it falls.

    Errors: 0 none, 1 no tag in range, 2 read error, 3 write error, 4 the tag left in mid-access, 5 write-protected.
    """

    KIND = Kind(
        "rfid",
        Text("RFID 读写器", "RFID reader/writer"),
        Text("读写面前工件的电子标签", "Reads and writes the tag on the part before it"),
        parameters=(
            Parameter("read_time", "time", Text("读取时间", "Time to read"), "150 ms", low=1000),
            Parameter("write_time", "time", Text("写入时间", "Time to write"), "300 ms", low=1000),
            Parameter("errors", "ratio", Text("读写出错率", "Chance that an access fails"), "0", high=MILLION),
            Parameter("protected", "flag", Text("写保护", "Its tags are write-protected"), "false", high=1),
        ),
        ports=(
            Port("read", DataType.BOOL, Direction.OUTPUT, Text("读", "read")),
            Port("write", DataType.BOOL, Direction.OUTPUT, Text("写", "write")),
            Port("value", DataType.DINT, Direction.OUTPUT, Text("写入值", "number to be written")),
            Port("present", DataType.BOOL, Direction.INPUT, Text("标签在场", "a tag is in range")),
            Port("done", DataType.BOOL, Direction.INPUT, Text("完成", "access finished")),
            Port("error", DataType.INT, Direction.INPUT, Text("错误代码", "error"), low=0, high=99),
            Port("uid", DataType.UDINT, Direction.INPUT, Text("标签 UID", "UID of the tag")),
            Port("data", DataType.DINT, Direction.INPUT, Text("标签数据", "number on the tag")),
        ),
        joins=(Join("spot", ("spot",), Text("所在位置", "Where its antenna is")),),
        disturbances=(
            Disturbance("misread", Text("读写失败", "No access succeeds"), clears="read_again"),
            Disturbance("duplicate", Text("重复上一标签", "It answers with the tag before"), clears="read_fresh"),
        ),
        states=states(("ready", "就绪", "ready"), ("busy", "读写中", "reads or writes")),
        cycle=Text("一次读写", "one access"),
    )  # fmt: skip
    STATE = RfidState
    SLOTS = ("command", "finish", "look")

    def connect(self) -> None:
        self.spot = next(s for s in self.joined("spot") if isinstance(s, Spot))
        self.spot.onlookers.append(self)
        self.watch("read", 0)
        self.watch("write", 0)

    def look(self) -> None:
        """Another part, or none, is before it."""
        s = self.s
        serial = self.spot.body()
        if serial != s.serial and s.access and s.serial:
            self._end(TAG_LOST)
        s.serial = serial
        self.set("present", bool(serial))

    def command(self) -> None:
        """An access begins at the rising edge; without a command the result goes."""
        s = self.s
        read, write = bool(self.see("read")), bool(self.see("write"))
        if (write and not s.writing) or (read and not s.reading):
            s.access, s.since_ns = 2 if write and not s.writing else 1, self.now
            self._show(False, OK, 0, 0)
        elif not read and not write:
            s.access = 0
            self._show(False, OK, 0, 0)
        s.reading, s.writing = read, write
        self.replan()

    def replan(self) -> None:
        s = self.s
        time = self.p["write_time" if s.access == 2 else "read_time"]
        self.be(BUSY if s.access else READY)
        self.wake(1, max(self.now, s.since_ns + time) if s.access else NEVER)

    def finish(self) -> None:
        """The time of the access is over."""
        s = self.s
        failed = READ_ERROR if s.access == 1 else WRITE_ERROR
        chance = self.p["errors"]
        if not s.serial:
            self._end(NO_TAG)
        elif s.deaf or (chance and self.plant.stream(f"{self.name}.error").uniform() * MILLION < chance):
            self._end(failed)
        elif s.access == 2 and self.p["protected"]:
            self._end(PROTECTED)
        else:
            self._answer()

    def _answer(self) -> None:
        s = self.s
        serial = s.last if s.doubled and s.last in self.plant.parts.by_serial else s.serial
        part = self.plant.part(serial)
        if s.access == 2:
            part.contents[DATA] = int(self.see("value"))
            self.plant.log(serial, f"{self.name} = {part.contents[DATA]}")
        s.last = serial
        self.cycle()
        self._end(OK, uid_of(serial), part.contents.get(DATA, 0))

    def _end(self, error: int, uid: int = 0, data: int = 0) -> None:
        self.s.access = 0
        self.wake(1, NEVER)
        self.be(READY)
        self._show(True, error, uid, data)

    def _show(self, done: bool, error: int, uid: int, data: int) -> None:
        self.set("uid", uid)
        self.set("data", data)
        self.set("error", error)
        self.set("done", done)

    def misread(self) -> None:
        self.s.deaf = True

    def read_again(self) -> None:
        self.s.deaf = False

    def duplicate(self) -> None:
        self.s.doubled = True

    def read_fresh(self) -> None:
        self.s.doubled = False
