"""PackML (OPC 30050 v1.01): a station as a machine of ISA-TR88.00.02 with status, administration and methods."""

from collections.abc import Sequence
from functools import partial

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.opcua.actions import Answer, Caller
from devices.opcua.model.builder import Builder, Handler, Input, Spot
from devices.opcua.model.live import Live, Look
from devices.opcua.model.state_machine import state_variables
from devices.opcua.model.structures import class_of, filled
from devices.opcua.values import REFUSED, engineering_unit
from sim.packml import COMPLETES, State
from sim.refusal import Refusal
from sim.tag import DataType, Direction, Tag
from sim.text import Text

MACHINE = "PackML:PackMLBaseObjectType"
BASE = "PackML:PackMLBaseStateMachineType"
MIDDLE = "PackML:PackMLMachineStateMachineType"
INNER = "PackML:PackMLExecuteStateMachineType"
NAMES = {state: state.name.capitalize() for state in State}
UNCLEARED = (State.ABORTING, State.ABORTED)
NOT_RUNNING = (State.CLEARING, State.STOPPED, State.STOPPING)
# which machine of the three takes which command, and what the model calls it
COMMANDS = {
    "BaseStateMachine": {"Abort": "abort", "Clear": "clear"},
    "MachineState": {"Reset": "reset", "Stop": "stop"},
    "ExecuteState": {
        "Start": "start", "Hold": "hold", "Unhold": "unhold", "Suspend": "suspend", "Unsuspend": "unsuspend",
        "ToComplete": "complete", "Reset": "reset",
    },
}  # fmt: skip
PRODUCE = 1  # unit mode Production; no station has another one
DESCRIPTOR = "PackML:PackMLDescriptorDataType"
COUNT = "PackML:PackMLCountDataType"
MACHINE_SPEED = ("belt_speed", "speed")  # signals that are a station's speed, best first


def code(refusal: Refusal | None) -> Answer:
    return Answer() if refusal is None else Answer(REFUSED[refusal])


def request(tag: Tag, value: object, live: Live, caller: Caller) -> Answer:
    """One write through the gate."""
    return code(live.view.request(caller.client, [(tag.index, value)])[0])


class Machine:
    """Builds one station's PackML part. `state` is the station's own state tag."""

    def __init__(self, builder: Builder, station: str, state: Tag) -> None:
        self.builder, self.station, self.state = builder, station, state
        self.tags = builder.tags.of(station)
        self.parameters = [
            tag for tag in self.tags
            if tag.direction is Direction.PARAMETER and not tag.momentary and tag.type is not DataType.BOOL
        ]  # fmt: skip

    def build(self, at: Spot) -> None:
        self._machines(at)
        self._status(at)
        self._admin(at)
        self._methods(at)
        self.builder.constant(at, "PackML:PackMLVersion", "String", "ISA-TR88.00.02")
        self.builder.constant(at, "PackML:TagID", "String", self.station)

    def _tag(self, signal: str) -> Tag | None:
        return self.builder.tag(self.station, signal)

    # ---- the three machines -----------------------------------------------------------------------------------

    def _at(self, look: Look) -> State:
        return State(int(look.value(self.state.index)))

    def _outer(self, look: Look) -> str:
        state = self._at(look)
        return NAMES[state] if state in UNCLEARED else "Cleared"

    def _middle(self, look: Look) -> str | None:
        state = self._at(look)
        if state in UNCLEARED:
            return None
        return NAMES[state] if state in NOT_RUNNING else "Running"

    def _inner(self, look: Look) -> str | None:
        state = self._at(look)
        return None if state in UNCLEARED or state in NOT_RUNNING else NAMES[state]

    def _machines(self, at: Spot) -> None:
        spot = at
        for name, kind, current, entry in (
            ("BaseStateMachine", BASE, self._outer, None),
            ("MachineState", MIDDLE, self._middle, "Clearing"),
            ("ExecuteState", INNER, self._inner, "Resetting"),
        ):
            spot = self.builder.part(spot, f"PackML:{name}", kind)
            state_variables(self.builder, spot, kind, current, [self.state], possible=True, last=True, entry=entry)
            for word, command in COMMANDS[name].items():
                self._command(spot, kind, word, command)

    def _command(self, at: Spot, kind: str, word: str, command: str) -> None:
        tag = self._tag(f"cmd_{command}")
        if tag is None:
            return
        inputs = (
            [Input("Parameter", f"{DESCRIPTOR}[]", Text("启动前写入的参数", "Set-points to write before the start"))]
            if word == "Start"
            else []
        )
        handler = partial(self._start, tag) if word == "Start" else partial(self._plain, tag)
        declared = self.builder.types.method(kind, word)
        self.builder.method(at, f"PackML:{word}", handler, inputs, declared=declared)

    def _plain(self, tag: Tag, live: Live, caller: Caller, _: tuple[object, ...]) -> Answer:
        return request(tag, True, live, caller)

    def _start(self, tag: Tag, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        """Set-points and command are one input: all or nothing."""
        listed = given[0] if isinstance(given[0], list) else []
        writes: list[tuple[int, object]] = []
        for one in listed:
            found = self._described(one)
            if found is None:
                return Answer(StatusCodes.BadInvalidArgument, arguments=(StatusCodes.BadNotFound,))
            writes.append(found)
        answers = live.view.request(caller.client, [*writes, (tag.index, True)])
        return code(next((one for one in answers if one is not None), None))

    # ---- status -----------------------------------------------------------------------------------------------

    def _speed(self) -> tuple[Tag | None, Tag | None]:
        """The set-point of the station's speed and what it really is."""
        named = [self._tag(name) for name in MACHINE_SPEED]
        ends = [tag for tag in self.tags if tag.signal.endswith("_speed") and tag.unit in ("mm/s", "rpm", "m/s")]
        found = [tag for tag in (*named, *ends) if tag is not None and tag.writable and tag.type is DataType.REAL]
        wanted = found[0] if found else None
        actual = self._tag(f"{wanted.signal}_actual") if wanted is not None else None
        return wanted, actual or wanted

    def _status(self, at: Spot) -> None:
        builder = self.builder
        spot = builder.part(at, "PackML:Status", "PackML:PackMLStatusObjectType")
        wanted, actual = self._speed()
        for name, tag in (("PackML:MachSpeed", wanted), ("PackML:CurMachSpeed", actual)):
            if tag is not None:
                builder.alias(spot, name, tag, kind="AnalogItemType")
            else:
                self._rate(spot, name)
        for name, signal in (("EquipmentBlocked", "equipment_blocked"), ("EquipmentStarved", "equipment_starved")):
            tag = self._tag(signal)
            if tag is not None:
                builder.alias(spot, f"PackML:{name}", tag)
            else:
                builder.constant(spot, f"PackML:{name}", "Boolean", False, is_property=False)
        modes = "PackML:ProductionMaintenanceModeEnum"
        builder.constant(spot, "PackML:UnitModeCurrent", modes, PRODUCE, is_property=False)
        builder.constant(spot, "PackML:UnitSupportedModes", "NodeId", builder.types.data_type(modes))
        asked = self._tag("state_request")
        if asked is not None:
            builder.computed(spot, "PackML:StateRequested", "Int32", lambda look: int(look.value(asked.index)), [asked])
        builder.computed(
            spot, "PackML:StateChangeInProcess", "Boolean", lambda look: self._at(look) in COMPLETES, [self.state]
        )

    def _rate(self, at: Spot, name: str) -> None:
        """A station without an adjustable speed: parts per minute of executing, on average."""
        out, time = self._tag("parts_out"), self._tag("time_executing")

        def compute(look: Look) -> object:
            seconds = float(look.value(time.index)) if time is not None else 0.0
            parts = float(look.value(out.index)) if out is not None else 0.0
            return parts * 60.0 / seconds if seconds else 0.0

        spot = self.builder.computed(at, name, "Float", compute, [out, time], kind="AnalogItemType", timed=True)
        self.builder.constant(spot, "EURange", "Range", ua.Range(Low=0.0, High=600.0))
        self.builder.constant(spot, "EngineeringUnits", "EUInformation", engineering_unit("1/min"))

    # ---- administration ---------------------------------------------------------------------------------------

    def _admin(self, at: Spot) -> None:
        builder = self.builder
        spot = builder.part(at, "PackML:Admin", "PackML:PackMLAdminObjectType")
        for name, signal in (("Consumed", "parts_in"), ("Processed", "parts_out"), ("Defective", "parts_rejected")):
            tag = self._tag(signal)
            if tag is not None:
                self._count(spot, f"PackML:Prod{name}Count", tag)
        reason = self._tag("stop_reason")
        if reason is not None:
            self._reason(spot, reason)
        sim_time = builder.tags.find("line.sim_time")
        if sim_time is not None:
            builder.computed(
                spot, "PackML:AccTimeSinceReset", "Int32", partial(_whole, sim_time), [sim_time], timed=True
            )
        if self.parameters:
            self._parameters(spot)

    def _count(self, at: Spot, name: str, tag: Tag) -> None:
        kind = class_of(self.builder.types, COUNT)
        unit = engineering_unit(tag.unit)

        def compute(look: Look) -> object:
            value = int(look.value(tag.index)) % 2**31
            return [filled(kind, ID=1, Name=tag.signal, Unit=unit, Count=value, AccCount=value)]

        self.builder.computed(at, name, COUNT, compute, [tag], array=True)

    def _reason(self, at: Spot, reason: Tag) -> None:
        kind = class_of(self.builder.types, "PackML:PackMLAlarmDataType")

        def compute(look: Look) -> object:
            value = int(look.value(reason.index))
            key = f"{at.path}.StopReason"
            seen = look.memory.get(key)
            if not isinstance(seen, tuple) or seen[0] != value:
                seen = look.memory[key] = (value, look.view.clock.utc())
            state = self._at(look)
            active = bool(value) and state in (*UNCLEARED, State.STOPPING, State.STOPPED)
            return filled(
                kind, ID=value, Value=value, Message="", Category=0, DateTime=seen[1], AckDateTime=seen[1],
                Trigger=active,
            )  # fmt: skip

        self.builder.computed(at, "PackML:StopReason", "PackML:PackMLAlarmDataType", compute, [reason, self.state])

    def _parameters(self, at: Spot) -> None:
        kind = class_of(self.builder.types, DESCRIPTOR)
        units = [engineering_unit(tag.unit) for tag in self.parameters]

        def compute(look: Look) -> object:
            return [
                filled(kind, ID=number, Name=tag.signal, Unit=unit, Value=float(look.value(tag.index)))
                for number, (tag, unit) in enumerate(zip(self.parameters, units, strict=True), start=1)
            ]

        self.builder.computed(at, "PackML:Parameter", DESCRIPTOR, compute, self.parameters, array=True)

    # ---- methods ----------------------------------------------------------------------------------------------

    def _methods(self, at: Spot) -> None:
        given = Text("请求的值", "What is asked for")
        rows: Sequence[tuple[str, str, str, Handler]] = (
            ("SetUnitMode", "RequestedMode", "Int32", _set_unit_mode),
            ("SetMachSpeed", "RequestedMachineSpeed", "Float", self._set_speed),
            ("SetParameter", "Parameter", DESCRIPTOR, self._set_parameter),
            ("SetProduct", "Product", "PackML:PackMLProductDataType", _set_product),
        )
        for name, argument, kind, handler in rows:
            if ":" in kind:
                class_of(self.builder.types, kind)
            declared = self.builder.types.method(MACHINE, name)
            self.builder.method(at, f"PackML:{name}", handler, [Input(argument, kind, given)], declared=declared)

    def _set_speed(self, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        tag = self._speed()[0]
        return Answer(StatusCodes.BadNotSupported) if tag is None else request(tag, given[0], live, caller)

    def _set_parameter(self, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
        found = self._described(given[0])
        if found is None:
            return Answer(StatusCodes.BadInvalidArgument, arguments=(StatusCodes.BadNotFound,))
        return code(live.view.request(caller.client, [found])[0])

    def _described(self, descriptor: object) -> tuple[int, object] | None:
        """The write that a descriptor asks for: by the parameter's name, else by its number."""
        name, number = getattr(descriptor, "Name", None), getattr(descriptor, "ID", 0)
        value = getattr(descriptor, "Value", None)
        by_name = [tag for tag in self.parameters if tag.signal == name]
        by_number = self.parameters[number - 1 : number] if not name and isinstance(number, int) and number > 0 else []
        for tag in by_name or by_number:
            exact = isinstance(value, float) and value.is_integer() and tag.type.is_integer
            return tag.index, int(value) if exact and isinstance(value, float) else value
        return None


def _whole(tag: Tag, look: Look) -> object:
    return int(look.value(tag.index)) % 2**31


def _set_unit_mode(live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
    """Every station has the mode Production alone (see UnitSupportedModes)."""
    return Answer() if given[0] == PRODUCE else Answer(StatusCodes.BadOutOfRange)


def _set_product(live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
    """Products are made by the line's definition: none can be set here."""
    return Answer(StatusCodes.BadNotSupported)
