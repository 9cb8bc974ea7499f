"""Machining centre: spindle, tool, coolant, fixture, programs by number. Served by robot, gripper or a belt's clamp."""

from sim.component import MILLION
from sim.components.machining_centre.kind import (
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
from sim.components.machining_centre.state import FL, MOST_WORN, UM
from sim.components.machining_centre.tool import Tool
from sim.components.power import tell
from sim.travel import NEVER, Travel


class MachiningCentre(Tool):
    """A rising `start` cuts the clamped part by the program that is set; `done` stays until `start` falls or rises.

    `hold` and a loss of power stop it in mid-cut; acknowledged and started with the same number, it goes on.
    """

    KIND = MACHINING_CENTRE

    def connect(self) -> None:
        super().connect()
        for port in ("enable", "start", "hold", "acknowledge", "clamp", "change_tool", "coolant", "refill"):
            self.watch(port, 0)

    def born(self) -> None:
        self.command()

    def replan(self) -> None:
        self.command()

    # ---- the one plan -----------------------------------------------------------------------------------------

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
        if acknowledged:
            self._acknowledge()
        if starts or (started and not self.see("start")):
            s.done = False
        if starts and self._able and (not s.running or s.paused):
            self._start(int(self.see("program")))

    def clear_trip(self) -> None:
        """At its own panel, as `acknowledge` does."""
        self._acknowledge()
        self.command()

    def _acknowledge(self) -> None:
        s = self.s
        if not self.see("enable"):
            return
        s.error = 0
        if s.running and self.part() != s.serial:  # its part is gone, and the rest of the cut with it
            s.running, s.paused = False, False

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

    def _wake_next(self) -> None:
        s = self.s
        marks = (1.0, self.p["breaks_at"] / MILLION, MOST_WORN)
        due = [s.grip.due_ns(), s.change.due_ns(), s.coolant.due_ns(), self._low_at(), *map(self._used_up_at, marks)]
        due.append(s.work.due_ns() if s.running else NEVER)
        self.wake(self.PROCEED, min((max(t, self.now) for t in due if t != NEVER), default=NEVER))

    # ---- what is seen -----------------------------------------------------------------------------------------

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
