"""Physical quantities as exact integers: `1200 mm` is 1_200_000_000_000_000 fm, and back. Knows no file, no component.

Inside the line every quantity is a whole number of its dimension's base unit, so that sums are the same on every
machine. Texts are read by decimal arithmetic and rounded once, at the base unit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


class UnitError(ValueError):
    """A text is no quantity of its dimension; the message says what and which units fit."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A family of units. `units` maps a unit's name to its size in base units; "" is a number without unit.

    Sizes of units per minute and hour are fractions: `18 m/min` is 300 mm/s exactly, 1 m/min is rounded.
    """

    name: str
    base: str
    units: Mapping[str, int | Fraction]
    shown: tuple[str, ...]  # for `format`, from small to large; each a power of ten of the base unit


_KILO, _MEGA, _GIGA = 10**3, 10**6, 10**9

_ALL = (
    Dimension(
        "length",
        "fm",
        {"fm": 1, "pm": _KILO, "nm": _MEGA, "µm": _GIGA, "mm": 10**12, "cm": 10**13, "m": 10**15},
        ("fm", "nm", "µm", "mm", "m"),
    ),
    Dimension(
        "speed",
        "µm/s",
        {
            "µm/s": 1,
            "mm/s": _KILO,
            "cm/s": 10**4,
            "m/s": _MEGA,
            "mm/min": Fraction(_KILO, 60),
            "m/min": Fraction(_MEGA, 60),
        },
        ("µm/s", "mm/s", "m/s"),
    ),
    Dimension(
        "acceleration",
        "µm/s²",
        {"µm/s²": 1, "mm/s²": _KILO, "m/s²": _MEGA, "µm/s2": 1, "mm/s2": _KILO, "m/s2": _MEGA},
        ("µm/s²", "mm/s²", "m/s²"),
    ),
    Dimension(
        "time",
        "ns",
        {"ns": 1, "µs": _KILO, "ms": _MEGA, "s": _GIGA, "min": 60 * _GIGA, "h": 3600 * _GIGA},
        ("ns", "µs", "ms", "s"),
    ),
    Dimension("ratio", "ppm", {"": _MEGA, "%": 10**4, "‰": _KILO, "ppm": 1}, ("ppm", "%")),
    Dimension("count", "pcs", {"": 1, "pcs": 1}, ("",)),
    Dimension(
        "temperature",
        "µ°C",
        {"µ°C": 1, "m°C": _KILO, "°C": _MEGA, "℃": _MEGA, "degC": _MEGA},
        ("µ°C", "m°C", "°C"),
    ),
    Dimension("current", "µA", {"µA": 1, "mA": _KILO, "A": _MEGA}, ("µA", "mA", "A")),
    Dimension("voltage", "µV", {"µV": 1, "mV": _KILO, "V": _MEGA, "kV": _GIGA}, ("µV", "mV", "V")),
    Dimension("power", "mW", {"mW": 1, "W": _KILO, "kW": _MEGA}, ("mW", "W", "kW")),
    Dimension("frequency", "mHz", {"mHz": 1, "Hz": _KILO, "kHz": _MEGA}, ("mHz", "Hz", "kHz")),
    Dimension("rotation", "mrpm", {"mrpm": 1, "rpm": _KILO, "1/min": _KILO}, ("mrpm", "rpm")),
    Dimension("force", "mN", {"mN": 1, "N": _KILO, "kN": _MEGA}, ("mN", "N", "kN")),
    Dimension("angle", "µ°", {"µ°": 1, "m°": _KILO, "°": _MEGA, "deg": _MEGA}, ("µ°", "m°", "°")),
    Dimension("turning", "µ°/s", {"µ°/s": 1, "m°/s": _KILO, "°/s": _MEGA, "deg/s": _MEGA}, ("µ°/s", "m°/s", "°/s")),
    Dimension(
        "pressure",
        "Pa",
        {"Pa": 1, "mbar": 100, "hPa": 100, "kPa": _KILO, "bar": 10**5, "MPa": _MEGA},
        ("Pa", "kPa", "bar"),
    ),
    Dimension(
        "volume", "µL", {"µL": 1, "mm³": 1, "mL": _KILO, "cm³": _KILO, "L": _MEGA, "l": _MEGA}, ("µL", "mL", "L")
    ),
    Dimension(
        "flow",
        "µL/s",
        {
            "µL/s": 1,
            "mL/s": _KILO,
            "L/s": _MEGA,
            "mL/min": Fraction(_KILO, 60),
            "L/min": Fraction(_MEGA, 60),
            "m³/h": Fraction(_GIGA, 3600),
            "m3/h": Fraction(_GIGA, 3600),
        },
        ("µL/s", "mL/s", "L/s"),
    ),
    Dimension("mass", "mg", {"mg": 1, "g": _KILO, "kg": _MEGA}, ("mg", "g", "kg")),
    Dimension("flag", "", {}, ()),
)

DIMENSIONS: Mapping[str, Dimension] = {dimension.name: dimension for dimension in _ALL}

_FLAGS = {"true": 1, "false": 0}
# bounded, so that no file makes us compute with numbers of a million digits
_QUANTITY = re.compile(r"([+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,2})?)\s*(\D.*)?")
_MICRO = str.maketrans({"μ": "µ"})  # the Greek letter and the micro sign look alike


def fitting(dimension: str) -> str:
    """The units that fit, in words: `fm, pm, nm, µm, mm, cm, m`."""
    if dimension == "flag":
        return "true, false"
    return ", ".join(unit or "a plain number" for unit in DIMENSIONS[dimension].units)


def parse(text: str, dimension: str) -> int:
    """The quantity in base units, rounded half to even."""
    given = text.strip()
    if dimension == "flag":
        return _flag(given)
    match = _QUANTITY.fullmatch(given)
    if match is None:
        raise UnitError(f"{_quoted(text)} is no {dimension}: a number and one of {fitting(dimension)}")
    size = _size(text, match[2] or "", DIMENSIONS[dimension])
    exact = Fraction(match[1]) * size
    whole = round(exact)
    if whole == 0 and exact != 0:
        raise UnitError(f"{_quoted(text)} is less than can be told from zero: the smallest is {format(1, dimension)}")
    if dimension == "count" and whole != exact:
        raise UnitError(f"{_quoted(text)} is no whole number")
    return whole


def format(value: int, dimension: str) -> str:
    """The exact text in the largest unit that it fills; `parse` gives the same integer back."""
    if dimension == "flag":
        return "true" if value else "false"
    known = DIMENSIONS[dimension]
    unit = next((unit for unit in reversed(known.shown) if abs(value) >= known.units[unit]), known.shown[0])
    if value == 0:
        unit = known.shown[-1]
    number = _decimal(value, len(str(known.units[unit])) - 1)
    return f"{number} {unit}".rstrip()


def _flag(given: str) -> int:
    try:
        return _FLAGS[given.lower()]
    except KeyError:
        raise UnitError(f"{_quoted(given)} is no flag: true or false") from None


def _size(text: str, unit: str, dimension: Dimension) -> int | Fraction:
    """Size of the unit in base units."""
    name = unit.translate(_MICRO)
    size = dimension.units.get(name)
    if size is None and name.startswith("u"):
        size = dimension.units.get("µ" + name[1:])
    if size is not None:
        return size
    if not name:
        raise UnitError(f"{_quoted(text)} has no unit: a {dimension.name} needs one of {fitting(dimension.name)}")
    raise UnitError(
        f"{_quoted(text)}: {_quoted(unit)} is no unit of {dimension.name}, which takes {fitting(dimension.name)}"
    )


def _decimal(value: int, places: int) -> str:
    """`value` / 10**places, exact and without needless zeros."""
    if places == 0:
        return str(value)
    whole, part = divmod(abs(value), 10**places)
    digits = str(part).rjust(places, "0").rstrip("0")
    return ("-" if value < 0 else "") + (f"{whole}.{digits}" if digits else str(whole))


def _quoted(text: str) -> str:
    short = text if len(text) <= 40 else text[:37] + "..."
    return f"'{short}'"
