"""The gate: every input of a line, checked and applied. One table names the operations.

What is refused here is refused for everybody; who may ask at all (roles, ownership, a frozen line) is decided above.
"""

from collections.abc import Callable
from typing import cast

from sim.alarms import operations
from sim.component import Change, Component
from sim.components.panel import EStop, Operated
from sim.image import SignalFault
from sim.inputs import Input
from sim.link_faults import LINK_HOWS, WIRES, LinkState, link_how, link_state, valid_link
from sim.plant import Plant
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import INTEGER_RANGE, LARGEST_REAL, DataType, Direction, Value
from sim.unit import BUILTIN, COMMAND_TAGS, CONTROLS, JOGGABLE

Args = dict[str, JsonValue]
Refusals = tuple[Refusal | None, ...]
MOST_WHOLE = 2**53
_BUTTONS = {"start": "button_start", "stop": "button_stop", "reset": "button_reset"}


class Gate:
    """Checks and applies inputs on a plant. Its state is the faults that are active now."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.faults: dict[str, Args] = {}
        self._operations: dict[str, tuple[Callable[[Args], Refusals], Callable[[Args], None]]] = {
            "write": (self._check_write, self._do_write),
            "panel": (self._check_panel, self._do_panel),
            "key": (self._check_key, self._do_key),
            "comm": (self._check_comm, self._do_comm),
            "jog": (self._check_jog, self._do_jog),
            "remove_part": (self._check_remove, self._do_remove),
            "operator": (self._check_operator, self._do_operator),
            "alarm": (self._check_alarm, self._do_alarm),
            "fault": (self._check_fault, self._do_fault),
            "end_fault": (self._check_end_fault, self._do_end_fault),
        }

    def check(self, given: Input) -> Refusals:
        """What `apply` would refuse, one answer per write, else one. Changes nothing."""
        if given.op not in self._operations:
            return (Refusal.UNKNOWN,)
        return self._operations[given.op][0](given.args)

    def apply(self, given: Input) -> None:
        """Do it, now. It was checked at this instant."""
        self._operations[given.op][1](given.args)

    def link(self, wire: str) -> LinkState:
        """What link faults make of a wire."""
        return link_state(wire, self.faults.values())

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
        device = self.plant.components.get(f"{_word(args, 'station')}.{_word(args, 'element')}")
        return device if isinstance(device, Operated) else None

    def _check_panel(self, args: Args) -> Refusals:
        device = self._device(args)
        if device is not None:
            return (None if device.accepts(args.get("value", args.get("pressed"))) else Refusal.RANGE,)
        if _word(args, "station") not in self.plant.units or _word(args, "element") not in (*_BUTTONS, "estop"):
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
        known = _word(args, "station") in self.plant.units
        return ((None if args.get("control") in CONTROLS else Refusal.RANGE) if known else Refusal.UNKNOWN,)

    def _do_key(self, args: Args) -> None:
        self.plant.units[str(args["station"])].switch(str(args["control"]))

    def _check_comm(self, args: Args) -> Refusals:
        unit = self.plant.units.get(_word(args, "station"))
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
        return (operations.check(self.plant.alarms.get(_word(args, "alarm")), args),)

    def _do_alarm(self, args: Args) -> None:
        operations.apply(self.plant.alarms[str(args["alarm"])], args)

    # ---- faults -----------------------------------------------------------------------------------------------

    def _check_fault(self, args: Args) -> Refusals:
        if not isinstance(args.get("id"), str) or args["id"] in self.faults:
            return (Refusal.STATE,)
        seam, target = args.get("seam"), str(args.get("target"))
        if seam == "link":
            known = target in WIRES and link_how(args) in LINK_HOWS
            return ((None if valid_link(args) else Refusal.RANGE) if known else Refusal.UNKNOWN,)
        if seam == "signal":
            return (self._check_signal(target, args),)
        component = self.plant.components.get(target)
        if component is None:
            return (Refusal.UNKNOWN,)
        if seam == "parameter":
            return (_check_change(component, args),)
        methods = {d.name: d.clears for d in component.KIND.disturbances}
        known = seam == "disturbance" and _word(args, "method") in methods
        return (None if known else Refusal.UNKNOWN,)

    def _check_signal(self, target: str, args: Args) -> Refusal | None:
        tag, value = self.plant.image.tags.find(target), args.get("value")
        if tag is None or args.get("how") != "stuck":
            return Refusal.UNKNOWN
        if tag.type is DataType.BOOL or isinstance(value, bool):
            return None if tag.type is DataType.BOOL and isinstance(value, bool) else Refusal.TYPE
        if not isinstance(value, int if tag.type.is_integer else int | float):
            return Refusal.TYPE
        # a broken sensor may say more than its range, but not more than its data type; an actuator does what it can
        low, high = (tag.writable and tag.range) or INTEGER_RANGE.get(tag.type, (-LARGEST_REAL, LARGEST_REAL))
        return None if low <= value <= high else Refusal.RANGE

    def _do_fault(self, args: Args) -> None:
        ident, seam, target = str(args["id"]), args["seam"], str(args["target"])
        self.faults[ident] = {**args, "since_ns": self.plant.now_ns}
        if seam == "signal":
            tag = self.plant.image.tags.find(target)
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

    def _check_end_fault(self, args: Args) -> Refusals:
        return (None if _word(args, "id") in self.faults else Refusal.STATE,)

    def _do_end_fault(self, given: Args) -> None:
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
            same = [f for f in self.faults.values() if (f["target"], f.get("method")) == (target, args["method"])]
            if clears and not same:
                getattr(component, clears)()
        self._say_fault(ident, args, active=False)

    def _say_fault(self, ident: str, args: Args, active: bool) -> None:
        self.plant.emit("fault", ident, active)
        if args["seam"] == "link":
            wire, how = str(args["target"]), link_how(args)
            self.plant.emit("link", wire, self.link(wire).delay_ms if how == "delay" else f"{how} {active}")


def _check_change(component: Component, args: Args) -> Refusal | None:
    """A parameter that was read while the line was built cannot change any more."""
    name = _word(args, "parameter")
    if name not in component.p or args.get("how") not in ("replace", "factor", "offset"):
        return Refusal.UNKNOWN
    spec = component.KIND.parameter(name)
    if spec is not None and spec.fixed:
        return Refusal.READ_ONLY
    return None if _whole(args.get("value")) else Refusal.RANGE


def _word(args: Args, key: str) -> str:
    """A text among the arguments; anything else is a word that nobody knows."""
    value = args.get(key)
    return value if isinstance(value, str) else ""


def _whole(value: JsonValue, least: int = -MOST_WHOLE, most: int = MOST_WHOLE) -> bool:
    """A whole number, within what any reader of JSON keeps exact."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
