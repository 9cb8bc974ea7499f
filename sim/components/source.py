"""Source: where parts enter a flow line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from sim.component import Change
from sim.components.flow_base import TO, FlowComponent
from sim.components.pallets import Pallets
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Join, Kind, Law, Parameter, states
from sim.text import Text

WAIT, LOSE = range(2)


@dataclass(slots=True)
class SourceState:
    """Parts that have arrived and wait to be taken."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    made: int = 0
    lost: int = 0
    since_ns: int = 0
    waiting_ns: int = 0  # parts waiting x ns


class Source(FlowComponent):
    """Without `arrivals` there is always one more part. With them, parts come by the law and queue up outside."""

    KIND = Kind(
        "source",
        Text("来料", "Source"),
        Text("工件来源: 饱和供料或按分布到达", "Where parts come from: always there, or arriving by a law"),
        parameters=(
            Parameter("full", "count", Text("线满时", "When nothing takes an arrival"), "wait", high=1,
                      choices=("wait", "lose")),
            Parameter("limit", "count", Text("总件数, 0 为不限", "How many parts in all, 0: without end"), "0"),
        ),
        joins=(TO, Join("pallets", ("pallets",), Text("托盘", "Pallets that every part needs"), required=False)),
        laws=(Law("arrivals", Text("到达间隔", "Between arrivals; without: always one more"), "", positive=True),),
        flow=True,
        states=states(("empty", "无件", "no part waits"), ("offering", "待取", "parts to be taken")),
        cycle=Text("投入一件", "one part given"),
    )  # fmt: skip
    STATE = SourceState
    s: SourceState
    SLOTS = ("arrive",)
    PHASE = 2  # an arrival meets a line whose machines have done what they do at this instant

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.arrivals = self.law("arrivals")
        self.pallets: Pallets | None = None

    def connect(self) -> None:
        super().connect()
        for found in self.joined("pallets"):
            self.pallets = cast(Pallets, found)
            self.pallets.users.append(self)

    def born(self) -> None:
        self.wake(0, self.now + (self.arrivals.draw() if self.arrivals else 0))

    def _be(self) -> None:
        self.be(int(bool(self.s.waiting) if self.arrivals is not None else self._more()))

    def _more(self) -> bool:
        limit = self.p["limit"]
        return not limit or self.s.made + self.s.lost < limit

    def arrive(self) -> None:
        """The next part is here; without a law, the line begins to take."""
        if self.arrivals is not None and self._more():
            self._arrived()
            self.wake(0, self.now + self.arrivals.draw())
        self._be()
        self.offer()
        self.flow.settle()

    def _arrived(self) -> None:
        s = self.s
        if self.p["full"] == LOSE and (s.waiting or not self._could_go()):
            s.lost += 1
            return
        self._reckon_waiting()
        s.waiting.append(self._make())
        self.plant.emit("part", s.waiting[-1], self.here)

    def _could_go(self) -> bool:
        return (self.pallets is None or self.pallets.free()) and any(taker.room() for taker in self.takers)

    def _make(self) -> int:
        self.s.made += 1
        spec = self.plant.definition.part
        if spec.kinds or len(spec.weights) > 1:
            return self.plant.draw_part(self.name, 0).serial
        return self.plant.make_part(1, spec.nominal_um).serial  # nothing to draw

    def ready(self) -> bool:
        if self.pallets is not None and not self.pallets.free():
            return False
        return bool(self.s.waiting) if self.arrivals is not None else self._more()

    def give(self) -> int:
        if self.arrivals is None:
            serial = self._make()
        else:
            self._reckon_waiting()
            serial = self.s.waiting.pop(0)
        self.duty.cycles += 1
        self._be()
        if self.pallets is not None:
            self.pallets.lend(serial)
        return serial

    def _reckon_waiting(self) -> None:
        s, now = self.s, self.now
        s.waiting_ns += len(s.waiting) * (now - s.since_ns)
        s.since_ns = now

    def replan(self) -> None:
        """Another limit: there may be more to take. Other arrival times hold from the next arrival on."""
        self._be()
        self.offer()
        self.flow.settle()

    def take(self, serial: int) -> bool:
        if serial not in self.s.waiting:
            return False
        self._reckon_waiting()
        self.s.waiting.remove(serial)
        self._be()
        return True

    def figures(self) -> Mapping[str, int]:
        s = self.s
        waiting_ns = s.waiting_ns + len(s.waiting) * (self.now - s.since_ns)
        return {"made": s.made, "lost": s.lost, "waiting_ns": waiting_ns}

    def holds(self) -> list[int]:
        return list(self.s.waiting)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("part", serial, self.here) for serial in self.s.waiting]
