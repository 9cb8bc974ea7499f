"""Quantities: exact, both ways, and clear about what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import units

EXACT = [
    ("1200 mm", "length", 1_200_000_000_000_000),
    ("0.1 µm", "length", 10**8),
    ("5um", "length", 5 * 10**9),
    ("5 μm", "length", 5 * 10**9),  # the Greek letter
    ("200 mm/s", "speed", 200_000),
    ("0.5 m/s", "speed", 500_000),
    ("18 m/min", "speed", 300_000),
    ("600 mm/min", "speed", 10_000),
    ("1 m/min", "speed", 16_667),
    ("90 L/min", "flow", 1_500_000),
    ("60 mL/min", "flow", 1000),
    ("3.6 m³/h", "flow", 1_000_000),
    ("1.5 s", "time", 1_500_000_000),
    ("8 h", "time", 28_800_000_000_000),
    ("2 min", "time", 120_000_000_000),
    ("0.8", "ratio", 800_000),
    ("80 %", "ratio", 800_000),
    ("800000 ppm", "ratio", 800_000),
    ("3", "count", 3),
    ("3 pcs", "count", 3),
    ("45 °C", "temperature", 45_000_000),
    ("-0.5 °C", "temperature", -500_000),
    ("4 mA", "current", 4000),
    ("24 V", "voltage", 24_000_000),
    ("2.2 kW", "power", 2_200_000),
    ("50 Hz", "frequency", 50_000),
    ("6000 rpm", "rotation", 6_000_000),
    ("9.81 m/s²", "acceleration", 9_810_000),
    ("2 mm/s2", "acceleration", 2000),
    ("6 bar", "pressure", 600_000),
    ("60 g", "mass", 60_000),
    ("true", "flag", 1),
    ("False", "flag", 0),
    ("0 mm", "length", 0),
    ("1e3 mm", "length", 10**15),
]


@pytest.mark.parametrize(("text", "dimension", "value"), EXACT)
def test_a_quantity_is_an_exact_number_of_base_units(text: str, dimension: str, value: int) -> None:
    assert units.parse(text, dimension) == value


def test_no_binary_fraction_gets_in() -> None:
    assert units.parse("0.1 mm", "length") * 3 == units.parse("0.3 mm", "length")


@given(st.sampled_from(sorted(units.DIMENSIONS)), st.integers(-(2**70), 2**70))
def test_what_is_printed_is_read_back_the_same(dimension: str, value: int) -> None:
    value = value % 2 if dimension == "flag" else value
    assert units.parse(units.format(value, dimension), dimension) == value


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (60 * 10**12, "length", "60 mm"),
        (1_200_000_000_000_000, "length", "1.2 m"),
        (-500_000, "temperature", "-500 m°C"),
        (800_000, "ratio", "80 %"),
        (0, "time", "0 s"),
        (7, "count", "7"),
        (1, "flag", "true"),
    ],
)
def test_printed_in_the_unit_that_a_person_would_take(value: int, dimension: str, text: str) -> None:
    assert units.format(value, dimension) == text


@pytest.mark.parametrize(
    ("text", "dimension", "message"),
    [
        ("1200 s", "length", "'1200 s': 's' is no unit of length, which takes fm, pm, nm, µm, mm, cm, m"),
        ("1200", "length", "'1200' has no unit: a length needs one of fm, pm, nm, µm, mm, cm, m"),
        ("fast", "speed", "'fast' is no speed: a number and one of µm/s, mm/s, cm/s, m/s, mm/min, m/min"),
        ("1,5 s", "time", "'1,5 s': ',5 s' is no unit of time, which takes ns, µs, ms, s, min, h"),
        ("2.5", "count", "'2.5' is no whole number"),
        ("yes", "flag", "'yes' is no flag: true or false"),
        ("0.1 ns", "time", "'0.1 ns' is less than can be told from zero: the smallest is 1 ns"),
        ("5", "temperature", "'5' has no unit: a temperature needs one of µ°C, m°C, °C, ℃, degC"),
    ],
)
def test_says_what_is_wrong_and_what_would_fit(text: str, dimension: str, message: str) -> None:
    with pytest.raises(units.UnitError) as caught:
        units.parse(text, dimension)
    assert str(caught.value) == message


@given(st.text(), st.sampled_from(sorted(units.DIMENSIONS)))
def test_any_text_is_read_or_refused(text: str, dimension: str) -> None:
    try:
        value = units.parse(text, dimension)
    except units.UnitError:
        return
    assert units.parse(units.format(value, dimension), dimension) == value
