"""Oven: a chamber that holds parts, with a door, a feeder or both, warmed by a heater.

A part is fired while the chamber is closed round it and its temperature is within the recipe's band. The band's
crossings are computed from the heater's course, so that the time that a part soaked is exact to the nanosecond.
"""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.cylinder import Cylinder
from sim.components.heater import Heater
from sim.components.nests import Onlooker
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import FAR, NEVER, Travel

EMPTY, LOADED, FIRING = range(3)
MS = 10**6  # ns
UM = 10**9  # fm
MOVED = ("cylinder", "double_cylinder")


@dataclass(slots=True)
class Charge:
    """A part in a nest: where the chamber's clock of soaking stood when its own was at nought, and if it was burnt."""

    serial: int = 0
    base: int = 0
    burnt: bool = False


@dataclass(slots=True)
class OvenState:
    """`soaked` runs in ns while closed and within the band."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    soaked: Travel = field(default_factory=Travel)
    nests: list[Charge] = field(default_factory=list)


class Oven(Component):
    """Fires what lies in it. A door is closed when its cylinder is out; a feeder is inside when its cylinder is home.

    Parts are laid down and lifted through the open door, or on the feeder when that is outside. Whoever lifts a part
    reads from it how it was fired: `soak_ms`, and `fired` or `misfired` in its contents.
    """

    KIND = Kind(
        "oven",
        Text("烘箱", "Oven"),
        Text("按配方保温烧制工件, 有炉门或进料机构", "Fires parts by a recipe; with a door, a feeder or both"),
        parameters=(
            Parameter("places", "count", Text("工位数", "Places"), "1", low=1, high=64, fixed=True),
            Parameter("temperature", "temperature", Text("烧制温度", "Temperature of the recipe"), "150 °C"),
            Parameter("tolerance", "temperature", Text("允许偏差", "How far off it may be"), "10 °C", low=10_000),
            Parameter("soak", "time", Text("保温时间", "Time at temperature"), "8 s"),
            Parameter("soaks", "time", Text("各种类的保温时间", "Time at temperature of each kind of parts, from 1"),
                      "", many=True),
            Parameter("longest", "ratio", Text("最长保温 (倍数, 0: 不限)", "Longest soak, times the recipe's; 0: any"),
                      "0"),
            Parameter("distortion", "length", Text("烧制不当的尺寸误差", "Size error of a part fired wrongly"), "0 µm",
                      low=-(2**53)),
            Parameter("draught", "ratio", Text("开门散热倍数", "Loss of heat through the open door, times"), "3",
                      low=MILLION, high=100 * MILLION),
        ),
        ports=(
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "a part is in it")),
            Port("ready", DataType.BOOL, Direction.INPUT, Text("温度到达", "temperature is right"), optional=True),
            Port("soak", DataType.REAL, Direction.STATUS, Text("保温时间", "soak at place 0"), "s", 0, 86400,
                 1, optional=True, computed=True),
            Port("fired", DataType.UDINT, Direction.STATUS, Text("烧制合格数", "parts fired right"), "pcs",
                 optional=True),
            Port("misfired", DataType.UDINT, Direction.STATUS, Text("烧制不良数", "parts fired wrongly"), "pcs",
                 optional=True),
        ),
        joins=(
            Join("heater", ("heater",), Text("加热器", "The heater that warms it")),
            Join("door", MOVED, Text("炉门气缸 (伸出为关)", "Cylinder of the door; out is closed"), required=False),
            Join("feeder", MOVED, Text("进料气缸 (伸出为炉外)", "Cylinder of the feeder; out is outside"),
                 required=False),
        ),
        states=states(("empty", "空", "empty"), ("loaded", "有件", "a part in it, not fired"),
                      ("firing", "烧制中", "a part is fired")),
        cycle=Text("出炉一件", "one part taken out"),
    )  # fmt: skip
    STATE = OvenState
    SLOTS = ("turn", "turn")  # by the heater, door or feeder; at a crossing

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.spots: list[Onlooker] = []
        self.door: Cylinder | None = None
        self.feeder: Cylinder | None = None
        self.soaks = definition.lists.get("soaks", [])
        self.s.nests = [Charge() for _ in range(self.p["places"])]

    def connect(self) -> None:
        self.heater = next(h for h in self.joined("heater") if isinstance(h, Heater))
        self.heater.followers.append((self, 0))
        for join in ("door", "feeder"):
            for found in self.joined(join):
                if isinstance(found, Cylinder):
                    setattr(self, join, found)
                    found.followers.append((self, 0))
        if "soak" in self.tags:
            self.image.compute(self.tags["soak"], self._soak_s)

    def born(self) -> None:
        self.turn()

    # ---- the chamber ------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """The chamber is closed round the parts."""
        shut = self.door is None or self.door.is_out
        return shut and (self.feeder is None or self.feeder.is_home)

    @property
    def reachable(self) -> bool:
        """Parts can be laid down and lifted."""
        if self.feeder is not None:
            return self.feeder.is_out
        return self.door is None or self.door.is_home

    def _band(self) -> tuple[int, int]:
        return self.p["temperature"] - self.p["tolerance"], self.p["temperature"] + self.p["tolerance"]

    def turn(self) -> None:
        """Door, feeder, temperature's course or a parameter has changed, or the edge of the band is crossed."""
        s, now, closed = self.s, self.now, self.closed
        self.heater.lose(MILLION if self._shut else self.p["draught"])
        low, high = self._band()
        at, loaded = self.heater.at(now), any(charge.serial for charge in s.nests)
        if closed and at > high:
            for charge in s.nests:
                charge.burnt = charge.burnt or bool(charge.serial)
        soaks = closed and loaded and low <= at <= high
        if not loaded:
            s.soaked = Travel(now)  # so that its numbers stay small
        s.soaked.go(now, int(soaks), FAR if soaks else s.soaked.at(now))
        self.be((FIRING if soaks else LOADED) if loaded else EMPTY)
        self.set("ready", low <= at <= high)
        edges = [self.heater.next_at(edge) for edge in (low - 1, low, high, high + 1)]
        self.wake(1, min((t for t in edges if t > now), default=NEVER))
        self._look()

    @property
    def _shut(self) -> bool:
        """No heat escapes through the opening: a door bars it, or else the feeder's front plate."""
        return self.door.is_out if self.door is not None else self.closed

    def replan(self) -> None:
        self.turn()

    # ---- firing -----------------------------------------------------------------------------------------------

    def soak_ns(self, place: int) -> int:
        """How long the part at a place has soaked."""
        return int(self.s.soaked.at(self.now) - self.s.nests[place].base)

    def _soak_s(self) -> Value:
        return round(self.soak_ns(0) / 1e9, 1) if self.s.nests[0].serial else 0.0

    def _recipe(self, kind: int) -> int:
        """Time at temperature for this kind of parts."""
        return self.soaks[kind - 1] if 0 < kind <= len(self.soaks) else self.p["soak"]

    def _judge(self, place: int) -> None:
        """The part leaves: it keeps how it was fired."""
        self.cycle()
        charge = self.s.nests[place]
        part, soaked = self.plant.part(charge.serial), self.soak_ns(place)
        least = self._recipe(part.kind)
        most = least * self.p["longest"] // MILLION
        right = soaked >= least and not charge.burnt and (not most or soaked <= most)
        was_wrong = part.contents.pop("misfired", 0)
        part.contents.pop("fired", None)
        part.contents |= {"soak_ms": soaked // MS, "fired" if right else "misfired": 1}
        part.dimension_um += (int(not right) - was_wrong) * self.p["distortion"] // UM
        part.machined = part.machined or right
        self.plant.log(charge.serial, f"{self.name} {soaked // MS} ms {'ok' if right else 'misfired'}")
        count = "fired" if right else "misfired"
        self.set(count, (int(self.see(count, 0)) + 1) % 2**32)

    # ---- nests ------------------------------------------------------------------------------------------------

    def part_at(self, place: int) -> int:
        """The part that can be lifted off this place now, 0 for none."""
        inside = self.reachable and place < len(self.s.nests)
        return int(self.s.nests[place].serial) if inside else 0

    def free_at(self, place: int) -> bool:
        return self.reachable and place < len(self.s.nests) and not self.s.nests[place].serial

    def put(self, place: int, serial: int) -> None:
        """Lay a part down. One that was here before goes on from the soak that it has."""
        soaked = self.plant.part(serial).contents.get("soak_ms", 0) * MS
        self.s.nests[place] = Charge(serial, self.s.soaked.at(self.now) - soaked)
        self.plant.emit("part", serial, ["in", self.name, str(place)])
        self.turn()

    def take(self, serial: int) -> bool:
        """Take a part out. False when it is not here."""
        place = next((k for k, charge in enumerate(self.s.nests) if charge.serial == serial), None)
        if not serial or place is None:
            return False
        self._judge(place)
        self.s.nests[place] = Charge()
        self.turn()
        return True

    def holds(self) -> list[int]:
        """The parts in it."""
        return [charge.serial for charge in self.s.nests if charge.serial]

    def _look(self) -> None:
        self.set("part", any(charge.serial for charge in self.s.nests))
        for spot in self.spots:
            spot.look()

    def announce(self) -> list[tuple[str, str | int, object]]:
        nests = enumerate(self.s.nests)
        return [("part", charge.serial, ["in", self.name, str(place)]) for place, charge in nests if charge.serial]
