"""The workshop of a line: gate inputs `lock` and `maintain`, jobs with a due time, the store of spare parts, the log.

One job at a time at each place: a station, the network cabinet (all wires), the flow. So a group may work at several
stations, and a station's lock-out is for one job. It asks `Repairs` whether work mends something and tells nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sim.component import Component
from sim.flow import FLOW
from sim.kernel import Wakeable
from sim.link_faults import WELL, WIRES, LinkState
from sim.maintenance import findings
from sim.maintenance.category import Category, Work
from sim.maintenance.findings import Findings
from sim.maintenance.operation import Operation
from sim.maintenance.state import Job, Lock, MaintenanceState, Record
from sim.maintenance.table import CUTTING, DELIVERY_S, EXPRESS, NETWORK, category_of
from sim.plant import Plant
from sim.refusal import Refusal
from sim.remote.rules import is_real
from sim.state import JsonValue
from sim.text import Text
from sim.travel import NEVER

Args = dict[str, JsonValue]
Refusals = tuple[Refusal | None, ...]
S = 1_000_000_000
CABINET = "network"  # the place of all wires
MOST_RECORDS = 100  # the oldest go: who measures all day must not fill checkpoints
LONGEST_WHO = 80
DONE = Text("已完成。", "Done.")
NOTHING_SEEN = Text("未发现其他异常。", "Nothing else is conspicuous.")


class Repairs(Protocol):
    """Whoever knows what is wrong."""

    def repair(self, target: str, operation: str) -> list[str]:
        """End what this work on this target mends."""
        ...

    def finding(self, target: str, operation: str) -> Text | None:
        """What is wrong with the target as somebody finds it who does this."""
        ...


class NothingWrong:
    """A line without faults."""

    def repair(self, target: str, operation: str) -> list[str]:
        return []

    def finding(self, target: str, operation: str) -> Text | None:
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be maintained: a component, the controller of a station, a wire."""

    name: str
    place: str
    title: Text
    category: Category

    def work(self, operation: str) -> Work | None:
        """What the operation takes here, None where it is not offered."""
        known = operation in Operation.__members__.values()
        return self.category.works.get(Operation(operation)) if known else None


class Workshop(Wakeable):
    """One per line, born after all components and before whoever knows of faults."""

    SLOTS = ("finish",)
    PHASE = 3
    STATE = MaintenanceState

    def __init__(self, plant: Plant) -> None:
        super().__init__(plant.kernel, "maintenance")
        self.plant = plant
        self.repairs: Repairs = NothingWrong()
        self._link: Callable[[str], LinkState] = lambda _: WELL
        self.s = MaintenanceState([NEVER] * len(self.SLOTS))
        self._targets: dict[str, Target] = {}

    def serve(self, repairs: Repairs, link: Callable[[str], LinkState]) -> None:
        """From now on ask these what work mends and how a wire is; they are born later, as work comes before faults."""
        self.repairs, self._link = repairs, link

    @property
    def table(self) -> Mapping[str, tuple[Callable[[Args], Refusals], Callable[[Args], None]]]:
        """The operations of the gate: check and do."""
        return {"lock": (self.check_lock, self.lock), "maintain": (self.check_maintain, self.maintain)}

    # ---- what there is ----------------------------------------------------------------------------------------

    def targets(self) -> Mapping[str, Target]:
        """All that can be maintained, by name: stations with their components, the flow, the wires."""
        if not self._targets:
            self._targets = {target.name: target for target in self._found()}
        return self._targets

    def _found(self) -> list[Target]:
        found: list[Target] = []
        for station in self.plant.definition.stations:
            found.append(Target(station.name, station.name, station.title, category_of("station")))
            found += [self._component(f"{station.name}.{c.name}") for c in station.components]
        found += [self._component(f"{FLOW}.{c.name}") for c in self.plant.definition.flow]
        return found + [Target(wire, CABINET, Text(*[_WIRES[wire]] * 2), NETWORK) for wire in WIRES]

    def _component(self, name: str) -> Target:
        component = self.plant.components[name]
        definition = component.definition
        return Target(name, component.station, definition.title, category_of(definition.kind))

    def left(self, spare: str, stock: int) -> int:
        """How many of a spare part lie in the store."""
        return stock - int(self.s.taken.get(spare, 0))

    def cuts(self, wire: str) -> bool:
        """Whether work that is under way keeps the wire from carrying anything."""
        return any(job.target == wire and job.operation in CUTTING for job in self.s.jobs)

    def _real(self, station: str) -> bool:
        """Whether a real device is in its place: that is worked on by hand, and locked out by a real padlock."""
        return station in self.plant.units and is_real(self.plant, station)

    # ---- lock-out ---------------------------------------------------------------------------------------------

    def lock_hindrance(self, station: str, on: bool) -> str:
        """Why a padlock cannot be put on or taken off: `unknown`, `locked`, `unlocked`, `not_at_rest`, `busy`,
        `real`."""
        unit = self.plant.units.get(station)
        if unit is None:
            return "unknown"
        if unit.locked == on:
            return "locked" if on else "unlocked"
        if on and self._real(station):
            return "real"
        if on:
            return "" if unit.at_rest else "not_at_rest"
        return "busy" if any(job.place == station and self._needs_lock(job) for job in self.s.jobs) else ""

    def _needs_lock(self, job: Job) -> bool:
        work = self.targets()[job.target].work(job.operation)
        return work is not None and work.lock_out

    def check_lock(self, args: Args) -> Refusals:
        """Whether the gate lets `{station, on, who}` through."""
        station, on = args.get("station"), args.get("on")
        if not isinstance(station, str):
            return (Refusal.UNKNOWN,)
        if not isinstance(on, bool) or not _is_who(args):
            return (Refusal.TYPE,)
        return (_refusal(self.lock_hindrance(station, on)),)

    def lock(self, args: Args) -> None:
        """Put the padlock on or take it off; it was checked at this instant."""
        station, on = str(args["station"]), bool(args["on"])
        if on:
            self.s.locks[station] = Lock(self.plant.now_ns, str(args.get("who", "")))
        else:
            del self.s.locks[station]
        self.plant.units[station].lock(on)
        self.plant.emit("lock", station, on)

    # ---- work -------------------------------------------------------------------------------------------------

    def hindrance(self, target: str, operation: str) -> str:
        """Why work cannot begin now: `unknown`, `real`, `busy` or `lock_out`."""
        found = self.targets().get(target)
        work = None if found is None else found.work(operation)
        if found is None or work is None:
            return "unknown"
        if self._real(found.place):
            return "real"
        if any(job.place == found.place for job in self.s.jobs):
            return "busy"
        unit = self.plant.units.get(found.place)
        return "lock_out" if work.lock_out and unit is not None and not unit.locked else ""

    def check_maintain(self, args: Args) -> Refusals:
        """Whether the gate lets `{target, operation, who}` through."""
        target, operation = args.get("target"), args.get("operation")
        if not isinstance(target, str) or not isinstance(operation, str):
            return (Refusal.UNKNOWN,)
        return (_refusal(self.hindrance(target, operation)) if _is_who(args) else Refusal.TYPE,)

    def maintain(self, args: Args) -> None:
        """Begin; it was checked at this instant. A spare part is taken at once."""
        name, operation = str(args["target"]), str(args["operation"])
        target, s, now = self.targets()[name], self.s, self.plant.now_ns
        work, spare = target.work(operation), target.category.spare
        seconds, express = 0 if work is None else work.seconds, False
        if operation == Operation.REPLACE and spare is not None:
            express = self.left(spare.name, spare.stock) <= 0
            if not express:
                s.taken[spare.name] = s.taken.get(spare.name, 0) + 1
        seconds += DELIVERY_S if express else 0
        s.number += 1
        job = Job(s.number, target.place, name, operation, now, now + seconds * S, str(args.get("who", "")), express)
        s.jobs.append(job)
        self._say(job, "begun")
        self._say_wire(job)
        self._plan()

    def _plan(self) -> None:
        self.wake(0, min((job.due_ns for job in self.s.jobs), default=NEVER))

    def finish(self) -> None:
        """The work that is due is done, in the order in which it began."""
        due = [job for job in self.s.jobs if job.due_ns <= self.plant.now_ns]
        for job in due:
            self._finish(job)
        self._plan()

    def _finish(self, job: Job) -> None:
        s, target = self.s, self.targets()[job.target]
        found = self.find(target, job.operation)
        s.jobs.remove(job)
        spare = target.category.spare if job.operation == Operation.REPLACE else None
        cost = 0 if spare is None else spare.price * (EXPRESS if job.express else 1)
        s.cost += cost
        name = "" if spare is None else spare.name
        s.records.append(
            Record(job.number, job.target, job.operation, job.began_ns, self.plant.now_ns, job.by, name, cost, found)
        )
        del s.records[:-MOST_RECORDS]
        self._work(job)
        self.repairs.repair(job.target, job.operation)
        self._say(job, "done")
        self._say_wire(job)

    def _work(self, job: Job) -> None:
        """What work does to a healthy thing as well: what wears is new, a latched trip is cleared."""
        component = self.plant.components.get(job.target)
        if component is not None and job.operation == Operation.REPLACE:
            component.renew()
        elif component is not None and job.operation == Operation.RESET:
            component.clear_trip()

    def _say(self, job: Job, what: str) -> None:
        self.plant.emit("maintenance", job.target, {"job": job.number, "operation": job.operation, "what": what})

    def _say_wire(self, job: Job) -> None:
        """Wires look at their link when they hear of it."""
        if job.place == CABINET and job.operation in CUTTING:
            self.plant.emit("link", job.target, f"{job.operation} {job in self.s.jobs}")

    # ---- findings ---------------------------------------------------------------------------------------------

    def find(self, target: Target, operation: str) -> Findings:
        """What somebody finds who has done this, before it takes effect."""
        if operation not in (Operation.INSPECT, Operation.MEASURE):
            return Findings([DONE])  # whether it helped is for people to see
        told = self.repairs.finding(target.name, operation) or NOTHING_SEEN
        if operation == Operation.MEASURE:
            return Findings([told], self._figures(target))
        return Findings([*self._seen(target), told])

    def _figures(self, target: Target) -> list[findings.Figure]:
        component = self.plant.components.get(target.name)
        if isinstance(component, Component):
            return findings.of_component(component)
        if target.place == CABINET:
            return findings.of_wire(self._link(target.name))
        return findings.of_station(self.plant, target.name)

    def _seen(self, target: Target) -> list[Text]:
        component = self.plant.components.get(target.name)
        if isinstance(component, Component):
            return findings.seen_on_component(component)
        if target.place == CABINET:
            return findings.seen_on_wire(self._link(target.name))
        return findings.seen_on_station(self.plant, target.name)


_WIRES = {"modbus": "Modbus", "opcua": "OPC UA", "mqtt": "MQTT"}


def _refusal(hindrance: str) -> Refusal | None:
    if not hindrance:
        return None
    return Refusal.UNKNOWN if hindrance == "unknown" else Refusal.STATE


def _is_who(args: Args) -> bool:
    who = args.get("who", "")
    return isinstance(who, str) and len(who) <= LONGEST_WHO
