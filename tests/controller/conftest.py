"""The shipped line on a clock moved by hand, with its record in a temporary folder; nothing here waits."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from controller.bench import Bench
from controller.channel import HostClient
from controller.faults import FaultShelf
from controller.messages import HostAddress
from controller.operations import Desk
from controller.run import Run
from controller.runs import Plan, begin
from controller.service import Service
from controller.settings import Settings
from controller.view import View
from controller.wires import address_map
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


@pytest.fixture
async def bench(plan: Plan, run: Run, clock: HandClock) -> AsyncIterator[Bench]:
    """A bench without wires."""
    shelf = FaultShelf(Catalogue().faults(), plan.definition, run.line.tags)
    bench = Bench(1, clock, run, partial(begin, plan, clock), shelf)
    yield bench
    await bench.stop()


@pytest.fixture
def desk(bench: Bench, plan: Plan) -> Desk:
    return Desk(bench, address_map(plan.definition, bench.view.tags, plan.settings, 1), plan.settings)


@pytest.fixture
async def service(desk: Desk) -> AsyncIterator[Service]:
    service = Service({1: desk}, "secret")
    service.open()
    yield service
    await service.stop()


@pytest.fixture
async def lab(service: Service) -> AsyncIterator[HostClient]:
    """A client of the channel of that bench."""
    port = await service.start()
    client = HostClient(HostAddress(f"ws://127.0.0.1:{port}", "secret", (1,)))
    await client.start()
    await client.connected()
    yield client
    await client.stop()
