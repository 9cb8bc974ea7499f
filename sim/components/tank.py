"""Tanks. Every flow is constant between two events, so a tank's volume is a straight line and each crossing (switches,
the steps of the transmitter, empty, overflow) is computed. What flows, the valves and pumps say (`pipes.py`).

Volumes are in fL, flows in µL/s: µL/s x ns = fL.
"""

from dataclasses import dataclass, field
from math import isqrt
from typing import Protocol

from sim.component import Change, Component
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import FAR, NEVER, Travel

FL = 10**9  # of a µL
ML = 10**12  # fL of a mL
STILL, RISING, FALLING, OVERFLOWING = range(4)
BANDS = 256  # of the height, in which the head that drives an outflow counts as one


class Flow(Protocol):
    """A pipe, as the tank sees it."""

    @property
    def wanted(self) -> int:
        """What it lets through while there is enough, in µL/s."""
        ...

    @property
    def actual(self) -> int:
        """What flows now."""
        ...

    def pass_on(self, flow: int) -> None:
        """So much flows from now on."""
        ...


@dataclass(slots=True)
class TankState:
    """Volume, and what came in, went out and ran over since the line was born; all in fL."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    volume: Travel = field(default_factory=Travel)
    filled: Travel = field(default_factory=lambda: Travel(goal=FAR))
    drained: Travel = field(default_factory=lambda: Travel(goal=FAR))
    spilled: Travel = field(default_factory=lambda: Travel(goal=FAR))
    band: int = 0  # of the head


class Tank(Component):
    """Holds liquid. Its level follows the balance of what its valves and pumps let in and out."""

    KIND = Kind(
        "tank",
        Text("储罐", "Tank"),
        Text(
            "按流量平衡计算液位, 高低位开关, 溢流", "Its level is the balance of what flows in and out; it may overflow"
        ),
        parameters=(
            Parameter("capacity", "volume", Text("容积", "Capacity"), "5 L", low=1000),
            Parameter("height", "length", Text("高度", "Height"), "300 mm", low=10**12),
            Parameter("initial", "length", Text("初始液位", "Level at first"), "0 mm", fixed=True),
            Parameter("low_at", "length", Text("低位开关高度", "Height of the low switch"), "30 mm"),
            Parameter("high_at", "length", Text("高位开关高度", "Height of the high switch"), "270 mm"),
            Parameter(
                "resolution", "length", Text("液位计分辨率", "Step of the level transmitter"), "1 mm", low=10**10
            ),
            Parameter("gravity", "flag", Text("流出量随液位变化", "Outflow falls with the level"), "false", high=1),
            Parameter("leak", "flow", Text("泄漏", "Leak"), "0 mL/s"),
        ),
        ports=(
            Port("level", DataType.REAL, Direction.INPUT, Text("液位", "level"), "mm", 0, 3000, 1),
            Port("low", DataType.BOOL, Direction.INPUT, Text("低位开关", "low switch covered")),
            Port("high", DataType.BOOL, Direction.INPUT, Text("高位开关", "high switch covered")),
            Port("overflow", DataType.BOOL, Direction.INPUT, Text("溢流", "overflow"), optional=True),
        ),
        states=states(
            ("still", "液位不变", "level stands"),
            ("rising", "上升", "level rises"),
            ("falling", "下降", "level falls"),
            ("overflowing", "溢流", "overflowing"),
        ),
        cycle=Text("开始上升一次", "one time that its level began to rise"),
    )
    STATE = TankState
    SLOTS = ("balance", "balance")  # a flow has changed, at a mark

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.inlets: list[Flow] = []
        self.outlets: list[Flow] = []
        at = self._volume_at(self.p["initial"])
        self.s.volume.origin = self.s.volume.goal = at
        self.s.band = self._band_of(at)

    def born(self) -> None:
        self.balance()

    # ---- geometry ---------------------------------------------------------------------------------------------

    @property
    def full(self) -> int:
        return int(self.p["capacity"] * FL)

    def _volume_at(self, level: int) -> int:
        return min(self.full, int(level * self.full // self.p["height"]))

    def _mark(self, step: int) -> int:
        """Volume at so many steps of the transmitter, rounded up: there the level is not below it."""
        return -(-step * self.p["resolution"] * self.full // self.p["height"])

    def _band_of(self, at: int) -> int:
        return min(BANDS - 1, at * BANDS // self.full)

    # ---- balance ----------------------------------------------------------------------------------------------

    def balance(self) -> None:
        """A flow or a parameter has changed, or a mark is reached: say what is seen and plan on."""
        s, now = self.s, self.now
        at = self._settle()
        self._follow_head(at)
        inflow = sum(pipe.actual for pipe in self.inlets)
        outflow = self._share_out(at, inflow)
        net = inflow - outflow
        spill = net if at >= self.full and net > 0 else 0
        s.filled.go(now, inflow, FAR)
        s.drained.go(now, outflow, FAR)
        s.spilled.go(now, spill, FAR)
        self._say(at, net - spill, spill)
        self._plan(at, net - spill)
        self._be(net - spill, spill)

    def _be(self, net: int, spill: int) -> None:
        if net > 0 and self.duty.state != RISING:
            self.cycle()
        self.be(OVERFLOWING if spill else RISING if net > 0 else FALLING if net < 0 else STILL)

    def replan(self) -> None:
        self.balance()

    def _settle(self) -> int:
        """The volume now. A wake comes at a whole nanosecond: what it is late at the brim or the bottom is booked."""
        s = self.s
        volume: Travel = s.volume
        raw = volume.origin + volume.rate * (self.now - volume.start_ns)
        at = min(max(raw, 0), self.full)  # the tank may have become smaller, too
        s.spilled.origin += max(0, raw - at)
        s.drained.origin += min(0, raw - at)
        volume.origin, volume.start_ns, volume.goal = at, self.now, at
        return at

    def _follow_head(self, at: int) -> None:
        """The band of the head; it changes a quarter late, so that a steady level does not hunt between two."""
        width, s = self.full // BANDS, self.s
        if at >= (s.band + 1) * width + width // 4 or at <= s.band * width - width // 4:
            s.band = self._band_of(at)

    def _driven(self, flow: int) -> int:
        """What the head drives through an opening that lets `flow` through from the full tank."""
        if not self.p["gravity"]:
            return flow
        root = isqrt((2 * self.s.band + 1) * 10**12 // (2 * BANDS))
        return flow * root // 10**6

    def _share_out(self, at: int, inflow: int) -> int:
        """Give every outlet its flow; from an empty tank no more goes out than comes in, in proportion."""
        leak = self.p["leak"]
        wanted = [self._driven(pipe.wanted) for pipe in self.outlets]
        total = sum(wanted) + leak
        if at <= 0 and total > inflow:
            wanted = [flow * inflow // total for flow in wanted]
            total = min(total, inflow) if leak else sum(wanted)
        for pipe, flow in zip(self.outlets, wanted, strict=True):
            pipe.pass_on(flow)
        return total

    def _marks(self, at: int) -> list[int]:
        """Volumes next to `at`, on both sides, at which something is to be said or planned anew."""
        step = at * self.p["height"] // (self.full * self.p["resolution"])
        width = self.full // BANDS
        marks = [0, self.full, *(self._mark(step + k) for k in (-1, 0, 1, 2))]
        marks += [self._volume_at(self.p[name]) for name in ("low_at", "high_at")]
        if self.p["gravity"]:
            marks += [(self.s.band + 1) * width + width // 4, self.s.band * width - width // 4]
        return marks

    def _plan(self, at: int, net: int) -> None:
        """On to the brim or the bottom, and a wake at the next mark on the way."""
        volume, marks = self.s.volume, self._marks(at)
        changed = net != volume.rate
        volume.rate, volume.goal = net, (self.full if net > 0 else 0) if net else at
        if changed:
            self.say_move(*self._said())
        if net > 0:
            mark = min((m for m in marks if at < m <= self.full), default=at)
        else:
            mark = max((m for m in marks if 0 <= m < at), default=at)
        self.wake(1, self.now - (at - mark) // net if net and mark != at else NEVER)

    # ---- what is seen -----------------------------------------------------------------------------------------

    def _say(self, at: int, net: int, spill: int) -> None:
        for port in ("low", "high"):
            mark = self._volume_at(self.p[f"{port}_at"])
            if at != mark or net:
                self.set(port, at > mark or (at == mark and net > 0))
        self.set("overflow", spill > 0)
        self._transmit(at)

    def _transmit(self, at: int) -> None:
        """The transmitter says the step that was crossed last: it never hunts between two."""
        low = at * self.p["height"] // (self.full * self.p["resolution"])
        low += self._mark(low + 1) <= at
        shown = round(float(self.image.state.plant[self.tags["level"]]) * 10**12)
        step = shown // self.p["resolution"]
        if not (low <= step <= low + 1 and self._mark(low) < at) or shown % self.p["resolution"]:
            step = low if step <= low else low + (self._mark(low) < at)
        self.set("level", round(step * self.p["resolution"] / 10**12, 1))

    def level_mm(self) -> float:
        """The level as it is."""
        mm: float = self.s.volume.at(self.now) * self.p["height"] / self.full / 10**12
        return mm

    def _said(self) -> tuple[float, float, float]:
        """Level in mm, its speed in mm/s, and whereto."""
        per_fl = self.p["height"] / self.full / 10**12
        rate = self.s.volume.rate
        return self.level_mm(), rate * per_fl * 10**9, (self.full * per_fl if rate > 0 else 0.0)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("move", self.name, list(self._said()))]
