"""Parameters of sensors, changed and restored in mid-operation: thresholds, readings, times. See `parameters.py`."""

from dataclasses import replace

import pytest

from sim.definition import ComponentDefinition, PartKind
from tests.sim.builders import MM, MS, Bench, S, belt, component, definition, station, text
from tests.sim.kinematics import about
from tests.sim.parameters import change, covers, restore

TALL = PartKind(text("tall"), 2, 100 * MM, 900_000, "metal")
FLAT = PartKind(text("flat"), 1, 40 * MM, 100_000, "cardboard")


def before_it(sensor: ComponentDefinition, kind: PartKind = TALL) -> Bench:
    """A part stands at 500 mm, before the sensor."""
    made = definition(station("s", belt(), sensor))
    bench = Bench(replace(made, part=replace(made.part, kinds=[kind])))
    bench.write(s__belt_run=True)
    come(bench)
    return bench


def come(bench: Bench) -> int:
    """Another part, up to 500 mm; the one before it goes."""
    for serial in list(bench.line.plant.parts.by_serial):
        bench.give("remove_part", part=serial)
    bench.write(s__belt_run=True)
    part = bench.line.plant.make_part(1, 30_000, 1)
    bench.belt("s.belt").put(part.serial)
    bench.run(2.3)  # 460 mm
    bench.write(s__belt_run=False)
    return part.serial


def sensor(kind: str, options: tuple[str, ...] = (), /, **given: str) -> ComponentDefinition:
    return component("it", kind, options, belt="s.belt", position="500 mm", **given)


@pytest.mark.parametrize(
    ("given", "kind", "port", "parameter", "value", "seen"),
    [
        (sensor("high_eye", height="50 mm"), TALL, "s.it", "height", 120 * MM, [True, False, True]),
        (sensor("capacitive", threshold="1.5"), FLAT, "s.it", "threshold", 2_500_000, [True, False, True]),
        # beams at 5, 15 ... 95 mm: ten; from 45 mm on: six; every 20 mm: five; with three beams: three
        (sensor("light_curtain"), TALL, "s.it_count", "lowest", 45 * MM, [10, 6, 10]),
        (sensor("light_curtain"), TALL, "s.it_count", "pitch", 20 * MM, [10, 5, 10]),
        (sensor("light_curtain"), TALL, "s.it_count", "beams", 3, [10, 3, 10]),
    ],
)
@covers("high_eye", "height")
@covers("capacitive", "threshold")
@covers("light_curtain", "lowest", "pitch", "beams")
def test_a_threshold_holds_for_what_stands_there(
    given: ComponentDefinition, kind: PartKind, port: str, parameter: str, value: int, seen: list[object]
) -> None:
    bench = before_it(given, kind)
    found = [bench.get(port)]
    ident = change(bench, "s.it", parameter, value)
    found.append(bench.get(port))
    restore(bench, ident)
    assert [*found, bench.get(port)] == seen


def readings(given: ComponentDefinition, port: str, parameter: str, value: int) -> list[float]:
    """Of a part before, while and after the parameter is changed, as the sensor measures each on its coming."""
    bench, found = before_it(given), []
    measure(bench)
    found.append(float(bench.get(port)))
    ident = change(bench, "s.it", parameter, value)
    come(bench)
    measure(bench)
    found.append(float(bench.get(port)))
    restore(bench, ident)
    come(bench)
    measure(bench)
    return [*found, float(bench.get(port))]


def measure(bench: Bench) -> None:
    """What is triggered is triggered; the scale settles."""
    if bench.line.tags.find("s.it_trigger") is not None:
        bench.write(s__it_trigger=False)
        bench.write(s__it_trigger=True)
    bench.run(1)


@pytest.mark.parametrize(
    ("given", "port", "value", "seen"),
    [
        (sensor("height_sensor", noise="0 mm"), "s.it_height", 7 * MM, [100, 107, 100]),
        (sensor("camera", noise="0 mm"), "s.it_dimension", MM, [30, 31, 30]),
        (
            component("it", "scale", belt="s.belt", position="300 mm", noise="0 g"),
            "s.it_weight",
            50_000,
            [900, 950, 900],
        ),
    ],
)
@covers(("height_sensor", "camera", "scale"), "offset")
def test_a_reading_is_off_by_its_offset(given: ComponentDefinition, port: str, value: int, seen: list[float]) -> None:
    assert readings(given, port, "offset", value) == seen


@pytest.mark.parametrize(
    ("given", "port", "true", "step", "sigma"),
    [
        (sensor("height_sensor", noise="1 mm"), "s.it_height", 100.0, 0.1, MM),
        (sensor("camera", noise="100 µm"), "s.it_dimension", 30.0, 0.001, MM // 10),
        (component("it", "scale", belt="s.belt", position="300 mm", noise="20 g"), "s.it_weight", 900.0, 1.0, 20_000),
    ],
)
@covers(("height_sensor", "camera", "scale"), "noise")
def test_noise_is_as_wide_as_stated(
    given: ComponentDefinition, port: str, true: float, step: float, sigma: int
) -> None:
    """Every part draws the same numbers: three times as wide a noise is three times as far off."""
    plain = readings(given, port, "noise", sigma)
    wide = readings(given, port, "noise", 3 * sigma)
    assert (wide[0], wide[2]) == (plain[0], plain[2])
    assert wide[1] - true == pytest.approx(3 * (plain[1] - true), abs=2 * step)
    assert abs(plain[1] - true) > step  # something was drawn


@covers("camera", "exposure")
def test_a_picture_takes_its_time() -> None:
    """250 ms; changed to 900 ms for good, then for a while, then to what is over already."""
    bench = before_it(sensor("camera"))
    took = []
    for begin, end, exposure in ((0.1, 2.0, 900), (0.1, 0.2, 900), (0.1, 2.0, 50)):
        start = bench.line.now_ns
        bench.write(s__it_trigger=True)
        bench.run(begin)
        ident = change(bench, "s.it", "exposure", exposure * MS)
        bench.run(end - begin)
        restore(bench, ident)
        bench.run(1)
        took.append(next(t for t, on in reversed(bench.times("s.it_valid")) if on) - start)
        bench.write(s__it_trigger=False)
    assert took == [900 * MS, 250 * MS, 100 * MS]


@pytest.mark.parametrize(("end", "took"), [(3.0, 1500), (0.3, 600)])
@covers("scale", "settling")
def test_a_weight_settles(end: float, took: int) -> None:
    """The part stands from its coming to a stand on; 600 ms, or 1.5 s."""
    bench = before_it(component("it", "scale", belt="s.belt", position="300 mm"))
    came = (300 + 60 - 60) * S // 200  # wholly on the plate
    assert bench.line.now_ns > came
    bench = Bench(bench.line.definition)
    bench.write(s__belt_run=True)
    bench.belt("s.belt").put(bench.line.plant.make_part(1, 30_000, 1).serial)
    bench.run_to(came / S + 0.1)
    bench.write(s__belt_run=False)
    ident = change(bench, "s.it", "settling", 1500 * MS)
    bench.run(end)
    restore(bench, ident)
    bench.run(3)
    assert bench.times("s.it_stable") == [(about(came + took * MS), True)]
