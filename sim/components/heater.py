"""Heater: a body of first order, heated by a power and cooled by the hall, and its PID controller.

Between two events the power is constant, so the temperature is its asymptote plus a decaying exponential; every step
of the sensor is a computed crossing, rounded up to the nanosecond. The exponential is `sim.elementary`'s: the same bits
everywhere, and the temperature right to a millionth of a degree. With the controller on, its own cycle is an event.
"""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.power import Meters
from sim.definition import ComponentDefinition
from sim.elementary import exp
from sim.kernel import Wakeable
from sim.plant import Plant
from sim.spec import Kind, Parameter, Port, states
from sim.tag import DataType, Direction, Value
from sim.text import Text
from sim.travel import NEVER

SECOND = 10**9
NEAR = 1000  # µ°C: a mark so close to the asymptote is not waited for


@dataclass(slots=True)
class HeaterState:
    """Temperature in µ°C when the present power began, and the controller's memory."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    start_ns: int = 0
    origin: int = 0
    goal: int = 0  # where it would end
    tau_ns: int = 1
    power: int = 0  # ppm
    loss: int = MILLION  # ppm: how much faster than by its walls it loses heat now, as through an open door
    integral: float = 0.0  # %
    last: int = 0  # µ°C in the last cycle of the controller
    cycled_ns: int = 0  # when that was


class Heater(Component):
    """Heats while it is on, by its power set-point or by its own controller; the hall cools it all the time."""

    KIND = Kind(
        "heater",
        Text("加热器", "Heater"),
        Text("一阶惯性升温, 可带 PID 控制", "Warms up with a time constant; may have a PID controller of its own"),
        parameters=(
            Parameter("rise", "temperature", Text("满功率稳态温升", "Rise in the end"), "180 °C", low=MILLION),
            Parameter("time_constant", "time", Text("时间常数", "Time constant"), "60 s", low=10**6),
            Parameter("ambient", "temperature", Text("环境温度", "Ambient temperature"), "22 °C", low=-50 * MILLION),
            Parameter("resolution", "temperature", Text("测温分辨率", "Step of the sensor"), "0.5 °C", low=10_000),
            Parameter("rated_power", "power", Text("满功率", "Electric power at 100 %"), "2 kW"),
            Parameter("cycle", "time", Text("控制周期", "Cycle of the controller"), "1 s", low=10**7),
            Parameter("gain", "ratio", Text("比例增益 %/K", "Proportional gain, %/K"), "5"),
            Parameter("reset_time", "time", Text("积分时间 (0: 无)", "Integral time; 0 s: none"), "30 s"),
            Parameter("rate_time", "time", Text("微分时间", "Derivative time"), "0 s"),
        ),
        ports=(
            Port("on", DataType.BOOL, Direction.OUTPUT, Text("加热", "on"), powered=True),
            Port("power", DataType.REAL, Direction.OUTPUT, Text("功率设定", "power set-point"), "%", 0, 100, 1, 100.0,
                 optional=True),
            Port("regulate", DataType.BOOL, Direction.OUTPUT, Text("自动控制", "control by itself"), optional=True),
            Port("setpoint", DataType.REAL, Direction.OUTPUT, Text("温度设定", "set-point"), "°C", 0, 1000, 1,
                 optional=True),
            Port("temperature", DataType.REAL, Direction.INPUT, Text("温度", "temperature"), "°C", -50, 1500, 1,
                 initial=22.0),
            Port("power_actual", DataType.REAL, Direction.INPUT, Text("实际功率", "power"), "%", 0, 100, 1,
                 optional=True, computed=True),
        ),
        states=states(("off", "关", "off"), ("heating", "加热", "heating by its set-point"),
                      ("regulating", "自动控制", "controlled by itself")),
        cycle=Text("接通一次", "one time switched on"),
    )  # fmt: skip
    STATE = HeaterState
    SLOTS = ("command", "mark", "regulate")
    COMMAND, MARK, REGULATE = range(3)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.followers: list[tuple[Wakeable, int]] = []  # who acts on how warm it is, woken when its course changes
        self.meters: Meters = []
        self.s.origin = self.s.goal = self.s.last = self.p["ambient"]
        self.s.tau_ns = self.p["time_constant"]

    def connect(self) -> None:
        for port in ("on", "power", "regulate", "setpoint"):
            self.watch(port, self.COMMAND)
        if "power_actual" in self.tags:
            self.image.compute(self.tags["power_actual"], self._power_actual)

    def born(self) -> None:
        self.command()

    def _power_actual(self) -> Value:
        return round(int(self.s.power) / 10_000, 1)

    # ---- temperature ------------------------------------------------------------------------------------------

    def at(self, now: int) -> int:
        """The temperature in µ°C."""
        s = self.s
        left: float = (s.origin - s.goal) * exp(-(now - s.start_ns) / s.tau_ns)
        return int(s.goal + round(left))

    def _heat(self, power: int) -> None:
        """Go on with this power from the temperature that it has now."""
        s = self.s
        s.origin, s.start_ns = self.at(self.now), self.now
        s.power, s.tau_ns = power, self.p["time_constant"] * MILLION // s.loss
        s.goal = self.p["ambient"] + self.p["rise"] * power // s.loss
        for member, slot in (*self.followers, *self.meters):
            member.wake(slot, self.now)
        self.mark()

    def power_mw(self) -> int:
        """What it draws now, in mW."""
        return int(self.p["rated_power"] * self.s.power // MILLION)

    def lose(self, loss: int) -> None:
        """Lose heat so much faster (ppm) from now on: time constant and rise in the end become smaller by as much."""
        if loss != self.s.loss:
            self.s.loss = loss
            self._heat(self.s.power)

    def next_at(self, mark: int) -> int:
        """When it will first be at the mark or beyond, on its present course; NEVER where it does not get there."""
        at, goal = self.at(self.now), self.s.goal
        on_its_way = at < mark <= goal - NEAR or goal + NEAR <= mark < at
        return self._reached_at(mark) if on_its_way else NEVER

    def _reached_at(self, mark: int) -> int:
        """The first nanosecond at which it is at the mark or beyond."""
        s, rises = self.s, self.s.goal > mark
        early: int = self.now
        late: int = early + s.tau_ns
        while (self.at(late) < mark) is rises and self.at(late) != mark:
            early, late = late, late + s.tau_ns
        while late - early > 1:
            middle = (early + late) // 2
            at = self.at(middle)
            if at == mark or (at > mark) is rises:
                late = middle
            else:
                early = middle
        return late

    def mark(self) -> None:
        """The sensor says the step that was crossed last; the next one is computed."""
        s, step = self.s, self.p["resolution"]
        at = self.at(self.now)
        rises = s.goal > at
        shown = round(float(self.image.state.plant[self.tags["temperature"]]) * MILLION) // step
        low, high = at // step, -(-at // step)
        if not low <= shown <= high:
            shown = low if shown < low else high
        self.set("temperature", round(shown * step / MILLION, 3))
        ahead = (low + 1 if rises else high - 1) * step
        reachable = (ahead <= s.goal - NEAR) if rises else (ahead >= s.goal + NEAR)
        self.say_move(at / MILLION, 0.0, s.goal / MILLION)
        self.wake(self.MARK, self._reached_at(ahead) if reachable and at != s.goal else NEVER)

    # ---- power ------------------------------------------------------------------------------------------------

    def replan(self) -> None:
        if self.s.due[self.REGULATE] != NEVER:
            self.wake(self.REGULATE, max(self.now, self.s.cycled_ns + self.p["cycle"]))
        self.command()

    def command(self) -> None:
        """A signal or a parameter has changed."""
        self._be()
        if not self.see("on"):
            self.s.integral = 0.0
            self.wake(self.REGULATE, NEVER)
            self._heat(0)
        elif self.see("regulate"):
            if self.s.due[self.REGULATE] == NEVER:
                self.s.last, self.s.cycled_ns = self.at(self.now), self.now - self.p["cycle"]
                self.wake(self.REGULATE, self.now)
            self._heat(self.s.power)
        else:
            self.wake(self.REGULATE, NEVER)
            self._heat(int(float(self.see("power", 100.0)) * 10_000 + 0.5))

    def _be(self) -> None:
        on = bool(self.see("on"))
        if on and not self.duty.state:
            self.cycle()
        self.be((2 if self.see("regulate") else 1) if on else 0)

    def regulate(self) -> None:
        """One cycle of the controller: P and I on the error, D on the temperature; no wind-up at the limits."""
        s, at = self.s, self.at(self.now)
        cycle = (self.now - s.cycled_ns) / SECOND  # as long as it was
        gain = self.p["gain"] / MILLION
        error = float(self.see("setpoint", 0.0)) - at / MILLION
        slope = (at - s.last) / MILLION / cycle
        wanted = gain * (error - slope * self.p["rate_time"] / SECOND) + s.integral
        if self.p["reset_time"] and (0.0 < wanted < 100.0 or (wanted <= 0.0) is (error > 0.0)):
            s.integral += gain * error * cycle / (self.p["reset_time"] / SECOND)
        s.last, s.cycled_ns = at, self.now
        self._heat(int(min(100.0, max(0.0, wanted)) * 10_000 + 0.5))
        self.wake(self.REGULATE, self.now + self.p["cycle"])

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("move", self.name, [self.at(self.now) / MILLION, 0.0, self.s.goal / MILLION])]
