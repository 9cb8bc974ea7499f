"""What a line file says of a 6-axis robot, and what a PLC sees of it."""

from sim.component import MILLION, MM
from sim.components.air import SUPPLY
from sim.components.grip import PRESSURES
from sim.components.robot.program import check
from sim.spec import Disturbance, Join, Kind, Parameter, Port, Table, states
from sim.tag import DataType, Direction
from sim.text import Text

OFF, IDLE, RUNNING, HELD, FAULTED = range(5)
UNKNOWN_PROGRAM, PART_LOST, NOT_GRIPPED, TOO_HOT, SERVO_OFF, PROTECTIVE = range(1, 7)

_SPEEDS = ("180 °/s", "150 °/s", "180 °/s", "250 °/s", "250 °/s", "360 °/s")


def _axis(number: int, speed: str) -> Parameter:
    title = Text(f"轴{number}最高速度", f"Top speed of joint {number}")
    return Parameter(f"speed_{number}", "turning", title, speed, low=1000, high=10**9)


def _length(name: str, zh: str, en: str, default: str) -> Parameter:
    return Parameter(name, "length", Text(zh, en), default, low=MM, high=5000 * MM, fixed=True)


def _out(name: str, zh: str, en: str, optional: bool = False, powered: bool = False) -> Port:
    return Port(name, DataType.BOOL, Direction.OUTPUT, Text(zh, en), optional=optional, powered=powered)


def _in(name: str, zh: str, en: str, optional: bool = False) -> Port:
    return Port(name, DataType.BOOL, Direction.INPUT, Text(zh, en), optional=optional)


def _angle(number: int) -> Port:
    title = Text(f"轴{number}角度", f"angle of joint {number}")
    return Port(f"j{number}", DataType.REAL, Direction.INPUT, title, "°", -360, 360, 1, optional=True, computed=True)


def _celsius(name: str, zh: str, en: str) -> Port:
    return Port(name, DataType.REAL, Direction.INPUT, Text(zh, en), "°C", -50, 300, 1, optional=True, computed=True)


ROBOT = Kind(
    "robot",
    Text("六轴机器人", "Six-axis robot"),
    Text("按程序号运行示教点程序, 与 PLC 握手", "Runs taught programs by number, with a handshake to the PLC"),
    parameters=(
        *(_axis(number, speed) for number, speed in enumerate(_SPEEDS, 1)),
        Parameter("ramp", "time", Text("加速到全速的时间", "Time from a stand to full speed"), "250 ms", low=10**6),
        _length("shoulder", "肩部高度", "Height of its shoulder", "330 mm"),
        _length("upper_arm", "大臂长度", "Upper arm", "300 mm"),
        _length("forearm", "小臂长度", "Forearm", "320 mm"),
        _length("tool_length", "腕到工具尖长度", "From the wrist to the tip of the tool", "120 mm"),
        Parameter("tool", "count", Text("末端工具", "Tool"), "vacuum", choices=("vacuum", "fingers"), fixed=True),
        Parameter("build_up", "time", Text("建压或闭合时间", "Time to full vacuum, or to close"), "400 ms", low=10**6),
        Parameter("decay", "time", Text("泄压或张开时间", "Time until it is gone, or to open"), "200 ms", low=10**6),
        Parameter("holds_at", "ratio", Text("吸住工件的真空度", "Vacuum that holds a part"), "0.5", low=10_000,
                  high=MILLION),
        Parameter("switch_at", "ratio", Text("压力开关点", "Vacuum at which its switch closes"), "0.6", low=10_000,
                  high=MILLION),
        Parameter("open_level", "ratio", Text("悬空真空度", "Vacuum without a part before it"), "0.25", high=MILLION),
        Parameter("leak", "ratio", Text("泄漏", "Leak: lowers what it reaches"), "0", high=MILLION),
        Parameter("clogged", "ratio", Text("真空发生器堵塞", "Clogged ejector: reaches less, and later"), "0",
                  high=990_000),
        *PRESSURES,
        Parameter("air", "flow", Text("真空发生器耗气 (自由空气)", "Free air that its ejector takes"), "0.5 L/s"),
        Parameter("keeps_part", "flag", Text("失电保持工件", "Keeps its part without power"), "true", high=1),
        Parameter("grip_timeout", "time", Text("抓取超时", "It gives up to grip after"), "2 s", low=10**6),
        Parameter("ambient", "temperature", Text("环境温度", "Ambient temperature"), "22 °C", low=-50 * MILLION),
        Parameter("hold_rise", "temperature", Text("静止保持温升", "Rise of its motors, standing"), "12 °C"),
        Parameter("move_rise", "temperature", Text("连续运动温升", "Further rise, moving all the time at full speed"),
                  "35 °C"),
        Parameter("drag", "ratio", Text("抱闸拖滞 (损耗倍数)", "Dragging brake: further loss"), "0"),
        Parameter("warming", "time", Text("热时间常数", "Time constant of its motors"), "15 min", low=10**6),
        Parameter("hottest", "temperature", Text("电机过热温度", "Motors that hot stop it"), "85 °C"),
        Parameter("idle_power", "power", Text("静止功率", "Power while it stands"), "300 W"),
        Parameter("move_power", "power", Text("运动附加功率", "Further power while it moves"), "900 W"),
    ),
    ports=(
        _out("enable", "伺服使能", "servo on", powered=True),
        Port("program", DataType.UINT, Direction.OUTPUT, Text("程序号", "program number"), low=0, high=65535),
        _out("start", "启动", "start"),
        _out("hold", "暂停", "hold", optional=True),
        _out("acknowledge", "确认故障", "acknowledge"),
        _out("home", "回原点", "go home"),
        Port("override", DataType.REAL, Direction.OUTPUT, Text("速度倍率", "speed override"), "%", 0, 100, 0, 100.0,
             optional=True),
        Port("safe", DataType.BOOL, Direction.OUTPUT, Text("防护正常", "guards are closed"), initial=True,
             optional=True),
        _in("ready", "就绪", "ready"),
        _in("running", "运行中", "running"),
        _in("done", "完成", "done"),
        _in("error", "故障", "error"),
        Port("error_code", DataType.UINT, Direction.INPUT,
             Text("故障码 (1 无程序 2 掉件 3 抓取失败 4 过热 5 伺服断 6 防护停)",
                  "error: 1 no such program, 2 part lost, 3 not gripped, 4 too hot, 5 servo off, 6 protective stop"),
             low=0, high=99),
        Port("program_actual", DataType.UINT, Direction.INPUT, Text("当前程序号", "program that runs"), low=0,
             high=65535, optional=True),
        _in("at_home", "在原点", "at home"),
        _in("in_position", "到位", "stands at a point"),
        _in("part", "持有工件", "holds a part"),
        _in("ok", "真空到达", "vacuum reached", optional=True),
        _in("held", "暂停中", "on hold", optional=True),
        _in("protective_stop", "防护停止", "protective stop", optional=True),
        Port("vacuum", DataType.REAL, Direction.INPUT, Text("真空度", "vacuum"), "kPa", 0, 100, 1, optional=True,
             computed=True),
        _celsius("temperature_arm", "轴 1-3 电机温度", "motors of joints 1 to 3"),
        _celsius("temperature_wrist", "轴 4-6 电机温度", "motors of joints 4 to 6"),
        *(_angle(number) for number in range(1, 7)),
        Port("programs", DataType.UDINT, Direction.STATUS, Text("完成程序数", "programs done"), optional=True),
    ),
    joins=(
        SUPPLY,
        Join("spots", ("spot",), Text("可到达的抓放点", "Spots that its points name"), required=False, many=True),
    ),
    disturbances=(
        Disturbance("lose_vacuum", Text("瞬间失去真空", "It loses its vacuum for an instant")),
        Disturbance("stop_protectively", Text("防护停止 (如人员进入)", "Protective stop, as when somebody comes near")),
    ),
    states=states(
        ("off", "断电", "servo off"),
        ("idle", "空闲", "idle"),
        ("running", "运行", "running"),
        ("held", "暂停", "on hold"),
        ("faulted", "故障", "stopped by an error"),
    ),
    cycle=Text("一次程序", "one program done"),
    tables=(
        Table("points", Text("示教点 (首个为原点)", "Taught points; the first is home"),
              "pick: [320, -150, 160, 0, nest]"),
        Table("programs", Text("程序", "Programs by number"), "1: [over, pick, grip, over, wait 200 ms, home]"),
    ),
    check=check,
)  # fmt: skip
