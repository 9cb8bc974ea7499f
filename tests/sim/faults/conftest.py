"""A small line for faults: a belt with a photo-eye and an output for its speed."""

import pytest

from sim.definition import LineDefinition
from tests.sim.builders import Bench, belt, component, definition, station


def small() -> LineDefinition:
    two = component("eye_2", "photo_eye", belt="s.belt", position="600 mm")
    return definition(station("s", belt(), component("eye", "photo_eye", belt="s.belt", position="60 mm"), two))


@pytest.fixture
def bench() -> Bench:
    return Bench(small())
