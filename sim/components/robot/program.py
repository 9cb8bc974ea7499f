"""What a line file says of a robot's points and programs: read here, and refused here with words for its writer."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim import units
from sim.component import MM
from sim.components.robot.arm import AXES, DEG, LIMITS, Arm, beyond
from sim.definition import ComponentDefinition

Wrong = Iterator[tuple[tuple[str, ...], str]]
MOST_PROGRAM = 65_535  # a 16-bit register
WORDS = "the name of a point, grip, release, `wait 200 ms`, `speed 50 %`"


@dataclass(frozen=True, slots=True)
class Point:
    """Joint angles in µ°, and the spot that the tool is at there, `station.spot` or none."""

    joints: tuple[int, ...]
    spot: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """`move` to a point, `grip`, `release`, `wait` some ns, or go on at a `speed` in ppm."""

    do: str
    point: str = ""
    value: int = 0


def arm_of(given: ComponentDefinition) -> Arm:
    """The measures of the arm."""
    return Arm(*(given.parameters[name] / MM for name in ("shoulder", "upper_arm", "forearm", "tool_length")))


def points_of(given: ComponentDefinition) -> dict[str, Point]:
    """The points in the order of the file; the first is home. Raises ValueError."""
    return {name: _point(given, row) for name, row in given.tables.get("points", {}).items()}


def programs_of(given: ComponentDefinition) -> dict[int, list[Step]]:
    """The programs by number. Raises ValueError."""
    points = given.tables.get("points", {})
    rows = given.tables.get("programs", {})
    return {_number(name): [_step(word, points) for word in row] for name, row in rows.items()}


def check(given: ComponentDefinition) -> Wrong:
    """What is wrong with which row."""
    points = given.tables.get("points", {})
    if not points:
        yield ("points",), "are missing: at least one, and the first is home, such as `home: [0, 0, 0, 0, 90, 0]`"
    for name, row in points.items():
        try:
            _point(given, row)
        except ValueError as error:
            yield ("points", name), str(error)
    for name, row in given.tables.get("programs", {}).items():
        try:
            _number(name)
        except ValueError as error:
            yield ("programs", name), str(error)
        for word in row:
            try:
                _step(word, points)
            except ValueError as error:
                yield ("programs", name), str(error)


def _point(given: ComponentDefinition, row: list[str]) -> Point:
    spot = ""
    if row and _float(row[-1]) is None:
        spot, row = _spot(given, row[-1]), row[:-1]
    numbers = [_float(word) for word in row]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or len(known) not in (4, AXES):
        raise ValueError(
            "must be six joint angles in degrees, or x, y, z in mm and a turn in degrees; then maybe a spot"
        )
    joints = [round(n * DEG) for n in known] if len(known) == AXES else arm_of(given).angles(*known)
    if joints is None:
        raise ValueError("is out of the arm's reach")
    if joint := beyond(joints):
        raise ValueError(f"joint {joint} would be at {joints[joint - 1] / DEG:.1f}°, beyond ±{LIMITS[joint - 1]}°")
    return Point(tuple(joints), spot)


def _float(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _spot(given: ComponentDefinition, word: str) -> str:
    spots = given.joins.get("spots", [])
    found = next((name for name in spots if word in (name, name.partition(".")[2])), None)
    if found is None:
        raise ValueError(f"{word!r} is none of this robot's `spots`: {', '.join(spots) or 'it has none'}")
    return found


def _number(name: str) -> int:
    if not name.isdecimal() or not 0 < int(name) <= MOST_PROGRAM:
        raise ValueError(f"a program has a number from 1 to {MOST_PROGRAM}")
    return int(name)


def _step(word: str, points: dict[str, list[str]]) -> Step:
    if word in points:
        return Step("move", word)
    do, _, rest = word.partition(" ")
    if do in ("grip", "release") and not rest:
        return Step(do)
    if do == "wait" and (value := units.parse(rest, "time")) >= 0:
        return Step(do, value=value)
    if do == "speed" and 0 < (value := units.parse(rest, "ratio")) <= DEG:
        return Step(do, value=value)
    raise ValueError(f"{word!r} is no step: {WORDS}; points are {', '.join(points)}")
