"""A serial flow line of 5, 50 and 500 stations: against the same line by hand in SimPy, and two libraries if there.

All work through the same list of service times. The peers by hand give every part to the sink at the same nanosecond,
or nothing is measured. salabim and FactorySimPy are compared when they are installed:
`pip install salabim factorysimpy`.
"""

import contextlib
import importlib
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import simpy

from benchmarks.figures import Figure, Took, percentile, ratio, timed
from sim.components.machine import Machine
from sim.components.sink import Sink
from sim.definition import ComponentDefinition, LineDefinition, PartDefinition
from sim.line import Line
from sim.stream import Stream
from sim.text import Text

S = 10**9
SIZES = (5, 50, 500)
VISITS = 100_000  # of parts at stations, about; after the line has filled
PLACES = 5
ROUNDS = 5
DRAWN = 400  # service times of a station; then again from the first

Services = list[list[int]]


def measure() -> list[Figure]:
    found: list[Figure] = []
    for size in SIZES:
        found += _size(size)
    rates = [figure.value for figure in found if figure.name.endswith("parts x stations")]
    found.append(Figure("cost of a part at a station, 500 stations / 5", rates[0] / rates[-1], "x", "1: linear growth"))
    return found + _memory() + _libraries()


class Unequal(Exception):
    """The peer and the line disagree: then their speeds compare nothing."""


def services(size: int) -> Services:
    """Uniform from 0.5 s to 1.5 s, for each station."""
    stream = Stream([size])
    return [[stream.between(S // 2, 3 * S // 2) for _ in range(DRAWN)] for _ in range(size)]


def span(size: int) -> int:
    """How long a run lasts once the line is full."""
    return VISITS // size * 13 * S // 10


# ---- ours -----------------------------------------------------------------------------------------------------------


def definition(given: Services) -> LineDefinition:
    names = [f"m{k}" for k in range(len(given))]
    flow = [_component("source", "source", {"full": 0, "limit": 0}, names[0])]
    for k, (name, times) in enumerate(zip(names, given, strict=True)):
        numbers = {"servers": 1, "rate": 1_000_000, "failures": 0, "scrap": 0, "repair.mean": 0}
        last = k == len(given) - 1
        laws = {"service": "listed", "repair": "fixed"}
        flow.append(_component(name, "machine", numbers, "sink" if last else f"b{k}", laws, {"service.values": times}))
        if not last:
            flow.append(_component(f"b{k}", "buffer", {"capacity": PLACES, "transit": 0, "initial": 0}, names[k + 1]))
    flow.append(_component("sink", "sink", {}, ""))
    part = PartDefinition(10**12, 0, [Text("", "part")], [1], 1, 0)
    return LineDefinition("flow", Text("", ""), part, [], flow=flow)


def _component(
    name: str,
    kind: str,
    numbers: dict[str, int],
    to: str,
    laws: dict[str, str] | None = None,
    lists: dict[str, list[int]] | None = None,
) -> ComponentDefinition:
    joins = {"to": [f"flow.{to}"]} if to else {}
    return ComponentDefinition(
        name, kind, Text("", name), parameters=numbers, lists=lists or {}, joins=joins, laws=laws or {}
    )


def visits(line: Line) -> int:
    return sum(c.s.finished for c in line.plant.components.values() if isinstance(c, Machine))


def finished(line: Line) -> int:
    return sum(c.s.finished for c in line.plant.components.values() if isinstance(c, Sink))


# ---- by hand in SimPy -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Item:
    born: int


class Hand:
    """A process for each machine and a store for each buffer, and nothing else."""

    def __init__(self, given: Services) -> None:
        self.env = simpy.Environment()
        self.left: list[int] = []
        self.visits = 0
        self.stores = [simpy.Store(self.env, PLACES) for _ in given[1:]]
        for k, times in enumerate(given):
            self.env.process(self.machine(k, times))

    def machine(self, k: int, times: list[int]) -> Iterator[Any]:
        env, inlet = self.env, self.stores[k - 1] if k else None
        outlet = self.stores[k] if k < len(self.stores) else None
        for time in cycle(times):
            item = (yield inlet.get()) if inlet is not None else Item(env.now)
            yield env.timeout(time)
            self.visits += 1
            if outlet is not None:
                yield outlet.put(item)
            else:
                self.left.append(env.now)


class Careful(Hand):
    """The same with what a report needs: time in state of each machine, content of each buffer, flow time, parts."""

    def __init__(self, given: Services) -> None:
        self.times = [{"working": 0, "blocked": 0, "starved": 0} for _ in given]
        self.content = [[0, 0, 0] for _ in given]  # number, since, number x ns
        self.flow = self.finished = 0
        self.here: dict[int, Item] = {}
        super().__init__(given)

    def machine(self, k: int, times: list[int]) -> Iterator[Any]:
        env, inlet, mine = self.env, self.stores[k - 1] if k else None, self.times[k]
        outlet = self.stores[k] if k < len(self.stores) else None
        since = env.now
        for time in cycle(times):
            if inlet is not None:
                item = yield inlet.get()
                self._content(k - 1, -1)
            else:
                item = Item(env.now)
                self.here[id(item)] = item
            mine["starved"] += env.now - since
            since = env.now
            yield env.timeout(time)
            mine["working"] += env.now - since
            since = env.now
            self.visits += 1
            if outlet is not None:
                yield outlet.put(item)
                self._content(k, 1)
            else:
                self._finish(item)
            mine["blocked"] += env.now - since
            since = env.now

    def _content(self, k: int, more: int) -> None:
        content, now = self.content[k], self.env.now
        content[2] += content[0] * (now - content[1])
        content[0], content[1] = content[0] + more, now

    def _finish(self, item: Item) -> None:
        self.left.append(self.env.now)
        self.flow += self.env.now - item.born
        self.finished += 1
        del self.here[id(item)]


# ---- against it -----------------------------------------------------------------------------------------------------


def check_equal(given: Services, until: int) -> int:
    """Every part comes to the sink at the same nanosecond in all three; the answer is how many."""
    line = Line(definition(given), 1)
    heard: list[int] = []
    line.listen(lambda t, kind, _, data: heard.append(t) if kind == "part" and data[0] == "gone" else None)  # type: ignore[index]
    line.advance(until)
    for peer in (Hand(given), Careful(given)):
        peer.env.run(until + 1)
        if peer.left != heard:
            raise Unequal(f"{len(given)} stations: {len(peer.left)} parts by hand, {len(heard)} by LineLab")
    return len(heard)


def _size(size: int) -> list[Figure]:
    given = services(size)
    full = size * 13 * S // 10
    equal = check_equal(given, full + span(size) // 4)
    took: dict[str, list[float]] = {"ours": [], "hand": [], "careful": []}
    events = parts = 0.0
    for _ in range(ROUNDS):  # interleaved: a busy machine is busy for all three
        line = Line(definition(given), 1)
        line.advance(full)
        before, said, ends = visits(line), line.events, finished(line)
        cpu = timed(lambda line=line: line.advance(full + span(size))).cpu_s  # type: ignore[misc]
        took["ours"].append((visits(line) - before) / cpu)
        events, parts = (line.events - said) / cpu, (finished(line) - ends) / cpu
        for name, kind in (("hand", Hand), ("careful", Careful)):
            took[name].append(_by_hand(kind(given), full, span(size)))
    return _figures(size, took, equal, events, parts)


def _by_hand(peer: Hand, full: int, more: int) -> float:
    peer.env.run(full)
    before = peer.visits
    cpu = timed(lambda: peer.env.run(full + more)).cpu_s
    return (peer.visits - before) / cpu


def _figures(size: int, took: dict[str, list[float]], equal: int, events: float, parts: float) -> list[Figure]:
    ours = percentile(took["ours"], 0.5)
    note = f"{equal} parts at the sink at equal nanoseconds"
    return [
        Figure(f"{size} stations: parts x stations", ours, "/s", f"{1e6 / ours:.2f} µs each; {events:,.0f} events/s"),
        Figure(f"{size} stations: parts finished", parts, "/s"),
        ratio(f"{size} stations: LineLab / SimPy by hand with the same figures", took["ours"], took["careful"], note),
        ratio(f"{size} stations: LineLab / SimPy by hand, bare", took["ours"], took["hand"], note, "0.5"),
    ]


def _memory() -> list[Figure]:
    """After the line has filled; the definition's lists of times are the same for all and not counted."""
    sizes = (100, 500)
    taken = []
    for size in sizes:
        given = [[S]] * size
        made = definition(given)
        tracemalloc.start()
        line = Line(made, 1)
        line.advance(3 * size * S)
        taken.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        del line
    per_station = (taken[1] - taken[0]) / (sizes[1] - sizes[0])
    return [Figure("memory of a machine, its buffer and the parts in them", per_station / 1024, "KiB")]


# ---- libraries ------------------------------------------------------------------------------------------------------


def _libraries() -> list[Figure]:
    size = 50
    given = services(size)
    until = (size + VISITS // size // 4) * 13 * S // 10
    line = Line(definition(given), 1)
    took = timed(lambda: line.advance(until))
    ours = finished(line) / took.cpu_s
    found = []
    for name, run in (("salabim", _salabim), ("factorysimpy", _factorysimpy)):
        try:
            importlib.import_module(name)
        except ImportError:
            found.append(Figure(f"LineLab / {name}", 0.0, "", f"left out, not installed: pip install {name}"))
            continue
        count, took = run(given, until)
        note = f"{size} stations, {finished(line)} parts, there {count}"
        found.append(
            Figure(f"LineLab / {name}, parts finished per second", ours / (count / took.cpu_s), "x", note, "> 1")
        )
    return found


def _salabim(given: Services, until: int) -> tuple[int, Took]:
    salabim: Any = importlib.import_module("salabim")
    env = salabim.Environment(trace=False, yieldless=False)
    stores = [salabim.Store(f"b{k}", capacity=PLACES) for k in range(len(given) - 1)]
    left: list[float] = []

    class Station(salabim.Component):  # type: ignore[misc, name-defined]
        def process(self, k: int) -> Iterator[Any]:
            for time in cycle(given[k]):
                if k:
                    item = yield self.from_store(stores[k - 1])
                else:
                    item = salabim.Component("part", process=None)
                yield self.hold(time)
                if k < len(stores):
                    yield self.to_store(stores[k], item)
                else:
                    left.append(env.now())

    for k in range(len(given)):
        Station(f"m{k}", k=k)
    took = timed(lambda: env.run(till=until))
    return len(left), took


def _factorysimpy(given: Services, until: int) -> tuple[int, Took]:
    """It prints while it runs; nobody reads that here. Its source needs a buffer before the first machine, too."""
    nodes: Any = {n: importlib.import_module(f"factorysimpy.nodes.{n}") for n in ("machine", "source", "sink")}
    buffers: Any = importlib.import_module("factorysimpy.edges.buffer")
    env = simpy.Environment()
    source = nodes["source"].Source(env, id="source", inter_arrival_time=1, blocking=True)
    sink = nodes["sink"].Sink(env, id="sink")
    machines = [
        nodes["machine"].Machine(env, id=f"m{k}", processing_delay=cycle(times).__next__, blocking=True)
        for k, times in enumerate(given)
    ]
    chain = [source, *machines, sink]
    with contextlib.redirect_stdout(io.StringIO()):
        for k, (one, other) in enumerate(pairwise(chain)):
            buffers.Buffer(env, id=f"b{k}", capacity=PLACES).connect(one, other)
        took = timed(lambda: env.run(until=until))
    return sink.stats["num_item_received"], took


def main() -> None:
    """`python -m benchmarks.flow`: alone, with the table that shows the growth."""
    from rich.console import Console

    from benchmarks.figures import show

    show(Console(width=150), Path(__file__).stem, measure())


if __name__ == "__main__":
    main()
