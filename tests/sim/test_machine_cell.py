"""A line file with robot, machining centre, oven, motor and energy meter runs by its own program, invariants on."""

from pathlib import Path

from scenarios import line_file
from sim.components.energy import EnergyMeter
from sim.invariants import Invariants
from tests.sim.builders import Bench
from tests.sim.invariants import check

FILE = Path(__file__).parent / "machine_cell.yaml"


def test_the_cell_makes_good_parts_for_half_an_hour_and_draws_power() -> None:
    bench = Bench(line_file.load(FILE))
    invariants = Invariants(bench.line)
    for _ in range(30):
        bench.run(60)
        check(bench.line)
        assert invariants.look() == []
    assert int(bench.get("cell.oven_fired")) > 30
    assert bench.get("cell.oven_misfired") == 0
    assert bench.get("cell.arm_error_code") == 0
    meter = bench.line.plant.components["cell.meter"]
    assert isinstance(meter, EnergyMeter)
    assert meter.millijoules() > 1800 * 1_000_000


def test_it_goes_on_alike_from_a_checkpoint_in_mid_operation() -> None:
    def digest(restores: int) -> str:
        bench = Bench(line_file.load(FILE))
        for number in range(20):
            bench.run(7.7)
            if number < restores:
                bench.restored()
        return bench.line.plant.digest.value

    assert digest(20) == digest(0)
