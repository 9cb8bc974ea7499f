"""What an effect of a fault file can say: one row for each way, one entry for each of its keys. Data alone.

A key's `dimension` is one of `sim.units`, or one of those below, which only make sense at a tag of a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sim import link_faults
from sim.alarms.operations import OPERATIONS
from sim.text import Text

READING = "reading"  # what a tag could say: true, false, a number in its unit, or `50 %` of its range
SPAN = "span"  # a difference of two readings: a number in the tag's unit, or `5 %` of its range
NUMBER = "number"  # a plain number
WORD = "word"  # one of a few words, or any name
TAG, STATION = "tag", "station"  # names, mostly made of $target, $station and $component
ON_TAG = (READING, SPAN)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an effect: what it is in the file, in which dimension, and what the line calls it."""

    name: str
    dimension: str
    title: Text
    arg: str = ""  # "": as the key
    required: bool = True
    choices: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        return self.arg or self.name


@dataclass(frozen=True, slots=True)
class How:
    """One way in which something is wrong."""

    name: str
    title: Text
    keys: tuple[Key, ...] = ()
    types: str = "any"  # the tags that it makes sense for: any, number, BOOL
    outputs: bool = False  # only what a controller commands


def _time(name: str, arg: str, zh: str, en: str, *, required: bool = True) -> Key:
    return Key(name, "time", Text(zh, en), arg, required)


_VALUE = Key("value", READING, Text("值", "the value"))
_ROWS = (
    How("stuck", Text("固定在一个值", "always the same value"), (_VALUE,)),
    How("freeze", Text("停在发生时的值", "stays as it was when the fault began")),
    How("blocked", Text("命令到不了执行器", "a command does not get through to the actuator"), outputs=True),
    How("bias", Text("固定偏差", "a constant difference"), (Key("by", SPAN, Text("偏差", "difference")),), "number"),
    How("gain", Text("放大倍数错误", "multiplied"), (
        Key("factor", "ratio", Text("倍数", "factor"), "ppm"),
        Key("about", READING, Text("不变的点", "the reading that stays right, else 0"), required=False)), "number"),
    How("drift", Text("缓慢漂移", "a difference that grows"), (
        Key("per_hour", SPAN, Text("每小时变化", "growth in an hour")),
        Key("most", SPAN, Text("最多", "most of it"), required=False)), "number"),
    How("noise", Text("噪声", "even noise around the true value"), (
        Key("amplitude", SPAN, Text("幅值 (正负)", "amplitude, plus and minus")),), "number"),
    How("intermittent", Text("时断时续", "comes and goes, by chance"), (
        _time("on", "on_ns", "发生的平均时间", "mean time that it is there"),
        _time("off", "off_ns", "间隔的平均时间", "mean time that it is not"), _VALUE)),
    How("delay", Text("延迟", "late"), (_time("by", "ns", "延迟时间", "how late"),)),
    How("drop", Text("部分变化丢失", "some changes are lost"), (
        Key("share", "ratio", Text("丢失比例", "share of the changes"), "share_ppm"),)),
    How("swap", Text("与另一信号接反", "changed places with another tag"), (
        Key("with", TAG, Text("另一信号", "the other tag")),)),
    How("clip", Text("限幅", "no lower and no higher"), (
        Key("low", READING, Text("下限", "lowest")), Key("high", READING, Text("上限", "highest"))), "number"),
    How("modulo", Text("回绕", "begins again at 0"), (Key("value", NUMBER, Text("模", "at which number")),), "number"),
    How("invert", Text("取反", "true for false"), types="BOOL"),
    How("quality", Text("只改质量", "the value is right, its quality is not")),
    How("open", Text("断线", "broken wire: false, or 3.6 mA with quality bad")),
    How("short", Text("短路", "short circuit: true, or 21 mA with quality bad")),
    How("over_range", Text("超量程", "above its range: 20.5 mA, quality uncertain"), types="number"),
)  # fmt: skip
SIGNAL_HOWS: Mapping[str, How] = {row.name: row for row in _ROWS}
QUALITIES = ("good", "uncertain", "bad")

# percent of the tag's range beyond its end, quality, reason: NAMUR NE 43 has 3.6 mA and 21 mA for a failure,
# 20.5 mA for the end of what is still a reading
LOOP_WORDS: Mapping[str, tuple[float, str, str]] = {
    "open": (-2.5, "bad", "sensor_failure"),
    "short": (106.25, "bad", "sensor_failure"),
    "over_range": (103.125, "uncertain", "engineering_units_exceeded"),
}

PARAMETER_HOWS = ("replace", "factor", "offset", "ramp")

_LINK_UNITS = {"ms": "time", "ppm": "ratio"}


def _figure(figure: link_faults.Figure) -> Key:
    """`delay_ms` of the line is `delay: 300 ms` in a file."""
    dimension = WORD if figure.words else _LINK_UNITS.get(figure.unit, "count")
    name = figure.name.removesuffix("_" + figure.unit)
    title = Text(name, name.replace("_", " "))
    return Key(name, dimension, title, figure.name, figure.default is None, figure.words)


LINK_KEYS: Mapping[str, tuple[Key, ...]] = {
    name: tuple(_figure(figure) for figure in how.figures) for name, how in link_faults.LINK_HOWS.items()
}

_STATION = Key("station", STATION, Text("工作站", "station"))
INPUT_OPS: Mapping[str, tuple[Key, ...]] = {
    "write": (Key("tag", TAG, Text("变量", "tag")), _VALUE),
    "panel": (
        _STATION,
        Key("element", WORD, Text("操作元件", "button, switch or estop")),
        Key("pressed", "flag", Text("按下", "pressed"), required=False),
        Key("value", NUMBER, Text("位置", "position of a switch"), required=False),
    ),
    "key": (_STATION, Key("control", WORD, Text("控制权", "who is in control"))),
    "alarm": (
        Key("alarm", WORD, Text("报警", "station.alarm")),
        Key("do", WORD, Text("操作", "operation"), choices=tuple(OPERATIONS)),
        Key("who", WORD, Text("操作者", "by whom"), required=False),
        Key("comment", WORD, Text("备注", "comment"), required=False),
        Key("for", "time", Text("时间", "how long it is shelved"), "for_ms", required=False),
        Key("once", "flag", Text("单次", "shelved until it goes"), required=False),
    ),
    "comm": (_STATION, Key("lost", "flag", Text("中断", "communication is lost"))),
    "operator": (Key("on", "flag", Text("在岗", "the operator is there")),),
    "remove_part": (Key("part", "count", Text("工件号", "number of the part")),),
}
