"""OPC 40001-1 Machinery: identification, item state, operation mode, counters of the line and of each station."""

from collections.abc import Callable, Sequence
from functools import partial

from devices.opcua.model.builder import HAS_ADD_IN, Builder, Spot
from devices.opcua.model.equipment import Device
from devices.opcua.model.live import Look
from devices.opcua.model.state_machine import state_variables
from devices.opcua.values import engineering_unit
from sim.packml import State
from sim.tag import Tag
from sim.text import Text

MAKER = Text("LineLab 虚拟设备", "LineLab virtual equipment")
ITEM_STATE = "Machinery:MachineryItemState_StateMachineType"
MODE = "Machinery:MachineryOperationModeStateMachineType"
OPERATOR_STOPS = range(33, 65)  # stop reasons by OMAC's list
# PackML -> OPC 40001-1: what holds by a cause inside the machine is out of service
EXECUTING = (State.EXECUTE, State.COMPLETING)
OUT = (State.HOLDING, State.HELD, State.ABORTING, State.ABORTED, State.CLEARING)
SETTING_UP = (State.RESETTING, State.CLEARING)
LIFETIMES: dict[str, float] = {"tool_used": 100.0}  # signal -> value at the end of life


def identification(
    builder: Builder, at: Spot, name: str, title: Text, kind: str = "Machinery:MachineIdentificationType"
) -> None:
    """Who made it, which one it is. The serial number is the bench's and the machine's own."""
    spot = builder.part(at, "DI:Identification", kind, reference=HAS_ADD_IN)

    def serial(look: Look) -> object:
        return f"LL{look.view.bench:02d}-{name}"

    def uri(look: Look) -> object:
        return f"urn:linelab:bench:{look.view.bench}:{look.view.line}:{name}"

    builder.constant(spot, "DI:Manufacturer", "LocalizedText", MAKER)
    builder.computed(spot, "DI:SerialNumber", "String", serial, is_property=True)
    builder.computed(spot, "DI:ProductInstanceUri", "String", uri, is_property=True)
    builder.constant(spot, "DI:Model", "LocalizedText", title)
    builder.constant(spot, "DI:ComponentName", "LocalizedText", title)
    if kind.startswith("Machinery:Machine") and not kind.endswith("ComponentIdentificationType"):
        builder.computed(
            spot, "Machinery:Location", "String", lambda look: f"bench {look.view.bench}", is_property=True
        )


def blocks(builder: Builder, at: Spot) -> Spot:
    return builder.part(at, "Machinery:MachineryBuildingBlocks", "FolderType")


def item_state(state: int, reason: int) -> str:
    """What a PackML state is to the machinery model."""
    if state in EXECUTING:
        return "Executing"
    fault = state in (State.STOPPING, State.STOPPED) and reason and reason not in OPERATOR_STOPS
    return "OutOfService" if state in OUT or fault else "NotExecuting"


def station_states(builder: Builder, at: Spot, state: Tag, reason: Tag | None) -> None:
    tags = [tag for tag in (state, reason) if tag is not None]

    def current(look: Look) -> str:
        why = int(look.value(reason.index)) if reason is not None else 0
        return item_state(int(look.value(state.index)), why)

    def mode(look: Look) -> str:
        return "Setup" if look.value(state.index) in SETTING_UP else "Processing"

    _states(builder, at, current, mode, tags)


def line_states(builder: Builder, at: Spot, states: Sequence[tuple[Tag, Tag | None]]) -> None:
    """The line executes when a station does; it is out of service when one is and none executes."""
    tags = [tag for pair in states for tag in pair if tag is not None]

    def current(look: Look) -> str:
        found = {
            item_state(int(look.value(state.index)), int(look.value(reason.index)) if reason is not None else 0)
            for state, reason in states
        }
        return next((name for name in ("Executing", "OutOfService") if name in found), "NotExecuting")

    def mode(look: Look) -> str:
        setup = all(look.value(state.index) in SETTING_UP for state, _ in states)
        return "Setup" if setup and states else "Processing"

    _states(builder, at, current, mode, tags)


def _states(
    builder: Builder, at: Spot, current: Callable[[Look], str], mode: Callable[[Look], str], tags: Sequence[Tag]
) -> None:
    item = builder.part(at, "Machinery:MachineryItemState", ITEM_STATE, reference=HAS_ADD_IN)
    state_variables(builder, item, ITEM_STATE, current, tags, possible=True, last=True)
    operation = builder.part(at, "Machinery:MachineryOperationMode", MODE, reference=HAS_ADD_IN)
    state_variables(builder, operation, MODE, mode, tags, possible=True, last=True)


def counters(builder: Builder, at: Spot, on: Tag | None, executing: Sequence[Tag], cycles: Tag | None) -> None:
    """Durations in milliseconds (OPC 10000-3: Duration), of the simulated time."""
    spot = builder.part(at, "DI:OperationCounters", "Machinery:MachineryOperationCounterType", reference=HAS_ADD_IN)
    if on is not None:
        builder.computed(spot, "DI:PowerOnDuration", "Duration", partial(_longest_ms, [on]), [on], is_property=True)
    if executing:
        builder.computed(
            spot, "DI:OperationDuration", "Duration", partial(_longest_ms, executing), executing, is_property=True
        )
    if cycles is not None:
        builder.alias(spot, "DI:OperationCycleCounter", cycles, is_property=True)


def _longest_ms(tags: Sequence[Tag], look: Look) -> object:
    return max(float(look.value(tag.index)) for tag in tags) * 1000.0


def lifetimes(builder: Builder, at: Spot, devices: Sequence[Device]) -> None:
    """What wears: how much of its life is used, and where it ends."""
    worn = [
        (device, tag, LIFETIMES[name])
        for device in devices
        for name in LIFETIMES
        if (tag := device.tag(builder.tags, name)) is not None
    ]
    if not worn:
        return
    spot = builder.part(
        at, "Machinery:LifetimeCounters", "Machinery:MachineryLifetimeCounterType", reference=HAS_ADD_IN
    )
    for _, tag, limit in worn:
        life = builder.alias(spot, f"Line:{tag.signal}", tag, kind="DI:LifetimeVariableType")
        builder.model.texts[life.node] = tag.title, tag.title
        builder.constant(life, "EngineeringUnits", "EUInformation", engineering_unit(tag.unit))
        for name, value in (("DI:StartValue", 0.0), ("DI:LimitValue", limit)):
            builder.constant(life, name, "Float", value)


def components(builder: Builder, at: Spot) -> Spot:
    return builder.part(at, "Machinery:Components", "Machinery:MachineComponentsType", reference=HAS_ADD_IN)
