"""Matrix production: what was ordered is made, each type by its route; it goes on after stops; anybody can order."""

from collections import Counter
from typing import Any

import pytest

from sim.components.agv.fleet import Fleet
from sim.components.orders.book import StockBook
from sim.components.orders.desk import Order, OrderDesk, Result
from sim.components.warehouse import Rack
from sim.invariants import Invariants
from sim.line import Line
from tests.lines import checks
from tests.lines.plc_harness import PlcBench, S, Watched

NAME = "matrix-production"
OUT, SCRAP = "delivery.belt_out.out", "quality.scrap"
WORK = {"drill.head": "drilled", "mill.head": "milled", "oven.oven": "fired"}
RECIPES = {1: {"drilled"}, 2: {"milled"}, 3: {"drilled", "milled", "fired"}}


class Truth:
    """What was really done to every part that left, from its genealogy."""

    def __init__(self, bench: Watched) -> None:
        self.bench = bench
        self.logs: dict[int, list[str]] = {}
        bench.line.listen(self.hear)

    def hear(self, t_ns: int, kind: str, subject: str | int, data: Any) -> None:
        if kind == "part" and data[0] == "gone":
            self.logs[int(subject)] = [what for _, what in data[4]]

    def done(self, serial: int) -> set[str]:
        words = [what.split() for what in self.logs[serial]]
        return {WORK[w[0]] for w in words if w[0] in WORK and "misfired" not in w}

    def labels(self) -> list[str]:
        return [w.split()[1] for log in self.logs.values() for w in log if w.startswith("delivery.label ")]

    def delivered(self) -> Counter[int]:
        """Parts that went out, by type; each was made as its type wants it, good, and carried its own label."""
        out = [(serial, made["colour"]) for serial, made in self.bench.gone[OUT]]
        for serial, kind in out:
            assert self.done(serial) == RECIPES[kind], (serial, kind, self.logs[serial])
            assert self.bench.verdicts[serial] == "ok"
        assert len(set(self.labels())) == len(self.labels()) >= len(out)
        return Counter(kind for _, kind in out)


def desk(bench: Watched) -> OrderDesk:
    found = bench.line.plant.components["orders.desk"]
    assert isinstance(found, OrderDesk)
    return found


def fleet(bench: Watched) -> Fleet:
    found = bench.line.plant.components["fleet.control"]
    assert isinstance(found, Fleet)
    return found


def book_is_true(line: Line) -> None:
    book, rack = line.plant.components["store.book"], line.plant.components["store.rack"]
    assert isinstance(book, StockBook)
    assert isinstance(rack, Rack)
    assert [entry.type for entry in book.s.cells] == [book.true_type(cell) for cell in range(1, 10)]


def order(bench: Watched, number: int, kind: int, quantity: int) -> Result:
    """As a client does it on any wire: words, request, answer, request back."""
    bench.give(
        "write", writes=[["orders.desk_number", number], ["orders.desk_type", kind], ["orders.desk_quantity", quantity]]
    )
    bench.give("write", writes=[["orders.desk_request", True]])
    assert bench.get("orders.desk_ack") is True
    result = Result(int(bench.get("orders.desk_result")))
    bench.give("write", writes=[["orders.desk_request", False]])
    assert bench.get("orders.desk_ack") is False
    return result


def no_customer(bench: Watched) -> None:
    bench.give("write", writes=[["orders.customer_on", False]])


def test_it_is_shipped_whole() -> None:
    checks.good_file(NAME)
    checks.task_sheets(NAME)


def test_orders_of_a_client_are_made_as_ordered() -> None:
    bench = Watched(NAME)
    no_customer(bench)
    truth = Truth(bench)
    assert order(bench, 501, 1, 2) is Result.ACCEPTED
    assert order(bench, 502, 3, 1) is Result.ACCEPTED
    assert order(bench, 502, 2, 1) is Result.NUMBER_IN_USE
    assert order(bench, 0, 4, 1) is Result.UNKNOWN_TYPE
    assert order(bench, 0, 2, 0) is Result.BAD_QUANTITY
    assert order(bench, 503, 2, 1) is Result.ACCEPTED
    assert order(bench, 504, 2, 5) is Result.ACCEPTED
    assert order(bench, 505, 2, 1) is Result.FULL
    bench.give("write", writes=[["orders.desk_number", 504]])
    bench.give("write", writes=[["orders.desk_cancel", True]])
    assert bench.get("orders.desk_result") == Result.CANCELLED
    bench.run(700, check_every=5)
    assert [bench.get(f"orders.desk_line_{k}_state") for k in (1, 2, 3, 4)] == [
        Order.DONE, Order.DONE, Order.DONE, Order.CANCELLED,
    ]  # fmt: skip
    assert truth.delivered() == {1: 2, 2: 1, 3: 1}
    book_is_true(bench.line)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_eight_hours(seed: int) -> None:
    bench = Watched(NAME, seed)
    truth, invariants = Truth(bench), Invariants(bench.line)
    hourly = []
    for _ in range(8):
        before = bench.ends[OUT]
        bench.run(checks.HOUR, check_every=10)
        hourly.append(bench.ends[OUT] - before)
        assert invariants.look() == []
    assert min(hourly) > 30
    made = truth.delivered()
    assert min(made.values()) > 40
    assert bench.get("orders.parts_out") == sum(made.values())
    assert set(bench.ends) <= {OUT, SCRAP}


def test_it_is_the_same_after_a_restore() -> None:
    checks.same_after_restore(NAME, seconds=(61.7, 333.1), more=40)


def disturbed(seed: int, times: int, more: float) -> tuple[Watched, int]:
    """Emergency stops, stops, holds and hands at random times; then so many parts go out."""
    bench, dice = Watched(NAME, seed), checks.Dice(seed)
    stations = list(bench.line.plant.units)
    for _ in range(times):
        bench.run(dice.uniform(3, 120), check_every=1)
        checks._disturb(bench, dice.choice(stations), dice)
        bench.run(dice.uniform(0.05, 5), check_every=0.4)
        checks.recover(bench)
    before = bench.ends[OUT]
    bench.run(more, check_every=10)
    return bench, bench.ends[OUT] - before


def test_it_goes_on_after_whatever_happens() -> None:
    _, more = disturbed(1, 6, 700)
    assert more >= 4


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 14))
def test_it_goes_on_after_whatever_happens_often(seed: int) -> None:
    bench, more = disturbed(seed, 16, 1500)
    assert more >= 10
    assert set(bench.ends) <= {OUT, SCRAP, "hand"}


def test_an_empty_cell_that_the_book_believes_full_is_found_and_booked() -> None:
    bench = Watched(NAME)
    no_customer(bench)
    bench.run(600, check_every=20)
    rack = bench.line.plant.components["store.rack"]
    assert isinstance(rack, Rack)
    cell, stored = next((c, s) for c, s in rack.s.cells.items() if bench.made[s.serial]["colour"] == 1)
    bench.give("remove_part", part=stored.serial)
    assert bench.get(f"store.book_cell_{cell}") == 1
    assert order(bench, 7, 1, 1) is Result.ACCEPTED
    bench.run(300, check_every=5)
    assert bench.get("orders.desk_line_1_state") == Order.DONE
    book_is_true(bench.line)


def driven(builtin_first: float, seconds: float) -> None:
    bench = PlcBench(NAME)
    truth = Truth(bench)
    Watched.advance(bench, round(builtin_first * S))
    bench.take_control()
    before = bench.ends[OUT]
    bench.run(seconds, check_every=10)
    assert bench.denied == []
    assert bench.ends[OUT] - before >= seconds // 180
    truth.delivered()
    lines = desk(bench).s.lines
    assert sum(line.done for line in lines) + sum(line.failed for line in lines) > 0
    assert set(bench.ends) <= {OUT, SCRAP}


def test_the_reference_program_goes_on_where_the_builtin_one_was() -> None:
    driven(433, 180)


@pytest.mark.long
@pytest.mark.parametrize("builtin_first", [0, 61, 207, 333.3, 520, 777])
def test_the_reference_program_drives_it(builtin_first: float) -> None:
    driven(builtin_first, 900)
