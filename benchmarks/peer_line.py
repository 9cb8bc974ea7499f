"""The peer: the reference line `smart-factory` as one would write it by hand in SimPy, to compare speed with.

A process per part that seizes and releases the stations, belts that interrupt their riders when they stop, a crane
with a store before it. It draws from the same random streams, so every part has the same colour, sizes and verdict,
and the same times to the nanosecond (`tests/benchmarks` and the benchmark itself assert it).

What it does not do, and LineLab does: some 120 I/O tags and their changes, switches of cylinders, analogue values,
PackML and time in state, programs that somebody may edit or take over in mid-stroke, faults, journal, digest,
checkpoint. What never happens on the healthy line is left out: jams, watchdogs, full magazines, parts that touch.
The numbers below are those of `scenarios/lines/smart-factory.yaml`; who changes that file changes them here.
"""

from collections.abc import Generator
from dataclasses import dataclass, field

import simpy
from simpy.resources.resource import Request

from sim.stream import Stream, word

Process = Generator[simpy.Event, object, None]
Note = tuple[int, int, str]  # time in ns, serial, what happened

MS = 1_000_000  # ns
SECOND = 1000 * MS
MM = 5 * MS  # ns that a belt takes for a millimetre: all run at 200 mm/s
SIZE = 60 * MM  # of a part

COLOURS = [1, 1, 1]
NOMINAL, TOLERANCE, SPREAD, NOISE, OVERSIZE, WEAR = 30_000, 50, 12, 3, 300, 20  # µm
SCRAP_PPM = 30_000
CUT_LEAST, CUT_MOST, TOOL_LIFE, TOOL_CHANGE = 3 * SECOND, 4500 * MS, 1800 * SECOND, 5 * SECOND
CAPACITY, REFILL_AT = 40, 8  # of the magazine
BIN_FULL, BIN_OVER = 8, 4  # says full; still taken after that
OPERATOR_LEAST, OPERATOR_MOST = 30 * SECOND, 60 * SECOND
COLUMNS, CELLS, MOST_STORED = 3, 9, 6
X_PLACES, Z_PLACES = (0, 300, 600, 900, 1200), (0, 150, 400, 650)  # mm

FEED = 392 * MS  # magazine to belt, and back: 98 of 100 mm at 250 mm/s
SETTLE = 300 * MS  # how long the programs wait for a PLC to see a signal
FEED_PAUSE = 8900 * MS
DOOR = 745 * MS  # 298 of 300 mm at 400 mm/s; the clamp is faster
STOPPER = 40 * MS  # 10 of 20 mm at 250 mm/s: it passes parts from half its stroke
REOPEN = 100 * MS
EXPOSURE = 250 * MS
EJECT = 50 * MS  # 20 mm at 400 mm/s to the part
EJECTOR_HOME = 245 * MS  # 98 of 100 mm at 400 mm/s
FORK = 495 * MS  # 198 of 200 mm at 400 mm/s
MOVE_LEAST = 100 * MS


@dataclass(slots=True)
class Part:
    """One part and what becomes of it."""

    serial: int
    colour: int
    size_um: int
    offset: int = 0  # its head is at this plus the travel of its belt
    verdict: str = "none"
    measured_um: int = 0
    place: Request | None = None  # what it holds of the station that it is in


@dataclass(slots=True)
class Belt:
    """Runs, or stands and interrupts those who ride on it."""

    env: simpy.Environment
    length: int
    running: bool = True
    since: int = 0
    travelled: int = 0  # up to `since`
    riders: list[simpy.Process] = field(default_factory=list)
    started: simpy.Event | None = None

    def now(self) -> int:
        return self.travelled + (int(self.env.now) - self.since if self.running else 0)

    def stop(self) -> None:
        self.travelled, self.since, self.running = self.now(), int(self.env.now), False
        self.started = self.env.event()
        for rider in self.riders:
            rider.interrupt()

    def start(self) -> None:
        self.since, self.running = int(self.env.now), True
        if self.started is not None:
            self.started.succeed()

    def ride(self, part: Part, head: int) -> Process:
        """Until the head of the part is there, however often the belt stops."""
        env, goal = self.env, head - part.offset
        me: simpy.Process = env.active_process  # type: ignore[assignment]  # always called within one
        while (left := goal - self.now()) > 0:
            if not self.running and self.started is not None:
                yield self.started
                continue
            self.riders.append(me)
            try:
                yield env.timeout(left)
            except simpy.Interrupt:
                continue
            finally:
                self.riders.remove(me)


@dataclass(slots=True)
class Station:
    """A belt and the right to send a part onto it: one at a time."""

    belt: Belt
    place: simpy.Resource
    name: str


@dataclass(slots=True)
class Bin:
    """What was pushed out, until the operator comes."""

    stream: Stream
    parts: list[Part] = field(default_factory=list)
    over: int = 0  # parts taken since it said full
    emptied: simpy.Event | None = None  # set while the operator is on his way

    @property
    def full(self) -> bool:
        return len(self.parts) >= BIN_FULL


class PeerLine:
    """The whole line; `notes` is what happened to the parts, in order."""

    def __init__(self, seed: int) -> None:
        self.env = env = simpy.Environment(initial_time=0)
        self.seed = seed
        self.notes: list[Note] = []
        lengths = {"infeed": 1000, "machining": 1000, "inspection": 800, "sorting": 1600, "storage": 600}
        self.stations = {n: Station(Belt(env, mm * MM), simpy.Resource(env), n) for n, mm in lengths.items()}
        self.colours, self.refills = self._stream("infeed.feeder.colour"), self._stream("infeed.feeder.operator")
        self.cuts, self.sizes = self._stream("machining.spindle.cut"), self._stream("machining.spindle.size")
        self.gauge = self._stream("inspection.camera.noise")
        self.bins = {f"bin_{n}": Bin(self._stream(f"sorting.bin_{n}.operator")) for n in (1, 2, 3)}
        self.magazine = simpy.Container(env, CAPACITY, CAPACITY)
        self.refilling = False
        self.used = 0  # of the tool's life
        self.pickup = simpy.Store(env)
        self.cells: dict[int, Part] = {}  # in the order of arrival
        self.at = (0, 0)  # column and row of the crane
        env.process(self.feeder())
        env.process(self.crane())

    def _stream(self, name: str) -> Stream:
        return Stream([self.seed, word(name)])

    def run(self, until_ns: int) -> None:
        """All that happens up to and including that time."""
        self.env.run(until=until_ns + 1)

    def note(self, part: Part, what: str) -> None:
        self.notes.append((int(self.env.now), part.serial, what))

    def gone(self, part: Part, where: str) -> None:
        self.note(part, f"gone {where} {part.verdict} {part.measured_um}")

    # ---- infeed -----------------------------------------------------------------------------------------------

    def feeder(self) -> Process:
        env, serial = self.env, 0
        while True:
            yield env.timeout(FEED)
            yield self.magazine.get(1)
            serial += 1
            part = Part(serial, 1 + self.colours.pick(COLOURS), NOMINAL + OVERSIZE)
            self.note(part, f"new {part.colour}")
            env.process(self.life(part))
            if self.magazine.level <= REFILL_AT and not self.refilling:
                env.process(self.refill())
            yield env.timeout(SETTLE + FEED + FEED_PAUSE)

    def refill(self) -> Process:
        self.refilling = True
        yield self.env.timeout(self.refills.between(OPERATOR_LEAST, OPERATOR_MOST))
        yield self.magazine.put(CAPACITY - self.magazine.level)
        self.refilling = False

    # ---- the way of a part ------------------------------------------------------------------------------------

    def life(self, part: Part) -> Process:
        stations = self.stations
        self.lay(part, stations["infeed"].belt)
        yield from self.hand_over(part, stations["infeed"], stations["machining"], 900 * MM)
        yield from self.machine(part, stations["machining"])
        yield from self.hand_over(part, stations["machining"], stations["inspection"], 900 * MM)
        yield from self.inspect(part, stations["inspection"])
        yield from self.hand_over(part, stations["inspection"], stations["sorting"], 700 * MM)
        yield from self.sort(part, stations["sorting"], stations["storage"])

    def lay(self, part: Part, belt: Belt) -> None:
        part.offset = SIZE - belt.now()

    def hand_over(self, part: Part, source: Station, target: Station, eye: int) -> Process:
        """Ride to the eye at the end, wait there for the next station with the belt stopped, and go over."""
        belt = source.belt
        yield from belt.ride(part, eye)
        place = yield from self.seize(target, belt)
        if source.name == "sorting":
            yield from belt.ride(part, eye + SIZE)
            self.leave(source, part)
        yield from belt.ride(part, belt.length + SIZE)
        part.place = place
        self.lay(part, target.belt)
        self.note(part, target.name)

    def seize(self, target: Station, belt: Belt) -> Generator[simpy.Event, object, Request]:
        place = target.place.request()
        if not place.triggered:
            belt.stop()
            yield place
            belt.start()
        return place

    def leave(self, station: Station, part: Part) -> None:
        """The next one may come."""
        if part.place is not None:
            station.place.release(part.place)

    def leave_stop(self, part: Part, station: Station, stop: int, eye: int) -> Process:
        """Open the stopper, let the part out of the eye, close, and be ready for the next one."""
        belt = station.belt
        yield self.env.timeout(STOPPER)
        part.offset = min(stop, part.offset + belt.now()) - belt.now()
        yield from belt.ride(part, eye + SIZE)
        yield self.env.timeout(REOPEN)
        self.leave(station, part)

    # ---- machining --------------------------------------------------------------------------------------------

    def machine(self, part: Part, station: Station) -> Process:
        env = self.env
        yield from station.belt.ride(part, 380 * MM)
        yield env.timeout(SETTLE)
        if self.used >= TOOL_LIFE:
            yield env.timeout(TOOL_CHANGE)
            self.used = 0
        else:
            yield env.timeout(DOOR)
        self.note(part, "cut")
        cut = self.cuts.triangular(CUT_LEAST, CUT_MOST)
        yield env.timeout(cut)
        self.used += cut
        part.size_um = self._size()
        self.note(part, f"machined {part.size_um}")
        yield env.timeout(SETTLE + DOOR)
        yield from self.leave_stop(part, station, 400 * MM, 380 * MM)

    def _size(self) -> int:
        drift = WEAR * self.used // TOOL_LIFE
        bad = self.sizes.uniform() * 1_000_000 < SCRAP_PPM
        return NOMINAL + drift + self.sizes.normal(SPREAD) + (4 * TOLERANCE if bad else 0)

    # ---- inspection -------------------------------------------------------------------------------------------

    def inspect(self, part: Part, station: Station) -> Process:
        yield from station.belt.ride(part, 280 * MM)
        yield self.env.timeout(SETTLE + EXPOSURE)
        part.measured_um = part.size_um + self.gauge.normal(NOISE)
        part.verdict = "ok" if abs(part.measured_um - NOMINAL) <= TOLERANCE else "reject"
        self.note(part, part.verdict)
        yield self.env.timeout(SETTLE)
        yield from self.leave_stop(part, station, 300 * MM, 280 * MM)

    # ---- sorting ----------------------------------------------------------------------------------------------

    def sort(self, part: Part, station: Station, storage: Station) -> Process:
        yield from station.belt.ride(part, 200 * MM)
        route = 1 if part.verdict == "reject" else {1: 2, 2: 3}.get(part.colour, 0)
        if route:
            yield from self.eject(part, station, f"bin_{route}", (100 + 350 * route) * MM)
            return
        yield from self.hand_over(part, station, storage, 1500 * MM)
        yield from storage.belt.ride(part, 595 * MM)
        storage.belt.stop()
        yield self.pickup.put(part)

    def eject(self, part: Part, station: Station, name: str, eye: int) -> Process:
        env, belt, into = self.env, station.belt, self.bins[name]
        yield from belt.ride(part, eye)
        if into.full and into.over >= BIN_OVER and into.emptied is not None:
            belt.stop()
            yield into.emptied
            belt.start()
        yield from belt.ride(part, eye + SIZE)
        into.over = into.over + 1 if into.full else 0
        yield env.timeout(EJECT)
        into.parts.append(part)
        self.note(part, f"in sorting.{name}")
        if into.full and into.emptied is None:
            env.process(self.empty(name, into))
        yield env.timeout(SETTLE - EJECT + EJECTOR_HOME)
        self.leave(station, part)

    def empty(self, name: str, full: Bin) -> Process:
        full.emptied = self.env.event()
        yield self.env.timeout(full.stream.between(OPERATOR_LEAST, OPERATOR_MOST))
        for part in full.parts:
            self.gone(part, f"sorting.{name}")
        full.parts = []
        full.emptied.succeed()
        full.emptied = None

    # ---- storage ----------------------------------------------------------------------------------------------

    def crane(self) -> Process:
        while True:
            if len(self.cells) > MOST_STORED:
                yield from self.dispatch()
            else:
                got = yield self.pickup.get()
                if isinstance(got, Part):
                    yield from self.store(got)

    def move(self, column: int, row: int) -> simpy.Event:
        """Both axes at once, then the fork goes out."""
        x = abs(X_PLACES[column] - X_PLACES[self.at[0]]) * MS * 10 // 8  # 800 mm/s
        z = abs(Z_PLACES[row] - Z_PLACES[self.at[1]]) * MS * 2  # 500 mm/s
        self.at = (column, row)
        return self.env.timeout(max(x, z, MOVE_LEAST) + FORK)

    def lift(self, part: Part) -> simpy.Event:
        """Take the part, wait, and draw the fork in."""
        self.note(part, "fork")
        return self.env.timeout(SETTLE + FORK)

    def store(self, part: Part) -> Process:
        station = self.stations["storage"]
        yield self.move(0, 0)
        station.belt.start()
        self.leave(station, part)
        yield self.lift(part)
        cell = next(c for c in range(1, CELLS + 1) if c not in self.cells)
        yield self.move((cell - 1) % COLUMNS + 1, (cell - 1) // COLUMNS + 1)
        self.cells[cell] = part
        self.note(part, f"in storage.rack {cell}")
        yield self.env.timeout(SETTLE + FORK)

    def dispatch(self) -> Process:
        cell = next(iter(self.cells))
        yield self.move((cell - 1) % COLUMNS + 1, (cell - 1) // COLUMNS + 1)
        part = self.cells.pop(cell)
        yield self.lift(part)
        yield self.move(COLUMNS + 1, 0)
        self.gone(part, "storage.crane.dispatch")
        yield self.env.timeout(SETTLE + FORK)
