"""Parameters of flow lines, changed and restored on the way, and the numbers of every law. See `parameters.py`."""

from collections.abc import Callable
from math import exp, log, sqrt
from statistics import NormalDist

import pytest

from sim.inputs import Input
from sim.laws import Times
from sim.line import Line
from sim.spec import LAWS
from sim.stream import Stream, word
from tests.sim.builders import S
from tests.sim.flow_lines import Flow, figures, flow_definition
from tests.sim.one_effect import one_effect
from tests.sim.parameters import covers

MILLION = 10**6


class Running:
    """A flow line whose events are kept."""

    def __init__(self, flow: Flow) -> None:
        self.line = Line(flow_definition(flow), 1)
        self.events: list[tuple[int, str, str | int, object]] = []
        self.line.listen(lambda *event: self.events.append(event))

    def run_to(self, seconds: float) -> None:
        self.line.advance(round(seconds * S))

    def change(self, target: str, parameter: str, value: int) -> str:
        ident = f"{target} {parameter}"
        given = {"id": ident, "seam": "parameter", "target": f"flow.{target}", "parameter": parameter}
        self.line.apply(Input("fault", one_effect(given | {"how": "replace", "value": value})))
        self.line.advance(self.line.now_ns)
        return ident

    def restore(self, ident: str) -> None:
        self.line.apply(Input("end_fault", {"id": ident}))
        self.line.advance(self.line.now_ns)


Make = Callable[..., Running]


def machine(**given: object) -> Running:
    """Always one more part; 2 s each; a sink that takes all."""
    return Running({
        "source": {"kind": "source", "to": "it"},
        "it": {"kind": "machine", "service": "2 s", "to": "sink"} | given,
        "sink": {"kind": "sink"},
    })  # fmt: skip


def assembly(**given: object) -> Running:
    """The same of two sources."""
    return Running({
        "a": {"kind": "source", "to": "it"},
        "b": {"kind": "source", "to": "it"},
        "it": {"kind": "assembly", "service": "2 s", "to": "sink"} | given,
        "sink": {"kind": "sink"},
    })  # fmt: skip


BOTH = pytest.mark.parametrize("make", [machine, assembly])


def at_sink(running: Running) -> list[float]:
    """When parts left at the sink: pieces of others leave where they are joined."""
    gone = [(t, data) for t, kind, _, data in running.events if kind == "part"]
    return [t / S for t, data in gone if data[:2] == ["gone", "flow.sink"]]  # type: ignore[index]


@BOTH
@covers(("machine", "assembly"), "rate")
def test_a_machine_that_works_slower_for_a_while(make: Make) -> None:
    """Half done at 3 s, a quarter of the pace until 5 s: another quarter; then at full pace."""
    running = make()
    running.run_to(3)
    ident = running.change("it", "rate", MILLION // 4)
    running.run_to(5)
    running.restore(ident)
    running.run_to(10)
    assert at_sink(running) == [2, 5.5, 7.5, 9.5]


@BOTH
@covers(("machine", "assembly"), "servers")
def test_more_servers_for_a_while(make: Make) -> None:
    """From 3 s on two more begin at once; when they are taken away they finish what they have."""
    running = make()
    running.run_to(3)
    ident = running.change("it", "servers", 3)
    running.run_to(6.5)
    running.restore(ident)
    running.run_to(11)
    # 0-2, 2-4, 4-6, 6-8 and twice 3-5, 5-7: then the one that is left begins at 8 s
    assert at_sink(running) == [2, 4, 5, 5, 6, 7, 7, 8, 10]


@BOTH
@covers(("machine", "assembly"), "scrap")
def test_scrap_for_a_while(make: Make) -> None:
    running = make()
    running.run_to(3)
    ident = running.change("it", "scrap", MILLION)
    running.run_to(7)
    running.restore(ident)
    running.run_to(10)
    assert at_sink(running) == [2, 8, 10]
    assert figures(running.line, "it")["scrapped"] == 2


@BOTH
@covers(("machine", "assembly"), "service", "uptime", "repair")
def test_times_that_are_drawn_from_then_on(make: Make) -> None:
    """Service: from the next part on. Uptime: from the next repair on. Repair: from the next failure on."""
    running = make(failures="calendar", uptime="5 s", repair="1 s")
    running.run_to(0.5)
    idents = [
        running.change("it", f"{law}.mean", value * S) for law, value in (("service", 3), ("repair", 2), ("uptime", 9))
    ]
    running.run_to(20)
    for ident in idents:
        running.restore(ident)
    running.run_to(33)
    # fails 5-7, then up 9 s: 16-18, up 9 s: 27-28 (restored), up 5 s: 33
    # parts: 0-2, 2-5 to the instant, 7-10, 10-13, 13-16, 18-21; restored: 21-23, 23-25, 25-27, 28-30, 30-32
    assert at_sink(running) == [2, 5, 10, 13, 16, 21, 23, 25, 27, 30, 32]
    assert figures(running.line, "it")["down"] == 5 * S


@BOTH
@covers(("machine", "assembly"), "failures")
def test_failures_by_another_clock_for_a_while(make: Make) -> None:
    """By calendar time it would be down from 5 s to 6 s; none from 3 s to 10 s; then again, 5 s on."""
    running = make(failures="calendar", uptime="5 s", repair="1 s")
    running.run_to(3)
    ident = running.change("it", "failures", 0)
    running.run_to(10)
    running.restore(ident)
    running.run_to(20)
    assert at_sink(running) == [2, 4, 6, 8, 10, 12, 14, 17, 19]


@covers("buffer", "capacity", "transit")
def test_a_buffer_with_more_places_and_a_longer_way_for_a_while() -> None:
    """A slow machine behind a fast one: 1 s and 10 s. What is in it finishes as it began."""
    flow: Flow = {
        "source": {"kind": "source", "to": "m1"},
        "m1": {"kind": "machine", "service": "1 s", "to": "it"},
        "it": {"kind": "buffer", "capacity": 2, "to": "m2"},
        "m2": {"kind": "machine", "service": "10 s", "to": "sink"},
        "sink": {"kind": "sink"},
    }
    running = Running(flow)
    running.run_to(5.5)
    held = [len(running.line.plant.components["flow.it"].holds())]  # type: ignore[attr-defined]
    ident = running.change("it", "capacity", 5)
    running.run_to(9.5)
    held.append(len(running.line.plant.components["flow.it"].holds()))  # type: ignore[attr-defined]
    running.restore(ident)
    running.run_to(30.5)  # one goes at 11, 21 s
    held.append(len(running.line.plant.components["flow.it"].holds()))  # type: ignore[attr-defined]
    assert held == [2, 5, 3]

    flow["m2"] = {"kind": "machine", "service": "0 s", "to": "sink"}
    running = Running(flow)
    running.run_to(1.5)
    ident = running.change("it", "transit", 4 * S)
    running.run_to(3.5)
    running.restore(ident)
    running.run_to(9.5)
    # in at 2 s, out at 6 s; in at 3 s, out at 7 s; the next waits for a place until 6 s and overtakes none
    assert at_sink(running) == [1, 6, 7, 7, 7, 8, 9]


@covers("pallets", "count", "return_time")
def test_pallets_more_and_slower_for_a_while() -> None:
    """One pallet, 2 s of work and 1 s back; then two; then a way back of 4 s, for those that set off meanwhile."""
    flow: Flow = {
        "it": {"kind": "pallets", "count": 1, "return_time": "1 s"},
        "source": {"kind": "source", "to": "m", "pallets": "it"},
        "m": {"kind": "machine", "service": "2 s", "servers": 5, "to": "sink"},
        "sink": {"kind": "sink"},
    }
    running = Running(flow)
    running.run_to(4)
    ident = running.change("it", "count", 2)
    running.run_to(7.5)
    running.restore(ident)
    running.run_to(13.5)
    # 0-2, 3-5, and from 4 s on a second: 4-6, 6-8, 7-9; then only when one alone is left: 8, 9 come back
    # at 10 s both are back and one goes: 10-12, 13-15
    assert at_sink(running) == [2, 5, 6, 8, 9, 12]
    ident = running.change("it", "return_time", 4 * S)
    running.run_to(16)
    running.restore(ident)
    running.run_to(26)
    # 13-15, back at 19 s; 19-21, back at 22 s; 22-24
    assert at_sink(running)[6:] == [15, 21, 24]


@covers("crew", "repairers")
def test_another_repairer_for_a_while() -> None:
    """Two machines that fail at 5 s and need 4 s; with one repairer the second waits until he has a colleague."""
    given = {
        "kind": "machine",
        "service": "1 s",
        "failures": "calendar",
        "uptime": "5 s",
        "repair": "4 s",
        "crew": "it",
    }
    running = Running({
        "it": {"kind": "crew"},
        "s1": {"kind": "source", "to": "m1"}, "s2": {"kind": "source", "to": "m2"},
        "m1": {**given, "to": "sink"}, "m2": {**given, "to": "sink"},
        "sink": {"kind": "sink"},
    })  # fmt: skip
    running.run_to(6)
    ident = running.change("it", "repairers", 2)
    running.run_to(13)  # up again at 9 and 10 s
    running.restore(ident)
    running.run_to(25)
    # they fail at 14 and 15 s; one repairer: 14-18, then 18-22; the first fails again at 23 s
    downs = [figures(running.line, name)["down"] / S for name in ("m1", "m2")]
    assert downs == [(9 - 5) + (18 - 14) + (25 - 23), (10 - 5) + (22 - 15)]


@covers("source", "limit")
def test_a_source_that_ends_and_goes_on() -> None:
    running = machine()
    running.run_to(3)
    ident = running.change("source", "limit", 3)
    running.run_to(10)
    assert at_sink(running) == [2, 4, 6]
    running.restore(ident)
    running.run_to(13)
    assert at_sink(running) == [2, 4, 6, 12]


@covers("source", "full", "arrivals")
def test_arrivals_that_are_lost_for_a_while() -> None:
    """One a second, 3 s of work: from 2.5 s to 8.5 s those that find the machine busy go away; then every 5 s."""
    running = Running({
        "it": {"kind": "source", "arrivals": "1 s", "to": "m"},
        "m": {"kind": "machine", "service": "3 s", "to": "sink"},
        "sink": {"kind": "sink"},
    })  # fmt: skip
    running.run_to(2.5)  # at 1 s one is taken, at 2 s one waits
    ident = running.change("it", "full", 1)
    running.run_to(8.5)  # 3: lost; 4: lost, as the one of 2 s is taken after the machine is done; 5, 6; 7 s: taken; 8
    lost = figures(running.line, "it")["lost"]
    running.restore(ident)
    running.change("it", "arrivals.mean", 5 * S)
    running.run_to(20)
    assert (lost, figures(running.line, "it")["made"]) == (5, 6)
    assert [t for t in at_sink(running) if t <= 10] == [4, 7, 10]
    assert [t / S for t, kind, _, _ in running.events if kind == "new"] == [1, 2, 7, 9, 14, 19]


# ---- laws ------------------------------------------------------------------------------------------------------


def erlang(numbers: dict[str, float], words: list[float]) -> float:
    product = 1.0
    for u in words[: int(numbers["phases"])]:
        product *= u
    return -numbers["mean"] / numbers["phases"] * log(product)


def lognormal(numbers: dict[str, float], words: list[float]) -> float:
    variance = log(1 + (numbers["sd"] / numbers["mean"]) ** 2)
    return numbers["mean"] * exp(sqrt(variance) * NormalDist().inv_cdf(words[0]) - variance / 2)


def triangular(numbers: dict[str, float], words: list[float]) -> float:
    low, mode, high, u = numbers["low"], numbers["mode"], numbers["high"], words[0]
    if u < (mode - low) / (high - low):
        return low + sqrt(u * (high - low) * (mode - low))
    return high - sqrt((1 - u) * (high - low) * (high - mode))


Quantile = Callable[[dict[str, float], list[float]], float]
# each law by its quantile, from textbooks; numbers in s, and what each is changed to
QUANTILES: dict[str, Quantile] = {
    "fixed": lambda n, w: n["mean"],
    "uniform": lambda n, w: n["low"] + (n["high"] - n["low"]) * w[0],
    "triangular": triangular,
    "normal": lambda n, w: max(0.0, n["mean"] + n["sd"] * NormalDist().inv_cdf(w[0])),
    "exponential": lambda n, w: -n["mean"] * log(w[0]),
    "erlang": erlang,
    "lognormal": lognormal,
    "geometric": lambda n, w: n["slot"] * (1 if n["chance"] >= 1 else 1 + int(log(w[0]) / log(1 - n["chance"]))),
}
NUMBERS: dict[str, dict[str, tuple[float, float]]] = {
    "fixed": {"mean": (2, 5)},
    "uniform": {"low": (1, 2), "high": (4, 9)},
    "triangular": {"low": (1, 2), "mode": (3, 3.5), "high": (4, 9)},
    "normal": {"mean": (9, 20), "sd": (1, 2)},
    "exponential": {"mean": (2, 5)},
    "erlang": {"mean": (2, 5), "phases": (3, 5)},
    "lognormal": {"mean": (2, 5), "sd": (1, 3)},
    "geometric": {"slot": (1, 2), "chance": (0.3, 0.1)},
}
CASES = [(law, number) for law, numbers in NUMBERS.items() for number in numbers]


def test_every_number_of_every_law_is_changed() -> None:
    """Lists of times and weights are no single values: nothing changes them."""
    known = {(law.name, number.name) for law in LAWS.values() for number in law.numbers if not number.many}
    assert set(CASES) == known


@pytest.mark.parametrize(("law", "number"), CASES)
@covers(("machine", "assembly"), "service", "uptime", "repair")
@covers("source", "arrivals")
def test_a_draw_follows_the_numbers_of_that_moment(law: str, number: str) -> None:
    """Three draws: before, while changed, after. Each takes the words of its stream in order."""
    units = {"phases": "", "chance": ""}
    given = {name: f"{values[0]}{units.get(name, ' s')}" for name, values in NUMBERS[law].items()}
    running = Running({
        "source": {"kind": "source", "arrivals": {"law": law, **given}, "to": "sink"}, "sink": {"kind": "sink"},
    })  # fmt: skip
    source = running.line.plant.components["flow.source"]
    times = Times(source, "arrivals")
    words = Stream([running.line.seed, word("flow.source.arrivals")])
    scale = {"phases": 1, "chance": MILLION}.get(number, S)
    plain = {name: float(values[0]) for name, values in NUMBERS[law].items()}
    changed = plain | {number: float(NUMBERS[law][number][1])}
    per_draw = {"erlang": int(plain["phases"]) if "phases" in plain else 0, "fixed": 0}
    drawn_at_birth = [words.uniform() for _ in range(per_draw.get(law, 1))]
    assert len(drawn_at_birth) == per_draw.get(law, 1)
    for numbers in (plain, changed, plain):
        ident = (
            running.change("source", f"arrivals.{number}", round(changed[number] * scale)) if numbers is changed else ""
        )
        count = int(numbers["phases"]) if law == "erlang" else per_draw.get(law, 1)
        wanted = QUANTILES[law](numbers, [words.uniform() for _ in range(count)])
        assert times.draw() == pytest.approx(wanted * S, abs=20)
        if ident:
            running.restore(ident)
