"""A station's devices: each a component with its identification, health and signals; some of a companion model's type.

Cameras are vision systems (OPC 40100), spindles machine tools (OPC 40501), cranes, axes and robots motion device
systems (OPC 40010). Which is which is a table of component kinds.
"""

from collections.abc import Callable
from functools import partial

from asyncua import ua

from devices.opcua.actions import Answer, Caller
from devices.opcua.model.builder import Builder, Input, Spot
from devices.opcua.model.equipment import Device, Place
from devices.opcua.model.health import health
from devices.opcua.model.live import Live, Look
from devices.opcua.model.machinery import MAKER, identification
from devices.opcua.model.packml import request
from devices.opcua.model.recipes import inspection
from devices.opcua.model.state_machine import state_variables
from devices.opcua.values import engineering_unit
from sim.packml import State
from sim.tag import Tag
from sim.text import Text

COMPONENT = "Machinery:MachineryComponentIdentificationType"
OTHER_DEVICE, CARTESIAN, ARTICULATED = 0, 3, 1  # MotionDeviceCategoryEnumeration
LINEAR, ROTARY = 3, 1  # AxisMotionProfileEnumeration
AUTOMATIC = 3  # OperationalModeEnumeration
VISION_STATES = "MachineVision:VisionStateMachineType"
PROGRAM_STATES = "MachineTool:ProductionProgramStateMachineType"


def device(builder: Builder, at: Spot, place: Place, one: Device) -> None:
    """One component below the components of a station."""
    kind, build = KINDS.get(one.kind, ("BaseObjectType", None))
    spot = builder.part(at, f"Line:{one.name}", kind, one.title)
    tool = kind == "MachineTool:MachineToolType"
    identification(
        builder, spot, f"{place.name}.{one.name}", one.title,
        "MachineTool:MachineToolIdentificationType" if tool else COMPONENT,
    )  # fmt: skip
    tags = [builder.tags[index] for _, index in one.signals]
    worn = [tag for name, index in one.signals if name == "tool_used" for tag in [builder.tags[index]]]
    health(builder, spot, tags, worn=worn)
    for tag in tags:
        builder.point(spot, tag)
    if build is not None:
        build(builder, spot, place, one)


# ---- vision -----------------------------------------------------------------------------------------------------


def _vision(builder: Builder, at: Spot, place: Place, one: Device) -> None:
    state = builder.tag(place.name, "state")
    if state is None:
        return
    spot = builder.part(at, "MachineVision:VisionStateMachine", VISION_STATES)

    def current(look: Look) -> str:
        now = look.value(state.index)
        if now in (State.ABORTING, State.ABORTED):
            return "Error"
        return "Operational" if now == State.EXECUTE else "Preoperational"

    state_variables(builder, spot, VISION_STATES, current, [state], last=True)
    for name in ("Preoperational", "Halted", "Error", "Operational"):
        builder.state(spot, f"MachineVision:{name}", VISION_STATES)
    cause = [
        Input("Cause", "Int32", Text("原因编号", "Number of the cause")),
        Input("CauseDescription", "String", Text("原因", "The cause")),
    ]
    error = [Input("Error", "Int32", Text("错误码, 0 为无", "Error code, 0 for none"))]
    for word, command in (("Halt", "abort"), ("Reset", "clear")):
        tag = builder.tag(place.name, f"cmd_{command}")
        if tag is not None:
            declared = builder.types.method(VISION_STATES, word)
            builder.method(spot, f"MachineVision:{word}", partial(_command, tag), cause, error, declared=declared)
    inspection(builder, at, one)


def _command(tag: Tag, live: Live, caller: Caller, _: tuple[object, ...]) -> Answer:
    answer = request(tag, True, live, caller)
    return answer if answer.code else Answer(outputs=(ua.Variant(0, ua.VariantType.Int32),))


# ---- motion -----------------------------------------------------------------------------------------------------


def _robot(category: int, profile: int) -> Callable[[Builder, Spot, Place, Device], None]:
    def build(builder: Builder, at: Spot, place: Place, one: Device) -> None:
        builder.constant(at, "DI:ComponentName", "LocalizedText", one.title)
        devices = builder.part(at, "Robotics:MotionDevices", "FolderType")
        _motion_device(builder, devices, place, one, category, profile)
        controllers = builder.part(at, "Robotics:Controllers", "FolderType")
        controller = builder.part(controllers, "Robotics:Controller", "Robotics:ControllerType")
        _plate(builder, controller, place, one)
        user = builder.part(controller, "Robotics:CurrentUser", "Robotics:UserType")
        builder.constant(user, "Robotics:Level", "String", "operator")
        builder.part(controller, "Robotics:Software", "FolderType")
        builder.part(controller, "Robotics:TaskControls", "FolderType")
        states = builder.part(at, "Robotics:SafetyStates", "FolderType")
        _safety(builder, states, place)

    return build


def _plate(builder: Builder, at: Spot, place: Place, one: Device) -> None:
    builder.constant(at, "DI:Manufacturer", "LocalizedText", MAKER)
    builder.constant(at, "DI:Model", "LocalizedText", one.title)
    builder.constant(at, "DI:ProductCode", "String", f"LL-{one.kind}")
    builder.computed(
        at, "DI:SerialNumber", "String",
        lambda look: f"LL{look.view.bench:02d}-{place.name}.{one.name}", is_property=True,
    )  # fmt: skip


def _motion_device(builder: Builder, at: Spot, place: Place, one: Device, category: int, profile: int) -> None:
    spot = builder.part(at, f"Line:{one.name}", "Robotics:MotionDeviceType", one.title)
    _plate(builder, spot, place, one)
    builder.constant(spot, "Robotics:MotionDeviceCategory", "Robotics:MotionDeviceCategoryEnumeration", category)
    parameters = builder.part(spot, "DI:ParameterSet", "BaseObjectType")
    builder.constant(parameters, "Robotics:SpeedOverride", "Double", 100.0, is_property=False)
    builder.part(spot, "Robotics:PowerTrains", "FolderType")
    axes = builder.part(spot, "Robotics:Axes", "FolderType")
    for name, index in one.signals:
        if name == "position" or name.endswith("_position") or name in JOINTS:
            _axis(builder, axes, name, builder.tags[index], profile)


JOINTS = tuple(f"j{number}" for number in range(1, 8))


def _axis(builder: Builder, at: Spot, name: str, position: Tag, profile: int) -> None:
    spot = builder.part(at, f"Line:{name}", "Robotics:AxisType", position.title)
    builder.constant(spot, "Robotics:MotionProfile", "Robotics:AxisMotionProfileEnumeration", profile)
    parameters = builder.part(spot, "DI:ParameterSet", "BaseObjectType")
    actual = builder.computed(
        parameters, "Robotics:ActualPosition", "Double", lambda look: float(look.value(position.index)), [position],
        kind="AnalogUnitType",
    )  # fmt: skip
    builder.constant(actual, "EngineeringUnits", "EUInformation", engineering_unit(position.unit or "1"))
    builder.point(spot, position)


def _safety(builder: Builder, at: Spot, place: Place) -> None:
    spot = builder.part(at, "Robotics:SafetyState", "Robotics:SafetyStateType")
    parameters = builder.part(spot, "DI:ParameterSet", "BaseObjectType")
    circuit = builder.tag(place.name, "estop_ok")

    def pushed(look: Look) -> object:
        return circuit is not None and not look.value(circuit.index)

    builder.computed(parameters, "Robotics:EmergencyStop", "Boolean", pushed, [circuit])
    builder.constant(parameters, "Robotics:ProtectiveStop", "Boolean", False, is_property=False)
    builder.constant(
        parameters, "Robotics:OperationalMode", "Robotics:OperationalModeEnumeration", AUTOMATIC, is_property=False
    )


# ---- machine tools ----------------------------------------------------------------------------------------------


def _machine_tool(builder: Builder, at: Spot, place: Place, one: Device) -> None:
    builder.part(at, "MachineTool:Equipment", "MachineTool:EquipmentType")
    builder.part(at, "MachineTool:Notification", "MachineTool:NotificationType")
    monitoring = builder.part(at, "MachineTool:Monitoring", "MachineTool:MonitoringType")
    machine = builder.part(monitoring, "MachineTool:MachineTool", "MachineTool:MachineOperationMonitoringType")
    builder.constant(machine, "MachineTool:OperationMode", "MachineTool:MachineOperationMode", 1, is_property=False)
    for name in ("load", "temperature", "tool_used", "speed"):
        builder.point(monitoring, one.tag(builder.tags, name))
    production = builder.part(at, "MachineTool:Production", "MachineTool:ProductionType")
    program = builder.part(production, "MachineTool:ActiveProgram", "MachineTool:ProductionActiveProgramType")
    builder.constant(program, "MachineTool:Name", "String", f"{place.name}.{one.name}")
    builder.constant(program, "NumberInList", "UInt16", 0)
    state = builder.part(program, "MachineTool:State", PROGRAM_STATES)
    run, done = one.tag(builder.tags, "run", "start"), one.tag(builder.tags, "done", "finished")
    unit = builder.tag(place.name, "state")
    tags = [tag for tag in (run, done, unit) if tag is not None]

    def current(look: Look) -> str:
        if unit is not None and look.value(unit.index) in (State.ABORTING, State.ABORTED):
            return "Aborted"
        if done is not None and look.value(done.index):
            return "Ended"
        if run is not None and look.value(run.index):
            return "Running"
        return "Initializing"

    state_variables(builder, state, PROGRAM_STATES, current, tags, number=True)


Build = Callable[[Builder, Spot, Place, Device], None]
_GANTRY, _ARM = _robot(CARTESIAN, LINEAR), _robot(ARTICULATED, ROTARY)
KINDS: dict[str, tuple[str, Build]] = {
    "camera": ("MachineVision:VisionSystemType", _vision),
    "spindle": ("MachineTool:MachineToolType", _machine_tool),
    "machining_centre": ("MachineTool:MachineToolType", _machine_tool),
    "linear_axis": ("Robotics:MotionDeviceSystemType", _GANTRY),
    "axis": ("Robotics:MotionDeviceSystemType", _GANTRY),
    "robot": ("Robotics:MotionDeviceSystemType", _ARM),
}
