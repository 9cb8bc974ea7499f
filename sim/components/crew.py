"""Crew: repairers that machines share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from sim.component import Change
from sim.components.flow_base import FlowComponent
from sim.definition import ComponentDefinition
from sim.plant import Plant
from sim.spec import Kind, Parameter, states
from sim.text import Text


@dataclass(slots=True)
class CrewState:
    """Who is being repaired and who waits, first come, first served."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    repairing: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    since_ns: int = 0
    busy_ns: int = 0  # repairers at work x ns
    repairs: int = 0


class Patient(FlowComponent):
    """What a crew repairs."""

    def begin_repair(self) -> None:
        """A repairer is here."""


class Crew(FlowComponent):
    """A broken machine that names a crew stands until one of its repairers is free and has repaired it."""

    KIND = Kind(
        "crew",
        Text("维修组", "Repair crew"),
        Text("多台机器共用的维修工", "Repairers that several machines share"),
        parameters=(Parameter("repairers", "count", Text("维修工数", "How many repairers"), "1", low=1, high=1000),),
        flow=True,
        states=states(("idle", "空闲", "idle"), ("busy", "维修中", "repairing")),
        cycle=Text("一次维修", "one repair"),
    )
    STATE = CrewState
    s: CrewState

    def __init__(self, plant: Plant, station: str, definition: ComponentDefinition) -> None:
        super().__init__(plant, station, definition)
        self.patients: dict[str, Patient] = {}

    def ask(self, machine: str) -> None:
        """A machine is broken."""
        self.s.waiting.append(machine)
        self._serve()

    def repaired(self, machine: str) -> None:
        """A repair is done: on to the next machine."""
        self._reckon()
        self.s.repairing.remove(machine)
        self.s.repairs += 1
        self.cycle()
        self._serve()

    def _serve(self) -> None:
        s = self.s
        self._reckon()
        while s.waiting and len(s.repairing) < self.p["repairers"]:
            machine = s.waiting.pop(0)
            s.repairing.append(machine)
            cast(Patient, self.plant.components[machine]).begin_repair()
        self.be(int(bool(s.repairing)))

    def _reckon(self) -> None:
        s, now = self.s, self.now
        s.busy_ns += len(s.repairing) * (now - s.since_ns)
        s.since_ns = now

    def replan(self) -> None:
        """More repairers begin at once; fewer finish what they have begun."""
        self._serve()
        self.flow.settle()

    def figures(self) -> Mapping[str, int]:
        s = self.s
        return {"repairs": s.repairs, "busy_ns": s.busy_ns + len(s.repairing) * (self.now - s.since_ns)}
