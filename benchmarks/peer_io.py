"""The peer with its I/O: the same hand-written line, which also keeps what sensors, actuators and handshakes say.

Every digital and numeric input and output of the five stations changes at the same nanosecond as in LineLab, end
switches of cylinders, targets of axes and readings of reader and camera included (asserted). Left out are lamps and
stack lights, which are PackML's, analogue values, which are no events, and all that `peer_line` leaves out.
"""

from collections.abc import Generator

import simpy
from simpy.resources.resource import Request

from benchmarks.peer_line import (
    BIN_OVER,
    COLOURS,
    CUT_LEAST,
    CUT_MOST,
    DOOR,
    EJECT,
    EJECTOR_HOME,
    EXPOSURE,
    FEED,
    FEED_PAUSE,
    FORK,
    MM,
    MOVE_LEAST,
    MS,
    NOISE,
    NOMINAL,
    OVERSIZE,
    REFILL_AT,
    REOPEN,
    SETTLE,
    SIZE,
    STOPPER,
    TOLERANCE,
    TOOL_CHANGE,
    TOOL_LIFE,
    X_PLACES,
    Z_PLACES,
    Belt,
    Bin,
    Part,
    PeerLine,
    Process,
    Station,
)

Value = bool | int | float
Change = tuple[int, str, Value]

CLAMP = 152 * MS  # 38 of 40 mm at 250 mm/s
SWITCH_250, SWITCH_400 = 8 * MS, 5 * MS  # 2 mm: how soon an end switch opens
UPSTREAM = {"machining": "infeed", "inspection": "machining", "sorting": "inspection", "storage": "sorting"}
END_EYES = {"infeed": "eye_end", "machining": "eye_out", "inspection": "eye_out", "sorting": "eye_out"}
ON_AT_START = (
    "feeder_extend", "feeder_home", "door_open", "clamp_open", "spindle_tool_ok", "ejector_1_home", "ejector_2_home",
    "ejector_3_home", "fork_home", "x_in_position", "z_in_position", "belt_run", "ready_to_receive", "downstream_ready",
)  # fmt: skip


class PeerLineIo(PeerLine):
    """`changes` is what the I/O did, in order."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.io: dict[str, Value] = {f"{name}.{signal}": True for name in self.stations for signal in ON_AT_START}
        self.changes: list[Change] = []

    def put(self, name: str, value: Value) -> None:
        if self.io.get(name, False) != value:
            self.io[name] = value
            self.changes.append((int(self.env.now), name, value))

    def later(self, delay: int, name: str, value: Value) -> None:
        def due(_: simpy.Event) -> None:
            self.put(name, value)

        self.env.timeout(delay).callbacks.append(due)

    # ---- infeed -----------------------------------------------------------------------------------------------

    def feeder(self) -> Process:
        env, serial = self.env, 0
        while True:
            self.put("infeed.feeder_extend", True)
            self.later(SWITCH_250, "infeed.feeder_home", False)
            yield env.timeout(FEED)
            self.put("infeed.feeder_out", True)
            yield self.magazine.get(1)
            serial += 1
            part = Part(serial, 1 + self.colours.pick(COLOURS), NOMINAL + OVERSIZE)
            self.note(part, f"new {part.colour}")
            env.process(self.life(part))
            if self.magazine.level <= REFILL_AT and not self.refilling:
                env.process(self.refill())
            yield env.timeout(SETTLE)
            self.put("infeed.feeder_extend", False)
            self.later(SWITCH_250, "infeed.feeder_out", False)
            yield env.timeout(FEED)
            self.put("infeed.feeder_home", True)
            yield env.timeout(FEED_PAUSE)

    # ---- the way of a part ------------------------------------------------------------------------------------

    def hand_over(self, part: Part, source: Station, target: Station, eye: int) -> Process:
        belt, sensor = source.belt, f"{source.name}.{END_EYES[source.name]}"
        yield from belt.ride(part, eye)
        self.put(sensor, True)
        self.put(f"{source.name}.part_available", True)
        self.put(f"{target.name}.upstream_part_available", True)
        place = yield from self.wait_for(target, source)
        yield from belt.ride(part, eye + SIZE)
        self.put(sensor, False)
        self.put(f"{source.name}.part_available", False)
        self.put(f"{target.name}.upstream_part_available", False)
        self.put(f"{target.name}.ready_to_receive", False)
        self.put(f"{source.name}.downstream_ready", False)
        if source.name == "sorting":
            self.leave(source, part)
        yield from belt.ride(part, belt.length + SIZE)
        part.place = place
        self.lay(part, target.belt)
        self.note(part, target.name)

    def wait_for(self, target: Station, source: Station) -> Generator[simpy.Event, object, Request]:
        place = target.place.request()
        if not place.triggered:
            self.stop(source)
            yield place
            self.start(source)
        return place

    def stop(self, station: Station) -> None:
        station.belt.stop()
        self.put(f"{station.name}.belt_run", False)

    def start(self, station: Station) -> None:
        station.belt.start()
        self.put(f"{station.name}.belt_run", True)

    def leave(self, station: Station, part: Part) -> None:
        self.put(f"{station.name}.ready_to_receive", True)
        self.put(f"{UPSTREAM[station.name]}.downstream_ready", True)
        super().leave(station, part)

    def out_of_stop(self, part: Part, station: Station, stop: int, eye: int, sensor: str) -> Process:
        belt: Belt = station.belt
        self.put(f"{station.name}.stopper_open", True)
        yield self.env.timeout(STOPPER)
        part.offset = min(stop, part.offset + belt.now()) - belt.now()
        yield from belt.ride(part, eye + SIZE)
        self.put(f"{station.name}.{sensor}", False)
        self.put(f"{station.name}.stopper_open", False)
        yield self.env.timeout(REOPEN)
        self.leave(station, part)

    # ---- machining --------------------------------------------------------------------------------------------

    def machine(self, part: Part, station: Station) -> Process:
        env = self.env
        yield from station.belt.ride(part, 380 * MM)
        self.put("machining.eye_work", True)
        yield env.timeout(SETTLE)
        self.guard(close=True)
        if self.used >= TOOL_LIFE:
            self.put("machining.spindle_change_tool", True)
            yield env.timeout(TOOL_CHANGE)
            self.used = 0
            self.put("machining.spindle_tool_ok", True)
            self.put("machining.spindle_change_tool", False)
        else:
            yield env.timeout(DOOR)
        self.note(part, "cut")
        self.put("machining.spindle_run", True)
        cut = self.cuts.triangular(CUT_LEAST, CUT_MOST)
        yield env.timeout(cut)
        self.used += cut
        part.size_um = self._size()
        self.note(part, f"machined {part.size_um}")
        self.put("machining.spindle_done", True)
        self.put("machining.spindle_tool_ok", self.used < TOOL_LIFE)
        yield env.timeout(SETTLE)
        self.put("machining.spindle_run", False)
        self.put("machining.spindle_done", False)
        self.guard(close=False)
        yield env.timeout(DOOR)
        yield from self.out_of_stop(part, station, 400 * MM, 380 * MM, "eye_work")

    def guard(self, close: bool) -> None:
        """Door and clamp at once, each with its two end switches."""
        for name, opens, arrives in (("door", SWITCH_400, DOOR), ("clamp", SWITCH_250, CLAMP)):
            left, reached = ("open", "closed") if close else ("closed", "open")
            self.put(f"machining.{name}_close", close)
            self.later(opens, f"machining.{name}_{left}", False)
            self.later(arrives, f"machining.{name}_{reached}", True)

    # ---- inspection -------------------------------------------------------------------------------------------

    def inspect(self, part: Part, station: Station) -> Process:
        yield from station.belt.ride(part, 280 * MM)
        self.put("inspection.eye_camera", True)
        yield self.env.timeout(SETTLE)
        self.put("inspection.camera_trigger", True)
        yield self.env.timeout(EXPOSURE)
        part.measured_um = part.size_um + self.gauge.normal(NOISE)
        part.verdict = "ok" if abs(part.measured_um - NOMINAL) <= TOLERANCE else "reject"
        self.note(part, part.verdict)
        self.picture(part.measured_um / 1000, part.colour, part.verdict == "ok", valid=True)
        yield self.env.timeout(SETTLE)
        self.put("inspection.camera_trigger", False)
        self.picture(0.0, 0, good=False, valid=False)
        yield from self.out_of_stop(part, station, 300 * MM, 280 * MM, "eye_camera")

    def picture(self, dimension: float, colour: int, good: bool, valid: bool) -> None:
        self.put("inspection.camera_dimension", dimension)
        self.put("inspection.camera_colour", colour)
        self.put("inspection.camera_ok", good)
        self.put("inspection.camera_valid", valid)

    # ---- sorting ----------------------------------------------------------------------------------------------

    def sort(self, part: Part, station: Station, storage: Station) -> Process:
        belt = station.belt
        yield from belt.ride(part, 200 * MM)
        self.identify(part.colour, part.verdict == "reject", present=True)
        yield from belt.ride(part, 200 * MM + SIZE)
        self.identify(0, reject=False, present=False)
        route = 1 if part.verdict == "reject" else {1: 2, 2: 3}.get(part.colour, 0)
        for number in (1, 2, 3):
            yield from belt.ride(part, (100 + 350 * number) * MM)
            self.put(f"sorting.eye_{number}", True)
            if number == route:
                yield from self.eject(part, station, f"bin_{route}", (100 + 350 * route) * MM)
                return
            yield from belt.ride(part, (100 + 350 * number) * MM + SIZE)
            self.put(f"sorting.eye_{number}", False)
        yield from self.hand_over(part, station, storage, 1500 * MM)
        yield from storage.belt.ride(part, 595 * MM)
        self.put("storage.eye_pick", True)
        self.stop(storage)
        yield self.pickup.put(part)

    def identify(self, colour: int, reject: bool, present: bool) -> None:
        self.put("sorting.reader_colour", colour)
        self.put("sorting.reader_reject", reject)
        self.put("sorting.reader_part", present)

    def eject(self, part: Part, station: Station, name: str, eye: int) -> Process:
        env, belt, into, number = self.env, station.belt, self.bins[name], name[-1]
        if into.full and into.over >= BIN_OVER and into.emptied is not None:
            self.stop(station)
            yield into.emptied
            self.start(station)
        yield from belt.ride(part, eye + SIZE)
        self.put(f"sorting.eye_{number}", False)
        self.put(f"sorting.ejector_{number}_extend", True)
        self.later(SWITCH_400, f"sorting.ejector_{number}_home", False)
        into.over = into.over + 1 if into.full else 0
        yield env.timeout(EJECT)
        into.parts.append(part)
        self.note(part, f"in sorting.{name}")
        self.put(f"sorting.{name}_full", into.full)
        if into.full and into.emptied is None:
            env.process(self.empty(name, into))
        yield env.timeout(SETTLE - EJECT)
        self.put(f"sorting.ejector_{number}_extend", False)
        yield env.timeout(EJECTOR_HOME)
        self.put(f"sorting.ejector_{number}_home", True)
        self.leave(station, part)

    def empty(self, name: str, full: Bin) -> Process:
        yield from super().empty(name, full)
        self.put(f"sorting.{name}_full", False)

    # ---- storage ----------------------------------------------------------------------------------------------

    def go(self, column: int, row: int) -> Process:
        """Both axes, each with its own signal; then the fork goes out."""
        x = abs(X_PLACES[column] - X_PLACES[self.at[0]]) * MS * 10 // 8
        z = abs(Z_PLACES[row] - Z_PLACES[self.at[1]]) * MS * 2
        self.at = (column, row)
        for axis, target, needed in (("x", column, x), ("z", row, z)):
            self.put(f"storage.{axis}_target", target)
            if needed:
                self.put(f"storage.{axis}_in_position", False)
                self.later(needed, f"storage.{axis}_in_position", True)
        yield self.env.timeout(max(x, z, MOVE_LEAST))
        self.put("storage.fork_extend", True)
        self.later(SWITCH_400, "storage.fork_home", False)
        yield self.env.timeout(FORK)
        self.put("storage.fork_out", True)

    def draw_in(self, loaded: bool) -> Process:
        """Lift or lower, wait, and draw the fork in."""
        self.put("storage.crane_lift", loaded)
        self.put("storage.crane_loaded", loaded)
        yield self.env.timeout(SETTLE)
        self.put("storage.fork_extend", False)
        self.later(SWITCH_400, "storage.fork_out", False)
        yield self.env.timeout(FORK)
        self.put("storage.fork_home", True)

    def store(self, part: Part) -> Process:
        station = self.stations["storage"]
        yield from self.go(0, 0)
        self.put("storage.eye_pick", False)
        self.start(station)
        self.leave(station, part)
        self.note(part, "fork")
        yield from self.draw_in(loaded=True)
        cell = next(c for c in range(1, 10) if c not in self.cells)
        yield from self.go((cell - 1) % 3 + 1, (cell - 1) // 3 + 1)
        self.cells[cell] = part
        self.note(part, f"in storage.rack {cell}")
        yield from self.draw_in(loaded=False)

    def dispatch(self) -> Process:
        cell = next(iter(self.cells))
        yield from self.go((cell - 1) % 3 + 1, (cell - 1) // 3 + 1)
        part = self.cells.pop(cell)
        self.note(part, "fork")
        yield from self.draw_in(loaded=True)
        yield from self.go(4, 0)
        self.gone(part, "storage.crane.dispatch")
        yield from self.draw_in(loaded=False)
