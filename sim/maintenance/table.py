"""The table of maintenance: the sorts of things, and which kind of component belongs to which. Data, no behaviour.

Figures. Times and prices are training values: a tenth of a technician's usual minutes or less, so that a repair fits
in a lesson; prices are round sums of the right size. What needs a lock-out follows ISO 14118:2017 and OSHA 29 CFR
1910.147 (in China GB/T 33579-2017): work with hands where drives or cylinders move, or where parts of the machine are
taken off. Looking, measuring, and settings that are turned from outside or need the machine to move do not (the
exception for minor servicing, 1910.147(a)(2)(ii)); nor do signal parts on 24 V that are cleaned outside of the danger
zone (SELV, IEC 61140).
"""

from collections.abc import Mapping
from types import MappingProxyType

from sim.link_faults import WIRES
from sim.maintenance.category import Category, Spare, Work
from sim.maintenance.operation import SESSIONS, TITLES, WIRING, Operation
from sim.text import Text

WITHOUT, LOCKED = False, True
_LETTERS = {
    "i": Operation.INSPECT,
    "m": Operation.MEASURE,
    "c": Operation.CLEAN,
    "a": Operation.ADJUST,
    "k": Operation.CALIBRATE,
    "r": Operation.REPLACE,
    "z": Operation.RESET,
    "x": Operation.CLOSE_CONNECTION,
}


def _works(text: str) -> Mapping[Operation, Work]:
    """`i20 c120!`: inspect for 20 s; clean for 120 s, locked out."""
    found = {}
    for word in text.split():
        found[_LETTERS[word[0]]] = Work(int(word[1:].rstrip("!")), LOCKED if word.endswith("!") else WITHOUT)
    return MappingProxyType(found)


def _category(
    name: str, zh: str, en: str, works: str, spare: tuple[str, str, str, int, int] | None = None,
    remark: tuple[str, str] | None = None, connections: Text = WIRING,
) -> Category:  # fmt: skip
    part = None if spare is None else Spare(spare[0], Text(spare[1], spare[2]), spare[3], spare[4])
    return Category(name, Text(zh, en), _works(works), part, None if remark is None else Text(*remark), connections)


_ALL = (
    _category("conveyor", "输送设备", "Conveyors", "i20 m40 c90! a120! k90 r300! z15 x40!",
              ("belt_set", "输送带及滚筒套件", "Belt and roller set", 680, 2),
              ("清洁：取出卡住的异物并擦净；调整：张紧与对中",
               "clean: take out what jams it, wipe; adjust: tension, tracking")),
    _category("cylinder", "气动执行器", "Pneumatic actuators", "i20 m40 c60! a60 k60 r240! z15 x40!",
              ("cylinder_kit", "气缸、电磁阀及密封套件", "Cylinder, valve and seal kit", 260, 3),
              ("调整：节流阀 (须在运行中进行)；更换：缸、阀、线圈或密封",
               "adjust: throttles, while it moves; replace: rod, valve, coil or seals")),
    _category("switch_sensor", "开关量传感器", "Switching sensors", "i15 m30 c20 a40 k60 r120! z10 x30",
              ("sensor", "开关量传感器及电缆", "Switching sensor with cable", 120, 4)),
    _category("analogue_sensor", "模拟量仪表", "Analogue instruments", "i15 m40 c30 a60 k120 r180! z10 x40",
              ("transmitter", "变送器及电缆", "Transmitter with cable", 860, 2)),
    _category("camera", "视觉系统", "Vision systems", "i20 m60 c30 a90 k150 r240! z30 x30",
              ("camera", "工业相机及光源", "Camera and light", 4200, 1)),
    _category("identification", "识别设备", "Identification", "i15 m40 c30 a60 k60 r150! z20 x30",
              ("reader_head", "读写头", "Reader head", 1100, 2)),
    _category("printer", "标签打印机", "Label printers", "i15 m30 c60 a60 k60 r90! z20 x20",
              ("label_roll", "标签卷及碳带", "Label roll and ribbon", 90, 5)),
    _category("drive", "驱动与直线轴", "Drives and axes", "i20 m60 c60! a90! k120 r360! z20 x60!",
              ("drive_set", "电机、轴承及驱动套件", "Motor, bearing and drive set", 2400, 2),
              ("校准：重新找参考点", "calibrate: find its reference anew")),
    _category("tool", "加工单元", "Machining units", "i20 m60 c60! a90! k120 r150! z20 x60!",
              ("tool", "刀具", "Tool", 180, 6),
              ("更换：换新刀具, 寿命归零", "replace: a new tool, its life begins anew")),
    _category("robot", "机器人与装卸臂", "Robots and arms", "i30 m60 c90! a120! k150 r360! z20 x60!",
              ("robot_set", "吸盘、制动器及电缆套件", "Cup, brake and cable set", 1900, 2)),
    _category("gripper", "夹爪与吸盘", "Grippers and cups", "i15 m40 c45! a45! k60 r120! z10 x30!",
              ("gripper_set", "吸盘、消音器及夹爪套件", "Cup, silencer and jaw set", 150, 3)),
    _category("process", "罐与加热设备", "Tanks and heaters", "i20 m60 c120! a90 k120 r360! z20 x60!",
              ("process_set", "加热元件、液位计及密封套件", "Heating element, level gauge and seal set", 950, 2)),
    _category("fluid", "阀与泵", "Valves and pumps", "i20 m40 c90! a60 k90 r240! z15 x40!",
              ("valve_set", "阀芯及密封套件", "Valve trim and seal set", 540, 2)),
    _category("air", "气源", "Compressed air", "i20 m40 c60! a45 k60 r180! z20 x40!",
              ("filter_set", "滤芯、减压阀及接头套件", "Filter, regulator and fitting set", 320, 2)),
    _category("control_device", "操作与指示器件", "Operating and indicating devices",
              "i10 m20 c20 a30 k30 r90! z10 x20",
              ("contact_block", "触点及灯组件", "Contact and lamp block", 60, 4)),
    _category("store", "料仓与料位", "Bins and places", "i15 m30 c60 a60 k60 r180! z10 x30",
              ("fixture", "定位件", "Locating fixture", 210, 2),
              ("校准：盘点", "calibrate: count what is there")),
    _category("book", "订单与数据", "Orders and data", "i20 m40 c60 a60 k90 r120 z20 x10",
              ("backup", "备份介质", "Backup medium", 80, 5),
              ("清洁：删除过期记录；调整：更正记录；校准：与实物核对；更换：从备份恢复",
               "clean: delete old records; adjust: correct the record; calibrate: compare it with what is there; "
               "replace: restore the backup"), SESSIONS),
    _category("vehicle", "AGV", "AGVs", "i20 m40 c30 a60 k90 r180! z20 x30",
              ("battery", "电池组", "Battery pack", 1600, 2),
              ("清洁：对接标记与导航传感器", "clean: docking markers and navigation sensors")),
    _category("track", "AGV 轨道", "AGV tracks", "i20 m30 c60 a60 k60 r120 z10 x20",
              ("marker", "定位标记", "Position marker", 40, 4)),
    _category("machine", "流水线机器", "Machines of flow lines", "i20 m40 c90 a90 k90 r300 z20 x30",
              ("machine_set", "机器易损件套件", "Set of wearing parts", 500, 3)),
    _category("flow", "流水线节点", "Sources, buffers and people of flow lines",
              "i20 m30 c60 a60 k60 r180 z20 x30",
              ("flow_set", "易损件套件", "Wearing parts", 300, 3)),
    _category("controller", "站控制器", "Station controllers", "i15 m40 c30 a60 k60 r240! z30 x10",
              ("io_module", "I/O 模块、熔断器及电源", "I/O module, fuse and supply", 980, 2),
              ("调整：恢复设定值与强制点；复位：重新启动控制器",
               "adjust: settings and forced points as they should be; reset: restart"),
              TITLES[Operation.CLOSE_CONNECTION]),
    _category("network", "网络设备", "Network equipment", "i15 m30 c30 a60 k60 r90 z30 x10",
              ("patch_cable", "网线及交换机端口", "Cable and switch port", 50, 5),
              ("清洁：清除服务器保留的数据；调整：恢复服务器设置；校准：对时；更换、复位与断开连接期间该总线中断",
               "clean: what the server keeps for later readers; adjust: its settings; calibrate: its clock; the wire "
               "is cut while a cable is replaced, the server restarts or connections are closed"), SESSIONS),
)  # fmt: skip

CATEGORIES: Mapping[str, Category] = {category.name: category for category in _ALL}
CONTROLLER, NETWORK = CATEGORIES["controller"], CATEGORIES["network"]

_KINDS = {
    "conveyor": "belt roller_conveyor transfer turntable elevator",
    "cylinder": "stopper clamp cylinder ejector feeder double_cylinder pusher diverter",
    "switch_sensor": "photo_eye reader high_eye light_curtain inductive capacitive colour_sensor",
    "analogue_sensor": "height_sensor scale flow_meter air_meter energy_meter",
    "camera": "camera inspection",
    "identification": "rfid",
    "printer": "label_printer",
    "drive": "motor axis linear_axis index_table crane palletizer",
    "tool": "spindle machining_centre filler capper drill_unit mill_unit press",
    "robot": "robot loader",
    "gripper": "gripper vacuum_cup",
    "process": "tank heater oven",
    "fluid": "valve pump consumer",
    "air": "air_supply",
    "control_device": "push_button selector estop_button stack_light display",
    "store": "bin rack spot tray supply collection",
    "book": "order_desk customer job module_call module_port stock_book transport_order agv_fleet",
    "vehicle": "agv",
    "track": "track_node agv_dock agv_charger",
    "machine": "machine assembly",
    "flow": "source buffer sink crew pallets",
}
KIND_CATEGORIES: Mapping[str, Category] = {
    kind: CATEGORIES[name] for name, kinds in _KINDS.items() for kind in kinds.split()
}
# While this work is done the wire carries nothing: the plug is out, or the server is starting
CUTTING = frozenset({Operation.REPLACE, Operation.RESET, Operation.CLOSE_CONNECTION})
DELIVERY_S = 600  # training value: an express delivery of a spare part of which none is left
EXPRESS = 2  # training value: it costs so many times its price then


def category_of(kind: str) -> Category:
    """How a kind of component, `station` or one of the wires is maintained."""
    if kind in WIRES:
        return NETWORK
    return CONTROLLER if kind == "station" else KIND_CATEGORIES[kind]
