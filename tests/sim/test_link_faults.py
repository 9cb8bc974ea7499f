"""The table of what can be wrong with a wire: each row makes a state, the worst of several counts."""

from dataclasses import fields

import pytest

from sim.link_faults import LINK_HOWS, WELL, WIRES, How, check_link, link_state
from sim.refusal import Refusal
from sim.state import JsonValue

Effect = dict[str, JsonValue]


def effect(how: str, wire: str, **figures: JsonValue) -> Effect:
    return {"seam": "link", "wire": wire, "how": how, **figures}


def worst(how: How) -> Effect:
    return {f.name: f.words[0] if f.words else f.high for f in how.figures}


@pytest.mark.parametrize("name", LINK_HOWS)
def test_every_row_fits_its_wires_alone_and_makes_a_state_of_the_right_types(name: str) -> None:
    how = LINK_HOWS[name]
    kinds = {field.name: type(getattr(WELL, field.name)) for field in fields(WELL)}
    for wire in WIRES:
        one = effect(name, wire, **worst(how))
        assert check_link(one) is (None if wire in how.wires else Refusal.UNKNOWN)
        state = link_state(wire, [one])
        assert state != WELL
        assert {field.name: type(getattr(state, field.name)) for field in fields(state)} == kinds
        assert link_state("other", [one]) is WELL


@pytest.mark.parametrize("name", [name for name, how in LINK_HOWS.items() if how.figures])
def test_figures_have_a_range_and_are_said_unless_they_have_a_default(name: str) -> None:
    how = LINK_HOWS[name]
    for figure in how.figures:
        others: Effect = {key: value for key, value in worst(how).items() if key != figure.name}
        wrong = ["smoke", None, True, 1.5] if figure.words else [figure.low - 1, figure.high + 1, True, "1", None, 1.5]
        for value in wrong:
            assert check_link(effect(name, how.wires[0], **others, **{figure.name: value})) is Refusal.RANGE
        silent = check_link(effect(name, how.wires[0], **others))
        assert silent is (Refusal.RANGE if figure.default is None else None)


def test_of_several_the_worst_counts_by_the_rule_of_its_figure() -> None:
    def of(*effects: Effect) -> object:
        return link_state("modbus", effects)

    state = link_state(
        "modbus",
        [
            effect("delay", "modbus", delay_ms=5), effect("delay", "modbus", delay_ms=3),
            effect("connections", "modbus", most=3), effect("connections", "modbus", most=8),
            effect("clock", "modbus", offset_ms=50), effect("clock", "modbus", offset_ms=-90),
            effect("unit", "modbus", number=9), effect("unit", "modbus", number=4),
            effect("reset", "modbus", every_ms=5000), effect("reset", "modbus", every_ms=700),
        ],
    )  # fmt: skip
    assert (state.delay_ms, state.most_connections, state.clock_ms, state.unit, state.reset_ms) == (5, 3, -90, 4, 700)
    assert of({"seam": "signal", "tag": "a.b"}) is WELL


def test_an_effect_without_a_way_is_lateness() -> None:
    assert link_state("mqtt", [{"seam": "link", "wire": "mqtt", "delay_ms": 300}]).delay_ms == 300
    assert check_link({"seam": "link", "wire": "mqtt", "how": 7}) is Refusal.UNKNOWN
