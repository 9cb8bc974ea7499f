"""Sink: where finished parts leave a flow line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.component import Change
from sim.components.flow_base import FlowComponent
from sim.spec import Kind, states
from sim.text import Text


@dataclass(slots=True)
class SinkState:
    """What has left here."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    finished: int = 0
    flow_ns: int = 0  # sum of the times on the line


class Sink(FlowComponent):
    """Takes every part at once."""

    KIND = Kind(
        "sink",
        Text("下线", "Sink"),
        Text("成品离线, 统计产量与流程时间", "Where finished parts leave; counts them and their time on the line"),
        flow=True,
        states=states(("open", "可接收", "takes every part")),
        cycle=Text("一件下线", "one part taken"),
    )
    STATE = SinkState
    s: SinkState

    def room(self) -> bool:
        return True

    def pull(self) -> None:
        while (giver := self.next_giver()) is not None:
            self._finish(giver.give())

    def _finish(self, serial: int) -> None:
        s = self.s
        s.finished += 1
        self.duty.cycles += 1
        s.flow_ns += self.now - self.plant.part(serial).born_ns
        self.plant.retire(serial, self.name)
        self.gone(serial)

    def figures(self) -> Mapping[str, int]:
        return {"finished": self.s.finished, "flow_ns": self.s.flow_ns}
