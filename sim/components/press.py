"""Press: holds its force on the part while the ram is out, and measures force and stroke."""

from dataclasses import replace

from sim.component import MILLION, MM
from sim.components.heads import Head, head_kind
from sim.spec import Parameter, Port
from sim.tag import DataType, Direction, Value
from sim.text import Text

_BASE = head_kind(
    "press", "压机", "Press", Text("压头伸出后保压", "Holds its force on the part while the ram is out"), "1 s", True
)


class Press(Head):
    """Its force grows evenly with the work to the full one, which it holds until `run` is taken back.

    A part that was pressed with less than it needs stays as it was: `pressed_weakly` in its contents.
    """

    KIND = replace(
        _BASE,
        parameters=(
            *_BASE.parameters,
            Parameter("force", "force", Text("压力", "Force"), "5 kN", low=1),
            Parameter("least_force", "force", Text("最小合格压力", "Force that a part needs"), "4.5 kN"),
        ),
        ports=(
            *_BASE.ports,
            Port("force", DataType.REAL, Direction.INPUT, Text("压力", "force"), "kN", 0, 1000, 2, optional=True,
                 computed=True),
            Port("stroke", DataType.REAL, Direction.INPUT, Text("压头行程", "stroke of the ram"), "mm", 0, 3000, 1,
                 optional=True, computed=True),
            Port("force_ok", DataType.BOOL, Direction.INPUT, Text("压力合格", "the force was enough"), optional=True),
        ),
    )  # fmt: skip
    MARK = "pressed"

    def connect(self) -> None:
        super().connect()
        for port, value in (("force", self._kilonewton), ("stroke", self._millimetres)):
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def force_mn(self) -> int:
        """On the part now."""
        s = self.s
        presses = bool(self.see("run")) and bool(s.serial) and self.feed is not None and self.feed.is_out
        return int(self.p["force"] * s.work.at(self.now) // s.time_ns) if presses else 0

    def _kilonewton(self) -> Value:
        return round(self.force_mn() / MILLION, 2)

    def _millimetres(self) -> Value:
        return round(self.feed.s.travel.at(self.now) / MM, 1) if self.feed is not None else 0.0

    def work(self) -> None:
        super().work()
        if not self.see("run"):
            self.set("force_ok", False)

    def finish(self, serial: int) -> None:
        enough = self.p["force"] >= self.p["least_force"]
        self.set("force_ok", enough)
        if enough:
            super().finish(serial)
            return
        self.cycle()
        self.plant.part(serial).contents["pressed_weakly"] = 1
        self.plant.log(serial, f"{self.name} {self.p['force'] // 1000} N, too little")
