"""Double-acting cylinders with a bistable valve: they keep their place, or finish their stroke, without their coils."""

from dataclasses import dataclass, field

from sim.component import Change
from sim.components.air import SUPPLY
from sim.components.belt import RECEIVERS
from sim.components.carrier import Carrier
from sim.components.cylinder import BELT, CYCLE, EXTEND, FAULTS, PNEUMATIC, RETRACT, STATES, STROKE, Cylinder
from sim.components.striker import PLATE, Striker
from sim.spec import Join, Kind, Port
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import Travel

COILS = (
    Port("extend", DataType.BOOL, Direction.OUTPUT, Text("伸出", "extend"), powered=True),
    Port("retract", DataType.BOOL, Direction.OUTPUT, Text("缩回", "retract"), powered=True),
    Port("home", DataType.BOOL, Direction.INPUT, Text("缩回到位", "retracted"), initial=True),
    Port("out", DataType.BOOL, Direction.INPUT, Text("伸出到位", "extended")),
)


@dataclass(slots=True)
class PusherState:
    """The rod, where the valve stands, and the part that lies off the belt before the plate."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    travel: Travel = field(default_factory=Travel)
    extended: bool = False  # where the valve was switched to last
    serial: int = 0
    pushed: int = 0  # how far the plate has pushed it
    stuck: bool = False
    coil_open: bool = False


class Bistable(Cylinder):
    """A valve with two coils: a short word on one coil switches it; on both coils, or on none, nothing changes.

    Without air the rod stays where it is, and the valve too: when the air comes back the stroke is finished.
    """

    STATE = PusherState
    SLOTS = ("move", "move", "switch")
    SWITCH = 2

    def connect(self) -> None:
        for coil in ("extend", "retract"):
            self.watch(coil, self.SWITCH)
        self.connect_air()

    @property
    def springs_back(self) -> bool:
        return False

    def see(self, port: str, absent: Value = False) -> Value:
        """To the rod, `extend` is where the valve stands."""
        return bool(self.s.extended) if port == "extend" else super().see(port, absent)

    def switch(self) -> None:
        """A coil changed: one alone switches the valve."""
        extend, retract = (bool(self.image.see(self.tags[coil])) for coil in ("extend", "retract"))
        extend = extend and not self.s.coil_open
        if extend != retract:
            self.s.extended = extend
        self.move()

    def coil_changed(self) -> None:
        self.switch()


class DoubleCylinder(Bistable):
    """A double-acting cylinder with a bistable valve."""

    KIND = Kind(
        "double_cylinder",
        Text("双电控气缸", "Double-acting cylinder"),
        Text("双电控双稳态, 失电保持", "Bistable valve with two coils: without them it keeps its place"),
        parameters=(STROKE, EXTEND, RETRACT, *PNEUMATIC),
        ports=COILS,
        joins=(SUPPLY,),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )


class Pusher(Carrier, Striker, Bistable):
    """Pushes the part in front of it off its belt and lays it down at the end of the stroke.

    A part pushed half-way stays there and bars the belt until the next stroke takes it on. Where there is no room
    for it, the plate stands against the part.
    """

    KIND = Kind(
        "pusher",
        Text("推杆", "Pusher"),
        Text("双稳态推杆, 把工件推到旁边的输送带", "Bistable; pushes the part in front of it onto a belt beside"),
        parameters=(*PLATE, *PNEUMATIC),
        ports=COILS,
        joins=(BELT, Join("to", (*RECEIVERS, "bin"), Text("推向", "What it pushes parts onto")), SUPPLY),
        disturbances=FAULTS,
        states=STATES,
        cycle=CYCLE,
    )

    def arrived(self, at: int) -> None:
        """At the clearance it meets the part; with the end switch it has laid it down."""
        s = self.s
        if at == self.p["clearance"] and s.extended and not s.serial and self.sink.room():
            self.meet(self.in_front()[0])
            s.pushed = self.p["clearance"] if s.serial else 0
        if s.serial and s.extended:
            s.pushed = max(s.pushed, at)
            if self.is_out:
                s.pushed = 0
                self.lay_down()
        self.bar(at)

    def take(self, serial: int) -> bool:
        if not super().take(serial):
            return False
        self.s.pushed = 0
        self.move()
        return True
