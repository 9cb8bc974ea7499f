"""What a run made, as tables for a person. `--json` says the same; nothing is computed here but shares of time."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api.cli.say import out, table

if TYPE_CHECKING:
    from sim.report import Report, StationReport
    from sim.statistics import RunStatistics, StationShare

SHARES = ("working", "blocked", "starved", "down", "stopped")
SHOWN = 6  # states per station; the rest is one column
UNKNOWN = "-"  # a figure that the definition does not allow to be computed


def print_report(report: "Report", statistics: "RunStatistics", digest: str, events: int) -> None:
    hours = report.simulated_s / 3600
    out(f"{report.line}, seed {report.seed}, {hours:g} h simulated")
    table("", ("Parts", ""), _parts(report))
    table("", ("Flow", ""), _flow(statistics))
    table("Shares of time", ("Station", "parts", *SHARES), (_shares(station) for station in statistics.stations))
    if report.stations:
        states = _states(report.stations)
        header = ("Station", "in", "out", "rejected", *(state.replace("_", " ") for state in states))
        table("Time in state", header, (_station(station, states, report.simulated_s) for station in report.stations))
    table("", ("OEE (ISO 22400-2)", ""), _oee(report))
    out(f"{events} events, digest {digest}")


def _parts(report: "Report") -> Iterator[tuple[str, str]]:
    yield "started", str(report.parts_started)
    yield "finished", str(report.parts_finished)
    yield "good", str(report.parts_good)
    yield "rejected", str(report.parts_rejected)
    yield "on the line", str(report.parts_on_line)
    yield "mean time on the line", UNKNOWN if report.mean_flow_s is None else f"{report.mean_flow_s:.1f} s"
    for end, count in report.ends.items():
        yield f"left by {end}", str(count)


def _flow(found: "RunStatistics") -> Iterator[tuple[str, str]]:
    if found.from_s:
        yield "from", f"{found.from_s / 3600:g} h"
    yield "throughput", f"{found.throughput_per_h:.5g} parts/h"
    yield "work in process", f"{found.wip:.4g} parts"
    yield "flow time", UNKNOWN if found.flow_s is None else f"{found.flow_s:.5g} s"
    for name, content in found.contents.items():
        yield f"in {name.removeprefix('flow.')}", f"{content:.4g} parts"
    for name, busy in found.busy.items():
        yield f"busy in {name.removeprefix('flow.')}", f"{busy:.4g}"


def _shares(station: "StationShare") -> tuple[str, ...]:
    each = (station.working, station.blocked, station.starved, station.down, station.stopped)
    return station.name.removeprefix("flow."), str(station.parts), *(f"{100 * share:.1f} %" for share in each)


def _states(stations: "list[StationReport]") -> list[str]:
    """The states in which any station was longest, longest first."""
    total: dict[str, float] = {}
    for station in stations:
        for state, seconds in station.time_in_state_s.items():
            total[state] = total.get(state, 0.0) + seconds
    return sorted(total, key=lambda state: -total[state])[:SHOWN]


def _station(station: "StationReport", states: list[str], simulated_s: float) -> tuple[str, ...]:
    shares = (_share(station.time_in_state_s.get(state, 0.0), simulated_s) for state in states)
    return station.name, str(station.parts_in), str(station.parts_out), str(station.parts_rejected), *shares


def _share(seconds: float, of: float) -> str:
    return UNKNOWN if not of else f"{100 * seconds / of:.1f} %"


def _oee(report: "Report") -> Iterator[tuple[str, str]]:
    oee = report.oee
    for name, value in (
        ("availability", oee.availability),
        ("effectiveness", oee.effectiveness),
        ("quality ratio", oee.quality),
        ("OEE", oee.oee),
    ):
        yield name, UNKNOWN if value is None else f"{100 * value:.1f} %"
