"""Diverter on a running belt: while it is up, what comes into its zone goes aside; whatever has passed rides on.

Pop-up wheels or a swing arm, either way: a cylinder brings it up, half-way up it acts. A part whose centre is in the
zone then is taken off the belt and carried across to what stands beside it. One whose centre is beyond the zone rides
straight on, so that a command that comes late, or ends early, sorts wrongly. Where there is no room beside, parts stand
in the zone and the belt slips under them.
"""

from dataclasses import dataclass

from sim.component import MM
from sim.components.air import SUPPLY
from sim.components.belt import RECEIVERS
from sim.components.carrier import Carrier
from sim.components.cylinder import AIR, BELT, CYCLE, FAULTS, PORTS, POSITION, STATES, CylinderState, belt_of
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel


@dataclass(slots=True)
class DiverterState(CylinderState):
    """The rod that lifts it, the part that it carries, and how far across that is."""

    serial: int = 0
    cross_start_ns: int = 0
    cross_origin: int = 0
    cross_rate: int = 0


class Diverter(Carrier):
    """Carries parts aside while it is up. `run` drives its wheels; a diverter without that port has them run always."""

    KIND = Kind(
        "diverter",
        Text("分流器", "Diverter"),
        Text("升起时把经过的工件移到侧面输送带", "While it is up, parts that come into its zone go to the side"),
        parameters=(
            POSITION,
            Parameter("reach", "length", Text("作用区半长", "Half the length of its zone"), "50 mm", low=5 * MM,
                      fixed=True),
            Parameter("stroke", "length", Text("行程", "Stroke"), "30 mm", low=10 * MM, fixed=True),
            Parameter("extend_speed", "speed", Text("升起速度", "Rising speed"), "200 mm/s", low=1000),
            Parameter("retract_speed", "speed", Text("落下速度", "Sinking speed"), "200 mm/s", low=1000),
            Parameter("width", "length", Text("横移距离", "Way across"), "200 mm", low=MM, fixed=True),
            Parameter("side_speed", "speed", Text("横移速度", "Speed across"), "400 mm/s", low=1000),
            *AIR,
        ),
        ports=(
            *PORTS,
            Port("run", DataType.BOOL, Direction.OUTPUT, Text("横移驱动", "wheels run"), powered=True, optional=True),
            Port("part", DataType.BOOL, Direction.INPUT, Text("有工件", "a part is on it"), optional=True),
        ),
        joins=(BELT, Join("to", (*RECEIVERS, "bin"), Text("侧面去向", "What it carries parts to")), SUPPLY),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )  # fmt: skip
    STATE = DiverterState
    SLOTS = ("move", "move", "across")
    ACROSS = 2

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.stop = 0

    def connect(self) -> None:
        super().connect()
        self.belt = belt_of(self)
        self.begin = self.p["position"] - self.p["reach"]
        enters = self.begin + self.belt.size // 2  # the head of a part whose centre comes into the zone
        self.stop = self.belt.attach_stop(enters, self.p["position"] + self.p["reach"] - self.belt.size // 2)
        self.belt.attach_watcher(enters, self)
        self.belt.clamped_by(self, 0)
        self.watch("run", self.ACROSS)

    def covered(self, serial: int) -> None:
        """A part comes into the zone, or goes on."""
        self.wake(0, self.now)

    def marks(self) -> list[int]:
        return [*super().marks(), self.p["stroke"] // 2]

    def arrived(self, at: int) -> None:
        """While it is up: take what is in the zone, or hold it there."""
        up = self.beyond(at, self.p["stroke"] // 2)
        serial, head = self._in_zone()
        if up and serial and not self.s.serial and self.sink.room():
            self._begin(serial)
            serial, head = self._in_zone()
        if up and (self.s.serial or not self.sink.room()):
            self.belt.hold_at(self.stop, head if serial else None)
        else:
            self.belt.set_stop(self.stop, False)

    def _in_zone(self) -> tuple[int, int]:
        return self.belt.found_between(self.begin, self.p["position"] + self.p["reach"])

    # ---- across -----------------------------------------------------------------------------------------------

    def _begin(self, serial: int) -> None:
        self.meet(serial)
        self._set_cross(Travel(self.now, 0, 0, 0))
        self.wake(self.ACROSS, self.now)

    def _cross(self) -> Travel:
        s = self.s
        return Travel(s.cross_start_ns, s.cross_origin, s.cross_rate, self.p["width"])

    def _set_cross(self, travel: Travel) -> None:
        s = self.s
        s.cross_start_ns, s.cross_origin, s.cross_rate = travel.start_ns, travel.origin, travel.rate

    def _crossed(self) -> list[float]:
        """How far across the part is, for the eyes of people: mm, mm/s, mm."""
        travel = self._cross()
        return [travel.at(self.now) / MM, travel.rate / 1000, travel.goal / MM]

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [*super().announce(), ("move", f"{self.name}.across", self._crossed())]

    def replan(self) -> None:
        super().replan()
        self.across()

    def across(self) -> None:
        """On its way across, or there, or the wheels start or stop."""
        if not self.s.serial:
            return
        travel = self._cross()
        if travel.at(self.now) >= self.p["width"]:
            self.lay_down()
            self.set("part", False)
            self.move()
            return
        travel.go(self.now, self.p["side_speed"] if self.see("run", True) else 0, self.p["width"])
        self._set_cross(travel)
        self.plant.emit("move", f"{self.name}.across", self._crossed())
        self.set("part", True)
        self.wake(self.ACROSS, travel.due_ns())

    def take(self, serial: int) -> bool:
        if not super().take(serial):
            return False
        self.set("part", False)
        self.move()
        return True
