"""Three-phase motor with its drive: current, I²t protection, temperature, latched faults, vibration of its bearing.

The heating goes to the square of the current over the rated one as 1 - e^(-t/τ); at the square of the trip ratio the
drive switches off. From cold, at 2 In, τ = 10 min and 1.05 In that is after τ ln(4 / (4 - 1.05²)) = 193 s.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import sqrt

from sim.component import MILLION, MM, Change, Component
from sim.components.bearing import HARMONICS, LINES, Bearing, Signal, velocity_rms, window
from sim.components.belt import Belt
from sim.components.motor_kind import DRIVE, MOTOR, OFF, OVERLOAD, PHASE_LOSS, RUNNING, STALLED, STARTING, TRIPPED
from sim.components.pipes import Pump
from sim.components.power import Meters, tell
from sim.components.spindle import Spindle
from sim.components.warmth import Warmth
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.stream import word
from sim.tag import Value
from sim.travel import NEVER, Travel

BILLION = 10**9  # of heat: what the rated current brings in the end
ROOT_3_PPM = 1_732_051  # two phases carry what three did
STANDING_TORQUE = 300_000  # ppm of its load that a pump takes with its outlet closed


@dataclass(slots=True)
class MotorState:
    """Since when it runs (NEVER: it stands), how far it has started, its heat and winding, and the latched fault.

    `heat` is what the drive reckons for I²t, in shares of a thousand millionth; `winding` in µ°C has the hall in it.
    """

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    since_ns: int = NEVER
    since_lost_ns: int = NEVER  # a phase
    stalled_ns: int = NEVER
    heat: Warmth = field(default_factory=Warmth)
    winding: Warmth = field(default_factory=Warmth)
    start: Travel = field(default_factory=Travel)  # in ns of its time
    start_ns: int = 0
    fault: int = 0
    locked: bool = False  # after a reset with the command still there: it waits until that was off
    welded: bool = False
    lost: bool = False
    reset: bool = False  # as it was last seen
    said_hz: float = 0.0  # of the shaft
    told_ppm: int = MILLION  # to what it drives


class Motor(Component):
    """Turns while it is told to, by its own `run` or by the coil of what it drives. A fault stays until `reset`."""

    KIND = MOTOR
    STATE = MotorState
    SLOTS = ("command", "proceed", "trip")
    COMMAND, PROCEED, TRIP = range(3)

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.driven: Belt | Pump | Spindle | None = None
        self.meters: Meters = []
        self.s.heat.tau_ns = self.p["time_constant"]
        self.s.winding = Warmth(0, self.p["ambient"], self.p["ambient"], self.p["time_constant"])
        self.s.start_ns = self.p["start_time"]

    def connect(self) -> None:
        for found in self.joined("drives"):
            if isinstance(found, Belt | Pump | Spindle):
                self.driven, found.motor = found, self
                watchers = found.drive_watchers if isinstance(found, Belt) else found.followers
                watchers.append((self, self.COMMAND))
                for coil in ("run", "reverse"):
                    if coil in found.tags:
                        self.image.watch(found.tags[coil], self, self.COMMAND)
        for port in ("run", "reset", "speed"):
            self.watch(port, self.COMMAND)
        computed: dict[str, Callable[[], Value]] = {
            "current": partial(self._ampere, 0, "current"), "temperature": self._celsius, "used": self._used,
            "speed_actual": self._rpm, "vibration": self._vibration,
            **{f"current_l{k}": partial(self._ampere, k, f"current_l{k}") for k in (1, 2, 3)},
            **{line: partial(self._line, line) for line in LINES},
            **{f"{line}_hz": partial(self._line_hz, line) for line in LINES},
        }  # fmt: skip
        for port, value in computed.items():
            if port in self.tags:
                self.image.compute(self.tags[port], value)

    def born(self) -> None:
        self.command()

    # ---- load and current -------------------------------------------------------------------------------------

    @property
    def delivers(self) -> bool:
        """Whether what it drives may turn."""
        return not (self.s.fault or self.s.locked)

    @property
    def pace_ppm(self) -> int:
        """How fast it is told to turn, as a share of its full speed."""
        return int(float(self.see("speed", 100.0)) * 10_000 + 0.5)

    def _asked(self) -> bool:
        driven = self.driven
        return driven.asks if driven is not None else bool(self.see("run"))

    def _on(self) -> bool:
        return (self._asked() and self.delivers) or bool(self.s.welded and self.powered)

    def _share(self) -> int:
        """Of what it drives, in ppm of the load that it usually has."""
        driven = self.driven
        if isinstance(driven, Spindle):
            return MILLION * driven.cuts
        if isinstance(driven, Belt):
            parts = sum(len(group.parts) for group in driven.s.groups)
            held = sum(len(group.parts) for group in driven.s.groups if group.held != -1)
            return MILLION + self.p["part_load"] * parts + self.p["held_load"] * held
        if isinstance(driven, Pump):
            return STANDING_TORQUE + (MILLION - STANDING_TORQUE) * int(driven.s.step) // driven.steps
        return MILLION

    def _stalled(self) -> bool:
        return isinstance(self.driven, Belt) and bool(self.driven.s.stalled)

    @property
    def _starting(self) -> bool:
        return bool(self.s.start.at(self.now) < self.s.start_ns)

    def current_ppm(self) -> int:
        """What it takes, in ppm of its rated current, by all three phases alike."""
        s = self.s
        if s.since_ns == NEVER:
            return 0
        if self._starting or self._stalled():
            return int(self.p["start_current"])
        return int(max(self.p["idle_current"], self.p["load"] * self._share() // MILLION))

    def phases_ppm(self) -> tuple[int, int, int]:
        """Of each phase; two have to carry what a lost one did."""
        ppm = self.current_ppm()
        if not self.s.lost:
            return ppm, ppm, ppm
        more = ppm * ROOT_3_PPM // MILLION
        return 0, more, more

    # ---- the one plan -----------------------------------------------------------------------------------------

    def replan(self) -> None:
        self.command()

    def command(self) -> None:
        """A signal, what it drives, power or a parameter has changed, or the next thing is due."""
        self._reset()
        self._start_on()
        if not self._asked():
            self.s.locked = False
        self._watch_limits()
        self._switch()
        self._plan()

    def proceed(self) -> None:
        self.command()

    def trip(self) -> None:
        self.command()

    def _reset(self) -> None:
        """A rising `reset` clears the fault when its cause has gone and it has cooled down far enough."""
        s, wanted = self.s, bool(self.see("reset"))
        rises, s.reset = wanted and not s.reset, wanted
        if rises:
            self._clear()

    def renew(self) -> None:
        """A new motor: it is cold, and nothing is latched."""
        for warmth, cold in ((self.s.heat, 0), (self.s.winding, self.p["ambient"])):
            warmth.start_ns, warmth.origin = self.now, cold
        self.clear_trip()

    def clear_trip(self) -> None:
        self._clear()
        self.command()

    def _clear(self) -> None:
        s = self.s
        hot = s.fault == OVERLOAD and s.heat.at(self.now) >= self._square(self.p["reset_below"])
        if s.fault and not hot and not s.lost:
            s.fault, s.locked = 0, self._asked()
            self._tell_driven()

    def _square(self, ppm: int) -> int:
        return ppm * ppm // 1000

    def _watch_limits(self) -> None:
        s, now = self.s, self.now
        if s.heat.at(now) >= self._square(self.p["trip_at"]):
            self._fault(OVERLOAD)
        running = s.since_ns != NEVER
        s.since_lost_ns = NEVER if not (running and s.lost) else s.since_lost_ns if s.since_lost_ns != NEVER else now
        stalls = running and self._stalled()
        s.stalled_ns = NEVER if not stalls else s.stalled_ns if s.stalled_ns != NEVER else now
        for since, delay, code in (
            (s.since_lost_ns, "phase_delay", PHASE_LOSS),
            (s.stalled_ns, "stall_delay", STALLED),
        ):
            if since != NEVER and now >= since + self.p[delay]:
                self._fault(code)

    def _fault(self, code: int) -> None:
        if not self.s.fault:
            self.s.fault = code
            self._tell_driven()

    def _tell_driven(self) -> None:
        if self.driven is not None:
            self.driven.wake(0, self.now)

    def _start_on(self) -> None:
        """Of a start, as much is done as was before, whatever the time to start has become."""
        s, time = self.s, self.p["start_time"]
        if time != s.start_ns:
            at = s.start.at(self.now)
            at = time if at >= s.start_ns else at * time // s.start_ns
            s.start, s.start_ns = Travel(self.now, at, s.start.rate, time), time

    def _switch(self) -> None:
        s, on = self.s, self._on()
        if on and s.since_ns == NEVER:
            s.since_ns, s.start = self.now, Travel(self.now, 0, 1, s.start_ns)
            self.cycle()
            self._watch_limits()
        elif not on:
            s.since_ns, s.start = NEVER, Travel(self.now)

    def _plan(self) -> None:
        s, now = self.s, self.now
        most = max(self.phases_ppm())
        tau = self.p["time_constant"] if s.since_ns != NEVER else self.p["cooling_constant"]
        s.heat.go(now, self._square(most), tau)
        s.winding.go(now, self.p["ambient"] + self.p["rated_rise"] * self._square(most) // BILLION, tau)
        self.wake(self.TRIP, NEVER if s.fault else s.heat.next_at(self._square(self.p["trip_at"]), now))
        dues = ((s.since_lost_ns, "phase_delay"), (s.stalled_ns, "stall_delay"))
        due = [s.start.due_ns(), *(since + self.p[delay] for since, delay in dues if since != NEVER)]
        self.wake(self.PROCEED, min((t for t in due if t > now), default=NEVER))
        if self.pace_ppm != s.told_ppm:
            s.told_ppm = self.pace_ppm
            self._tell_driven()
        self._say()
        tell(self.meters, now)

    def _say(self) -> None:
        s = self.s
        running = s.since_ns != NEVER
        self.be(TRIPPED if s.fault else OFF if not running else STARTING if self._starting else RUNNING)
        self.set("running", running)
        self.set("fault", bool(s.fault))
        self.set("fault_code", s.fault)
        turns = self._turns_hz()
        if turns != s.said_hz:
            s.said_hz = turns
            self.say_move(*self._said())

    def _said(self) -> tuple[float, float, float | None]:
        """Turns of the shaft."""
        turns = self._turns_hz()
        return (0.0, turns, None) if turns else (0.0, 0.0, 0.0)

    # ---- disturbances -----------------------------------------------------------------------------------------

    def lose_phase(self) -> None:
        """A contact of the contactor does not close: one phase carries nothing."""
        self.s.lost = True
        self.command()

    def restore_phase(self) -> None:
        self.s.lost = False
        self.command()

    def weld(self) -> None:
        """The contactor does not open any more: it turns on without its command and in spite of a fault."""
        self.s.welded = self.s.since_ns != NEVER
        if isinstance(self.driven, Belt):
            self.driven.weld()
        self.command()

    def mend_contactor(self) -> None:
        self.s.welded = False
        if isinstance(self.driven, Belt):
            self.driven.mend_contactor()
        self.command()

    def trip_drive(self) -> None:
        """The drive finds something wrong with itself."""
        self._fault(DRIVE)
        self.command()

    # ---- what is measured -------------------------------------------------------------------------------------

    def power_mw(self) -> int:
        """Active power √3 U I cos φ of what its phases carry together, in mW."""
        return sum(self.phases_mw())

    def phases_mw(self) -> tuple[int, int, int]:
        """What each phase carries of it."""
        one, two, three = (self._carried_mw(ppm) for ppm in self.phases_ppm())
        return one, two, three

    def _carried_mw(self, ppm: int) -> int:
        amps = ppm * self.p["rated_current"] // 3  # µA x ppm
        watts_e12 = amps * (self.p["voltage"] // 1000) // 1000 * self.p["power_factor"] // MILLION
        return watts_e12 * ROOT_3_PPM // MILLION // 10**9

    def _ampere(self, phase: int, port: str) -> Value:
        ppm = max(self.phases_ppm()) if not phase else self.phases_ppm()[phase - 1]
        amps = ppm * self.p["rated_current"] / 1e12
        return round(amps * (1.0 + 0.01 * self.noise(port)), 2)

    def _celsius(self) -> Value:
        celsius: float = self.s.winding.at(self.now) / MILLION
        return round(celsius, 1)

    def _used(self) -> Value:
        """How near it is to tripping: 100 % trips."""
        share: float = self.s.heat.at(self.now) / self._square(self.p["trip_at"])
        return round(100.0 * share, 1)

    def _turns_hz(self) -> float:
        """Of the shaft: the rated speed at the set frequency, less the slip of a loaded rotor."""
        if self.s.since_ns == NEVER or self._starting or self._stalled():
            return 0.0
        asked = self.pace_ppm / MILLION
        rotor = self.p["rotor_slip"] / MILLION * self.current_ppm() / MILLION
        return self.p["rated_speed"] / 60_000.0 * asked * (1.0 - rotor)

    def _rpm(self) -> Value:
        return round(60.0 * self._turns_hz(), 1)

    # ---- bearing ----------------------------------------------------------------------------------------------

    def bearing(self) -> Bearing:
        """Its geometry as it is now."""
        p = self.p
        diameters = p["ball_diameter"] / MM, p["pitch_diameter"] / MM
        return Bearing(p["balls"], *diameters, p["contact_angle"] / MILLION, p["bearing_slip"] / MILLION)

    def _pace(self) -> float:
        """Of the shaft, as a share of its rated speed."""
        return self._turns_hz() / (self.p["rated_speed"] / 60_000.0)

    def amplitudes(self) -> dict[str, float]:
        """Of the four lines in mm/s: what the parameters say at the rated speed, in proportion to the speed."""
        return {line: self.p[f"wear_{line}"] / 1000.0 * self._pace() for line in LINES}

    def _line(self, line: str) -> Value:
        return round(self.amplitudes()[line], 3)

    def _line_hz(self, line: str) -> Value:
        return round(self.bearing().frequencies(self._turns_hz())[line], 2)

    def _vibration(self) -> Value:
        pace = self._pace()
        floor, unbalance = (self.p[name] / 1000.0 for name in ("vibration_floor", "unbalance"))
        rms = velocity_rms(self.amplitudes(), unbalance * pace * pace, floor * sqrt(pace))
        return round(rms * (1.0 + 0.03 * self.noise("vibration")), 2)

    def vibration_window(self, rate_hz: int = 2560, count: int = 4096) -> Signal:
        """Samples of its vibration in mm/s from now on, as an analyser would take them. Reading changes nothing."""
        turns, pace = self._turns_hz(), self._pace()
        lines, sizes = self.bearing().frequencies(turns), self.amplitudes()
        tones = {turns: self.p["unbalance"] / 1000.0 * pace * pace} if turns else {}
        for line, hertz in lines.items():
            for k, share in enumerate(HARMONICS, 1):
                if sizes[line]:
                    tones[k * hertz] = share * sizes[line]
        floor = self.p["vibration_floor"] / 1000.0 * sqrt(pace)
        return window(tones, floor, word(f"{self.plant.seed} {self.name}"), self.now, rate_hz, count)

    def announce(self) -> list[tuple[str, str | int, object]]:
        return [("move", self.name, list(self._said()))]
