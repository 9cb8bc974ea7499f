"""The gate: every input of a line, checked and applied. One table names the operations.

What is refused here is refused for everybody; who may ask at all (roles, ownership, a frozen line) is decided above.
"""

from collections.abc import Callable
from typing import cast

from sim.alarms import operations
from sim.arguments import Args, word
from sim.components.panel import EStop, Operated
from sim.faults.engine import FaultEngine
from sim.faults.gate import FaultGate
from sim.inputs import Input
from sim.plant import Plant
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import Direction, Value
from sim.unit import BUILTIN, COMMAND_TAGS, CONTROLS, JOGGABLE

Refusals = tuple[Refusal | None, ...]
_BUTTONS = {"start": "button_start", "stop": "button_stop", "reset": "button_reset"}


class Gate:
    """Checks and applies inputs on a plant. It has no state."""

    def __init__(self, plant: Plant, engine: FaultEngine) -> None:
        self.plant = plant
        engine.ask = self._ask
        self._operations: dict[str, tuple[Callable[[Args], Refusals], Callable[[Args], None]]] = {
            "write": (self._check_write, self._do_write),
            "panel": (self._check_panel, self._do_panel),
            "key": (self._check_key, self._do_key),
            "comm": (self._check_comm, self._do_comm),
            "jog": (self._check_jog, self._do_jog),
            "remove_part": (self._check_remove, self._do_remove),
            "operator": (self._check_operator, self._do_operator),
            "alarm": (self._check_alarm, self._do_alarm),
            **FaultGate(engine).operations,
        }

    def add(self, op: str, check: Callable[[Args], Refusals], do: Callable[[Args], None]) -> None:
        """One more operation, of a part of the line that has its own folder."""
        self._operations[op] = (check, do)

    def check(self, given: Input) -> Refusals:
        """What `apply` would refuse, one answer per write, else one. Changes nothing."""
        if given.op not in self._operations:
            return (Refusal.UNKNOWN,)
        return self._operations[given.op][0](given.args)

    def apply(self, given: Input) -> None:
        """Do it, now. It was checked at this instant."""
        self._operations[given.op][1](given.args)

    def _ask(self, given: Input, do: bool) -> Refusals:
        """What a fault does through the gate: like `check`, and done where it may be and is wanted."""
        answers = self.check(given)
        if do and not any(answers):
            self.apply(given)
        return answers

    # ---- writes from outside ----------------------------------------------------------------------------------

    def _check_write(self, args: Args) -> Refusals:
        writes = args.get("writes")
        if not isinstance(writes, list) or not all(isinstance(item, list) and len(item) == 2 for item in writes):
            return (Refusal.TYPE,)
        return tuple(self._check_one(item) for item in writes)

    @staticmethod
    def _pair(item: JsonValue) -> tuple[str, JsonValue]:
        name, value = cast(list[JsonValue], item)
        return str(name), value

    def _check_one(self, item: JsonValue) -> Refusal | None:
        if not isinstance(item, list) or len(item) != 2:
            return Refusal.TYPE
        name, value = self._pair(item)
        tag = self.plant.image.tags.find(name)
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

    def _do_write(self, args: Args) -> None:
        for item in cast(list[JsonValue], args["writes"]):
            name, value = self._pair(item)
            tag = self.plant.image.tags.find(name)
            accepted = Refusal.UNKNOWN if tag is None else tag.accept(value)
            if tag is None or isinstance(accepted, Refusal):
                continue
            if self.plant.image.closed(tag.index) and tag.direction is not Direction.OUTPUT:
                continue  # a fault: it is accepted and does not get through
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

    # ---- hands ------------------------------------------------------------------------------------------------

    def _device(self, args: Args) -> Operated | None:
        """The button or switch that an element of a panel is, beyond those that every station has."""
        device = self.plant.components.get(f"{word(args, 'station')}.{word(args, 'element')}")
        return device if isinstance(device, Operated) else None

    def _check_panel(self, args: Args) -> Refusals:
        device = self._device(args)
        if device is not None:
            return (None if device.accepts(args.get("value", args.get("pressed"))) else Refusal.RANGE,)
        if word(args, "station") not in self.plant.units or word(args, "element") not in (*_BUTTONS, "estop"):
            return (Refusal.UNKNOWN,)
        return (None if isinstance(args.get("pressed"), bool) else Refusal.TYPE,)

    def _do_panel(self, args: Args) -> None:
        device = self._device(args)
        if device is not None:
            device.operate(cast(int, args.get("value", args.get("pressed"))))
            return
        station, element, pressed = str(args["station"]), str(args["element"]), bool(args["pressed"])
        signal, value = ("estop_ok", not pressed) if element == "estop" else (_BUTTONS[element], pressed)
        unit = self.plant.units[station]
        self.plant.image.set(unit.tags[signal], value)
        for other in self.plant.components.values() if element == "estop" else ():
            if isinstance(other, EStop) and other.station == station:
                other.panel_operated(pressed)
        if element == "estop":  # hard-wired: it works whatever a fault makes of its signal
            unit.wake(unit.EMERGENCY, self.plant.now_ns)

    def _check_key(self, args: Args) -> Refusals:
        known = word(args, "station") in self.plant.units
        return ((None if args.get("control") in CONTROLS else Refusal.RANGE) if known else Refusal.UNKNOWN,)

    def _do_key(self, args: Args) -> None:
        self.plant.units[str(args["station"])].switch(str(args["control"]))

    def _check_comm(self, args: Args) -> Refusals:
        unit = self.plant.units.get(word(args, "station"))
        if unit is None:
            return (Refusal.UNKNOWN,)
        if not isinstance(args.get("lost"), bool):
            return (Refusal.TYPE,)
        said = bool(self.plant.image.see(unit.tags["comm_lost"]))
        return (Refusal.STATE if unit.builtin or said is args["lost"] else None,)

    def _do_comm(self, args: Args) -> None:
        self.plant.units[str(args["station"])].comm(bool(args["lost"]))

    def _check_jog(self, args: Args) -> Refusals:
        tag = self.plant.image.tags.find(str(args.get("tag")))
        if tag is None or tag.direction is not Direction.OUTPUT:
            return (Refusal.UNKNOWN if tag is None else Refusal.READ_ONLY,)
        unit, accepted = self.plant.units[tag.station], tag.accept(args.get("value"))
        if unit.s.control != BUILTIN:
            return (Refusal.NOT_OWNER,)
        if unit.s.state not in JOGGABLE:
            return (Refusal.STATE,)
        return (accepted if isinstance(accepted, Refusal) else None,)

    def _do_jog(self, args: Args) -> None:
        self._do_write({"writes": [[args["tag"], args["value"]]]})

    def _check_remove(self, args: Args) -> Refusals:
        part = args.get("part")
        known = isinstance(part, int) and not isinstance(part, bool) and part in self.plant.parts.by_serial
        return (None if known else Refusal.UNKNOWN,)

    def _do_remove(self, args: Args) -> None:
        serial = cast(int, args["part"])
        for component in self.plant.components.values():
            if component.take(serial):
                break
        self.plant.remove(serial)

    def _check_operator(self, args: Args) -> Refusals:
        return (None if isinstance(args.get("on"), bool) else Refusal.TYPE,)

    def _do_operator(self, args: Args) -> None:
        self.plant.operator_on = bool(args["on"])
        for component in self.plant.components.values():
            component.call_operator()

    def _check_alarm(self, args: Args) -> Refusals:
        return (operations.check(self.plant.alarms.get(word(args, "alarm")), args),)

    def _do_alarm(self, args: Args) -> None:
        operations.apply(self.plant.alarms[str(args["alarm"])], args)
