"""Sensors that tell kinds of parts apart: height, material, colour, weight. All stand at a belt."""

from dataclasses import dataclass, field

from sim.component import MILLION, MM, Change, Component
from sim.components.belt import Belt
from sim.components.cylinder import BELT, POSITION, belt_of
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER

STATES = states(("clear", "未动作", "clear"), ("on", "动作", "sees something"))
CYCLE = Text("动作一次", "one time that it sees something")
GRAM = 1000  # mg
# relative permittivity x 100, roughly; a conductor counts as very much
PERMITTIVITY = {"metal": 10_000, "glass": 600, "wood": 400, "plastic": 300, "cardboard": 200}


@dataclass(slots=True)
class DetectorState:
    """The part in front of it."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    serial: int = 0


class Detector(Component):
    """Looks at the part that covers its place. Subclasses say what they see of it."""

    STATE = DetectorState

    def connect(self) -> None:
        belt_of(self).attach_watcher(self.p["position"], self)

    def covered(self, serial: int) -> None:
        self.s.serial = serial
        self.replan()

    def replan(self) -> None:
        """Say what is there, by the parameters as they are now."""
        if self.s.serial not in self.plant.parts.by_serial:
            self.s.serial = 0
        self.show(self.s.serial)

    def show(self, serial: int) -> None:
        """Set the ports for this part, 0 for none."""
        raise NotImplementedError

    def saw(self, something: bool) -> None:
        """Whether it sees something now."""
        if something and not self.duty.state:
            self.cycle()
        self.be(int(something))

    def switch(self, on: bool) -> None:
        """Its one output."""
        self.set("", on)
        self.saw(on)


GAP = (
    Parameter("distance", "length", Text("到工件的距离", "Gap between its face and the parts"), "2 mm"),
    Parameter("range", "length", Text("额定检测距离", "Nominal sensing distance"), "10 mm", low=MM // 10),
    Parameter("hysteresis", "ratio", Text("回差 (占检测距离)", "Hysteresis, of the sensing distance"), "0.1",
              high=MILLION),
)  # fmt: skip
PRESENT = Port("", DataType.BOOL, Direction.INPUT, Text("", ""))


class HighEye(Detector):
    """A photo-eye above the belt: lower parts pass under its beam."""

    KIND = Kind(
        "high_eye",
        Text("高度光电", "Photo-eye for height"),
        Text("只被达到安装高度的工件遮挡", "A photo-eye whose beam only parts of some height interrupt"),
        parameters=(POSITION, Parameter("height", "length", Text("光束高度", "Height of its beam"), "50 mm")),
        ports=(PRESENT,),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def show(self, serial: int) -> None:
        self.switch(bool(serial) and self.plant.kind_of(serial).height_fm >= self.p["height"])


class HeightSensor(Detector):
    """A distance sensor above the belt: the height of the part in front of it, in mm."""

    KIND = Kind(
        "height_sensor",
        Text("测高传感器", "Height sensor"),
        Text("测量面前工件的高度", "Measures the height of the part in front of it"),
        parameters=(
            POSITION,
            Parameter("noise", "length", Text("测量噪声 (1σ)", "Measurement noise (1 sigma)"), "0.3 mm"),
            Parameter("offset", "length", Text("测量偏差", "Measurement offset"), "0 mm", low=-(2**53)),
        ),
        ports=(
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "part present")),
            Port("height", DataType.REAL, Direction.INPUT, Text("高度", "height"), "mm", -100, 1000, 1),
        ),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def covered(self, serial: int) -> None:
        self.s.serial = serial
        self.set("height", self._measured(serial) if serial else 0.0)
        self.set("part", bool(serial))
        self.saw(bool(serial))

    def _measured(self, serial: int) -> float:
        noise = self.plant.stream(f"{self.name}.noise").normal(self.p["noise"])
        height = self.plant.kind_of(serial).height_fm + self.p["offset"] + noise
        return min(max(round(height / MM, 1), -100.0), 1000.0)

    def replan(self) -> None:
        """What is shown was measured; the next part is measured with the parameters as they are then."""


class LightCurtain(Detector):
    """Beams one above the other: how many of them the part interrupts says how high it is."""

    KIND = Kind(
        "light_curtain",
        Text("光幕", "Light curtain"),
        Text("遮挡的光束数表示工件高度", "The number of beams interrupted says how high the part is"),
        parameters=(
            POSITION,
            Parameter("beams", "count", Text("光束数", "Beams"), "20", low=1, high=200),
            Parameter("lowest", "length", Text("最低光束高度", "Height of the lowest beam"), "5 mm"),
            Parameter("pitch", "length", Text("光束间距", "Between two beams"), "10 mm", low=MM // 10),
        ),
        ports=(
            Port("blocked", DataType.BOOL, Direction.INPUT, Text("被遮挡", "blocked")),
            Port("count", DataType.INT, Direction.INPUT, Text("遮挡光束数", "beams interrupted"), low=0, high=200),
        ),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def show(self, serial: int) -> None:
        height = self.plant.kind_of(serial).height_fm if serial else 0
        above = height - self.p["lowest"]
        count = 0 if not serial or above < 0 else min(self.p["beams"], above // self.p["pitch"] + 1)
        self.set("count", count)
        self.set("blocked", count > 0)
        self.saw(count > 0)


class Proximity(Detector):
    """A sensor whose reach hangs on the material. A part at the limit does not make it flicker: it has a hysteresis."""

    def reach(self, material: str) -> int:
        """How far it senses this material, in fm."""
        raise NotImplementedError

    def show(self, serial: int) -> None:
        if not serial:
            self.switch(False)
            return
        reach = self.reach(self.plant.kind_of(serial).material)
        if self.duty.state:
            reach += reach * self.p["hysteresis"] // MILLION
        self.switch(bool(reach) and self.p["distance"] <= reach)

    def covered(self, serial: int) -> None:
        if serial != self.s.serial:
            self.show(0)  # each part must come within the reach itself
        super().covered(serial)


class Inductive(Proximity):
    """Senses metal (IEC 60947-5-2: the nominal distance is that to mild steel)."""

    KIND = Kind(
        "inductive",
        Text("电感式传感器", "Inductive sensor"),
        Text("检测金属工件", "True while a metal part is in front of it and near enough"),
        parameters=(POSITION, *GAP),
        ports=(PRESENT,),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def reach(self, material: str) -> int:
        return int(self.p["range"]) if material == "metal" else 0


class Capacitive(Proximity):
    """Senses every material whose permittivity is at least its threshold; the less of it, the nearer it must be.

    The reach is range x (e - 1)/(e + 2), as the polarisation of a body grows with its permittivity e.
    """

    KIND = Kind(
        "capacitive",
        Text("电容式传感器", "Capacitive sensor"),
        Text("检测介电常数达到阈值的工件", "True while a part of enough permittivity is in front of it"),
        parameters=(
            POSITION,
            Parameter("threshold", "ratio", Text("介电常数阈值", "Least relative permittivity"), "1.5", low=1),
            *GAP,
        ),
        ports=(PRESENT,),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def reach(self, material: str) -> int:
        permittivity = PERMITTIVITY.get(material, 100)
        if permittivity * 10_000 < self.p["threshold"]:
            return 0
        return int(self.p["range"] * (permittivity - 100) // (permittivity + 200))


class ColourSensor(Detector):
    """Says the number of the colour of the part in front of it, 0 for none."""

    KIND = Kind(
        "colour_sensor",
        Text("颜色传感器", "Colour sensor"),
        Text("给出面前工件的颜色编号", "The number of the colour of the part in front of it"),
        parameters=(POSITION,),
        ports=(
            Port("colour", DataType.INT, Direction.INPUT, Text("颜色", "colour"), low=0, high=100),
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "part present")),
        ),
        joins=(BELT,),
        states=STATES,
        cycle=CYCLE,
    )

    def show(self, serial: int) -> None:
        self.set("colour", self.plant.part(serial).colour if serial else 0)
        self.set("part", bool(serial))
        self.saw(bool(serial))


@dataclass(slots=True)
class ScaleState:
    """What lies wholly on the plate, and since when."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    load: list[int] = field(default_factory=list)  # serials
    edges: list[int] = field(default_factory=lambda: [0, 0])  # what lies over the plate's two edges
    since_ns: int = 0


class ScaleEdge:
    """An edge of the plate as a watcher of the belt."""

    def __init__(self, scale: "Scale", end: int) -> None:
        self.scale, self.end = scale, end

    def covered(self, serial: int) -> None:
        self.scale.s.edges[self.end] = serial


class Scale(Component):
    """A plate under a stretch of a belt. Its weight is stable once nothing came or went for the settling time."""

    KIND = Kind(
        "scale",
        Text("称重台", "Weigh scale"),
        Text("称量输送带一段上的工件", "Weighs what lies wholly on a stretch of a belt"),
        parameters=(
            POSITION,
            Parameter("plate", "length", Text("称台长度", "Length of the plate, from its place on"), "300 mm", low=MM,
                      fixed=True),
            Parameter("settling", "time", Text("稳定时间", "Settling time"), "600 ms", low=1),
            Parameter("noise", "mass", Text("测量噪声 (1σ)", "Measurement noise (1 sigma)"), "500 mg"),
            Parameter("offset", "mass", Text("零点偏差", "Offset"), "0 g", low=-(2**53)),
        ),
        ports=(
            Port("weight", DataType.REAL, Direction.INPUT, Text("重量", "weight"), "g", -1000, 60_000, 0),
            Port("stable", DataType.BOOL, Direction.INPUT, Text("示值稳定", "weight is stable")),
        ),
        joins=(BELT,),
        states=states(("empty", "空", "nothing wholly on it"), ("settling", "稳定中", "settling"),
                      ("stable", "示值稳定", "stable")),
        cycle=Text("一次称重", "one weighing"),
    )  # fmt: skip
    STATE = ScaleState
    SLOTS = ("look", "settle")
    LOOK, SETTLE = 0, 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.belt: Belt

    def connect(self) -> None:
        self.belt = belt_of(self)
        self.edges = [ScaleEdge(self, end) for end in (0, 1)]
        for edge, position in zip(self.edges, (self.p["position"], self.p["position"] + self.p["plate"]), strict=True):
            self.belt.attach_watcher(position, edge)
        self.belt.watch_motion(self, self.LOOK)

    def look(self) -> None:
        """Something came onto the plate, went off it, or was lifted from it."""
        s = self.s
        low, size = self.p["position"], self.belt.size
        high = low + self.p["plate"]
        load = [] if any(s.edges) else [n for n, head in self.belt.heads() if low + size <= head <= high]
        if load != s.load or any(s.edges):
            s.load, s.since_ns = load, self.now
            self.set("stable", False)
            self.set("weight", 0.0)
        self.replan()

    def replan(self) -> None:
        settled = self.see("stable")
        due = max(self.now, self.s.since_ns + self.p["settling"])
        self.wake(self.SETTLE, due if self.s.load and not settled else NEVER)
        self.be((2 if settled else 1) if self.s.load else 0)

    def settle(self) -> None:
        mass = sum(self.plant.kind_of(serial).mass_mg for serial in self.s.load)
        mass += self.p["offset"] + self.plant.stream(f"{self.name}.noise").normal(self.p["noise"])
        self.set("weight", min(max(float(round(mass / GRAM)), -1000.0), 60_000.0))
        self.set("stable", True)
        self.be(2)
        self.cycle()
