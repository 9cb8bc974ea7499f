"""Lines whose figures are known exactly: by formula, or by solving their Markov chain here, apart from the simulation.

Long runs accept a line when the mean of eight fixed seeds lies within three standard errors and 0.5 % of the exact
value, with a standard error of at most 0.15 %; quick runs do the same with wider bounds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import factorial
from statistics import fmean, stdev
from typing import TypeVar

import numpy as np

from sim.line import Line
from sim.statistics import RunStatistics, Statistics
from tests.sim.flow_lines import Flow, S, exponential, flow_definition, tandem

State = TypeVar("State")
SEEDS = range(1, 9)
BATCHES = 10  # of each seed: eight values alone would say too little of their own spread


@dataclass(frozen=True)
class Bounds:
    """How long to run, of the long run, and what to accept."""

    share: float
    error: float  # standard error at most, of the exact value
    off: float  # difference at most


LONG = Bounds(1.0, 0.0015, 0.005)
QUICK = Bounds(0.02, 0.011, 0.035)


@dataclass(frozen=True)
class Model:
    """A line and one figure of it. `seconds` is the simulated time of a long run, of all seeds together."""

    name: str
    flow: Flow
    figure: Callable[[RunStatistics], float]
    exact: float
    seconds: float


class Wrong(AssertionError):
    """The line and the exact value disagree."""


def check(model: Model, bounds: Bounds, seeds: Iterable[int] = SEEDS) -> tuple[float, float]:
    """(mean, standard error), each as a share of the exact value; raises Wrong where they are not accepted."""
    span = model.seconds * bounds.share / 8 / (BATCHES + 0.5)
    values = [value / model.exact for seed in seeds for value in batches(model, seed, round(span * S))]
    mean, error = fmean(values), stdev(values) / len(values) ** 0.5
    said = f"{model.name}: {mean * model.exact:.6f} for {model.exact:.6f}, off {mean - 1:.4%}, error {error:.4%}"
    if error > bounds.error:
        raise Wrong(f"{said}: the run is too short")
    if abs(mean - 1) > min(3 * error, bounds.off):
        raise Wrong(said)
    return mean, error


def batches(model: Model, seed: int, span_ns: int) -> list[float]:
    """The figure in stretches that follow each other, after half a stretch of warm-up."""
    line = Line(flow_definition(model.flow), seed)
    line.advance(span_ns // 2)
    statistics, found = Statistics(line), []
    for _ in range(BATCHES):
        line.advance(line.now_ns + span_ns)
        found.append(model.figure(statistics.result()))
        statistics.begin()
    return found


# ---- Markov chains --------------------------------------------------------------------------------------------------


def long_run(first: State, moves: Callable[[State], Sequence[tuple[float, State]]]) -> dict[State, float]:
    """Shares of time in each state of a chain in continuous time, found from the first one on."""
    index, order = {first: 0}, [first]
    flows: list[tuple[int, int, float]] = []
    for state in order:
        for rate, following in moves(state):
            if not rate:
                continue
            if following not in index:
                index[following] = len(order)
                order.append(following)
            flows.append((index[state], index[following], rate))
    generator = np.zeros((len(order), len(order)))
    for one, other, rate in flows:
        generator[one, other] += rate
        generator[one, one] -= rate
    system = np.vstack([generator.T, np.ones(len(order))])
    shares = np.linalg.lstsq(system, np.append(np.zeros(len(order)), 1.0), rcond=None)[0]
    return {state: float(share) for state, share in zip(order, shares, strict=True)}


Pair = tuple[int, int, int, int, int]  # first holds a finished part, in the buffer, second works, first up, second up


def pair(rates: tuple[float, float], places: int, failing: tuple[float, float], operating: bool) -> float:
    """Throughput of two exponential machines; `failing` are the rates of failure and repair of each."""
    fails, repairs = failing

    def settled(holds: int, inside: int, works: int, up1: int, up2: int) -> Pair:
        while True:
            if up2 and not works and inside:
                inside, works = inside - 1, 1
            elif up2 and not works and not places and holds and up1:
                holds, works = 0, 1
            elif holds and up1 and inside < places:
                holds, inside = 0, inside + 1
            else:
                return holds, inside, works, up1, up2

    def moves(state: Pair) -> list[tuple[float, Pair]]:
        holds, inside, works, up1, up2 = state
        may1, may2 = not operating or not holds, not operating or works  # by calendar it also fails while it waits
        return [
            (rates[0] * (up1 and not holds), settled(1, inside, works, up1, up2)),
            (rates[1] * (up2 and works), settled(holds, inside, 0, up1, up2)),
            (fails * (up1 and may1), (holds, inside, works, 0, up2)),
            (fails * (up2 and may2), (holds, inside, works, up1, 0)),
            (repairs * (not up1), settled(holds, inside, works, 1, up2)),
            (repairs * (not up2), settled(holds, inside, works, up1, 1)),
        ]

    shares = long_run((0, 0, 0, 1, 1), moves)
    return rates[1] * sum(share for (_, _, works, _, up2), share in shares.items() if works and up2)


def bernoulli(chances: tuple[float, float], places: int) -> float:
    """Parts per slot of two machines that are done in each slot with a chance: its own chain, slot by slot."""
    first, second = chances
    most = places + 2  # done by the first and not yet by the second, the one that the first holds included
    step = np.zeros((most + 1, most + 1))
    for k in range(most + 1):
        up, down = (first if k < most else 0.0), (second if k else 0.0)
        ways = {(1, 1): up * down, (1, 0): up * (1 - down), (0, 1): (1 - up) * down, (0, 0): (1 - up) * (1 - down)}
        for (came, went), chance in ways.items():
            if chance:
                step[k, k + came - went] += chance
    system = np.vstack([step.T - np.eye(most + 1), np.ones(most + 1)])
    shares = np.linalg.lstsq(system, np.append(np.zeros(most + 1), 1.0), rcond=None)[0]
    return float(second * (1 - shares[0]))


Ring = tuple[tuple[int, ...], tuple[int, ...]]  # machines: 0 empty, 1 works, 2 holds; contents of the buffers behind


def ring(rates: Sequence[float], places: int) -> float:
    """Throughput of machines in a circle, with `places` behind each, all taken at first: so there are the pallets."""
    count = len(rates)

    def settled(machines: Iterable[int], contents: Iterable[int]) -> Ring:
        at, behind = list(machines), list(contents)
        moved = True
        while moved:
            moved = False
            for k in range(count):
                if at[k] == 2 and behind[k] < places:
                    at[k], behind[k], moved = 0, behind[k] + 1, True
                if at[k] == 0 and behind[k - 1]:
                    at[k], behind[k - 1], moved = 1, behind[k - 1] - 1, True
        return tuple(at), tuple(behind)

    def moves(state: Ring) -> list[tuple[float, Ring]]:
        at, behind = state
        return [(rates[k], settled((*at[:k], 2, *at[k + 1 :]), behind)) for k in range(count) if at[k] == 1]

    shares = long_run(settled([0] * count, [places] * count), moves)
    return rates[0] * sum(share for (at, _), share in shares.items() if at[0] == 1)


Join = tuple[int, int, int, int, int]  # first feeder holds, its buffer, second feeder holds, its buffer, assembly works


def joined(rates: tuple[float, float, float], places: int) -> float:
    """Throughput of an assembly of two feeders."""

    def settled(hold1: int, in1: int, hold2: int, in2: int, works: int) -> Join:
        while True:
            if hold1 and in1 < places:
                hold1, in1 = 0, in1 + 1
            elif hold2 and in2 < places:
                hold2, in2 = 0, in2 + 1
            elif not works and in1 and in2:
                in1, in2, works = in1 - 1, in2 - 1, 1
            else:
                return hold1, in1, hold2, in2, works

    def moves(state: Join) -> list[tuple[float, Join]]:
        hold1, in1, hold2, in2, works = state
        found = []
        if not hold1:
            found.append((rates[0], settled(1, in1, hold2, in2, works)))
        if not hold2:
            found.append((rates[1], settled(hold1, in1, 1, in2, works)))
        if works:
            found.append((rates[2], settled(hold1, in1, hold2, in2, 0)))
        return found

    return rates[2] * sum(share for state, share in long_run((0, 0, 0, 0, 0), moves).items() if state[4])


# ---- formulas -------------------------------------------------------------------------------------------------------


def queue_flow(arrivals: float, servers: int) -> float:
    """Mean time in an M/M/c queue with services of mean 1 (Erlang C)."""
    load = arrivals
    tail = load**servers / factorial(servers) * servers / (servers - load)
    waits = tail / (sum(load**k / factorial(k) for k in range(servers)) + tail)
    return 1 + waits / (servers - load)


def repaired(machines: int, fails: float, repairs: float) -> float:
    """Share of time up of machines with one repairer: the machine repair model (M/M/1//N)."""
    weights = [factorial(machines) / factorial(machines - k) * (fails / repairs) ** k for k in range(machines + 1)]
    return 1 - sum(k * w for k, w in enumerate(weights)) / sum(weights) / machines


# ---- the lines ------------------------------------------------------------------------------------------------------


def throughput(found: RunStatistics) -> float:
    return found.throughput_per_h / 3600


def flow_time(found: RunStatistics) -> float:
    return found.flow_s or 0.0


def first_done(found: RunStatistics) -> float:
    return found.stations[0].parts / (found.to_s - found.from_s)


def working(found: RunStatistics) -> float:
    return fmean(station.working for station in found.stations)


def failing(counted: str) -> Flow:
    flow = tandem([exponential(1), exponential(1)], [2])
    for name in ("m1", "m2"):
        flow[name] |= {"failures": counted, "uptime": exponential(6), "repair": exponential(2)}
    return flow


def slots(chance: float) -> dict[str, object]:
    return {"law": "geometric", "slot": "1 s", "chance": chance}


def queue(arrivals: float, service: object, servers: int = 1) -> Flow:
    return {
        "source": {"kind": "source", "arrivals": exponential(1 / arrivals), "to": "m1"},
        "m1": {"kind": "machine", "service": service, "servers": servers, "to": "sink"},
        "sink": {"kind": "sink"},
    }


def with_pallets(machines: int, pallets: int) -> Flow:
    flow = tandem([exponential(1)] * machines, [pallets] * (machines - 1))
    flow["source"]["pallets"] = "pallets"
    return {**flow, "pallets": {"kind": "pallets", "count": pallets}}


def circle(means: Sequence[float], places: int) -> Flow:
    flow: Flow = {}
    for k, mean in enumerate(means, 1):
        last = k == len(means)
        flow[f"m{k}"] = {"kind": "machine", "service": exponential(mean), "to": f"b{k}"}
        to = "m1" if last else f"m{k + 1}"
        flow[f"b{k}"] = {"kind": "buffer", "capacity": places, "initial": places, "to": to}
    return flow


def assembly(means: tuple[float, float, float], places: int) -> Flow:
    flow: Flow = {"assembly": {"kind": "assembly", "service": exponential(means[2]), "to": "sink"}}
    for k in (1, 2):
        flow[f"source{k}"] = {"kind": "source", "to": f"m{k}"}
        flow[f"m{k}"] = {"kind": "machine", "service": exponential(means[k - 1]), "to": f"b{k}"}
        flow[f"b{k}"] = {"kind": "buffer", "capacity": places, "to": "assembly"}
    return {**flow, "sink": {"kind": "sink"}}


def crewed(machines: int) -> Flow:
    flow: Flow = {"crew": {"kind": "crew", "repairers": 1}, "sink": {"kind": "sink"}}
    for k in range(1, machines + 1):
        flow[f"source{k}"] = {"kind": "source", "to": f"m{k}"}
        flow[f"m{k}"] = {
            "kind": "machine", "service": "20 s", "failures": "calendar", "uptime": exponential(10),
            "repair": exponential(1), "crew": "crew", "to": "sink",
        }  # fmt: skip
    return flow


def two(places: int) -> Model:
    flow = tandem([exponential(1)] * 2, [places])
    return Model(f"two stations, {places} places", flow, throughput, (places + 2) / (places + 3), 700_000)


MODELS = [
    *(two(places) for places in (0, 1, 4)),
    Model("three stations", tandem([exponential(1)] * 3, [0, 0]), throughput, 22 / 39, 600_000),
    Model("operating failures", failing("operating"), throughput,
          pair((1, 1), 2, (1 / 6, 1 / 2), operating=True), 1_400_000),
    Model("calendar failures", failing("calendar"), throughput,
          pair((1, 1), 2, (1 / 6, 1 / 2), operating=False), 1_600_000),
    Model("Bernoulli", tandem([slots(0.8), slots(0.7)], [1]), throughput, bernoulli((0.8, 0.7), 1), 280_000),
    Model("pallets", with_pallets(3, 4), throughput, 4 / (4 + 3 - 1), 460_000),
    Model("ring with few places", circle([1, 0.8], 2), first_done, ring([1, 1 / 0.8], 2), 460_000),
    Model("one repairer", crewed(4), working, repaired(4, 1 / 10, 1.0), 80_000),
    Model("M/M/1", queue(0.3, exponential(1)), flow_time, queue_flow(0.3, 1), 7_000_000),
    Model("M/D/1", queue(0.4, "1 s"), flow_time, 1 + 0.4 / (2 * (1 - 0.4)), 1_200_000),
    Model("M/M/3", queue(1.5, exponential(1), 3), flow_time, queue_flow(1.5, 3), 1_400_000),
    Model("assembly", assembly((1, 1, 0.8), 2), throughput, joined((1, 1, 1 / 0.8), 2), 420_000),
]  # fmt: skip
