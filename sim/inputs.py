"""Inputs: everything that a line hears, as data. One input is applied at one instant, whole."""

from dataclasses import dataclass, field

from sim.state import JsonValue


@dataclass(frozen=True, slots=True)
class Input:
    """One input. `op` names an operation of `sim/line.py`; `args` are plain JSON, as the journal keeps them."""

    op: str
    args: dict[str, JsonValue] = field(default_factory=dict)
