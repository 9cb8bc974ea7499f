"""The shipped line on a clock moved by hand, with its record in a temporary folder; nothing here waits."""

from collections.abc import Callable
from pathlib import Path

import pytest

from controller.run import Run
from controller.runs import Plan, begin
from controller.settings import Settings
from controller.view import View
from devices.endpoint import Client, Role, Wire
from scenarios.catalogue import Catalogue
from sim.definition import LineDefinition
from tests.controller.fake_sim import HandClock


@pytest.fixture(scope="session")
def definition() -> LineDefinition:
    return Catalogue().load_line("smart-factory")


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def plan(definition: LineDefinition, tmp_path: Path) -> Plan:
    return Plan(definition, Settings(data=tmp_path), 1)


@pytest.fixture
async def run(plan: Plan, clock: HandClock) -> Run:
    """Started; its tasks never get a turn unless a test waits."""
    run = begin(plan, clock)
    run.start()
    return run


@pytest.fixture
def view(run: Run, clock: HandClock) -> View:
    return View(1, "smart-factory", clock, run)


@pytest.fixture
def client() -> Callable[..., Client]:
    def make(wire: Wire = Wire.MODBUS, key: str = "a", role: Role = Role.TRAINEE) -> Client:
        return Client(wire, key, f"client {key}", role)

    return make
