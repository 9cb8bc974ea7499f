"""Pallets: a fixed number of carriers. A part that needs one enters the line when one is free."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.component import Change
from sim.components.flow_base import FlowComponent
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, states
from sim.text import Text
from sim.travel import NEVER


@dataclass(slots=True)
class PalletsState:
    """Which parts have a pallet, and when those on their way back will be here."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    lent: dict[int, int] = field(default_factory=dict)  # serial -> since when
    returning: list[int] = field(default_factory=list)  # due times, ascending
    since_ns: int = 0
    lent_ns: int = 0  # pallets under parts x ns
    trips: int = 0


class Pallets(FlowComponent):
    """A pallet comes back wherever its part leaves the line: at a sink, as scrap, merged, or taken by hand."""

    KIND = Kind(
        "pallets",
        Text("托盘", "Pallets"),
        Text("固定数量的托盘循环使用", "A fixed number of carriers that go round"),
        parameters=(
            Parameter("count", "count", Text("托盘数", "How many"), low=1, high=1_000_000),
            Parameter("return_time", "time", Text("返回时间", "Time of the way back"), "0 s"),
        ),
        flow=True,
        states=states(
            ("home", "全部在位", "all at home"),
            ("out", "部分在用", "some under way"),
            ("all_out", "全部在用", "all under way"),
        ),
        cycle=Text("一个托盘返回", "one pallet gone round"),
    )
    STATE = PalletsState
    s: PalletsState
    SLOTS = ("returned",)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.users: list[FlowComponent] = []
        self.flow.keepers.append(self)

    def free(self) -> bool:
        return len(self.s.lent) + len(self.s.returning) < self.p["count"]

    def _be(self) -> None:
        away = len(self.s.lent) + len(self.s.returning)
        self.be((2 if away >= self.p["count"] else 1) if away else 0)

    def lend(self, serial: int) -> None:
        self._reckon()
        self.s.lent[serial] = self.now
        self._be()

    def left(self, serial: int) -> None:
        """The part is gone: its pallet sets off on the way back."""
        s = self.s
        if serial not in s.lent:
            return
        self._reckon()
        del s.lent[serial]
        s.trips += 1
        self.cycle()
        if self.p["return_time"]:
            s.returning.append(max([self.now + self.p["return_time"], *s.returning[-1:]]))
            self.wake(0, s.returning[0])
        else:
            self._tell()
        self._be()

    def returned(self) -> None:
        s = self.s
        while s.returning and s.returning[0] <= self.now:
            s.returning.pop(0)
        self.wake(0, s.returning[0] if s.returning else NEVER)
        self._be()
        self._tell()
        self.flow.settle()

    def _tell(self) -> None:
        for user in self.users:
            user.offer()

    def _reckon(self) -> None:
        s, now = self.s, self.now
        s.lent_ns += len(s.lent) * (now - s.since_ns)
        s.since_ns = now

    def replan(self) -> None:
        """More pallets serve at once; of fewer, the surplus goes when it comes back."""
        self._be()
        self._tell()
        self.flow.settle()

    def figures(self) -> Mapping[str, int]:
        s = self.s
        return {"trips": s.trips, "lent_ns": s.lent_ns + len(s.lent) * (self.now - s.since_ns)}
