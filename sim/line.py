"""A line: built from its definition, advanced in time, fed with inputs, listened to, checkpointed.

The one surface of `sim` for the rooms above. Nothing outside reaches further in.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

from sim.alarms.alarm import Alarm
from sim.alarms.state import SHOWN_ACTIVE, UNACKED, AlarmNow, Isa
from sim.components import COMPONENTS, KINDS
from sim.components.belt import Belt
from sim.definition import LineDefinition
from sim.duty import Duty
from sim.faults import scenario
from sim.faults.check import hindrance
from sim.faults.clock import SignalClock
from sim.faults.effects import effects_of
from sim.faults.engine import FaultEngine
from sim.flow import FLOW
from sim.gate import Gate
from sim.handshake import handshake
from sim.image import ImageState
from sim.inputs import Input
from sim.kernel import Wakeable
from sim.layout import layout
from sim.link_faults import LinkState
from sim.maintenance.workshop import Workshop
from sim.part import Parts
from sim.plant import DigestState, Listener, Plant
from sim.refusal import Refusal
from sim.remote.operations import Remote
from sim.remote.rules import bent
from sim.remote.stand_in import StandIn, StandInState
from sim.report import ComponentReport, Report, component_report, report
from sim.state import JsonValue, dump, load
from sim.stream import Stream
from sim.tag import Reading, TagTable, Value
from sim.tags import LINE, line_tags
from sim.unit import Unit

MODEL = "3"  # grows when the same inputs give other events; a journal of another model is not replayed


class Line:
    """A pure function of (definition, seed, inputs): equal ones have equal events, wherever and however paced."""

    def __init__(
        self,
        definition: LineDefinition,
        seed: int,
        checkpoint: dict[str, JsonValue] | None = None,
        shuffle: Callable[[list[tuple[int, int]]], None] | None = None,
    ) -> None:
        """A line at its birth or, given a checkpoint, where that was written: see `restore`."""
        self._build(definition, seed, 0 if checkpoint is None else load(int, checkpoint["now_ns"]))
        if checkpoint is not None:
            self._load(checkpoint)
            self.plant.kernel.arm_all(shuffle)
            return
        for member in self.plant.kernel.members:
            member.born()
        self.plant.kernel.advance(0)

    def _build(self, definition: LineDefinition, seed: int, now_ns: int) -> None:
        """Everything in the order of its keys: first come, first woken in an instant."""
        self.definition, self.seed = definition, seed
        self.plant = Plant(definition, seed, line_tags(definition, KINDS), now_ns)
        self.inputs = 0
        self._components()
        for unit in self.plant.units.values():
            StandIn(self.plant, unit)
        self._line_tags()
        self._alarms()
        SignalClock(self.plant)
        self.maintenance = Workshop(self.plant)
        self.engine = FaultEngine(self.plant)
        self.maintenance.serve(self.engine, self.engine.link)
        self.gate = Gate(self.plant, self.engine)
        for op, (check, do) in {**Remote(self.plant, self.engine.effects).table, **self.maintenance.table}.items():
            self.gate.add(op, check, do)
        self.plant.kernel.build()

    def _components(self) -> None:
        """Components and units, joined."""
        plant, definition = self.plant, self.definition
        for station in definition.stations:
            for component in station.components:
                COMPONENTS[component.kind](plant, station.name, component)
            Unit(plant, station)
        for component in definition.flow:
            COMPONENTS[component.kind](plant, FLOW, component)
        for station in definition.stations:
            if station.downstream:
                handshake(plant, station.name, station.downstream)
        for found in plant.components.values():
            found.connect()
        for found in plant.components.values():
            if isinstance(found, Belt):
                found.ready()

    def _alarms(self) -> None:
        for station in self.definition.stations:
            for alarm in station.alarms:
                Alarm(self.plant, station.name, alarm)
        for alarm in self.definition.alarms:
            Alarm(self.plant, LINE, alarm)
        self._alarm_tags()

    def _alarm_tags(self) -> None:
        """How many alarms of a station people have to do with: for those whose wire knows no alarms."""
        for station in self.tags.stations:
            own = [alarm for alarm in self.plant.alarms.values() if alarm.station == station]
            for signal, counts in (("alarms_active", SHOWN_ACTIVE), ("alarms_unacked", UNACKED)):
                tag = self.tags.find(f"{station}.{signal}")
                if tag is not None:
                    self.plant.image.compute(tag.index, partial(_count, own, counts))

    def _line_tags(self) -> None:
        """Counts and time of the line itself: functions of its state, evaluated when somebody reads them."""
        values: dict[str, Callable[[], Value]] = {
            "sim_time": lambda: self.now_ns // 10**9,
            "parts_made": lambda: self.plant.parts.made,
            "parts_good": lambda: self.plant.parts.good,
            "parts_rejected": lambda: self.plant.parts.rejected,
            "heartbeat": lambda: self.now_ns // 10**9 % 65536,
        }
        for signal, value in values.items():
            tag = self.tags.find(f"{LINE}.{signal}")
            if tag is not None:
                self.plant.image.compute(tag.index, value)

    # ---- time -------------------------------------------------------------------------------------------------

    @property
    def tags(self) -> TagTable:
        return self.plant.image.tags

    @property
    def now_ns(self) -> int:
        return self.plant.now_ns

    def next_due_ns(self) -> int | None:
        """When something is due next, None when nothing is pending."""
        return self.plant.kernel.next_due_ns()

    def advance(self, until_ns: int, more: Callable[[], bool] | None = None) -> bool:
        """Run all that is due up to and including `until_ns`; False when `more`, asked now and then, said stop."""
        return self.plant.kernel.advance(until_ns, more)

    # ---- values -----------------------------------------------------------------------------------------------

    def read(self, index: int) -> Reading:
        """What the field says now."""
        return self.plant.image.read(index)

    def truth(self, index: int) -> Value:
        """What the plant is now."""
        return self.plant.image.truth(index)

    def control(self, station: str) -> str:
        """Who is in control of a station: builtin, modbus, opcua or mqtt."""
        return str(self.plant.units[station].s.control)

    # ---- real devices -----------------------------------------------------------------------------------------

    def source(self, index: int) -> str:
        """Where the value of a tag comes from: sim, real or forced."""
        return self.plant.image.source(index)

    def real(self, station: str) -> StandInState | None:
        """How it stands with the real device in the place of a station, None for a station that is simulated."""
        state: StandInState = self.plant.stand_ins[station].s
        return state if state.real or state.unconfirmed else None

    def bent(self, station: str) -> list[str]:
        """The faults that bend the physics of a station now, by their ids: a real device cannot take its place."""
        active = self.engine.s.faults.items()
        return [id for id, it in active if any(bent(self.plant, one) == station for one in effects_of(it.args))]

    def parts_in(self, station: str) -> list[int]:
        """Unfinished parts that the twin of a station holds."""
        return self.plant.stand_ins[station].parts()

    # ---- inputs -----------------------------------------------------------------------------------------------

    @property
    def faults(self) -> dict[str, dict[str, JsonValue]]:
        """The faults that are active now, by their ids; `since_ns` is when each began."""
        return self.engine.shown()

    def fault_hindrance(self, args: dict[str, JsonValue]) -> str:
        """Why a fault cannot begin beside what is there: `real`, `active`, `replaced`; empty where nothing hinders."""
        return hindrance(self.engine, args)

    @property
    def scenario(self) -> dict[str, JsonValue] | None:
        """The scenario that runs, with the state of its entries; None where none does."""
        return scenario.shown(self.engine)

    def alarms(self) -> dict[str, AlarmNow]:
        """Every alarm as it is now, by `station.alarm`, in the order of the definition."""
        return {name: alarm.seen for name, alarm in self.plant.alarms.items()}

    def alarm(self, name: str) -> AlarmNow:
        """One alarm as it is now."""
        return self.plant.alarms[name].seen

    @property
    def operator_on(self) -> bool:
        """Whether the simulated operator walks about."""
        return self.plant.operator_on

    def link(self, wire: str) -> LinkState:
        """What link faults make of a wire, and work on it."""
        state = self.engine.link(wire)
        return replace(state, down=True) if self.maintenance.cuts(wire) else state

    def check(self, given: Input) -> tuple[Refusal | None, ...]:
        """What `apply` would refuse, one answer per write, else one. Changes nothing."""
        return self.gate.check(given)

    def apply(self, given: Input) -> None:
        """Do it, now. The instant must be settled; call `advance(now_ns)` to settle what follows.

        Raises ValueError for an input that `check` refuses: it never came through the gate.
        """
        if any(self.check(given)):
            raise ValueError(f"refused input {given.op} {given.args}")
        self.inputs += 1
        self.plant.emit("input", self.inputs, given.op)
        self.gate.apply(given)

    # ---- listening --------------------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        """Call it for every event from now on, in order: (t_ns, kind, subject, data)."""
        self.plant.listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        self.plant.listeners.remove(listener)

    def announce(self, listener: Listener) -> None:
        """Tell one listener the present state as events. They are no events of the run and not in its digest."""
        now = self.now_ns
        for part in self.plant.parts.by_serial.values():
            listener(now, "new", part.serial, part.said())
            if part.verdict:
                listener(now, "verdict", part.serial, part.verdict.name.lower())
        for name, unit in self.plant.units.items():
            listener(now, "state", name, int(unit.s.state))
            listener(now, "control", name, unit.s.control)
            for chain, at in unit.program.s.chains.items():
                listener(now, "step", f"{name}.{chain}", at.step)
        for component in self.plant.components.values():
            for kind, subject, data in component.announce():
                listener(now, kind, subject, data)
        for ident in self.engine.s.faults:
            listener(now, "fault", ident, True)
        for name, alarm in self.plant.alarms.items():
            if alarm.s.number:
                listener(now, "alarm", name, alarm.said(""))

    # ---- checkpoint -------------------------------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """The running digest of all events so far."""
        return self.plant.digest.value

    @property
    def events(self) -> int:
        return self.plant.digest.events

    def checkpoint(self) -> dict[str, JsonValue]:
        """The whole state, at any instant, as JSON. With the definition and the inputs to come it is the line."""
        plant = self.plant
        return {
            "model": MODEL,
            "seed": self.seed,
            "now_ns": plant.now_ns,
            "inputs": self.inputs,
            "operator_on": plant.operator_on,
            "digest": dump(plant.digest),
            "image": dump(plant.image.state),
            "parts": dump(plant.parts),
            "streams": dump(plant.streams),
            "members": {member.name: dump(member.s) for member in plant.kernel.members},
            "duties": {name: dump(component.duty) for name, component in plant.components.items()},
        }

    @classmethod
    def restore(
        cls,
        definition: LineDefinition,
        checkpoint: dict[str, JsonValue],
        shuffle: Callable[[list[tuple[int, int]]], None] | None = None,
    ) -> "Line":
        """The line of a checkpoint. Raises ValueError where it does not fit the definition or the model.

        `shuffle` reorders the pending work before it is armed: tests prove with it that order does not matter.
        """
        if checkpoint.get("model") != MODEL:
            raise ValueError(f"checkpoint of model {checkpoint.get('model')}, this is model {MODEL}")
        try:
            return cls(definition, load(int, checkpoint["seed"]), checkpoint, shuffle)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"a damaged checkpoint: {error!r}") from error

    def _load(self, checkpoint: dict[str, JsonValue]) -> None:
        plant, members = self.plant, cast(dict[str, JsonValue], checkpoint["members"])
        self.inputs = load(int, checkpoint["inputs"])
        plant.operator_on = load(bool, checkpoint["operator_on"])
        plant.digest = load(DigestState, checkpoint["digest"])
        plant.image.state = load(ImageState, checkpoint["image"])
        plant.image.restored()
        plant.parts = load(Parts, checkpoint["parts"])
        plant.streams = load(cast(type[dict[str, Stream]], dict[str, Stream]), checkpoint["streams"])
        if members.keys() != {m.name for m in plant.kernel.members} or len(plant.image.state.plant) != len(self.tags):
            raise ValueError("the checkpoint is another line's")
        for member in plant.kernel.members:
            member.s = load(_state_of(member), members[member.name])
            if len(member.s.due) != len(member.SLOTS):
                raise ValueError(f"the checkpoint does not fit {member.name}")
        duties = cast(dict[str, JsonValue], checkpoint["duties"])
        for name, component in plant.components.items():
            born, component.duty = component.duty, load(Duty, duties[name])
            if len(component.duty.times) != len(born.times):
                raise ValueError(f"the checkpoint does not fit {name}")
        for member in plant.kernel.members:
            member.restored()

    # ---- for people -------------------------------------------------------------------------------------------

    def report(self) -> Report:
        """Parts, time in state and, where the definition states the planned figures, OEE."""
        return report(self.plant)

    def components(self) -> list[ComponentReport]:
        """Time in state and cycles of every component, until now."""
        return [component_report(component) for component in self.plant.components.values()]

    def layout(self) -> dict[str, JsonValue]:
        """The static geometry, for drawing."""
        return layout(self.definition)


def _count(alarms: list[Alarm], states: frozenset[Isa]) -> Value:
    return sum(alarm.s.isa in states for alarm in alarms)


def _state_of(member: Wakeable) -> type[object]:
    return cast(type[object], type(member.s))
