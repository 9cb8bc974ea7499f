"""What a line file says of a motor with its drive, and what a PLC sees of it."""

from sim.component import MILLION
from sim.components.bearing import LINES
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

OFF, STARTING, RUNNING, TRIPPED = range(4)
OVERLOAD, STALLED, PHASE_LOSS, DRIVE = 1, 2, 3, 4  # fault codes

_LINE_TITLES = {
    "bpfo": Text("外圈", "outer race"), "bpfi": Text("内圈", "inner race"), "bsf": Text("滚动体", "ball"),
    "ftf": Text("保持架", "cage"),
}  # fmt: skip


def _real(name: str, zh: str, en: str, unit: str, high: float, decimals: int) -> Port:
    low = -50.0 if unit == "°C" else 0
    return Port(name, DataType.REAL, Direction.INPUT, Text(zh, en), unit, low, high, decimals, optional=True,
                computed=True)  # fmt: skip


def _wear(line: str) -> Parameter:
    title = _LINE_TITLES[line]
    about = Text(f"轴承{title.zh}损伤谱线", f"Line of the bearing's {title.en}")
    return Parameter(f"wear_{line}", "speed", about, "0 mm/s")


def _of(line: str) -> tuple[Port, Port]:
    title = _LINE_TITLES[line]
    return (
        _real(line, f"{title.zh}谱线幅值", f"line of the {title.en}", "mm/s", 100, 3),
        _real(f"{line}_hz", f"{title.zh}谱线频率", f"frequency of the {title.en}", "Hz", 10000, 2),
    )


MOTOR = Kind(
    "motor",
    Text("电机与驱动", "Motor with drive"),
    Text("电流, I²t 保护, 温升, 驱动故障锁存, 轴承振动", "Current, I²t, heat, latched faults, bearing vibration"),
    parameters=(
        Parameter("rated_current", "current", Text("额定电流", "Rated current"), "2 A", low=1000),
        Parameter("load", "ratio", Text("负载电流 (额定倍数)", "Current by its load, times the rated one"), "0.6"),
        Parameter("idle_current", "ratio", Text("空载电流", "Current without load, times the rated one"), "0.3"),
        Parameter("part_load", "ratio", Text("每件附加负载", "Further load for each part on its belt"), "0.03"),
        Parameter("held_load", "ratio", Text("每个被挡工件附加负载", "Further load for each part held there"), "0.05"),
        Parameter("start_current", "ratio", Text("启动和堵转电流", "Current at start and stalled"), "1.5"),
        Parameter("start_time", "time", Text("启动时间", "Time to start"), "500 ms"),
        Parameter("time_constant", "time", Text("热时间常数", "Thermal time constant"), "10 min", low=10**6),
        Parameter("cooling_constant", "time", Text("停机冷却时间常数", "Time constant standing"), "20 min", low=10**6),
        Parameter("trip_at", "ratio", Text("过载跳闸电流", "Current that it bears for ever"), "1.05", low=10_000),
        Parameter("reset_below", "ratio", Text("允许复位的热状态", "Current whose heat lets it be reset"), "0.9"),
        Parameter("stall_delay", "time", Text("堵转跳闸时间", "Time until a stall trips it"), "5 s"),
        Parameter("phase_delay", "time", Text("缺相跳闸时间", "Time until a lost phase trips it"), "2 s"),
        Parameter("ambient", "temperature", Text("环境温度", "Ambient temperature"), "22 °C", low=-50 * MILLION),
        Parameter("rated_rise", "temperature", Text("额定温升", "Rise at the rated current"), "80 °C"),
        Parameter("voltage", "voltage", Text("线电压", "Voltage between phases"), "400 V"),
        Parameter("power_factor", "ratio", Text("功率因数", "Power factor"), "0.8", high=MILLION),
        Parameter("rated_speed", "rotation", Text("同步转速", "Speed without load"), "1500 rpm", low=1000),
        Parameter("rotor_slip", "ratio", Text("额定转差率", "Slip of the rotor at the rated current"), "0.04",
                  high=MILLION),
        # a deep groove ball bearing 6205: BPFO is 3.5848 times the speed of the shaft
        Parameter("balls", "count", Text("滚珠数", "Balls of its bearing"), "9", low=3, high=100),
        Parameter("ball_diameter", "length", Text("滚珠直径", "Diameter of a ball"), "7.94 mm", low=10**9),
        Parameter("pitch_diameter", "length", Text("节圆直径", "Pitch diameter"), "39.04 mm", low=10**9),
        Parameter("contact_angle", "angle", Text("接触角", "Contact angle"), "0 °", high=60 * MILLION),
        Parameter("bearing_slip", "ratio", Text("滚珠打滑率", "Slip of the balls"), "0", high=100_000),
        *(_wear(line) for line in LINES),
        Parameter("unbalance", "speed", Text("不平衡振动", "Vibration by unbalance"), "0.5 mm/s"),
        Parameter("vibration_floor", "speed", Text("本底振动", "Vibration of a sound machine"), "0.6 mm/s"),
    ),
    ports=(
        Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True, optional=True),
        Port("speed", DataType.REAL, Direction.OUTPUT, Text("频率设定", "frequency set-point"), "%", 0, 100, 1, 100.0,
             optional=True),
        Port("reset", DataType.BOOL, Direction.OUTPUT, Text("故障复位", "reset the fault")),
        Port("running", DataType.BOOL, Direction.INPUT, Text("运行反馈", "runs")),
        Port("fault", DataType.BOOL, Direction.INPUT, Text("故障", "fault")),
        Port("fault_code", DataType.UINT, Direction.INPUT,
             Text("故障码 (1 过载 2 堵转 3 缺相 4 驱动)", "fault: 1 overload, 2 stalled, 3 phase loss, 4 drive"),
             low=0, high=99, optional=True),
        _real("current", "电流", "current", "A", 1000, 2),
        *(_real(f"current_l{k}", f"L{k} 相电流", f"current of phase {k}", "A", 1000, 2) for k in (1, 2, 3)),
        _real("temperature", "绕组温度", "temperature of its winding", "°C", 400, 1),
        _real("used", "I²t 利用率", "I²t, 100 % trips", "%", 1000, 1),
        _real("speed_actual", "实际转速", "speed", "rpm", 30000, 1),
        _real("vibration", "振动速度有效值", "vibration, RMS", "mm/s", 100, 2),
        *(port for line in LINES for port in _of(line)),
    ),
    joins=(Join("drives", ("belt", "roller_conveyor", "pump", "spindle"), Text("驱动对象", "What it drives"),
                required=False),),
    disturbances=(
        Disturbance("lose_phase", Text("缺相", "A phase is lost"), clears="restore_phase"),
        Disturbance("weld", Text("接触器粘连", "The contactor is welded"), clears="mend_contactor"),
        Disturbance("trip_drive", Text("驱动器内部故障", "An internal fault of the drive")),
    ),
    states=states(("off", "停止", "off"), ("starting", "启动", "starting"), ("running", "运行", "running"),
                  ("tripped", "跳闸", "tripped")),
    cycle=Text("一次启动", "one start"),
)  # fmt: skip
