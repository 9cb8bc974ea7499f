"""Exact results, quickly: the long runs are in `tests/long`."""

import pytest

from sim.components import COMPONENTS
from sim.components.machine import Machine
from tests.sim.exact import MODELS, QUICK, Model, Wrong, check, pair, two


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_line_gives_the_exact_figure(model: Model) -> None:
    check(model, QUICK)


class Hasty(Machine):
    """Deliberately wrong: blocking before service. It begins only when the next has room already."""

    def room(self) -> bool:
        return super().room() and any(taker.room() for taker in self.takers)

    def pull(self) -> None:
        if self.room():
            super().pull()
        for giver in self.givers:
            for machine in (giver, *giver.givers):  # a buffer between, or none
                if isinstance(machine, Machine):
                    self.flow.may_take(machine)


@pytest.mark.parametrize("model", [two(0), two(1), MODELS[3]], ids=lambda model: model.name)
def test_blocking_before_service_fails_the_same_test(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMPONENTS, "machine", Hasty)
    with pytest.raises(Wrong):
        check(model, QUICK)


def test_the_chain_solved_here_agrees_with_the_formula() -> None:
    """Without failures the chain of the unreliable pair is that of the textbook's."""
    assert [pair((1, 1), b, (0, 1), operating=True) for b in range(4)] == pytest.approx(
        [(b + 2) / (b + 3) for b in range(4)]
    )


def test_failures_by_operating_and_by_calendar_time_differ() -> None:
    values = [pair((1, 1), 2, (1 / 6, 1 / 2), operating=operating) for operating in (True, False)]
    assert values[0] / values[1] > 1.04
