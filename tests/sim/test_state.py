"""State is data: every state class goes to JSON text and back unchanged."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.components import COMPONENTS
from sim.definition import LineDefinition
from sim.handshake import WireState
from sim.image import ImageState
from sim.packml import State
from sim.part import Part, Parts
from sim.plant import DigestState
from sim.program import ProgramState
from sim.state import Plain, dump, load
from sim.stream import Stream
from sim.unit import UnitState
from tests.sim.builders import reference

STATES: list[type[Any]] = [
    *dict.fromkeys(component.STATE for component in COMPONENTS.values()),
    ImageState,
    Part,
    Parts,
    DigestState,
    ProgramState,
    UnitState,
    WireState,
]
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Plain, st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))


@pytest.mark.parametrize("kind", STATES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_comes_back_from_json_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    state = data.draw(st.from_type(kind))
    again = load(kind, json.loads(json.dumps(dump(state))))
    assert again == state
    assert repr(again) == repr(state)  # bool stays bool, int stays int


@given(st.lists(st.integers(0, 2**48), min_size=1), st.integers(0, 100))
def test_a_stream_is_its_key_and_its_count(key: list[int], drawn: int) -> None:
    assert load(Stream, json.loads(json.dumps(dump(Stream(key, drawn))))) == Stream(key, drawn)


def test_a_whole_definition_comes_back() -> None:
    assert load(LineDefinition, json.loads(json.dumps(dump(reference())))) == reference()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (int, "1"),
        (int, 1.5),
        (bool, 1),
        (int, True),
        (str, None),
        (State, 18),
        (Part, {"serial": 1}),
        (Part, []),
        (list[int], 5),
        (list[str], "ab"),
        (tuple[str, str], "ab"),
        (dict[int, int], {"1": 2}),
        (tuple[int, str], [1]),
        (int | str, [1]),
    ],
)
def test_what_does_not_fit_is_refused(kind: Any, data: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        load(kind, data)


def test_only_plain_values_are_state() -> None:
    with pytest.raises(TypeError, match="set is not state"):
        dump({"a": {1, 2}})


@pytest.mark.parametrize("kind", STATES, ids=lambda kind: kind.__name__)
def test_no_state_has_a_place_for_anything_else(kind: type[Any]) -> None:
    bases = [base for base in kind.__mro__ if base is not object]
    slots = {name for base in bases for name in base.__dict__["__slots__"]}  # a base without slots is a KeyError
    assert slots == {f.name for f in dataclasses.fields(kind)}
