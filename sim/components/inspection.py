"""A camera above a spot that sees colour, what was done to the part, flaws. Its errors are parameters."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.judgement import EMPTY, MATRIX_PORTS, RATES, judged
from sim.components.spot import Spot
from sim.part import Part, Verdict
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

FEATURES = ("drilled", "milled", "fired")  # in a part's contents: bits from 1
FLAWS = ("flaw", "misfired")
READY, LOOKING = range(2)


@dataclass(slots=True)
class InspectionState:
    """Since when the picture is being taken."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    since_ns: int = NEVER
    matrix: list[int] = field(default_factory=lambda: list(EMPTY))  # see `judgement.MATRIX`


def features(part: Part) -> int:
    """Bits of what was done to a part: 1 drilled, 2 milled, 4 fired."""
    return sum(1 << k for k, name in enumerate(FEATURES) if part.contents.get(name))


class Inspection(Component):
    """On a trigger it looks at the part on the spot, judges it by its flaws, and shows the result until released."""

    KIND = Kind(
        "inspection",
        Text("特征检测相机", "Inspection camera for features"),
        Text("识别颜色、加工特征和缺陷并给出结论", "Sees colour, features and flaws of the part, and judges"),
        parameters=(
            Parameter("exposure", "time", Text("处理时间", "Time for a picture"), "600 ms", low=1000),
            *RATES,
        ),
        ports=(
            Port("trigger", DataType.BOOL, Direction.OUTPUT, Text("触发", "trigger"), powered=True),
            Port("valid", DataType.BOOL, Direction.INPUT, Text("结果有效", "result valid")),
            Port("ok", DataType.BOOL, Direction.INPUT, Text("合格", "good part")),
            Port("colour", DataType.INT, Direction.INPUT, Text("颜色", "colour"), low=0, high=9),
            Port("features", DataType.INT, Direction.INPUT, Text("特征 1 钻 2 铣 4 烧",
                 "features: 1 drilled + 2 milled + 4 fired"), low=0, high=7),
            *MATRIX_PORTS,
        ),
        joins=(Join("spot", ("spot",), Text("检测位置", "Where it looks")),),
        states=states(("ready", "就绪", "ready"), ("looking", "检测", "takes a picture")),
        cycle=Text("一次检测", "one picture"),
    )  # fmt: skip
    STATE = InspectionState
    SLOTS = ("command", "picture")

    def connect(self) -> None:
        self.spot = next(s for s in self.joined("spot") if isinstance(s, Spot))
        self.watch("trigger", 0)

    def command(self) -> None:
        """A rising trigger starts a picture, a falling one clears the result."""
        if self.see("trigger"):
            self.s.since_ns = self.now
        else:
            self.s.since_ns = NEVER
            self._show(False, False, 0, 0)
        self.replan()

    def replan(self) -> None:
        since = self.s.since_ns
        self.be(READY if since == NEVER else LOOKING)
        self.wake(1, NEVER if since == NEVER else max(self.now, since + self.p["exposure"]))

    def picture(self) -> None:
        """The picture is there."""
        self.s.since_ns = NEVER
        self.be(READY)
        self.cycle()
        serial = self.spot.part()
        if not serial:
            self._show(True, False, 0, 0)
            return
        part = self.plant.part(serial)
        good = not any(part.contents.get(flaw) for flaw in FLAWS)
        good = judged(self, self.s.matrix, good, good)
        self.plant.judge(serial, Verdict.OK if good else Verdict.REJECT, part.dimension_um)
        self.plant.log(serial, f"{self.name} {'ok' if good else 'reject'} {features(part)}")
        if not good:
            self.plant.units[self.station].part_rejected()
        self._show(True, good, part.colour, features(part))

    def _show(self, valid: bool, ok: bool, colour: int, seen: int) -> None:
        self.set("colour", colour)
        self.set("features", seen)
        self.set("ok", ok)
        self.set("valid", valid)
