"""Exact results to half a percent, three standard errors, and a standard error of at most 0.15 %."""

import pytest

from sim.components import COMPONENTS
from tests.sim.exact import LONG, MODELS, Model, Wrong, check, two
from tests.sim.test_flow_exact import Hasty

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_line_gives_the_exact_figure(model: Model) -> None:
    check(model, LONG)


def test_blocking_before_service_fails_the_same_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPONENTS, "machine", Hasty)
    with pytest.raises(Wrong, match="off"):
        check(two(4), LONG)
