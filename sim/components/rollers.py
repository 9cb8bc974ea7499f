"""Roller conveyor with accumulating zones: parts wait one in each zone, without pressing on one another.

A zone lets its part go on when the next zone is empty. With one zone it is a conveyor whose parts queue up and touch.
"""

from sim.components.belt import KIND as BELT_KIND
from sim.components.belt import Belt
from sim.components.train import FORWARD
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port
from sim.tag import DataType, Direction, Value
from sim.text import Text


class RollerConveyor(Belt):
    """A belt whose zones are stops that close while the zone behind them, seen downstream, holds a part."""

    KIND = Kind(
        "roller_conveyor",
        Text("辊道", "Roller conveyor"),
        Text("分区积放, 区内工件互不挤压", "Parts wait one in each zone and do not touch"),
        parameters=(
            *BELT_KIND.parameters,
            Parameter("zones", "count", Text("积放区数", "Accumulating zones"), "4", low=1, high=100,
                      fixed=True),
        ),
        ports=(
            *BELT_KIND.ports,
            Port("occupied", DataType.UINT, Direction.INPUT, Text("占用区数", "zones occupied"), low=0, high=100,
                 optional=True, computed=True),
        ),
        joins=BELT_KIND.joins,
        disturbances=BELT_KIND.disturbances,
        states=BELT_KIND.states,
        cycle=BELT_KIND.cycle,
    )  # fmt: skip

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        # a zone shorter than a part and its gap holds none
        self.zones = max(1, min(self.p["zones"], self.length // self.pitch))
        self.ends = [self.length * k // self.zones for k in range(1, self.zones)]  # of all zones but the last
        self.gates = [self.attach_stop(end) for end in self.ends]

    def connect(self) -> None:
        super().connect()
        if "occupied" in self.tags:
            self.image.compute(self.tags["occupied"], self._zones_occupied)

    def ready(self) -> None:
        self.edges = [e for end in self.ends for e in (end + 1, end + self.size)]
        super().ready()

    def room(self) -> bool:
        """The first zone takes one part, too; where there is but one zone, as many as fit."""
        return super().room() and (not self.ends or not self._occupied(0))

    def _occupied(self, zone: int) -> bool:
        """Whether some of a part is in a zone; the first one is 0."""
        begin = self.ends[zone - 1] if zone else 0
        end = self.ends[zone] if zone < len(self.ends) else self.length
        return any(begin < head < end + self.size for _, head in self.heads())

    def _zones_occupied(self) -> Value:
        return sum(self._occupied(zone) for zone in range(self.zones))

    def reach(self) -> None:
        """What belts do; then each zone lets its part go, or holds it, by what is in the next one."""
        super().reach()
        ahead = 0 if self.s.way == FORWARD else -1
        for zone, gate in enumerate(self.gates, 1):
            closed = self._occupied(zone + ahead)
            if closed != self.s.closed[gate]:
                self.set_stop(gate, closed)  # which comes here again, until all are as they should be
                return
