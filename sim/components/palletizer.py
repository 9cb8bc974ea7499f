"""Palletizer: takes parts off a belt one by one, makes layers of them, stacks the layers on a pallet, changes pallets.

A machine with a handshake (`place`, `change`, `done`), where the line does not want to spell out gripper and lift. The
shipped line `palletizer` is built of axes and a gripper instead.
"""

from dataclasses import dataclass, field

from sim.component import MM, Change, Component
from sim.components.cylinder import BELT, POSITION, belt_of
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import NEVER, Travel

IDLE, PLACING, PRESSING, CHANGING, FULL = range(5)
_TIMES = {PLACING: "place_time", PRESSING: "press_time", CHANGING: "change_time"}
_MOST_CHANGES = 2**32


@dataclass(slots=True)
class PalletizerState:
    """What it does, how far it is, and the parts: on the pallet from below, and the one between belt and pallet."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    doing: int = IDLE
    work: Travel = field(default_factory=Travel)  # ns of the time that it takes
    time_ns: int = 1
    stack: list[int] = field(default_factory=list)  # serials; 0 where a hand has taken one
    held: int = 0
    pallets: int = 0
    place: bool = False  # the commands as they were seen last: a rise counts
    change: bool = False


class Palletizer(Component):
    """Each rise of `place` moves the part that stands at its place to the pallet; after a layer it is pressed down."""

    KIND = Kind(
        "palletizer",
        Text("码垛机", "Palletizer"),
        Text("逐件取料, 成层码放到托盘, 满后换托盘", "Stacks parts in layers on a pallet, which is changed when full"),
        parameters=(
            POSITION,
            Parameter("reach", "length", Text("抓取范围", "How far from its place"), "40 mm", low=MM),
            Parameter("per_layer", "count", Text("每层件数", "Parts in a layer"), "4", low=1, high=100, fixed=True),
            Parameter("layers", "count", Text("层数", "Layers on a pallet"), "3", low=1, high=100, fixed=True),
            Parameter("place_time", "time", Text("码放时间", "Time to place a part"), "2 s", low=1000),
            Parameter("press_time", "time", Text("整层压平时间", "Time to press a layer"), "1 s", low=1000),
            Parameter("change_time", "time", Text("换托盘时间", "Time to change the pallet"), "10 s", low=1000),
        ),
        ports=(
            Port("place", DataType.BOOL, Direction.OUTPUT, Text("码放", "place the part"), powered=True),
            Port("change", DataType.BOOL, Direction.OUTPUT, Text("换托盘", "change the pallet"), powered=True),
            Port("ready", DataType.BOOL, Direction.INPUT, Text("就绪", "ready"), initial=True),
            Port("done", DataType.BOOL, Direction.INPUT, Text("完成", "done")),
            Port("full", DataType.BOOL, Direction.INPUT, Text("托盘已满", "pallet full")),
            Port("count", DataType.UINT, Direction.INPUT, Text("本层件数", "parts in this layer"), "pcs"),
            Port("layer", DataType.UINT, Direction.INPUT, Text("已完成层数", "finished layers")),
            Port("pallets", DataType.UDINT, Direction.INPUT, Text("托盘数", "pallets changed"), optional=True),
        ),
        joins=(BELT,),
        states=states(
            ("idle", "空闲", "idle"), ("placing", "码放中", "placing"), ("pressing", "压平中", "pressing"),
            ("changing", "换托盘中", "changing"), ("full", "已满", "full"),
        ),
        cycle=Text("码放一件", "one part placed"),
    )  # fmt: skip
    STATE = PalletizerState
    SLOTS = ("command", "work")
    COMMAND, WORK = range(2)

    def connect(self) -> None:
        self.belt = belt_of(self)
        for port in ("place", "change"):
            self.watch(port, self.COMMAND)

    @property
    def places(self) -> int:
        return self.p["per_layer"] * self.p["layers"]

    # ---- commands ---------------------------------------------------------------------------------------------

    def command(self) -> None:
        """Begin on a rise, when idle and there is something to do; a fall takes `done` back."""
        s = self.s
        place, change = bool(self.see("place")) and self.powered, bool(self.see("change")) and self.powered
        if place and not s.place and s.doing == IDLE:
            self._begin_placing()
        if change and not s.change and s.doing in (IDLE, FULL) and s.stack:
            self._begin(CHANGING)
        s.place, s.change = place, change
        if not place and not change:
            self.set("done", False)
        self.replan()

    def _begin_placing(self) -> None:
        place, reach = self.p["position"], self.p["reach"]
        serial = self.belt.part_between(place - reach, place + reach)
        if serial and self.belt.stands(serial) and self.belt.take(serial):
            self.s.held = serial
            self.plant.emit("part", serial, ["in", self.name, "grip"])
            self._begin(PLACING)

    def _begin(self, doing: int) -> None:
        s = self.s
        s.doing, s.time_ns = doing, self.p[_TIMES[doing]]
        s.work = Travel(self.now)
        self.set("ready", False)
        self.set("done", False)
        self.be(doing)

    # ---- work ---------------------------------------------------------------------------------------------------

    def replan(self) -> None:
        """A command, the power or a time has changed: what is done stays done, in share of the work."""
        s, now = self.s, self.now
        if s.doing not in _TIMES:
            self.wake(self.WORK, NEVER)
            return
        time = self.p[_TIMES[s.doing]]
        at = s.work.at(now) * time // s.time_ns
        s.time_ns = time
        s.work = Travel(now, at, int(self.powered), time)
        self.wake(self.WORK, s.work.due_ns())

    def work(self) -> None:
        """A part is placed, a layer pressed, a pallet changed."""
        s = self.s
        if s.doing == PLACING:
            self._placed()
        elif s.doing == CHANGING:
            self._changed()
        else:
            self._rest()
        self.replan()

    def _placed(self) -> None:
        s = self.s
        serial, s.held = s.held, 0
        s.stack.append(serial)
        self.cycle()
        self.plant.emit("part", serial, ["in", self.name, str(len(s.stack) - 1)])
        self.plant.log(serial, self.name)
        self._counts()
        if len(s.stack) % self.p["per_layer"]:
            self._rest()
        else:
            self._begin(PRESSING)

    def _changed(self) -> None:
        s = self.s
        stack, s.stack = s.stack, []
        for serial in stack:
            if serial:
                self.plant.units[self.station].part_out()
                self.plant.retire(serial, self.name)
        s.pallets = (s.pallets + 1) % _MOST_CHANGES
        self.set("pallets", s.pallets)
        self._counts()
        self._rest()

    def _rest(self) -> None:
        """Nothing to do until the next command; a full pallet must be changed first."""
        s = self.s
        s.doing = FULL if len(s.stack) >= self.places else IDLE
        self.be(s.doing)
        self.set("full", s.doing == FULL)
        self.set("ready", s.doing == IDLE)
        self.set("done", s.place or s.change)

    def _counts(self) -> None:
        count, layer = len(self.s.stack), self.p["per_layer"]
        self.set("count", count % layer)
        self.set("layer", count // layer)

    # ---- hands and eyes -----------------------------------------------------------------------------------------

    def take(self, serial: int) -> bool:
        """Out of the gripper, or off the pallet: its place there stays empty."""
        s = self.s
        if serial == s.held:
            s.held = 0
            self._rest()
            self.replan()
            return True
        if serial in s.stack:
            s.stack[s.stack.index(serial)] = 0
            return True
        return False

    def holds(self) -> list[int]:
        """The parts that are here."""
        s = self.s
        return [serial for serial in (s.held, *s.stack) if serial]

    def announce(self) -> list[tuple[str, str | int, object]]:
        s = self.s
        held = [("part", s.held, ["in", self.name, "grip"])] if s.held else []
        return [*held, *(("part", n, ["in", self.name, str(k)]) for k, n in enumerate(s.stack) if n)]
