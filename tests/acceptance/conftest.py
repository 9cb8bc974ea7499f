"""Labs that are stopped, whatever the test does to them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.lab import Lab

MakeLab = Callable[..., Lab]


@pytest.fixture
def make_lab(tmp_path: Path) -> Iterator[MakeLab]:
    """Makes labs, not started yet; kills what is left of them in the end."""
    made: list[Lab] = []

    def make(*options: str, benches: int = 1) -> Lab:
        made.append(Lab(tmp_path / f"data-{len(made)}", benches, options))
        return made[-1]

    yield make
    for lab in made:
        lab.kill()


@pytest.fixture(scope="session")
def one_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One bench on the reference line for all tests that do nothing to the lab itself."""
    lab = Lab(tmp_path_factory.mktemp("lab") / "data").start()
    yield lab
    lab.kill()


@pytest.fixture
def lab(one_lab: Lab) -> Lab:
    """One bench on the reference line, just started: the instructor resets it before every test."""
    one_lab.ask("POST", "/clock", {"action": "run"}, role="instructor")
    one_lab.ask("POST", "/reset", role="instructor")
    return one_lab
