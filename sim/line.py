"""A line: built from its definition, advanced in time, fed with inputs, listened to, checkpointed.

The one surface of `sim` for the rooms above. Nothing outside reaches further in.
"""

from collections.abc import Callable
from typing import cast

from sim.component import Change
from sim.components import COMPONENTS, KINDS
from sim.components.belt import Belt
from sim.definition import LineDefinition
from sim.handshake import handshake
from sim.image import ImageState, SignalFault
from sim.inputs import Input
from sim.kernel import Wakeable
from sim.layout import layout
from sim.part import Parts
from sim.plant import DigestState, Listener, Plant
from sim.refusal import Refusal
from sim.report import Report, report
from sim.state import JsonValue, dump, load
from sim.stream import Stream
from sim.tag import DataType, Direction, Reading, TagTable, Value
from sim.tags import LINE, line_tags
from sim.unit import BUILTIN, COMMAND_TAGS, CONTROLS, JOGGABLE, Unit

MODEL = "1"  # grows when the same inputs give other events; a journal of another model is not replayed
_BUTTONS = {"start": "button_start", "stop": "button_stop", "reset": "button_reset"}
WIRES = ("modbus", "opcua", "mqtt")


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
        self.definition, self.seed = definition, seed
        self.plant = Plant(definition, seed, line_tags(definition, KINDS), now_ns)
        self.inputs = 0
        self.faults: dict[str, dict[str, JsonValue]] = {}
        for station in definition.stations:
            for component in station.components:
                COMPONENTS[component.kind](self.plant, station.name, component)
            Unit(self.plant, station)
        for station in definition.stations:
            if station.downstream:
                handshake(self.plant, station.name, station.downstream)
        for found in self.plant.components.values():
            found.connect()
        for found in self.plant.components.values():
            if isinstance(found, Belt):
                found.ready()
        self._line_tags()
        self.plant.kernel.build()

    def _line_tags(self) -> None:
        """Counts and time of the line itself: functions of its state, evaluated when somebody reads them."""
        values: dict[str, Callable[[], Value]] = {
            "sim_time": lambda: self.now_ns // 10**9,
            "parts_made": lambda: self.plant.parts.made,
            "parts_good": lambda: self.plant.parts.good,
            "parts_rejected": lambda: self.plant.parts.rejected,
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

    def delay_ms(self, wire: str) -> int:
        """By how much a link fault delays a wire."""
        delays = [f.get("delay_ms", 0) for f in self.faults.values() if f["seam"] == "link" and f["target"] == wire]
        return max((d for d in delays if isinstance(d, int)), default=0)

    # ---- inputs -----------------------------------------------------------------------------------------------

    def check(self, given: Input) -> tuple[Refusal | None, ...]:
        """What `apply` would refuse, one answer per write, else one. Changes nothing."""
        checks: dict[str, Callable[[dict[str, JsonValue]], tuple[Refusal | None, ...]]] = {
            "write": self._check_write,
            "panel": self._check_panel,
            "key": self._check_key,
            "jog": self._check_jog,
            "remove_part": self._check_remove,
            "operator": lambda args: (None if isinstance(args.get("on"), bool) else Refusal.TYPE,),
            "fault": self._check_fault,
            "end_fault": lambda args: (None if args.get("id") in self.faults else Refusal.STATE,),
        }
        check = checks.get(given.op)
        return (Refusal.UNKNOWN,) if check is None else check(given.args)

    def apply(self, given: Input) -> None:
        """Do it, now. The instant must be settled; call `advance(now_ns)` to settle what follows.

        Raises ValueError for an input that `check` refuses: it never came through the gate.
        """
        if any(self.check(given)):
            raise ValueError(f"refused input {given.op} {given.args}")
        self.inputs += 1
        self.plant.emit("input", self.inputs, given.op)
        getattr(self, f"_do_{given.op}")(given.args)

    def _check_write(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        writes = args.get("writes")
        if not isinstance(writes, list):
            return (Refusal.TYPE,)
        return tuple(self._check_one(*self._pair(item)) for item in writes)

    @staticmethod
    def _pair(item: JsonValue) -> tuple[str, JsonValue]:
        name, value = cast(list[JsonValue], item)
        return str(name), value

    def _check_one(self, name: str, value: JsonValue) -> Refusal | None:
        tag = self.tags.find(name)
        if tag is None:
            return Refusal.UNKNOWN
        accepted = tag.accept(value)
        if isinstance(accepted, Refusal):
            return accepted
        unit = self.plant.units[tag.station]
        if tag.signal in COMMAND_TAGS and tag.momentary:
            return unit.check(COMMAND_TAGS[tag.signal]) if accepted else None
        if tag.signal == "state_request":
            return unit.check_request(int(accepted))
        return None

    def _do_write(self, args: dict[str, JsonValue]) -> None:
        for item in cast(list[JsonValue], args["writes"]):
            name, value = self._pair(item)
            tag = self.tags.find(name)
            accepted = Refusal.UNKNOWN if tag is None else tag.accept(value)
            if tag is None or isinstance(accepted, Refusal):
                continue
            if tag.momentary:
                self._momentary(tag.station, tag.signal, accepted)
            else:
                self.plant.image.set(tag.index, accepted)

    def _momentary(self, station: str, signal: str, value: Value) -> None:
        unit = self.plant.units[station]
        if signal == "state_request":
            unit.request_state(int(value))
        elif signal == "sc_done" and value:
            unit.done()
        elif value:
            unit.command(COMMAND_TAGS[signal])

    def _check_panel(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        if args.get("station") not in self.plant.units or args.get("element") not in (*_BUTTONS, "estop"):
            return (Refusal.UNKNOWN,)
        return (None if isinstance(args.get("pressed"), bool) else Refusal.TYPE,)

    def _do_panel(self, args: dict[str, JsonValue]) -> None:
        station, element, pressed = str(args["station"]), str(args["element"]), bool(args["pressed"])
        signal, value = ("estop_ok", not pressed) if element == "estop" else (_BUTTONS[element], pressed)
        self.plant.image.set(self.plant.units[station].tags[signal], value)

    def _check_key(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        known = args.get("station") in self.plant.units
        return ((None if args.get("control") in CONTROLS else Refusal.RANGE) if known else Refusal.UNKNOWN,)

    def _do_key(self, args: dict[str, JsonValue]) -> None:
        self.plant.units[str(args["station"])].switch(str(args["control"]))

    def _check_jog(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        tag = self.tags.find(str(args.get("tag")))
        if tag is None or tag.direction is not Direction.OUTPUT:
            return (Refusal.UNKNOWN if tag is None else Refusal.READ_ONLY,)
        unit, accepted = self.plant.units[tag.station], tag.accept(args.get("value"))
        if unit.s.control != BUILTIN:
            return (Refusal.NOT_OWNER,)
        if unit.s.state not in JOGGABLE:
            return (Refusal.STATE,)
        return (accepted if isinstance(accepted, Refusal) else None,)

    def _do_jog(self, args: dict[str, JsonValue]) -> None:
        self._do_write({"writes": [[args["tag"], args["value"]]]})

    def _check_remove(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        return (None if args.get("part") in self.plant.parts.by_serial else Refusal.UNKNOWN,)

    def _do_remove_part(self, args: dict[str, JsonValue]) -> None:
        serial = cast(int, args["part"])
        for component in self.plant.components.values():
            if component.take(serial):
                break
        self.plant.retire(serial, "hand")

    def _do_operator(self, args: dict[str, JsonValue]) -> None:
        self.plant.operator_on = bool(args["on"])
        for component in self.plant.components.values():
            component.call_operator()

    # ---- faults -----------------------------------------------------------------------------------------------

    def _check_fault(self, args: dict[str, JsonValue]) -> tuple[Refusal | None, ...]:
        if not isinstance(args.get("id"), str) or args["id"] in self.faults:
            return (Refusal.STATE,)
        seam, target = args.get("seam"), str(args.get("target"))
        if seam == "link":
            return (None if target in WIRES and isinstance(args.get("delay_ms"), int) else Refusal.UNKNOWN,)
        if seam == "signal":
            return (self._check_signal(target, args),)
        component = self.plant.components.get(target)
        if component is None:
            return (Refusal.UNKNOWN,)
        if seam == "parameter":
            known = args.get("parameter") in component.p and args.get("how") in ("replace", "factor", "offset")
            return (None if known and isinstance(args.get("value"), int) else Refusal.UNKNOWN,)
        methods = {d.name: d.clears for d in component.KIND.disturbances}
        known = seam == "disturbance" and args.get("method") in methods
        return (None if known else Refusal.UNKNOWN,)

    def _check_signal(self, target: str, args: dict[str, JsonValue]) -> Refusal | None:
        tag, value = self.tags.find(target), args.get("value")
        if tag is None or args.get("how") != "stuck":
            return Refusal.UNKNOWN
        boolean = tag.type is DataType.BOOL
        fits = isinstance(value, bool) if boolean else isinstance(value, int | float) and not isinstance(value, bool)
        return None if fits else Refusal.TYPE

    def _do_fault(self, args: dict[str, JsonValue]) -> None:
        ident, seam, target = str(args["id"]), args["seam"], str(args["target"])
        self.faults[ident] = args
        if seam == "signal":
            tag = self.tags.find(target)
            if tag is not None:
                value = cast(Value, args["value"])
                typed = float(value) if tag.type is DataType.REAL else value
                self.plant.image.begin_fault(tag.index, SignalFault(ident, "stuck", typed))
        elif seam == "parameter":
            change = Change(ident, str(args["parameter"]), str(args["how"]), cast(int, args["value"]))
            self.plant.components[target].overlay(change)
        elif seam == "disturbance":
            getattr(self.plant.components[target], str(args["method"]))()
        self._say_fault(ident, args, active=True)

    def _do_end_fault(self, given: dict[str, JsonValue]) -> None:
        ident = str(given["id"])
        args = self.faults.pop(ident)
        seam, target = args["seam"], str(args["target"])
        if seam == "signal":
            self.plant.image.end_fault(ident)
        elif seam == "parameter":
            self.plant.components[target].restore(ident)
        elif seam == "disturbance":
            component = self.plant.components[target]
            clears = {d.name: d.clears for d in component.KIND.disturbances}[str(args["method"])]
            if clears:
                getattr(component, clears)()
        self._say_fault(ident, args, active=False)

    def _say_fault(self, ident: str, args: dict[str, JsonValue], active: bool) -> None:
        self.plant.emit("fault", ident, active)
        if args["seam"] == "link":
            wire = str(args["target"])
            self.plant.emit("link", wire, self.delay_ms(wire))

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
            listener(now, "new", part.serial, {"colour": part.colour})
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
        for ident in self.faults:
            listener(now, "fault", ident, True)

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
            "faults": cast(JsonValue, self.faults),
            "digest": dump(plant.digest),
            "image": dump(plant.image.state),
            "parts": dump(plant.parts),
            "streams": dump(plant.streams),
            "members": {member.name: dump(member.s) for member in plant.kernel.members},
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
        return cls(definition, load(int, checkpoint["seed"]), checkpoint, shuffle)

    def _load(self, checkpoint: dict[str, JsonValue]) -> None:
        plant, members = self.plant, cast(dict[str, JsonValue], checkpoint["members"])
        self.inputs = load(int, checkpoint["inputs"])
        self.faults = cast(dict[str, dict[str, JsonValue]], checkpoint["faults"])
        plant.operator_on = load(bool, checkpoint["operator_on"])
        plant.digest = load(DigestState, checkpoint["digest"])
        plant.image.state = load(ImageState, checkpoint["image"])
        plant.parts = load(Parts, checkpoint["parts"])
        plant.streams = load(cast(type[dict[str, Stream]], dict[str, Stream]), checkpoint["streams"])
        for member in plant.kernel.members:
            if member.name not in members:
                raise ValueError(f"the checkpoint knows no {member.name}")
            member.s = load(_state_of(member), members[member.name])
        for component in plant.components.values():
            component.effective()

    # ---- for people -------------------------------------------------------------------------------------------

    def report(self) -> Report:
        """Parts, time in state and, where the definition states the planned figures, OEE."""
        return report(self.plant)

    def layout(self) -> dict[str, JsonValue]:
        """The static geometry, for drawing."""
        return layout(self.definition)


def _state_of(member: Wakeable) -> type[object]:
    return cast(type[object], type(member.s))
