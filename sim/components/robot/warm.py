"""Temperature of a robot's motors, in two groups, and the power that it draws."""

from functools import partial

from sim.component import MILLION
from sim.components.power import Meters
from sim.components.robot.kind import TOO_HOT
from sim.components.robot.motion import Jointed
from sim.components.robot.state import GROUPS, UNIT
from sim.components.warmth import Warmth
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.tag import Value
from sim.travel import NEVER


class Warmed(Jointed):
    """An arm whose motors warm up by holding and by moving, and stop it when they are too hot."""

    SLOTS = ("turn", "turn", "command", "proceed", "overheat")
    COMMAND, PROCEED, OVERHEAT = 2, 3, 4

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.meters: Meters = []
        for name in GROUPS:
            setattr(self.s, name, Warmth(0, self.p["ambient"], self.p["ambient"], self.p["warming"]))

    def connect(self) -> None:
        super().connect()
        for name in GROUPS:
            if f"temperature_{name}" in self.tags:
                self.image.compute(self.tags[f"temperature_{name}"], partial(self._celsius, name))

    def _warmth(self, group: str) -> Warmth:
        found: Warmth = getattr(self.s, group)
        return found

    def _warm(self) -> None:
        """Each group's loss is in proportion to the share of the move that its joints are busy, and to the speed."""
        s, due = self.s, NEVER
        share = MILLION * self._speed() // UNIT if self._moves else 0
        for name, axes in GROUPS.items():
            busy = self._length(axes) * share // s.total if s.total else 0
            goal = self.p["ambient"]
            if self.see("enable"):
                goal += self.p["hold_rise"] + self.p["move_rise"] * (busy + self.p["drag"] * busy // MILLION) // MILLION
            warmth = self._warmth(name)
            warmth.go(self.now, goal, self.p["warming"])
            at = self._too_hot_at(warmth)
            due = at if due == NEVER else due if at == NEVER else min(due, at)
        self.wake(self.OVERHEAT, due)

    def _too_hot_at(self, warmth: Warmth) -> int:
        hottest = self.p["hottest"]
        if not self.s.error and warmth.at(self.now) >= hottest:  # that was higher before
            return self.now
        return warmth.next_at(hottest, self.now)

    def overheat(self) -> None:
        """A motor is as hot as it may be."""
        self.fail(TOO_HOT)

    def fail(self, code: int) -> None:
        """Stop with this error."""
        raise NotImplementedError

    def _celsius(self, group: str) -> Value:
        return round(self._warmth(group).at(self.now) / MILLION, 1)

    def power_mw(self) -> int:
        """What it draws now, in mW."""
        if not self.see("enable"):
            return 0
        return int(self.p["idle_power"] + self.p["move_power"] * self._moves)
