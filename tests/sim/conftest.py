"""Fixtures of the sim tests: a bench on a small line or on the reference line."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

from sim.definition import LineDefinition
from tests.sim.builders import Bench, reference

settings.register_profile("sim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sim")


@pytest.fixture
def line() -> Callable[..., Bench]:
    """`line(definition)`: a bench on it; without a definition, on the reference line."""

    def make(definition: LineDefinition | None = None, seed: int = 1) -> Bench:
        return Bench(definition or reference(), seed)

    return make
