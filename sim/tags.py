"""The tag table of a line, derived from its definition: the components' ports, the units', the line's own."""

from collections.abc import Iterator, Mapping

from sim.definition import ComponentDefinition, LineDefinition, SetPointDefinition, StationDefinition
from sim.packml import COMMANDS
from sim.spec import Kind, Port
from sim.tag import DataType, Direction, Tag, TagTable
from sim.text import Text

LINE = "line"  # the station name of the line's own tags

_BOOL, _UINT, _UDINT, _REAL = DataType.BOOL, DataType.UINT, DataType.UDINT, DataType.REAL
_IN, _OUT, _STATUS, _PARAMETER = Direction.INPUT, Direction.OUTPUT, Direction.STATUS, Direction.PARAMETER

PANEL = (
    Port("button_start", _BOOL, _IN, Text("启动按钮", "Start button")),
    Port("button_stop", _BOOL, _IN, Text("停止按钮", "Stop button")),
    Port("button_reset", _BOOL, _IN, Text("复位按钮", "Reset button")),
    Port("estop_ok", _BOOL, _IN, Text("急停回路正常", "Emergency stop circuit closed"), initial=True),
    Port("lamp_run", _BOOL, _OUT, Text("运行指示灯", "Run lamp")),
    Port("stack_green", _BOOL, _OUT, Text("三色灯 绿", "Stack light green")),
    Port("stack_yellow", _BOOL, _OUT, Text("三色灯 黄", "Stack light yellow")),
    Port("stack_red", _BOOL, _OUT, Text("三色灯 红", "Stack light red")),
)
UPSTREAM = (
    Port("upstream_part_available", _BOOL, _IN, Text("上游有工件", "Upstream has a part")),
    Port("ready_to_receive", _BOOL, _OUT, Text("准备接收", "Ready to receive")),
)
DOWNSTREAM = (
    Port("downstream_ready", _BOOL, _IN, Text("下游准备接收", "Downstream is ready")),
    Port("part_available", _BOOL, _OUT, Text("有工件可交接", "Part available")),
)
STATUS = (
    Port("state", _UINT, _STATUS, Text("PackML 状态", "PackML state"), low=1, high=17, initial=2),
    Port("control", _UINT, _STATUS, Text("控制权", "Who is in control"), low=0, high=3),
    Port("stop_reason", _UINT, _STATUS, Text("停止原因", "Stop reason")),
    Port("equipment_blocked", _BOOL, _STATUS, Text("下游堵塞", "Blocked by downstream")),
    Port("equipment_starved", _BOOL, _STATUS, Text("上游缺料", "Starved by upstream")),
    Port("parts_in", _UDINT, _STATUS, Text("进件数", "Parts received"), unit="pcs"),
    Port("parts_out", _UDINT, _STATUS, Text("出件数", "Parts passed on"), unit="pcs"),
    Port("parts_rejected", _UDINT, _STATUS, Text("不合格数", "Parts rejected"), unit="pcs"),
    Port("time_in_state", _UDINT, _STATUS, Text("当前状态时间", "Time in state"), unit="s", computed=True),
    Port("time_executing", _UDINT, _STATUS, Text("累计运行时间", "Time executing"), unit="s", computed=True),
)
LINE_STATUS = (
    Port("sim_time", _UDINT, _STATUS, Text("仿真时间", "Simulated time"), unit="s", computed=True),
    Port("parts_made", _UDINT, _STATUS, Text("投入工件数", "Parts started"), unit="pcs", computed=True),
    Port("parts_good", _UDINT, _STATUS, Text("合格品数", "Good parts"), unit="pcs", computed=True),
    Port("parts_rejected", _UDINT, _STATUS, Text("废品数", "Rejected parts"), unit="pcs", computed=True),
    Port("heartbeat", _UINT, _STATUS, Text("心跳 (每秒加一)", "Heartbeat: one more each second"), computed=True),
)
ALARM_STATUS = (  # of a station that has alarms, and of the line where it has
    Port("alarms_active", _UINT, _STATUS, Text("活动报警数", "Active alarms"), computed=True),
    Port("alarms_unacked", _UINT, _STATUS, Text("未确认报警数", "Unacknowledged alarms"), computed=True),
)
SC_DONE = Port("sc_done", _BOOL, _PARAMETER, Text("状态动作完成", "Acting state is complete"))
STATE_REQUEST = Port(
    "state_request", _UINT, _PARAMETER, Text("请求 PackML 状态", "Requested PackML state"), low=0, high=17
)

COMM_POLICIES = ("hold", "safe", "zero")  # what outputs do when the controlling client falls silent; the tag's numbers
COMM_LOST = Port("comm_lost", _BOOL, _STATUS, Text("控制端通信中断", "Controlling client is silent"))


def component_signals(definition: ComponentDefinition, kind: Kind) -> Iterator[tuple[Port, str, Text]]:
    """The ports that a component has, each with the name of its signal and its title."""
    for port in kind.ports:
        if port.optional and port.name not in definition.options:
            continue
        suffix = definition.signals.get(port.name, port.name)
        signal = f"{definition.name}_{suffix}" if suffix else definition.name
        title = definition.titles.get(port.name) or (
            definition.title + port.title if port.title.en else definition.title
        )
        yield port, signal, title


def station_ports(station: StationDefinition, kinds: Mapping[str, Kind]) -> Iterator[tuple[Port, str, Text]]:
    """Every signal of a station in the order of its tags; components of unknown kind have none."""
    for port in PANEL + (UPSTREAM if station.upstream else ()) + (DOWNSTREAM if station.downstream else ()):
        yield port, port.name, port.title
    for component in station.components:
        if component.kind in kinds:
            yield from component_signals(component, kinds[component.kind])
    for port in (*STATUS, *(_command(c) for c in COMMANDS), SC_DONE, STATE_REQUEST):
        yield port, port.name, port.title
    for setpoint in station.parameters:
        yield _setpoint(setpoint), setpoint.name, setpoint.title
    for port in (COMM_LOST, *_comm_parameters(station)):  # last: they came later, and addresses stay
        yield port, port.name, port.title


def _comm_parameters(station: StationDefinition) -> tuple[Port, Port]:
    """How long the controlling client may be silent (0: for ever), and what then."""
    timeout = Text("通信超时 (0: 不监视)", "Time-out of the controlling client (0: none)")
    policy = Text("通信中断时 (0 保持, 1 安全状态, 2 清零)", "When it is silent (0 hold, 1 safe state, 2 zero)")
    return (
        Port("comm_timeout", _UINT, _PARAMETER, timeout, unit="ms", low=0, high=60_000,
             initial=station.comm_timeout_ns // 1_000_000),
        Port("comm_policy", _UINT, _PARAMETER, policy, low=0, high=2,
             initial=COMM_POLICIES.index(station.comm_policy)),
    )  # fmt: skip


def line_tags(definition: LineDefinition, kinds: Mapping[str, Kind]) -> TagTable:
    """The whole table: stations in order, the line's own tags last."""
    tags: list[Tag] = []
    for station in definition.stations:
        for port, signal, title in station_ports(station, kinds):
            tags.append(_tag(len(tags), station.name, signal, port, title))
    for port in LINE_STATUS:
        tags.append(_tag(len(tags), LINE, port.name, port, port.title))
    alarmed = [station.name for station in definition.stations if station.alarms] + [LINE] * bool(definition.alarms)
    for name in alarmed:  # behind all others, so that a first alarm moves no tag
        for port in ALARM_STATUS:
            tags.append(_tag(len(tags), name, port.name, port, port.title))
    return TagTable(tags)


def _command(command: str) -> Port:
    title = COMMANDS[command]
    return Port(f"cmd_{command}", _BOOL, _PARAMETER, Text("命令", "Command") + title)


def _setpoint(given: SetPointDefinition) -> Port:
    return Port(
        given.name, DataType.INT, _PARAMETER, given.title,
        unit=given.unit, low=given.low, high=given.high, initial=given.initial,
    )  # fmt: skip


def _tag(index: int, station: str, signal: str, port: Port, title: Text) -> Tag:
    asks = port is SC_DONE or port is STATE_REQUEST
    return Tag(
        index=index,
        station=station,
        signal=signal,
        type=port.type,
        direction=port.direction,
        title=title,
        unit=port.unit,
        low=port.low,
        high=port.high,
        decimals=port.decimals,
        initial=port.initial,
        momentary=asks or (signal.startswith("cmd_") and port.direction is _PARAMETER),
        owned=asks or port.direction is _OUT,
        powered=port.powered,
        computed=port.computed,
        moves=port.moves,
        kept=port.kept,
    )
