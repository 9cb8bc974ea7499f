"""What a line file says of a machining centre, and what a PLC sees of it."""

from sim.component import MILLION
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

OFF, IDLE, CUTTING, HELD, CHANGING, FAULTED = range(6)
UNKNOWN_PROGRAM, NOT_CLAMPED, POWER_LOST = 1, 2, 3


def _ratio(name: str, zh: str, en: str, default: str, low: int = 0) -> Parameter:
    return Parameter(name, "ratio", Text(zh, en), default, low=low)


def _out(name: str, zh: str, en: str, optional: bool = False, powered: bool = False) -> Port:
    return Port(name, DataType.BOOL, Direction.OUTPUT, Text(zh, en), powered=powered, optional=optional)


def _in(name: str, zh: str, en: str, optional: bool = False, initial: bool = False) -> Port:
    return Port(name, DataType.BOOL, Direction.INPUT, Text(zh, en), optional=optional, initial=initial)


def _real(name: str, zh: str, en: str, unit: str, high: float, of: Direction = Direction.INPUT) -> Port:
    return Port(name, DataType.REAL, of, Text(zh, en), unit, -50 if unit == "°C" else 0, high, 1, computed=True)


MACHINING_CENTRE = Kind(
    "machining_centre",
    Text("加工中心", "Machining centre"),
    Text("按程序号加工夹具中的工件, 刀具按泰勒公式磨损", "Cuts what its fixture holds; tools wear as Taylor says"),
    parameters=(
        Parameter("times", "time", Text("各程序切削时间", "Cutting time of each program, from 1"), "12 s", many=True,
                  fixed=True),
        Parameter("speeds", "speed", Text("各程序切削速度", "Cutting speed of each program"), "2.5 m/s", many=True,
                  fixed=True),
        _ratio("rate", "进给倍率", "Feed rate", "1", low=1000),
        _ratio("pace", "切削速度倍率", "Cutting speed, times that of the program", "1", low=1000),
        Parameter("taylor_speed", "speed", Text("泰勒常数 C (寿命 1 min)", "Taylor's C: speed for 1 min of life"),
                  "5 m/s", low=1000),
        Parameter("taylor_exponent", "ratio", Text("泰勒指数 n", "Taylor's n"), "0.25", low=50_000, high=MILLION),
        _ratio("hardness", "材料硬度 (倍数)", "Hardness of the material, times the usual", "1", low=1000),
        _ratio("dry_wear", "无冷却磨损倍数", "Wear without coolant, times that with it", "3", low=1000),
        _ratio("dry_heat", "无冷却发热倍数", "Heat without coolant, times that with it", "2", low=1000),
        _ratio("breaks_at", "断刀点 (寿命倍数)", "A tool breaks at so many times its life", "1.3", low=1000),
        _ratio("idle_load", "空转负载", "Load of the spindle, turning free", "0.08"),
        _ratio("cut_load", "切削负载", "Further load, cutting with a sharp tool", "0.5"),
        _ratio("worn_load", "磨损附加负载", "Further load at the end of the tool's life", "0.25"),
        Parameter("ambient", "temperature", Text("环境温度", "Ambient temperature"), "22 °C", low=-50 * MILLION),
        Parameter("rise", "temperature", Text("满载温升", "Rise of the spindle at full load"), "60 °C"),
        Parameter("warming", "time", Text("主轴热时间常数", "Time constant of the spindle"), "8 min", low=10**6),
        Parameter("spread", "length", Text("加工散差 (1σ)", "Spread of the size (1 sigma)"), "4 µm"),
        Parameter("wear", "length", Text("寿命末尺寸漂移", "Size drift at the end of life"), "20 µm"),
        Parameter("growth", "length", Text("每 K 热漂移", "Size drift for each K of the spindle's rise"), "0 µm"),
        Parameter("change_time", "time", Text("换刀时间", "Time to change the tool"), "6 s"),
        Parameter("clamp_time", "time", Text("夹紧时间", "Time of the fixture to close or open"), "800 ms", low=1000),
        Parameter("coolant_capacity", "volume", Text("冷却液箱容量", "Coolant that its tank holds"), "40 L", low=1),
        Parameter("coolant_use", "flow", Text("冷却液消耗", "Coolant lost while the pump runs"), "2 mL/s"),
        Parameter("coolant_refill", "flow", Text("补液流量", "Flow of the refill"), "500 mL/s"),
        _ratio("coolant_low", "低液位", "Level at which it says low", "0.1"),
        Parameter("idle_power", "power", Text("待机功率", "Power while it stands ready"), "800 W"),
        Parameter("cut_power", "power", Text("满载附加功率", "Further power at full load"), "5 kW"),
    ),
    ports=(
        _out("enable", "使能", "drives on", powered=True),
        Port("program", DataType.UINT, Direction.OUTPUT, Text("程序号", "program number"), low=0, high=65535),
        _out("start", "循环启动", "cycle start"),
        _out("hold", "进给保持", "feed hold", optional=True),
        _out("acknowledge", "确认故障", "acknowledge"),
        _out("clamp", "夹紧", "close the fixture"),
        _out("change_tool", "换刀", "change the tool"),
        _out("coolant", "冷却泵", "coolant pump", powered=True),
        _out("refill", "补液阀", "refill valve", optional=True, powered=True),
        _in("ready", "就绪", "ready"),
        _in("running", "加工中", "program runs"),
        _in("done", "完成", "done"),
        _in("error", "故障", "error"),
        Port("error_code", DataType.UINT, Direction.INPUT,
             Text("故障码 (1 无程序 2 未夹紧 3 断电)", "error: 1 no such program, 2 not clamped, 3 power lost"),
             low=0, high=99),
        _in("part", "夹具有工件", "a part is in it"),
        _in("clamped", "已夹紧", "fixture is closed"),
        _in("opened", "已松开", "fixture is open", initial=True),
        _in("tool_ok", "刀具可用", "tool is good", initial=True),
        _in("coolant_is_low", "冷却液低", "coolant is low", optional=True),
        _real("load", "主轴负载", "load of the spindle", "%", 200),
        _real("temperature", "主轴温度", "temperature of the spindle", "°C", 200),
        _real("coolant_level", "冷却液位", "coolant level", "%", 100),
        _real("tool_used", "刀具寿命已用", "tool life used", "%", 1000, Direction.STATUS),
        Port("parts", DataType.UDINT, Direction.STATUS, Text("加工件数", "parts cut"), "pcs"),
        Port("tool_changes", DataType.UDINT, Direction.STATUS, Text("换刀次数", "tool changes"), "pcs"),
    ),
    joins=(Join("clamp", ("clamp",), Text("带上夹具 (无: 自带夹具)", "Clamp on a belt; none: its own fixture"),
                required=False),),
    disturbances=(
        Disturbance("break_tool", Text("刀具断裂, 换刀排除", "The tool breaks, until it is changed")),
        Disturbance("spill_coolant", Text("冷却液流失", "The coolant runs out")),
    ),
    states=states(("off", "断电", "off"), ("idle", "空闲", "idle"), ("cutting", "加工", "cutting"),
                  ("held", "保持", "on hold"), ("changing", "换刀", "changing tools"), ("faulted", "故障", "faulted")),
    cycle=Text("一次加工", "one program done"),
)  # fmt: skip
