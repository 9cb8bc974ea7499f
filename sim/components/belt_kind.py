"""What a line file says of a belt: parameters, ports, neighbours, what can fail. Holds no behaviour."""

from sim.component import MILLION, MM
from sim.spec import Disturbance, Join, Kind, Parameter, Port, states
from sim.tag import DataType, Direction
from sim.text import Text

RECEIVERS = ("belt", "roller_conveyor", "transfer", "turntable", "elevator")
PLATE, OPEN = range(2)  # what is at the beginning of a belt that runs backwards
STOPPED, RUNNING, ACCUMULATING = range(3)
STATES = states(("stopped", "停止", "stopped"), ("running", "运行", "running"),
                ("accumulating", "积放", "running under parts that are held"))  # fmt: skip
CYCLE = Text("一次启动", "one start")


KIND = Kind(
    "belt",
    Text("输送带", "Belt conveyor"),
    Text("输送工件, 在挡停处积放, 末端交接", "Carries parts, accumulates before stops, hands over at its end"),
    parameters=(
        Parameter("length", "length", Text("长度", "Length"), low=200 * MM, fixed=True),
        Parameter("speed", "speed", Text("额定速度", "Nominal speed"), "200 mm/s", low=1000, high=5 * MILLION),
        Parameter("part_length", "length", Text("工件长度 (0: 全线统一)", "Length of its parts; 0: the line's"),
                  "0 mm", fixed=True),
        Parameter("traction", "ratio", Text("牵引率 (1 = 不打滑)", "Traction (1: no slip)"), "1", high=MILLION),
        Parameter("idle_current", "current", Text("空载电流", "Idle current"), "800 mA"),
        Parameter("pulse", "length", Text("每脉冲行程", "Travel per encoder pulse"), "1 mm", low=10**9,
                  fixed=True),
        Parameter("part_current", "current", Text("每件附加电流", "Current per part"), "60 mA"),
        Parameter("acceleration", "acceleration", Text("加速度 (0: 立即)", "Acceleration; 0: at once"), "0 mm/s²"),
        Parameter("deceleration", "acceleration", Text("减速度 (0: 立即)", "Deceleration; 0: at once"), "0 mm/s²"),
        Parameter("accumulating", "flag", Text("可积放 (否: 有件被挡则整带停转)",
                  "Slips under parts that are held; if not, it stalls"), "true", high=1),
        Parameter("beginning", "count", Text("起点端 (反转时)", "Its beginning, for parts that ride back"), "plate",
                  high=1, choices=("plate", "open"), fixed=True),
    ),
    ports=(
        Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
        Port("reverse", DataType.BOOL, Direction.OUTPUT, Text("反转", "run backwards"), powered=True, optional=True),
        Port("speed", DataType.REAL, Direction.OUTPUT, Text("速度设定", "speed set-point"), "mm/s", 0, 400, 1, 200.0,
             optional=True),
        Port("speed_actual", DataType.REAL, Direction.INPUT, Text("实际速度", "actual speed"), "mm/s", 0, 500, 1,
             optional=True, computed=True),
        Port("current", DataType.REAL, Direction.INPUT, Text("电机电流", "motor current"), "A", 0, 10, 2,
             optional=True, computed=True),
        Port("pulses", DataType.UDINT, Direction.INPUT, Text("编码器计数", "encoder pulses"), "", optional=True,
             computed=True),
        Port("count", DataType.DINT, Direction.INPUT, Text("正交编码器计数", "quadrature count"), "",
             optional=True, computed=True),
    ),
    joins=(
        Join("to", RECEIVERS, Text("下一条输送带", "What it hands parts to"), required=False),
        Join("to_back", RECEIVERS, Text("反转时的去向", "What it hands parts to, running backwards"), required=False),
    ),
    disturbances=(
        Disturbance("jam", Text("工件卡住", "A part jams"), clears="clear_jam"),
        Disturbance("weld", Text("接触器粘连", "Its contactor welds: it runs on"), clears="mend_contactor"),
    ),
    states=STATES,
    cycle=CYCLE,
)  # fmt: skip
