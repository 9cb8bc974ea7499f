"""What maintenance finds: observations in words and figures with units. Made from the plant, alike for everything.

A figure says what an instrument shows (`found`) beside what it should agree with (`stated`): what the I/O card says of
a signal, or the data sheet of a quantity. Whoever reads it judges; nothing here does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sim import units
from sim.component import MM, Component
from sim.components.air import AirSupply
from sim.components.belt import Belt
from sim.components.cylinder import Cylinder
from sim.image import ProcessImage
from sim.link_faults import LinkState
from sim.plant import Plant
from sim.tag import DataType, Direction, Tag, Value
from sim.text import Text
from sim.travel import NEVER

FIELD, SHEET, NOTHING = "field", "sheet", ""
ROUND_TRIP_MS = 0.5  # of a request on a healthy wire of the bench; training value
LOOP_ZERO_MA, LOOP_SPAN_MA, LOOP_MOST_MA = 4.0, 16.0, 24.0  # IEC 60381-1; what a card can measure
MILLION = 1_000_000
Link = Callable[[str], LinkState]


@dataclass(slots=True)
class Figure:
    """One figure. `against` says what `stated` is: the field's side of the signal, the data sheet, or nothing."""

    title: Text
    unit: str
    found: Value | None  # None: nothing can be measured
    stated: Value | None = None
    against: str = NOTHING


@dataclass(slots=True)
class Findings:
    """What one piece of work has brought to light."""

    notes: list[Text] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)


# ---- figures -----------------------------------------------------------------------------------------------------


def of_component(component: Component) -> list[Figure]:
    """Its signals on both sides of the I/O card, loop currents, its quantities against the data sheet."""
    image = component.image
    figures = [_signal(image, image.tags[index]) for index in component.tags.values()]
    figures += [
        loop for index in component.tags.values() if (loop := _loop(image, image.tags[index])) is not None
    ]  # fmt: skip
    figures += [made for kind, make in _SPECIAL if isinstance(component, kind) for made in make(component)]
    return figures + list(_parameters(component))


def of_station(plant: Plant, station: str) -> list[Figure]:
    """What hangs on its controller: actuator power, the safety circuit, the counts."""
    image, unit = plant.image, plant.units[station]
    found = [
        Figure(Text("执行器电源", "Actuator supply"), "V", 0.0 if _unpowered(image, station) else 24.0, 24.0, SHEET)
    ]
    found += [_signal(image, image.tags[unit.tags[name]]) for name in ("estop_ok", "state", "comm_lost")]
    supplies = [c for c in plant.components.values() if isinstance(c, AirSupply)]
    return found + [_pressure(supply) for supply in supplies]


def _unpowered(image: ProcessImage, station: str) -> bool:
    return station in image.state.unpowered


def of_wire(state: LinkState) -> list[Figure]:
    """A hundred requests of the technician's own over the wire."""
    dead = state.down or state.silent or state.restarting or state.filtered
    took = None if dead else ROUND_TRIP_MS + state.delay_ms + state.jitter_ms / 2
    return [
        Figure(Text("往返时间", "Round trip"), "ms", took, ROUND_TRIP_MS, SHEET),
        Figure(Text("未应答", "Not answered"), "%", 100.0 if dead else _percent(state.loss_ppm), 0.0, SHEET),
        Figure(Text("重复收到", "Received twice"), "%", None if dead else _percent(state.duplicate_ppm), 0.0, SHEET),
    ]  # fmt: skip


def _percent(ppm: int) -> float:
    return round(ppm / 10_000, 2)


def _signal(image: ProcessImage, tag: Tag) -> Figure:
    return Figure(
        tag.title, tag.unit, _shown(tag, image.truth(tag.index)), _shown(tag, image.read(tag.index).value), FIELD
    )


def _shown(tag: Tag, value: Value) -> Value:
    return round(float(value), tag.decimals + 1) if tag.type is DataType.REAL else value


def _loop(image: ProcessImage, tag: Tag) -> Figure | None:
    """The current of an analogue input's loop: 4 to 20 mA over its range."""
    if tag.type is not DataType.REAL or tag.direction is not Direction.INPUT or tag.low is None or tag.high is None:
        return None
    title = Text(f"{tag.title.zh}: 回路电流", f"{tag.title.en}: loop current")
    return Figure(title, "mA", _loop_ma(tag, float(image.read(tag.index).value)))


def _loop_ma(tag: Tag, value: float) -> float:
    low, high = tag.low or 0.0, tag.high or 0.0
    milliamps = LOOP_ZERO_MA + LOOP_SPAN_MA * (value - low) / (high - low)
    return round(min(max(milliamps, 0.0), LOOP_MOST_MA), 2)


def _parameters(component: Component) -> Iterator[Figure]:
    """Each quantity of it that can change, as a test on the spot shows it, beside the data sheet."""
    for parameter in component.KIND.parameters:
        name = parameter.name
        if parameter.fixed or parameter.choices or parameter.many or name not in component.p:
            continue
        unit, found = _quantity(component.p[name], component.base[name], parameter.dimension)
        _, stated = _quantity(component.base[name], component.base[name], parameter.dimension)
        yield Figure(parameter.title, unit, found, stated, SHEET)


def _quantity(value: int, like: int, dimension: str) -> tuple[str, Value]:
    """A value in the unit in which `like` is written best."""
    if dimension == "flag":
        return "", bool(value)
    known = units.DIMENSIONS[dimension]
    unit = next((u for u in reversed(known.shown) if like and abs(like) >= known.units[u]), known.shown[-1])
    return unit, round(float(value / known.units[unit]), 4)


# ---- figures of single kinds -------------------------------------------------------------------------------------


def _pressure(supply: AirSupply) -> Figure:
    return Figure(
        Text("供气压力", "Supply pressure"), "bar", round(supply.level / 1e5, 2), supply.base["regulator"] / 1e5, SHEET
    )


def _strokes(cylinder: Component) -> list[Figure]:
    """A test stroke out and back by the valve's hand override: its time, none where the rod does not move."""
    if not isinstance(cylinder, Cylinder):
        return []
    out, back = cylinder.stroke_times_ns()
    stroke, base = cylinder.base["stroke"], cylinder.base
    sheet_out = stroke / (base["extend_speed"] * base["throttle_out"])
    sheet_back = stroke / (base["retract_speed"] * base["throttle_back"])
    found = [
        Figure(Text("伸出时间", "Time of a stroke out"), "s", _seconds(out), round(sheet_out * 1e-3, 3), SHEET),
        Figure(Text("缩回时间", "Time of a stroke back"), "s", _seconds(back), round(sheet_back * 1e-3, 3), SHEET),
        Figure(Text("线圈得到命令", "The coil answers"), "", not cylinder.s.coil_open, True, SHEET),
    ]
    return found + ([] if cylinder.air is None else [_pressure(cylinder.air)])


def _seconds(ns: int) -> float | None:
    return None if ns == NEVER else round(ns / 1e9, 3)


def _belt(belt: Component) -> list[Figure]:
    """The belt's own speed by a hand tachometer beside what the motor drives."""
    if not isinstance(belt, Belt):
        return []
    speed = abs(belt.s.travel.v_at(belt.now)) / MM  # fm/s
    driven = speed * MILLION / max(1, belt.p["traction"])
    return [
        Figure(
            Text("带速 (手持转速表)", "Belt speed (hand tachometer)"), "mm/s", round(speed, 1), round(driven, 1), FIELD
        )
    ]


_SPECIAL: tuple[tuple[type[Component], Callable[[Component], list[Figure]]], ...] = (
    (Cylinder, _strokes),
    (Belt, _belt),
)


# ---- observations ------------------------------------------------------------------------------------------------


def seen_on_component(component: Component) -> list[Text]:
    """What somebody sees who stands before it: its state, its power, its parts, the lamps of its signals."""
    state = component.KIND.states[component.duty.state].title
    notes = [Text(f"状态: {state.zh}", f"State: {state.en}")]
    if component.station in component.plant.units:
        notes.append(_power(component.powered))
    holds = getattr(component, "holds", None)
    if callable(holds):
        count = len(holds())
        notes.append(Text(f"工件: {count} 件", f"Parts in it: {count}"))
    image = component.image
    return notes + [_lamp(image, image.tags[i]) for i in component.tags.values() if image.tags[i].type is DataType.BOOL]


def seen_on_station(plant: Plant, station: str) -> list[Text]:
    """What the front of its cabinet shows."""
    image, unit = plant.image, plant.units[station]
    lamps = [_lamp(image, image.tags[unit.tags[name]]) for name in ("estop_ok", "comm_lost")]
    return [_power(not _unpowered(image, station)), _lock(unit.locked), *lamps]


def seen_on_wire(state: LinkState) -> list[Text]:
    """The lamps of the port: dark without a cable or while the device boots; a service that is down leaves it lit."""
    link = ("灭", "dark") if state.silent or state.restarting else ("亮", "lit")
    active = ("无", "none") if state.down or state.silent or state.restarting else ("有", "yes")
    return [
        Text(f"链路灯: {link[0]}", f"Link lamp: {link[1]}"),
        Text(f"数据收发: {active[0]}", f"Traffic: {active[1]}"),
    ]


def _power(on: bool) -> Text:
    return Text("执行器电源: 有", "Actuator power: on") if on else Text("执行器电源: 无", "Actuator power: off")


def _lock(on: bool) -> Text:
    return Text("挂锁: 有", "Padlock: on") if on else Text("挂锁: 无", "Padlock: none")


def _lamp(image: ProcessImage, tag: Tag) -> Text:
    """Of one digital signal: the lamp of the I/O card, and what somebody sees of the thing itself."""
    card, thing = bool(image.read(tag.index).value), bool(image.truth(tag.index))
    zh, en = ("亮" if card else "灭"), ("lit" if card else "dark")
    actual, really = ("是" if thing else "否"), ("yes" if thing else "no")
    return Text(
        f"{tag.title.zh}: 卡上指示灯{zh}, 实际{actual}", f"{tag.title.en}: lamp of the card {en}, really {really}"
    )
