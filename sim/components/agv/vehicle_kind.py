"""What a line file says of a vehicle, what it can be doing, and its state. Holds no behaviour."""

from dataclasses import dataclass, field
from enum import IntEnum

from sim.component import MILLION, Change
from sim.components.agv.battery import Battery
from sim.components.agv.motion import Drive
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text
from sim.travel import Travel


class Phase(IntEnum):
    """What a vehicle does. The tag `state` says FLAT, ERROR, BLOCKED or PAUSED instead where that keeps it from it."""

    IDLE = 1
    WAITING = 2
    DRIVING = 3
    DOCKING = 4
    LOADING = 5
    UNLOADING = 6
    LEAVING = 7
    CHARGING = 8
    BLOCKED = 9
    ERROR = 10
    FLAT = 11
    PAUSED = 12


STANDING = (Phase.IDLE, Phase.WAITING, Phase.CHARGING, Phase.LOADING, Phase.UNLOADING, Phase.DOCKING, Phase.LEAVING)
TIMED = (Phase.DOCKING, Phase.LEAVING)


@dataclass(slots=True)
class VehicleState:
    """Where it is and goes, what it has to do and what lies in its bays (0: nothing)."""

    due: list[int]
    changes: list[Change] = field(default_factory=list)
    phase: Phase = Phase.IDLE
    since_ns: int = 0  # of the phase
    drive: Drive = field(default_factory=Drive)
    target: int = 0  # node that it wants to go to, 0: none
    yields: bool = False  # it goes out of the way first
    jobs: list[str] = field(default_factory=list)  # its transport orders, by name
    bays: list[int] = field(default_factory=list)
    work: Travel = field(default_factory=Travel)  # of docking and leaving, in ns of its time
    work_ns: int = 1
    battery: Battery = field(default_factory=Battery)
    flat: bool = False
    called_ns: int = 0  # when somebody set off with a full battery
    dirty: bool = False  # the marker at its docks cannot be read: docking fails
    failed: bool = False  # the last docking did


KIND = Kind(
    "agv",
    Text("AGV 小车", "AGV"),
    Text("沿路网运送工件的小车", "Carries parts along the track, docks at modules, charges its battery"),
    parameters=(
        Parameter("number", "count", Text("车号", "Its number in the fleet"), low=1, high=99, fixed=True),
        Parameter("bays", "count", Text("载位数", "Bays for parts"), "3", low=1, high=8, fixed=True),
        Parameter("at_once", "count", Text("一次接受的任务数", "Orders that it takes at once, from one dock"), "1",
                  low=1, high=8),
        Parameter("speed", "speed", Text("速度", "Speed"), "500 mm/s", low=1000, high=5 * MILLION),
        Parameter("acceleration", "acceleration", Text("加速度", "Acceleration"), "500 mm/s²", low=1000),
        Parameter("deceleration", "acceleration", Text("减速度", "Deceleration"), "800 mm/s²", low=1000),
        Parameter("margin", "length", Text("与障碍物的距离", "Keeps so far from an obstacle"), "200 mm"),
        Parameter("dock_time", "time", Text("对接时间", "Time to dock"), "2 s", low=1000),
        Parameter("leave_time", "time", Text("离开前等待", "Waits before it leaves a dock"), "1 s", low=1000),
        Parameter("dock_failure", "ratio", Text("对接失败率", "Chance that docking fails"), "0", high=MILLION),
        Parameter("charge", "ratio", Text("初始电量", "Charge at first"), "1", high=MILLION, fixed=True),
        Parameter("endurance", "time", Text("静置续航", "Standing, a full battery lasts"), "4 h", low=10**9),
        Parameter("per_metre", "ratio", Text("每米耗电", "Share of a full battery that a metre costs"), "0.125 %",
                  high=MILLION),
        Parameter("charge_time", "time", Text("充满时间", "Time from empty to full"), "20 min", low=10**9),
        Parameter("low", "ratio", Text("低电量", "Goes to charge below"), "0.25", high=MILLION),
        Parameter("enough", "ratio", Text("可接任务电量", "Takes orders again from"), "0.5", high=MILLION),
        Parameter("rescue", "time", Text("换电池时间", "Somebody swaps a flat battery after"), "5 min"),
    ),
    ports=(
        Port("state", DataType.UINT, Direction.STATUS, Text("状态", "state"), low=0, high=99, initial=1),
        Port("node", DataType.UINT, Direction.STATUS, Text("所在节点", "node passed last"), low=0, high=999),
        Port("target", DataType.UINT, Direction.STATUS, Text("目标节点", "node that it goes to"), low=0, high=999),
        Port("from", DataType.UINT, Direction.STATUS, Text("取件对接位", "its order: from dock"), low=0, high=999),
        Port("to", DataType.UINT, Direction.STATUS, Text("送达对接位", "its order: to dock"), low=0, high=999),
        Port("loads", DataType.UINT, Direction.STATUS, Text("载件数", "parts in its bays"), "pcs", 0, 8),
        Port("battery", DataType.REAL, Direction.STATUS, Text("电量", "battery"), "%", 0, 100, 1, 100.0,
             computed=True),
        Port("error", DataType.UINT, Direction.STATUS, Text("故障代码", "error: 1 docking, 2 flat"), low=0, high=9,
             optional=True),
        Port("speed_actual", DataType.REAL, Direction.STATUS, Text("实际速度", "actual speed"), "mm/s", 0, 5000, 0,
             optional=True, computed=True),
    ),
    joins=(
        Join("fleet", ("agv_fleet",), Text("所属车队", "Its fleet")),
        Join("home", ("track_node", "agv_charger"), Text("待命位 (专用)", "Its home, no other vehicle's")),
    ),
    disturbances=(
        Disturbance("misdock", Text("对接标记脏污", "The marker at its docks cannot be read"), clears="realign"),
        Disturbance("drain", Text("电池耗尽", "Its battery is flat"), clears="swap_battery"),
    ),
    states=states(*((p.name.lower(), zh, en) for p, zh, en in (
        (Phase.IDLE, "空闲", "idle"), (Phase.WAITING, "等待通行", "waits for a free way"),
        (Phase.DRIVING, "行驶", "drives"), (Phase.DOCKING, "对接", "docks"),
        (Phase.LOADING, "等待上件", "waits for a part"), (Phase.UNLOADING, "等待取件", "waits until it is taken"),
        (Phase.LEAVING, "准备离开", "gets ready to leave"), (Phase.CHARGING, "充电", "charges"),
        (Phase.BLOCKED, "路上有障碍", "an obstacle is in the way"), (Phase.ERROR, "对接失败", "docking failed"),
        (Phase.FLAT, "电池耗尽", "battery flat"), (Phase.PAUSED, "暂停", "paused")))),
    cycle=Text("送达一个工件", "one part brought"),
)  # fmt: skip
