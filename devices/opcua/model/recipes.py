"""LineLab's own structures: a station's recipe (all set-points at one instant), quality, a camera's result."""

from functools import partial

from asyncua.ua.status_codes import StatusCodes

from devices.opcua.actions import Answer, Caller
from devices.opcua.model.builder import Builder, Input, Spot
from devices.opcua.model.equipment import Device
from devices.opcua.model.live import Live, Look
from devices.opcua.model.packml import code
from devices.opcua.model.structures import class_of, filled
from devices.opcua.values import engineering_unit
from sim.tag import DataType, Direction, Tag
from sim.text import Text

RECIPE, SET_POINT = "Types:RecipeDataType", "Types:SetPointDataType"
LARGEST = 1.7976931348623157e308


def set_points(builder: Builder, tags: list[Tag], look: Look) -> list[object]:
    """These tags, each with its unit and limits."""
    kind = class_of(builder.types, SET_POINT)
    return [
        filled(
            kind,
            Name=tag.signal,
            Value=float(look.value(tag.index)),
            Unit=engineering_unit(tag.unit),
            Low=float(tag.range[0]) if tag.range else -LARGEST,
            High=float(tag.range[1]) if tag.range else LARGEST,
        )
        for tag in tags
    ]


def recipe(builder: Builder, at: Spot, station: str) -> None:
    """A variable to read it and a method to write it: one request, so that all of it takes effect or nothing."""
    tags = [
        tag for tag in builder.tags.of(station)
        if tag.direction is Direction.PARAMETER and not tag.momentary and tag.type is not DataType.BOOL
        and not tag.owned
    ]  # fmt: skip
    if not tags:
        return
    kind = class_of(builder.types, RECIPE)

    def compute(look: Look) -> object:
        return filled(kind, Station=station, SetPoints=set_points(builder, tags, look))

    builder.computed(at, "Line:Recipe", RECIPE, compute, tags)
    given = Input("Recipe", RECIPE, Text("配方, 单位和量程不计", "The recipe; its units and limits are ignored"))
    builder.method(at, "Line:SetRecipe", partial(_set, {tag.signal: tag for tag in tags}, station), [given])


def _set(tags: dict[str, Tag], station: str, live: Live, caller: Caller, given: tuple[object, ...]) -> Answer:
    asked = getattr(given[0], "SetPoints", None) or []
    if getattr(given[0], "Station", station) != station or any(one.Name not in tags for one in asked):
        return Answer(StatusCodes.BadInvalidArgument, arguments=(StatusCodes.BadNotFound,))
    writes: list[tuple[int, object]] = []
    for one in asked:
        tag = tags[one.Name]
        exact = tag.type.is_integer and float(one.Value).is_integer()
        writes.append((tag.index, int(one.Value) if exact else one.Value))
    answers = live.view.request(caller.client, writes) if writes else ()
    return code(next((answer for answer in answers if answer is not None), None))


def quality(builder: Builder, at: Spot, made: Tag, good: Tag, rejected: Tag) -> None:
    kind = class_of(builder.types, "Types:QualityResultDataType")

    def compute(look: Look) -> object:
        fine, bad = int(look.value(good.index)), int(look.value(rejected.index))
        judged = fine + bad
        return filled(
            kind, Made=int(look.value(made.index)), Good=fine, Rejected=bad,
            YieldPercent=100.0 * fine / judged if judged else 100.0,
        )  # fmt: skip

    builder.computed(at, "Line:Quality", "Types:QualityResultDataType", compute, [made, good, rejected], timed=True)


def inspection(builder: Builder, at: Spot, device: Device) -> None:
    """What a vision sensor shows, as one value."""
    kind = class_of(builder.types, "Types:InspectionResultDataType")
    valid, fine = device.tag(builder.tags, "valid"), device.tag(builder.tags, "ok")
    if valid is None or fine is None:
        return
    measured = [
        tag for _, index in device.signals
        if (tag := builder.tags[index]).direction is Direction.INPUT and tag.type is not DataType.BOOL
    ]  # fmt: skip

    def compute(look: Look) -> object:
        return filled(
            kind, Valid=bool(look.value(valid.index)), Good=bool(look.value(fine.index)),
            Measurements=set_points(builder, measured, look),
        )  # fmt: skip

    builder.computed(at, "Line:Result", "Types:InspectionResultDataType", compute, [valid, fine, *measured])
