"""Rotary indexing table: nests that go from place to place, one step for each command."""

from dataclasses import dataclass, field

from sim.component import Change, Component
from sim.components.cylinder import Cylinder
from sim.components.nests import Onlooker
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel


@dataclass(slots=True)
class TableState:
    """The step that is being made in ns of its time, and what lies in the nests (0: nothing)."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    step_ns: int = 1  # of which the travel is a part
    moving: bool = False
    armed: bool = True  # the command was off since the last step
    turned: int = 0
    nests: list[int] = field(default_factory=list)


class IndexTable(Component):
    """Turns by one place while `index` is on and stands then until it was off. Stopped half-way it goes on later.

    Place 0 is the first; a step brings what lay at place k to place k + 1.
    """

    KIND = Kind(
        "index_table",
        Text("分度转台", "Rotary indexing table"),
        Text("每个指令转一个工位", "Turns by one place for each command"),
        parameters=(
            Parameter("places", "count", Text("工位数", "Places"), "6", low=2, high=64, fixed=True),
            Parameter("step_time", "time", Text("分度时间", "Time of a step"), "1.2 s", low=10**6),
        ),
        ports=(
            Port("index", DataType.BOOL, Direction.OUTPUT, Text("分度", "index"), powered=True),
            Port("in_position", DataType.BOOL, Direction.INPUT, Text("到位", "in position"), initial=True),
            Port("loaded", DataType.UINT, Direction.STATUS, Text("在台件数", "parts on it"), low=0, high=64),
        ),
        joins=(
            Join(
                "barred_by",
                ("cylinder",),
                Text("伸出时禁止转动的气缸", "Must be home to turn"),
                required=False,
                many=True,
            ),
        ),
        states=states(
            ("standing", "静止", "standing in a place"),
            ("turning", "转动中", "turning"),
            ("interrupted", "中途停止", "stopped half-way"),
        ),
        cycle=Text("一次分度", "one step"),
    )
    STATE = TableState
    SLOTS = ("turn", "turn")

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.spots: list[Onlooker] = []
        self.bars: list[Cylinder] = []
        self.s.nests = [0] * self.p["places"]
        self.s.step_ns = self.p["step_time"]

    def connect(self) -> None:
        self.watch("index", 0)
        for bar in self.joined("barred_by"):
            if isinstance(bar, Cylinder):
                self.bars.append(bar)
                bar.followers.append((self, 0))

    # ---- turning ----------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """The command, power, a bar or a parameter has changed, or the step is done."""
        s, now, step, was = self.s, self.now, self.p["step_time"], self.s.moving
        at = s.travel.at(now) * step // s.step_ns
        s.step_ns = step
        if s.moving and at >= step:
            at, s.moving, s.armed = 0, False, False
            s.turned = (s.turned + 1) % len(s.nests)
            self.cycle()
            self._say_parts()
        wanted = bool(self.see("index"))
        s.armed = s.armed or (not wanted and not s.moving)
        free = wanted and self.powered and all(bar.is_home for bar in self.bars)
        runs = free and (s.moving or s.armed)
        s.moving = s.moving or runs
        self.be((1 if runs else 2) if s.moving else 0)
        s.travel = Travel(now, at, int(runs), step if s.moving else 0)
        if not runs:
            s.travel.goal = at
        self.set("in_position", not s.moving)
        self.say_move(at / step, runs * 1e9 / step, 1.0 if runs else at / step)
        self.wake(1, s.travel.due_ns())
        if was != s.moving:
            self._look()

    def replan(self) -> None:
        self.turn()

    # ---- nests ------------------------------------------------------------------------------------------------

    def _nest(self, place: int) -> int:
        return int((place - self.s.turned) % len(self.s.nests))

    def part_at(self, place: int) -> int:
        """The part at a place while the table stands, 0 for none."""
        return 0 if self.s.moving else int(self.s.nests[self._nest(place)])

    def free_at(self, place: int) -> bool:
        return not self.s.moving and not self.s.nests[self._nest(place)]

    def put(self, place: int, serial: int) -> None:
        self.s.nests[self._nest(place)] = serial
        self.plant.emit("part", serial, ["in", self.name, str(place)])
        self._look()

    def take(self, serial: int) -> bool:
        """Take a part out. False when it is not here."""
        if not serial or serial not in self.s.nests:
            return False
        self.s.nests[self.s.nests.index(serial)] = 0
        self._look()
        return True

    def holds(self) -> list[int]:
        """The parts in the nests."""
        return [serial for serial in self.s.nests if serial]

    def _look(self) -> None:
        self.set("loaded", len(self.holds()))
        for spot in self.spots:
            spot.look()

    def _said_parts(self) -> list[tuple[str, str | int, object]]:
        n = len(self.s.nests)
        places = [(serial, (nest + self.s.turned) % n) for nest, serial in enumerate(self.s.nests) if serial]
        return [("part", serial, ["in", self.name, str(place)]) for serial, place in places]

    def _say_parts(self) -> None:
        for event in self._said_parts():
            self.plant.emit(*event)

    def announce(self) -> list[tuple[str, str | int, object]]:
        at, step = self.s.travel.at(self.now) / self.s.step_ns, self.s.step_ns
        moving: list[tuple[str, str | int, object]] = [
            ("move", self.name, [at, self.s.travel.rate * 1e9 / step, self.s.travel.goal / step])
        ]
        return moving + self._said_parts()
