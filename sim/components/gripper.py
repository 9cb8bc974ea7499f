"""Gripper with fingers: closed it holds the part between them. What it has in common with a cup is in `grip.py`."""

from sim.component import MILLION
from sim.components.grip import CYCLE, EMPTY, HOLDING, JOINS, MOVING, PRESSURES, Grip
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel


class Gripper(Grip):
    """Fingers: closed they hold the part between them, opening they let it go. Without power they stay as they are."""

    KIND = Kind(
        "gripper",
        Text("机械夹爪", "Gripper"),
        Text("闭合后夹住工件; `open` 使其双电控", "Holds a part between its fingers; `open` gives it a second coil"),
        parameters=(
            Parameter("stroke_time", "time", Text("开合时间", "Time to close or open"), "250 ms", low=1000),
            Parameter(
                "self_locking", "flag", Text("失电失气保持", "Stays as it is without power or air"), "true", high=1
            ),
            *PRESSURES,
            Parameter("air_per_stroke", "volume", Text("每次开合耗气 (自由空气)", "Free air for one stroke"), "20 mL"),
        ),
        ports=(
            Port("close", DataType.BOOL, Direction.OUTPUT, Text("夹紧", "close"), powered=True),
            Port("open", DataType.BOOL, Direction.OUTPUT, Text("松开", "open"), powered=True, optional=True),
            Port("opened", DataType.BOOL, Direction.INPUT, Text("已张开", "open"), initial=True),
            Port("closed", DataType.BOOL, Direction.INPUT, Text("已闭合", "closed")),
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "holds a part")),
        ),
        joins=JOINS,
        states=states(
            ("empty", "无件", "without a part"),
            ("moving", "动作中", "closing or opening"),
            ("holding", "夹持", "holding a part"),
        ),
        cycle=CYCLE,
    )

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.s.stroke_ns = self.p["stroke_time"]

    def connect(self) -> None:
        super().connect()
        self.watch("close", 0)
        self.watch("open", 0)

    def turn(self) -> None:
        s, now, share = self.s, self.now, self.pressure_ppm()
        stroke = self.p["stroke_time"] * MILLION // (share or MILLION)
        at = s.travel.at(now) * stroke // s.stroke_ns
        s.stroke_ns = stroke
        closes = bool(self.see("close"))
        stays = self._stays(closes, bool(share))
        wanted = closes and bool(share)
        rate = 0 if stays else (at < stroke) if wanted else -(at > 0)
        if at >= stroke and rate == 0 and s.travel.rate > 0:
            self.grasp()
        elif rate < 0 and s.serial:
            self.let_go()
        if rate != s.travel.rate:
            self.say_move(at / stroke, rate * 1e9 / stroke, 1.0 if rate > 0 else 0.0 if rate < 0 else at / stroke)
        s.travel = Travel(now, at, int(rate), (stroke if rate > 0 else 0) if rate else at)
        self.be(HOLDING if s.serial else MOVING if rate else EMPTY)
        self.set("opened", at <= 0 and rate <= 0)
        self.set("closed", at >= stroke and rate >= 0)
        self.set("part", bool(s.serial))
        self.wake(1, s.travel.due_ns())
        self.air_changed()

    def draws(self) -> int:
        return self.p["air_per_stroke"] * 10**9 // self.s.stroke_ns if self.s.travel.rate else 0

    def _stays(self, closes: bool, air: bool) -> bool:
        """With a coil for each direction it moves only while one of them has power, with one alone it opens without."""
        if "open" in self.tags:
            return not air or (not closes and not self.see("open"))
        return not (self.powered and air) and bool(self.p["self_locking"])

    def announce(self) -> list[tuple[str, str | int, object]]:
        s = self.s
        at, stroke = s.travel.at(self.now), s.stroke_ns
        said = [at / stroke, s.travel.rate * 1e9 / stroke, s.travel.goal / stroke]
        return [("move", self.name, said), *super().announce()]
