"""Tool, spindle and coolant of a machining centre: wear by Taylor's equation, load, heat, power.

A tool's life follows F. W. Taylor's equation v Tⁿ = C ("On the Art of Cutting Metals", Trans. ASME 28, 1907): with
cutting speed v and T in minutes, C is the speed at which it lasts one minute. A harder material lowers C by as much.
Each nanosecond of cutting uses up its share of the life that the tool has at the speed of that moment.
"""

from sim.component import MILLION
from sim.components.machining_centre.fixture import Fixture
from sim.components.machining_centre.state import FL, MINUTE, MOST_WORN
from sim.components.power import Meters
from sim.components.warmth import Warmth
from sim.definition import ComponentDefinition
from sim.elementary import exp, log
from sim.plant import Plant
from sim.tag import Value
from sim.travel import FAR, NEVER, Travel


class Tool(Fixture):
    """A tool that wears and breaks, on a spindle that warms up, under coolant that runs low."""

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.meters: Meters = []
        self.times, self.speeds = definition.lists["times"], definition.lists["speeds"]
        self.s.heat = Warmth(0, self.p["ambient"], self.p["ambient"], self.p["warming"])
        full = self.p["coolant_capacity"] * FL
        self.s.coolant = Travel(0, full, 0, full)

    def connect(self) -> None:
        super().connect()
        for port, value in (("load", self._load), ("temperature", self._celsius), ("coolant_level", self._level),
                            ("tool_used", self._tool_used)):  # fmt: skip
            self.image.compute(self.tags[port], value)

    def life(self) -> int:
        """How long a tool lasts at the present speed and material: T = (C / v)^(1/n), in ns."""
        speed = self._of(self.speeds) * self.p["pace"] / MILLION
        c = self.p["taylor_speed"] * MILLION / self.p["hardness"]
        minutes = exp(log(c / speed) * MILLION / self.p["taylor_exponent"])
        dry = 1.0 if self._wet else self.p["dry_wear"] / MILLION
        return max(1, min(2**52, round(minutes * MINUTE / dry)))

    def _of(self, values: list[int]) -> int:
        """Of the program that is set; a short list repeats its last value."""
        number = int(self.s.program)
        return values[min(max(1, number), len(values)) - 1]

    @property
    def _wet(self) -> bool:
        return bool(self.see("coolant")) and bool(self.s.coolant.at(self.now) > 0)

    def used(self) -> float:
        """How much of the tool's life is used up."""
        s = self.s
        more = (self.now - s.wear_ns) / s.life_ns if s.life_ns else 0.0
        return float(s.wear + more)

    def _used_up_at(self, share: float) -> int:
        s = self.s
        return s.wear_ns + int((share - s.wear) * s.life_ns) + 1 if s.life_ns and s.wear < share else NEVER

    def break_tool(self) -> None:
        """It breaks: the spindle turns free to the end of the program."""
        self.s.broken = True
        self.command()

    def renew(self) -> None:
        """A new tool, put in by hand."""
        self.s.wear, self.s.broken = 0.0, False
        self._count("tool_changes")
        self.command()

    def _change_tool(self) -> None:
        s, change_ns = self.s, self.p["change_time"]
        at = s.change.at(self.now)
        wanted = bool(self.see("change_tool")) and bool(self.see("enable")) and not self._cuts
        if not self.see("change_tool"):
            at = 0
        if wanted and at >= change_ns and s.change.rate:
            s.wear, s.broken, s.change = 0.0, False, Travel(self.now, FAR)  # until the command is taken back
            self._count("tool_changes")
        elif wanted and at < change_ns:
            s.change = Travel(self.now, at, 1, change_ns)
        else:
            s.change = Travel(self.now, at)

    def _count(self, port: str) -> None:
        self.set(port, (int(self.see(port)) + 1) % 2**32)

    # ---- coolant ----------------------------------------------------------------------------------------------

    def _pour(self) -> None:
        """Coolant is lost while the pump runs, and refilled to the brim."""
        s, now, full = self.s, self.now, self.p["coolant_capacity"] * FL
        at = min(s.coolant.at(now), full)
        pumps = bool(self.see("coolant")) and at > 0
        rate = (self.p["coolant_refill"] if self.see("refill") else 0) - (self.p["coolant_use"] if pumps else 0)
        goal = full if rate > 0 else 0
        rate = 0 if at == goal else rate
        s.coolant = Travel(now, at, rate, goal if rate else at)

    def _low(self) -> int:
        """The level that is low, in fL."""
        return int(self.p["coolant_capacity"] * FL * self.p["coolant_low"] // MILLION)

    def _low_at(self) -> int:
        """When it becomes low, or is so no more."""
        coolant, low = self.s.coolant, self._low()
        at = coolant.at(self.now)
        if (coolant.rate < 0 and at > low) or (coolant.rate > 0 and at <= low):
            return Travel(self.now, at, coolant.rate, low if coolant.rate < 0 else low + 1).due_ns()
        return NEVER

    def spill_coolant(self) -> None:
        """A hose has come off."""
        self.s.coolant = Travel(self.now)
        self.command()

    # ---- load, heat, power ------------------------------------------------------------------------------------

    def load_ppm(self) -> float:
        """Of the spindle."""
        if not self._cuts:
            return 0.0
        worn = min(self.used(), MOST_WORN)
        cut = 0.0 if self.s.broken else self.p["cut_load"] + self.p["worn_load"] * worn
        return float(self.p["idle_load"] + cut * self.p["hardness"] / MILLION)

    def _rise(self, load_ppm: float) -> float:
        """Of the spindle in the end, in µK, at this load."""
        rise = self.p["rise"] * load_ppm / MILLION
        return rise if self._wet else rise * self.p["dry_heat"] / MILLION

    def _warming(self) -> float:
        """How that grows while the tool wears, in µK for each ns."""
        s = self.s
        if not s.life_ns or s.wear >= MOST_WORN:
            return 0.0
        return self._rise(self.p["worn_load"] * self.p["hardness"] / MILLION / s.life_ns)

    def power_mw(self) -> int:
        """What it draws now, in mW; a tool's wear counts from event to event."""
        on = bool(self.see("enable"))
        return on * int(self.p["idle_power"]) + round(self.p["cut_power"] * self.load_ppm() / MILLION)

    def _load(self) -> Value:
        load: float = self.load_ppm() / 10_000
        return round(load + 1.0 * self.noise("load"), 1) if load else 0.0

    def _celsius(self) -> Value:
        celsius: float = self.s.heat.at(self.now) / MILLION
        return round(celsius, 1)

    def _level(self) -> Value:
        share: float = self.s.coolant.at(self.now) / (self.p["coolant_capacity"] * FL)
        return round(min(100.0, 100.0 * share), 1)

    def _tool_used(self) -> Value:
        return round(100.0 * self.used(), 1)
