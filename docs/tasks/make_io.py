"""Write the I/O lists into the task sheets, from the address map, so that they never differ from it.

    python docs/tasks/make_io.py [LINE ...]          without names: every line that has a task sheet

The list stands between `<!-- io -->` and `<!-- /io -->` in docs/tasks/LINE.md and docs/tasks/LINE.zh-CN.md.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from devices.address_map import Address, AddressMap, Table  # noqa: E402
from scenarios import line_file  # noqa: E402
from sim.components import KINDS  # noqa: E402
from sim.tags import line_tags  # noqa: E402

BEGIN, END = "<!-- io -->", "<!-- /io -->"
HEADS = {
    "en": ["signal", "meaning", "table", "address", "in the register"],
    "zh": ["信号", "含义", "寄存器区", "地址", "寄存器中的值"],
}
TABLES = {
    "en": {
        Table.DISCRETE_INPUT: "discrete input", Table.COIL: "coil",
        Table.INPUT_REGISTER: "input register", Table.HOLDING_REGISTER: "holding register",
    },
    "zh": {
        Table.DISCRETE_INPUT: "离散输入", Table.COIL: "线圈",
        Table.INPUT_REGISTER: "输入寄存器", Table.HOLDING_REGISTER: "保持寄存器",
    },
}  # fmt: skip
LANGUAGES = {"": "en", ".zh-CN": "zh"}


def addresses(line: str) -> AddressMap:
    """The address map of a shipped line."""
    definition = line_file.load(ROOT / f"scenarios/lines/{line}.yaml")
    slots = {station.name: station.slots for station in definition.stations}
    return AddressMap(definition.name, line_tags(definition, KINDS), slots)


def io_list(found: AddressMap, language: str) -> str:
    """A table of inputs and outputs, and where the states and commands of each station are."""
    many = len(found.stations) > 2  # its stations and the line's own tags
    rows = [HEADS[language], ["---"] * 5]
    for table in (Table.DISCRETE_INPUT, Table.INPUT_REGISTER, Table.COIL, Table.HOLDING_REGISTER):
        rows += [_row(a, language, many) for a in found if a.modbus.table is table and a.modbus.address < 1000]
    extra = [a for a in found if a.modbus.address >= 1000 and (a.signal in SHOWN or _own(a))]
    rows += [_row(a, language, many) for a in extra if a.station != "line"]
    if found.line in ONE_STATION:  # a page: the rest is in `linelab map`
        rows = [row for row in rows if "." not in row[0] or row[0].startswith(f"`{ONE_STATION[found.line]}.")]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


ONE_STATION = {"smart-factory": "sorting"}  # lines of which the sheet lists one station alone
SHOWN = ("state", "control", "cmd_reset", "cmd_start", "cmd_stop", "cmd_unhold", "cmd_clear", "sc_done")
COMMON = ("stop_reason", "equipment_", "parts_", "time_", "cmd_", "sc_done", "state", "comm_", "alarms_")


def _own(address: Address) -> bool:
    """A supervisory tag that not every station has."""
    return not address.signal.startswith(COMMON) and address.signal != "control"


def _row(a: Address, language: str, many: bool) -> list[str]:
    meaning = (a.description.zh if language == "zh" else a.description.en).replace("|", "/")
    value = ""
    if not a.modbus.table.is_bits:
        scale = a.modbus.scale or 1
        value = f"{a.unit} × {scale}" if scale > 1 and a.unit else f"× {scale}" if scale > 1 else a.unit
    name = a.name if many else a.signal
    return [f"`{name}`", meaning, TABLES[language][a.modbus.table], str(a.modbus.address), value]


def sheet(path: Path) -> str:
    """The text of a task sheet with its list made anew."""
    line, _, suffix = path.name.removesuffix(".md").partition(".")
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    language = LANGUAGES[f".{suffix}" if suffix else ""]
    return f"{before}{BEGIN}\n{io_list(addresses(line), language)}\n{END}{after}"


def main(lines: list[str]) -> None:
    for path in sorted(Path(__file__).parent.glob("*.md")):
        if not lines or path.name.partition(".")[0] in lines:
            path.write_text(sheet(path), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
