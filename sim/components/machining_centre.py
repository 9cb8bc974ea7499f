"""Machining centre: spindle, tool, coolant, fixture, programs by number. Served by robot, gripper or a belt's clamp.

A tool's life follows F. W. Taylor's equation v Tⁿ = C ("On the Art of Cutting Metals", Trans. ASME 28, 1907): with
cutting speed v and T in minutes, C is the speed at which it lasts one minute. A harder material lowers C by as much.
Each nanosecond of cutting uses up its share of the life that the tool has at the speed of that moment.
"""

from dataclasses import dataclass, field

from sim.component import MILLION, Change, Component
from sim.components.holders import Clamp
from sim.components.machining_kind import (
    CHANGING,
    CUTTING,
    FAULTED,
    HELD,
    IDLE,
    MACHINING_CENTRE,
    NOT_CLAMPED,
    OFF,
    POWER_LOST,
    UNKNOWN_PROGRAM,
)
from sim.components.nests import Onlooker
from sim.components.power import Meters, tell
from sim.components.warmth import Warmth
from sim.definition import ComponentDefinition
from sim.elementary import exp, log
from sim.plant import Plant
from sim.tag import Value
from sim.travel import FAR, NEVER, Travel

FL = 10**9  # fL in a µL; µL/s x ns = fL
MINUTE = 60 * 10**9
UM = 10**9  # fm
MOST_WORN = 10.0  # lives of a tool: beyond that its load grows no more


@dataclass(slots=True)
class MachiningState:
    """The cut in ppm x ns of its time, the tool's wear as a share of its life, heat in µK, coolant in fL."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)
    serial: int = 0  # that the cut belongs to
    program: int = 0
    running: bool = False
    paused: bool = False  # after an error: until `start` says go on
    done: bool = False
    error: int = 0
    seen: dict[str, bool] = field(default_factory=dict)  # commands as they were, for their edges
    wear: float = 0.0  # until `wear_ns`
    wear_ns: int = 0
    life_ns: int = 0  # of the tool at what it does now; 0: it does not cut
    broken: bool = False
    change: Travel = field(default_factory=Travel)  # of the tool, in ns
    heat: Warmth = field(default_factory=Warmth)
    coolant: Travel = field(default_factory=Travel)
    grip: Travel = field(default_factory=Travel)  # of the fixture, in ns of its time
    grip_ns: int = 1
    nest: int = 0  # the part in the fixture


class MachiningCentre(Component):
    """A rising `start` cuts the clamped part by the program that is set; `done` stays until `start` falls or rises.

    `hold` and a loss of power stop it in mid-cut; acknowledged and started with the same number, it goes on.
    """

    KIND = MACHINING_CENTRE
    STATE = MachiningState
    SLOTS = ("command", "command")  # by a signal or the clamp; when something is due
    PROCEED = 1

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.spots: list[Onlooker] = []
        self.meters: Meters = []
        self.clamp: Clamp | None = None
        self.times, self.speeds = definition.lists["times"], definition.lists["speeds"]
        self.s.heat = Warmth(0, self.p["ambient"], self.p["ambient"], self.p["warming"])
        self.s.grip_ns = self.p["clamp_time"]
        full = self.p["coolant_capacity"] * FL
        self.s.coolant = Travel(0, full, 0, full)

    def connect(self) -> None:
        for found in self.joined("clamp"):
            if isinstance(found, Clamp):
                self.clamp = found
                found.followers.append((self, 0))
        for port in ("enable", "start", "hold", "acknowledge", "clamp", "change_tool", "coolant", "refill"):
            self.watch(port, 0)
        for port, value in (("load", self._load), ("temperature", self._celsius), ("coolant_level", self._level),
                            ("tool_used", self._tool_used)):  # fmt: skip
            self.image.compute(self.tags[port], value)

    def born(self) -> None:
        self.command()

    def replan(self) -> None:
        self.command()

    # ---- tool -------------------------------------------------------------------------------------------------

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

    # ---- fixture ----------------------------------------------------------------------------------------------

    def part(self) -> int:
        """The part that is held fast, 0 for none."""
        if self.clamp is not None:
            return int(self.clamp.part)
        return int(self.s.nest) if self._closed else 0

    @property
    def _closed(self) -> bool:
        grip = self.s.grip
        return bool(grip.at(self.now) >= self.s.grip_ns and grip.rate >= 0)

    def part_at(self, place: int) -> int:
        """The part that can be lifted out now, 0 for none."""
        return int(self.s.nest) if place == 0 and self._open else 0

    def free_at(self, place: int) -> bool:
        return place == 0 and self._open and not self.s.nest and self.clamp is None

    @property
    def _open(self) -> bool:
        return self.s.grip.at(self.now) <= 0 and self.s.grip.rate <= 0 and not self._cuts

    def put(self, place: int, serial: int) -> None:
        """Lay a part into the open fixture."""
        self.s.nest = serial
        self.plant.emit("part", serial, ["in", self.name, str(place)])
        self.command()

    def take(self, serial: int) -> bool:
        """Take the part out. False when it is not here."""
        if not serial or serial != self.s.nest:
            return False
        self.s.nest = 0
        self.command()
        return True

    def holds(self) -> list[int]:
        return [self.s.nest] if self.s.nest else []

    def _grip(self) -> None:
        s, now, time = self.s, self.now, self.p["clamp_time"]
        at = s.grip.at(now) * time // s.grip_ns
        s.grip_ns, wanted = time, bool(self.see("clamp"))
        rate = int(at < time) if wanted else -int(at > 0)
        s.grip = Travel(now, at, rate, (time if wanted else 0) if rate else at)

    # ---- the one plan -----------------------------------------------------------------------------------------

    @property
    def _able(self) -> bool:
        return bool(self.see("enable")) and not self.s.error

    @property
    def _cuts(self) -> bool:
        """The spindle turns, the feed moves."""
        s = self.s
        return bool(s.running and not s.paused and self._able and not self.see("hold"))

    def command(self) -> None:
        """Something has changed or is due: reckon what was, then plan on."""
        s, now = self.s, self.now
        s.wear, s.wear_ns = self.used(), now
        s.broken = s.broken or s.wear >= self.p["breaks_at"] / MILLION
        self._grip()
        self._hear()
        if s.running and s.work.at(now) >= s.work.goal:
            self._finish()
        self._change_tool()
        self._pour()
        s.work.go(now, self.p["rate"] if self._cuts else 0, s.work.goal)
        s.life_ns = self.life() if self._cuts and not s.broken else 0
        s.heat.go(now, self.p["ambient"] + int(self._rise(self.load_ppm())), self.p["warming"], self._warming())
        self._wake_next()
        self._say()

    def _rises(self, port: str) -> bool:
        now, before = bool(self.see(port)), self.s.seen.get(port, False)
        self.s.seen[port] = now
        return now and not before

    def _hear(self) -> None:
        """The commands, by their edges; what makes it fail."""
        s, started = self.s, self.s.seen.get("start", False)
        if s.running and not self.see("enable"):
            self._fail(POWER_LOST)
        elif s.running and self.part() != s.serial:
            self._fail(NOT_CLAMPED)
        acknowledged, starts = self._rises("acknowledge"), self._rises("start")
        if acknowledged and self.see("enable"):
            s.error = 0
            if s.running and self.part() != s.serial:  # its part is gone, and the rest of the cut with it
                s.running, s.paused = False, False
        if starts or (started and not self.see("start")):
            s.done = False
        if starts and self._able and (not s.running or s.paused):
            self._start(int(self.see("program")))

    def _start(self, program: int) -> None:
        s = self.s
        if s.paused and program == s.program:
            s.paused = False
        elif not 1 <= program <= len(self.times):
            self._fail(UNKNOWN_PROGRAM)
        elif not self.part():
            self._fail(NOT_CLAMPED)
        else:
            s.program, s.running, s.paused, s.serial = program, True, False, self.part()
            s.work = Travel(self.now, 0, 0, self.times[program - 1] * MILLION)

    def _fail(self, code: int) -> None:
        s = self.s
        if not s.error:
            s.error, s.paused = code, s.running

    def _finish(self) -> None:
        """The part has its size, unless the tool was broken: then it is as it came."""
        s, part = self.s, self.plant.part(self.s.serial)
        s.running, s.done = False, True
        stream = self.plant.stream(f"{self.name}.size")
        spread = stream.normal(self.p["spread"] // UM)
        if not s.broken:
            rise_uk = s.heat.at(self.now) - self.p["ambient"]
            drift = int(self.p["wear"] * s.wear) // UM + self.p["growth"] * rise_uk // (UM * MILLION)
            part.dimension_um, part.machined = self.plant.definition.part.nominal_um + drift + spread, True
            part.contents["cut"] = part.contents.get("cut", 0) + 1
        self.plant.log(s.serial, f"{self.name} {s.program} {'not cut' if s.broken else f'{part.dimension_um} µm'}")
        self._count("parts")
        self.cycle()

    def _count(self, port: str) -> None:
        self.set(port, (int(self.see(port)) + 1) % 2**32)

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

    def _wake_next(self) -> None:
        s = self.s
        marks = (1.0, self.p["breaks_at"] / MILLION, MOST_WORN)
        due = [s.grip.due_ns(), s.change.due_ns(), s.coolant.due_ns(), self._low_at(), *map(self._used_up_at, marks)]
        due.append(s.work.due_ns() if s.running else NEVER)
        self.wake(self.PROCEED, min((max(t, self.now) for t in due if t != NEVER), default=NEVER))

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

    # ---- what is seen -----------------------------------------------------------------------------------------

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

    def _state(self) -> int:
        s = self.s
        if s.error:
            return FAULTED
        if not self.see("enable"):
            return OFF
        if s.change.rate:
            return CHANGING
        return (CUTTING if self._cuts else HELD) if s.running else IDLE

    def _say(self) -> None:
        s, state, now = self.s, self._state(), self.now
        at = s.grip.at(now)
        self.be(state)
        self.set("ready", state == IDLE)
        self.set("running", s.running and not s.error)
        self.set("done", s.done)
        self.set("error", bool(s.error))
        self.set("error_code", s.error)
        self.set("part", bool(self.part() if self.clamp is not None else s.nest))
        self.set("clamped", self.clamp.is_out if self.clamp is not None else self._closed)
        self.set("opened", self.clamp.is_home if self.clamp is not None else at <= 0 and s.grip.rate <= 0)
        self.set("tool_ok", s.wear < 1.0 and not s.change.rate)
        self.set(
            "coolant_is_low", s.coolant.at(now) <= self.p["coolant_capacity"] * FL * self.p["coolant_low"] // MILLION
        )
        total = max(1, s.work.goal)
        self.say_move(s.work.at(now) / total, s.work.rate * 1e9 / total, 1.0 if s.work.rate else s.work.at(now) / total)
        for spot in self.spots:
            spot.look()
        tell(self.meters, now)

    def announce(self) -> list[tuple[str, str | int, object]]:
        s = self.s
        at, total = s.work.at(self.now), max(1, s.work.goal)
        goal = 1.0 if s.work.rate else at / total
        moves: list[tuple[str, str | int, object]] = [
            ("move", self.name, [at / total, s.work.rate * 1e9 / total, goal])
        ]
        return moves + [("part", serial, ["in", self.name, "0"]) for serial in self.holds()]
