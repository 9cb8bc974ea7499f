"""The commissioning report: whether twin and device agree, tag by tag. JSON, and as a page to print."""

from collections.abc import Iterable

from controller.bindings.deviation import Deviation
from controller.bindings.station import Station
from sim.state import JsonValue

AGREES = 0.99  # of the time; and no tag apart for longer than the station's limit
LEAST_S = 30.0  # compared for less than that says nothing


def figures(name: str, one: Deviation, now_s: float) -> dict[str, JsonValue]:
    """One tag."""
    return {
        "tag": name,
        "compared_s": round(one.compared_s, 2),
        "apart_s": round(one.apart_s, 2),
        "apart_now_s": round(one.apart_for(now_s), 2),
        "longest_s": round(one.longest_s, 2),
        "largest": round(one.largest, 6),
        "times": one.times,
        "delay_s": None if one.delay_s is None else round(one.delay_s, 2),
        "tolerance": one.tolerance,
        "agreement": None if one.agreement is None else round(one.agreement, 5),
    }


def verdict(station: Station, now_s: float) -> str:
    """`agree`, `differ`, or `unknown` where too little was compared."""
    found = list(station.deviations.values())
    if not found or any(one.compared_s < LEAST_S for one in found):
        return "unknown"
    limit_s = station.bound.deviation_s
    good = all((one.agreement or 0.0) >= AGREES and one.longest_s <= limit_s for one in found)
    return "agree" if good else "differ"


def report(stations: Iterable[Station], now_s: float, utc: str, run: str) -> dict[str, JsonValue]:
    """Everything that was compared in this run."""
    rows: list[JsonValue] = []
    for station in stations:
        tags: list[JsonValue] = [figures(name, one, now_s) for name, one in station.deviations.items()]
        rows.append({
            "station": station.name, "device": station.device.name, "mode": station.mode,
            "limit_s": station.bound.deviation_s, "verdict": verdict(station, now_s), "tags": tags,
        })  # fmt: skip
    return {"utc": utc, "run": run, "stations": rows}


_WORDS = {
    "agree": ("孪生与设备一致", "Twin and device agree."),
    "differ": ("孪生与设备不一致", "Twin and device differ."),
    "unknown": ("比较时间不足", "Compared for too short a time to say."),
}
_HEADS = (
    ("信号", "Tag"), ("一致", "agree"), ("偏差时间 s", "apart s"), ("最长 s", "longest s"), ("最大偏差", "largest"),
    ("次数", "times"), ("延时 s", "delay s"),
)  # fmt: skip


def markdown(told: dict[str, JsonValue], zh: bool) -> str:
    """The report for people."""
    here = 0 if zh else 1
    lines = [("# 调试报告" if zh else "# Commissioning report"), "", f"{told['utc']} · {told['run']}", ""]
    stations = told["stations"]
    for row in stations if isinstance(stations, list) else ():
        if not isinstance(row, dict):
            continue
        lines += [f"## {row['station']} ↔ {row['device']}", "", f"**{_WORDS[str(row['verdict'])][here]}**", ""]
        lines += ["| " + " | ".join(head[here] for head in _HEADS) + " |", "|" + "---|" * len(_HEADS)]
        tags = row["tags"]
        for tag in tags if isinstance(tags, list) else ():
            if isinstance(tag, dict):
                lines.append("| " + " | ".join(_cells(tag)) + " |")
        lines.append("")
    return "\n".join(lines)


def _cells(tag: dict[str, JsonValue]) -> list[str]:
    agreement = tag["agreement"]
    share = "–" if not isinstance(agreement, int | float) else f"{agreement * 100:.2f} %"
    delay = "–" if tag["delay_s"] is None else str(tag["delay_s"])
    return [str(tag["tag"]), share, *(str(tag[key]) for key in ("apart_s", "longest_s", "largest", "times")), delay]
