"""A small registry of kinds, so that these tests need no component of the line."""

from sim.spec import Disturbance, Join, Kind, Parameter, Port
from sim.tag import DataType, Direction
from sim.text import Text

_T = Text("标题", "Title")

BELT = Kind(
    name="belt",
    title=Text("传送带", "Belt"),
    purpose=Text("输送工件", "carries parts"),
    parameters=(
        Parameter("length", "length", Text("长度", "length"), low=10**14, high=10 * 10**15, fixed=True),
        Parameter("speed", "speed", Text("速度", "speed"), default="200 mm/s", low=1000),
        Parameter("traction", "ratio", Text("牵引", "traction"), default="100 %", high=2_000_000),
    ),
    ports=(
        Port("run", DataType.BOOL, Direction.OUTPUT, Text("运行", "run"), powered=True),
        Port("speed_set", DataType.INT, Direction.OUTPUT, Text("给定", "speed"), low=0, high=300, optional=True),
        Port("speed_actual", DataType.REAL, Direction.INPUT, Text("实际", "speed"), unit="mm/s", optional=True),
    ),
    joins=(Join("to", ("belt", "bin"), Text("去向", "where parts go"), required=False),),
    disturbances=(Disturbance("jam", Text("卡料", "a part jams"), clears="clear_jam"),),
)
EYE = Kind(
    name="photo_eye",
    title=Text("光电", "Photo-eye"),
    purpose=Text("检测工件", "sees parts"),
    parameters=(Parameter("position", "length", Text("位置", "position")),),
    ports=(Port("", DataType.BOOL, Direction.INPUT, Text("", "")),),
    joins=(Join("belt", ("belt",), Text("传送带", "belt")),),
)
EJECTOR = Kind(
    name="ejector",
    title=Text("弹射器", "Ejector"),
    purpose=Text("推出工件", "pushes parts off"),
    parameters=(
        Parameter("position", "length", Text("位置", "position")),
        Parameter("steps", "count", Text("步", "steps"), default="1, 2", many=True),
    ),
    ports=(
        Port("extend", DataType.BOOL, Direction.OUTPUT, Text("伸出", "extend"), powered=True),
        Port("home", DataType.BOOL, Direction.INPUT, Text("原位", "home")),
    ),
    joins=(Join("belt", ("belt",), Text("传送带", "belt")), Join("to", ("bin",), Text("料箱", "bin"))),
)
BIN = Kind(
    name="bin",
    title=Text("料箱", "Bin"),
    purpose=Text("收集工件", "takes parts"),
    parameters=(Parameter("capacity", "count", Text("容量", "capacity"), default="10", low=1, high=100),),
    ports=(Port("full", DataType.BOOL, Direction.INPUT, Text("满", "full")),),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in (BELT, EYE, EJECTOR, BIN)}
