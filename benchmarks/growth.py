"""How cost grows: with the stations of a flow line, with the parts on a belt. Draws `docs/pictures/growth.svg`.

The exponent is the slope of the logarithms by least squares: 1 is linear growth, 0 is no growth.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, timed
from benchmarks.flow import VISITS, definition, services, span, visits
from scenarios import line_file
from sim.inputs import Input
from sim.line import Line

S = 10**9
STATIONS = (5, 10, 20, 50, 100, 200, 500)
PARTS = (5, 10, 20, 50, 100, 170)  # on a belt at a time; no belt is longer than 9 m
ROUNDS = 3  # the quickest counts: what else the machine did is none of ours
SWITCHES = 400
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "growth.svg"
BELT = """\
line: long-belt
title: {{zh: 长带, en: Long belt}}
part: {{length: 40 mm, gap: 5 mm, nominal: 40 mm, tolerance: 1 mm, colours: [{{zh: 蓝, en: blue}}]}}
stations:
  station:
    title: {{zh: 站, en: Station}}
    control: modbus
    components:
      belt: {{kind: belt, length: {length} mm, speed: 200 mm/s}}
      supply: {{kind: supply, belt: belt, least: 250 ms, most: 250 ms, first: 250 ms}}
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost in seconds over sizes."""

    name: str
    sizes: tuple[int, ...]
    costs: tuple[float, ...]

    @property
    def exponent(self) -> float:
        xs, ys = [math.log(x) for x in self.sizes], [math.log(y) for y in self.costs]
        mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
        return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)


def measure() -> list[Figure]:
    curves = [
        Curve("one simulated hour of a flow line", STATIONS, tuple(_best(_hour, size) for size in STATIONS)),
        Curve("one simulated hour of a belt", PARTS, tuple(_best(_belt_hour, size) for size in PARTS)),
        Curve("a start or stop of a belt", PARTS, tuple(_best(_switch, size) for size in PARTS)),
    ]
    goals = ("1: linear in the stations", "at most 1: linear in the parts on the belt", "0: no part is touched")
    draw(curves)
    return [
        Figure(f"{curve.name}: exponent, {curve.sizes[0]} to {curve.sizes[-1]}", curve.exponent, "", goal)
        for curve, goal in zip(curves, goals, strict=True)
    ]


def _best(cost: Callable[[int], float], size: int) -> float:
    return min(cost(size) for _ in range(ROUNDS))


def _hour(size: int) -> float:
    line = Line(definition(services(size)), 1)
    line.advance(20 * size * S)  # it has filled
    before, begin, until = visits(line), line.now_ns, line.now_ns + span(size)
    took = timed(lambda: line.advance(until))
    done = visits(line) - before
    if done < VISITS // 2:
        raise RuntimeError(f"{done} parts at stations only: the line stands")
    return took.wall_s * 3600 * S / (until - begin)


def _belt(parts: int) -> Line:
    """A belt with so many parts on it, one each 50 mm, that runs."""
    text = BELT.format(length=parts * 50)
    line = Line(line_file.parse(text, Path("long-belt.yaml")), 1)
    _give(line, "station.cmd_reset")
    _give(line, "station.belt_run")
    line.advance((parts + 20) * S // 4)
    return line


def _give(line: Line, tag: str, value: bool = True) -> None:
    line.apply(Input("write", {"writes": [[tag, value]]}))
    line.advance(line.now_ns)


def _belt_hour(parts: int) -> float:
    line = _belt(parts)
    until = line.now_ns + 360 * S
    return timed(lambda: line.advance(until)).wall_s * 10


def _switch(parts: int) -> float:
    line = _belt(parts)
    if len(line.plant.parts.by_serial) < parts - 2:
        raise RuntimeError("the belt is not full")

    def switch() -> None:
        for number in range(SWITCHES):
            _give(line, "station.belt_run", number % 2 == 1)
            line.advance(line.now_ns + S // 1000)

    return timed(switch).wall_s / SWITCHES


def draw(curves: list[Curve]) -> None:
    """Cost over size, both logarithmic, relative to the smallest size."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for curve in curves:
        relative = [cost / curve.costs[0] for cost in curve.costs]
        axes.plot(curve.sizes, relative, marker="o", label=f"{curve.name} (exponent {curve.exponent:.2f})")
    sizes = STATIONS
    axes.plot(sizes, [size / sizes[0] for size in sizes], linestyle=":", color="grey", label="linear")
    axes.set(xscale="log", yscale="log", xlabel="stations, or parts on the belt", ylabel="cost, smallest size = 1")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.savefig(PICTURE, metadata={"Date": None})
    plt.close(figure)
