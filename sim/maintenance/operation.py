"""What a technician can do to a thing, whether it is healthy or not. The words that faults name their repair by."""

from enum import StrEnum

from sim.text import Text


class Operation(StrEnum):
    """One word per kind of work."""

    INSPECT = "inspect"
    MEASURE = "measure"
    CLEAN = "clean"
    ADJUST = "adjust"
    CALIBRATE = "calibrate"
    REPLACE = "replace"
    RESET = "reset"
    CLOSE_CONNECTION = "close_connection"


TITLES: dict[Operation, Text] = {
    Operation.INSPECT: Text("检查", "Inspect"),
    Operation.MEASURE: Text("测量", "Measure"),
    Operation.CLEAN: Text("清洁", "Clean"),
    Operation.ADJUST: Text("调整", "Adjust"),
    Operation.CALIBRATE: Text("校准", "Calibrate"),
    Operation.REPLACE: Text("更换", "Replace"),
    Operation.RESET: Text("复位", "Reset"),
    Operation.CLOSE_CONNECTION: Text("处理连接", "See to connections"),
}
# What that is on one sort of things and on another
WIRING = Text("接好接线", "Fasten wiring")
SESSIONS = Text("断开连接", "Close connections")
