"""Sensors beside a belt: photo-eye, identification reader, inspection camera."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.cylinder import BELT, POSITION, belt_of
from sim.components.judgement import EMPTY, MATRIX_PORTS, RATES, judged
from sim.part import Verdict
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

SEEN = states(("clear", "无件", "clear"), ("covered", "有件", "a part before it"))
ONE_SEEN = Text("检测到一件", "one part seen")


class PhotoEye(Component):
    """A through-beam sensor: true exactly while a part covers it."""

    KIND = Kind(
        "photo_eye",
        Text("光电传感器", "Photo-eye"),
        Text("工件遮挡时为真", "True exactly while a part covers it"),
        parameters=(POSITION,),
        ports=(Port("", DataType.BOOL, Direction.INPUT, Text("", "")),),
        joins=(BELT,),
        states=SEEN,
        cycle=ONE_SEEN,
    )

    def connect(self) -> None:
        belt_of(self).attach_watcher(self.p["position"], self)

    def covered(self, serial: int) -> None:
        self.set("", bool(serial))
        self.be(int(bool(serial)))
        self.duty.cycles += bool(serial)


class Reader(Component):
    """Reads what is written on the part in front of it: its colour and the verdict of the inspection."""

    KIND = Kind(
        "reader",
        Text("识别传感器", "Identification reader"),
        Text("读取面前工件的颜色和检测结论", "Reads colour and verdict of the part in front of it"),
        parameters=(POSITION,),
        ports=(
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "part present")),
            Port("colour", DataType.INT, Direction.INPUT, Text("颜色", "colour"), low=0, high=9),
            Port("reject", DataType.BOOL, Direction.INPUT, Text("不合格", "reject")),
        ),
        joins=(BELT,),
        states=SEEN,
        cycle=ONE_SEEN,
    )

    def connect(self) -> None:
        belt_of(self).attach_watcher(self.p["position"], self)

    def covered(self, serial: int) -> None:
        """Colour and verdict first, then the bit that says that they are valid, all at one instant."""
        part = self.plant.part(serial) if serial else None
        self.set("colour", part.colour if part else 0)
        self.set("reject", part is not None and part.verdict is Verdict.REJECT)
        self.set("part", part is not None)
        self.be(int(bool(serial)))
        self.duty.cycles += bool(serial)


@dataclass(slots=True)
class CameraState:
    """What the camera looks at."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0  # the part in view
    since_ns: int = 0  # of the trigger
    matrix: list[int] = field(default_factory=lambda: list(EMPTY))  # see `judgement.MATRIX`


class Camera(Component):
    """A vision sensor: on a trigger it measures the part in view, judges it, and shows the result until released."""

    KIND = Kind(
        "camera",
        Text("视觉检测", "Inspection camera"),
        Text("触发后测量颜色和尺寸并给出结论", "Measures colour and dimension on a trigger and gives a verdict"),
        parameters=(
            POSITION,
            Parameter("exposure", "time", Text("处理时间", "Time for a picture"), "250 ms", low=1),
            Parameter("noise", "length", Text("测量噪声 (1σ)", "Measurement noise (1 sigma)"), "3 µm"),
            Parameter("offset", "length", Text("测量偏差", "Measurement offset"), "0 mm", low=-(2**53)),
            Parameter(
                "margin",
                "length",
                Text("判定余量 (负: 更严)", "Accepted beyond the tolerance; below 0: stricter"),
                "0 mm",
                low=-(2**53),
            ),
            *RATES,
        ),
        ports=(
            Port("trigger", DataType.BOOL, Direction.OUTPUT, Text("触发", "trigger"), powered=True),
            Port("valid", DataType.BOOL, Direction.INPUT, Text("结果有效", "result valid")),
            Port("ok", DataType.BOOL, Direction.INPUT, Text("合格", "good part")),
            Port("colour", DataType.INT, Direction.INPUT, Text("颜色", "colour"), low=0, high=9),
            Port("dimension", DataType.REAL, Direction.INPUT, Text("尺寸", "dimension"), "mm", 0, 60, 3),
            *MATRIX_PORTS,
        ),
        joins=(BELT,),
        states=states(
            ("idle", "等待", "idle"),
            ("exposing", "拍照中", "taking a picture"),
            ("showing", "结果有效", "showing a result"),
        ),
        cycle=Text("一次拍照", "one picture"),
    )
    STATE = CameraState
    SLOTS = ("command", "picture")

    def connect(self) -> None:
        belt_of(self).attach_watcher(self.p["position"], self)
        self.watch("trigger", 0)

    def covered(self, serial: int) -> None:
        self.s.serial = serial

    def command(self) -> None:
        """A rising trigger starts a picture, a falling one clears the result."""
        if self.see("trigger"):
            self.s.since_ns = self.now
            self.wake(1, self.now + self.p["exposure"])
            self.be(1)
        else:
            self.be(0)
            self.wake(1, NEVER)
            self._show(valid=False, ok=False, colour=0, dimension=0.0)

    def replan(self) -> None:
        """The picture that is being taken is ready so long after its trigger."""
        if self.s.due[1] != NEVER:
            self.wake(1, max(self.now, self.s.since_ns + self.p["exposure"]))

    def picture(self) -> None:
        self.be(2)
        self.cycle()
        if not self.s.serial:
            self._show(valid=True, ok=False, colour=0, dimension=0.0)
            return
        part, spec = self.plant.part(self.s.serial), self.plant.definition.part
        noise_um = self.plant.stream(f"{self.name}.noise").normal(self.p["noise"] // 10**9)
        measured = part.dimension_um + self.p["offset"] // 10**9 + noise_um
        good = abs(part.dimension_um - spec.nominal_um) <= spec.tolerance_um
        seen_good = abs(measured - spec.nominal_um) <= spec.tolerance_um + self.p["margin"] // 10**9
        ok = judged(self, self.s.matrix, good, seen_good)
        self.plant.judge(part.serial, Verdict.OK if ok else Verdict.REJECT, measured)
        self.plant.log(part.serial, f"{self.name} {'ok' if ok else 'reject'} {measured} µm")
        if not ok:
            self.plant.units[self.station].part_rejected()
        self._show(valid=True, ok=ok, colour=part.colour, dimension=measured / 1000)

    def _show(self, valid: bool, ok: bool, colour: int, dimension: float) -> None:
        self.set("dimension", dimension)
        self.set("colour", colour)
        self.set("ok", ok)
        self.set("valid", valid)
