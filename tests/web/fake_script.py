"""A scripted line of five stations for the tests of the page: what happens to each part, as events with their times.

No physics: belts always run, each part takes the same way. Only the shapes of the contract matter here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

Event = tuple[float, str, str, object]  # seconds, kind, subject, data
STATIONS = {
    "infeed": ("上料", "Infeed"),
    "machining": ("加工", "Machining"),
    "inspection": ("检测", "Inspection"),
    "sorting": ("分拣", "Sorting"),
    "storage": ("仓储", "Storage"),
}
BELT_V, SIZE, LENGTH = 200.0, 60.0, 1200.0
PITCH_S = 6.5
COLOURS = [{"zh": "白色", "en": "white"}, {"zh": "红色", "en": "red"}, {"zh": "蓝色", "en": "blue"}]


def text(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


@dataclass
class Row:
    """One component of the layout."""

    name: str
    kind: str
    zh: str
    en: str
    x: float = 0.0
    y: float = 0.0
    position: float | None = None
    joins: dict[str, list[str]] | None = None
    parameters: dict[str, float | list[float]] | None = None

    def json(self) -> dict[str, object]:
        station = self.name.split(".")[0]
        on_belt = {"belt": [f"{station}.belt"]} if self.position is not None else {}
        row: dict[str, object] = {
            "name": self.name,
            "station": station,
            "kind": self.kind,
            "title": text(self.zh, self.en),
            "x": self.x,
            "y": self.y,
            "z": 0.0,
            "heading": 0,
            "parameters": self.parameters or {},
            "joins": on_belt | (self.joins or {}),
        }
        return row if self.position is None else row | {"position": self.position}


CRANE = {
    axis: [f"storage.{c}"]
    for axis, c in {"x": "axis_x", "z": "axis_z", "fork": "fork", "rack": "rack", "belt": "belt"}.items()
}
ROWS = [
    *(
        Row(
            f"{s}.belt",
            "belt",
            "输送带",
            "Belt",
            x=1.2 * i,
            y=0.55,
            parameters={"length": 0.6 if s == "storage" else 1.2},
        )
        for i, s in enumerate(STATIONS)
    ),
    Row("infeed.feeder", "feeder", "料仓", "Magazine", x=0.05, y=0.55),
    Row("infeed.eye_out", "photo_eye", "出口光电", "Exit eye", position=1.1),
    Row("machining.stopper", "stopper", "挡停", "Stopper", position=0.6),
    Row("machining.eye_in", "photo_eye", "到位光电", "In-place eye", position=0.58),
    Row("machining.clamp", "clamp", "夹具", "Clamp", position=0.6),
    Row("machining.door", "cylinder", "防护门", "Door", x=1.75, y=0.7),
    Row("machining.spindle", "spindle", "主轴", "Spindle", x=1.77, y=0.55, joins={"clamp": ["machining.clamp"]}),
    Row("inspection.camera", "camera", "相机", "Camera", position=0.6),
    Row("inspection.eye_1", "photo_eye", "触发光电", "Trigger eye", position=0.55),
    Row("sorting.eye_in", "photo_eye", "入口光电", "Entry eye", position=0.12),
    *(
        Row(
            f"sorting.ejector_{n}",
            "ejector",
            f"弹射器 {n}",
            f"Ejector {n}",
            position=0.05 + 0.3 * n,
            joins={"to": [f"sorting.bin_{n}"]},
        )
        for n in (1, 2, 3)
    ),
    *(
        Row(
            f"sorting.bin_{n}",
            "bin",
            f"料箱 {n}",
            f"Bin {n}",
            x=3.6 + 0.02 + 0.3 * n,
            y=0.86,
            parameters={"capacity": 12, "full_at": 8},
        )
        for n in (1, 2, 3)
    ),
    Row("storage.eye_pick", "photo_eye", "取料光电", "Pick eye", position=0.5),
    Row("storage.axis_x", "axis", "X 轴", "X axis", x=5.4, y=0.4, parameters={"positions": [0, 0.18, 0.3, 0.42, 0.56]}),
    Row("storage.axis_z", "axis", "Z 轴", "Z axis", x=5.4, y=0.4, parameters={"positions": [0, 0, 0.11, 0.22]}),
    Row("storage.fork", "cylinder", "货叉", "Fork", x=5.4, y=0.4),
    Row("storage.rack", "rack", "立体仓库", "High-bay rack", x=5.5, y=0.24, parameters={"columns": 3, "rows": 3}),
    Row("storage.crane", "crane", "堆垛机", "Stacker crane", x=5.4, y=0.4, joins=CRANE),
]


def layout() -> dict[str, object]:
    plates = [
        {"name": s, "title": text(*t), "x": 1.2 * i, "y": 0.0, "w": 1.2, "h": 1.05}
        for i, (s, t) in enumerate(STATIONS.items())
    ]
    return {
        "line": "smart-factory",
        "title": text("智能产线", "Smart factory"),
        "size": [6.0, 1.05],
        "part": {"length": 0.06, "colours": COLOURS},
        "stations": plates,
        "components": [row.json() for row in ROWS],
    }


PANEL = [
    ("button_start", "BOOL", "input", "启动按钮", "Start button"),
    ("button_stop", "BOOL", "input", "停止按钮", "Stop button"),
    ("button_reset", "BOOL", "input", "复位按钮", "Reset button"),
    ("estop_ok", "BOOL", "input", "急停回路正常", "Emergency stop circuit closed"),
    ("lamp_run", "BOOL", "output", "运行指示灯", "Run lamp"),
    ("stack_green", "BOOL", "output", "三色灯 绿", "Stack light green"),
    ("stack_yellow", "BOOL", "output", "三色灯 黄", "Stack light yellow"),
    ("stack_red", "BOOL", "output", "三色灯 红", "Stack light red"),
    ("belt_run", "BOOL", "output", "输送带 运行", "Belt: run"),
    ("belt_speed", "REAL", "output", "输送带 速度设定", "Belt: speed set-point"),
    ("belt_current", "REAL", "input", "输送带 电机电流", "Belt: motor current"),
    ("state", "UINT", "status", "PackML 状态", "PackML state"),
    ("parts_in", "UDINT", "status", "进件数", "Parts received"),
    ("parts_out", "UDINT", "status", "出件数", "Parts passed on"),
    ("time_in_state", "UDINT", "status", "当前状态时间", "Time in state"),
    *(
        (f"cmd_{c}", "BOOL", "parameter", f"命令 {zh}", f"Command: {c}")
        for c, zh in [
            ("reset", "复位"),
            ("start", "启动"),
            ("stop", "停止"),
            ("hold", "保持"),
            ("unhold", "解除保持"),
            ("abort", "中止"),
            ("clear", "清除"),
        ]
    ),
]
OWN = {
    "photo_eye": [("", "BOOL", "input", "", "")],
    "stopper": [("_extend", "BOOL", "output", "伸出", "extend")],
    "ejector": [("_extend", "BOOL", "output", "伸出", "extend"), ("_extended", "BOOL", "input", "已伸出", "extended")],
    "cylinder": [("_extend", "BOOL", "output", "伸出", "extend"), ("_out", "BOOL", "input", "伸出到位", "extended")],
    "clamp": [("_close", "BOOL", "output", "夹紧", "close"), ("_closed", "BOOL", "input", "已夹紧", "closed")],
    "spindle": [
        ("_run", "BOOL", "output", "运行", "run"),
        ("_load", "REAL", "input", "负载", "load"),
        ("_temperature", "REAL", "input", "温度", "temperature"),
    ],
    "camera": [("_trigger", "BOOL", "output", "触发", "trigger"), ("_colour", "INT", "input", "颜色", "colour")],
    "bin": [("_full", "BOOL", "input", "满", "full")],
    "axis": [("_position", "REAL", "input", "位置", "position"), ("_target", "INT", "output", "目标", "target")],
    "crane": [("_lift", "BOOL", "output", "抬升", "lift")],
    "feeder": [("_push", "BOOL", "output", "推出", "push"), ("_empty", "BOOL", "input", "料空", "empty")],
}
UNITS = {"speed": "mm/s", "current": "A", "load": "%", "temperature": "°C", "position": "mm", "time_in_state": "s"}


def tags() -> list[dict[str, object]]:
    rows: list[tuple[str, str, str, str, str, str]] = []
    for station in STATIONS:
        rows += [(station, *p) for p in PANEL]
        for c in ROWS:
            if c.name.startswith(f"{station}."):
                base = c.name.split(".")[1]
                rows += [
                    (station, base + e, t, d, f"{c.zh} {zh}".strip(), f"{c.en} {en}".strip())
                    for e, t, d, zh, en in OWN.get(c.kind, [])
                ]
    return [tag(i, *row) for i, row in enumerate(rows)]


def tag(i: int, station: str, signal: str, type_: str, direction: str, zh: str, en: str) -> dict[str, object]:
    table = {"input": "discrete_input", "output": "coil", "status": "input_register", "parameter": "holding_register"}
    unit = next((u for word, u in UNITS.items() if signal.endswith(word)), "")
    return {
        "index": i,
        "name": f"{station}.{signal}",
        "station": station,
        "signal": signal,
        "type": type_,
        "direction": direction,
        "title": text(zh, en),
        "unit": unit,
        "low": 0 if type_ == "REAL" else None,
        "high": 400 if type_ == "REAL" else None,
        "decimals": 1 if type_ == "REAL" else 0,
        "momentary": signal.startswith("cmd_"),
        "address": {
            "iec_address": f"%{'Q' if direction == 'output' else 'I'}X{i // 8}.{i % 8}",
            "modbus": {
                "table": table[direction],
                "address": i,
                "count": 1,
                "scale": 1,
                "address_32": None,
                "word_order": "ABCD",
            },
            "opcua": {"namespace_uri": "urn:linelab:smart-factory", "node_id": f"{station}.{signal}"},
            "mqtt": {
                "state": f"linelab/smart-factory/{station}/{signal}",
                "set": f"linelab/smart-factory/{station}/{signal}/set",
            },
        },
    }


def part_script(serial: int, begun: float) -> Iterator[Event]:
    """All that happens to one part that leaves the magazine at `begun`."""
    part, colour, good = str(serial), serial % 3 + 1, serial % 5 != 2
    yield begun - 0.4, "move", "infeed.feeder", [0, 2.5, 1]
    yield begun - 0.4, "new", part, {"colour": colour}
    yield from ride(part, "infeed", begun, SIZE)
    yield begun + 0.3, "move", "infeed.feeder", [1, -2.5, 0]
    yield from eye("infeed.eye_out", begun, 1100)
    t = begun + 6.0
    yield from machine(part, t)
    t += 2.7 + 3.6 + 3.3
    yield from ride(part, "inspection", t, SIZE)
    yield from eye("inspection.eye_1", t, 550)
    yield from pulse("inspection.camera_trigger", t + 2.6, 0.4)
    yield t + 3.0, "verdict", part, "ok" if good else "reject"
    t += 6.0
    yield from ride(part, "sorting", t, SIZE)
    yield from eye("sorting.eye_in", t, 120)
    lane = 1 if not good else {1: 2, 2: 3}.get(colour, 0)
    if lane:
        yield from eject(part, lane, t + (50 + 300 * lane + 30 - SIZE) / BELT_V)
    else:
        yield from store(part, t + 6.0, (serial // 3) % 9)


def ride(part: str, station: str, t: float, head: float) -> Iterator[Event]:
    yield t, "part", part, ["ride", f"{station}.belt", head - BELT_V * t]


def eye(name: str, entered: float, position: float) -> Iterator[Event]:
    yield from pulse(name, entered + (position - SIZE) / BELT_V, SIZE / BELT_V)


def pulse(name: str, t: float, length: float) -> Iterator[Event]:
    yield t, "tag", name, True
    yield t + length, "tag", name, False


def machine(part: str, t: float) -> Iterator[Event]:
    yield from ride(part, "machining", t, SIZE)
    t += 2.7
    yield t, "part", part, ["rest", "machining.belt", 600]
    yield from pulse("machining.eye_in", t - 0.1, 3.8)
    for at, name, v in [(0.0, "clamp", 2.5), (0.4, "door", 2.5), (2.8, "door", -2.5), (3.1, "clamp", -2.5)]:
        yield t + at, "move", f"machining.{name}", [0, v, 1] if v > 0 else [1, v, 0]
    yield from pulse("machining.spindle_run", t + 0.8, 2.0)
    yield t + 0.9, "move", "machining.spindle", [0, 1.0, 1]
    yield t + 2.1, "move", "machining.spindle", [1, -2.0, 0]
    yield t + 3.5, "move", "machining.stopper", [0, 10, 1]
    yield from ride(part, "machining", t + 3.6, 600)
    yield t + 4.4, "move", "machining.stopper", [1, -10, 0]


def eject(part: str, lane: int, t: float) -> Iterator[Event]:
    yield from pulse(f"sorting.ejector_{lane}_extend", t, 0.3)
    yield t, "move", f"sorting.ejector_{lane}", [0, 4, 1]
    yield t + 0.25, "part", part, ["in", f"sorting.bin_{lane}", None]
    yield t + 0.3, "move", f"sorting.ejector_{lane}", [1, -4, 0]


def store(part: str, t: float, cell: int) -> Iterator[Event]:
    column, row = cell % 3, cell // 3
    x, z = 180 + 120 * column, 110 * row
    yield from ride(part, "storage", t, SIZE)
    yield from eye("storage.eye_pick", t, 500)
    t += (500 - SIZE) / BELT_V
    yield t, "part", part, ["in", "storage.crane", "fork"]
    yield t - 0.4, "move", "storage.fork", [0, 2.5, 1]
    yield t + 0.1, "move", "storage.fork", [1, -5, 0]
    for at, axis, move in [
        (0.4, "x", [0, 150, x]),
        (0.4, "z", [0, 100, z]),
        (5, "x", [x, -200, 0]),
        (5, "z", [z, -100, 0]),
    ]:
        yield t + at, "move", f"storage.axis_{axis}", move
    yield t + 4.0, "move", "storage.fork", [0, 2, 1]
    yield t + 4.5, "part", part, ["in", "storage.rack", str(cell + 1)]
    yield t + 4.5, "move", "storage.fork", [1, -2, 0]
    if cell == 8:
        yield t + 12, "part", part, ["gone", "dispatch"]
