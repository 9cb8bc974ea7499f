"""Line files: YAML to an exact `LineDefinition`, with all mistakes of a file at once. Runs nothing.

First the shape (`line_model`), then the meaning: components against their kinds, joins, neighbours, signals, programs.
"""

import keyword
import typing
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from scenarios.alarm_model import AlarmFile
from scenarios.alarms import AlarmReader
from scenarios.components import ComponentReader, Plant
from scenarios.connections import check_connections
from scenarios.file_error import Field, unknown
from scenarios.flow import check_flow
from scenarios.line_model import STAND_INS, Group, LineFile, PartFile, SetPointFile, StationFile
from scenarios.pairs import check_pairs
from scenarios.places import check_places
from scenarios.program import Names, ProgramReader
from scenarios.structure import validate
from scenarios.tracks import check_tracks
from scenarios.yaml_source import Source, read
from scenarios.yaml_source import parse as parse_yaml
from sim.alarms.definition import AlarmDefinition
from sim.component import MM
from sim.components import KINDS
from sim.definition import (
    ComponentDefinition,
    LineDefinition,
    PartDefinition,
    PartKind,
    ProgramDefinition,
    SetPointDefinition,
    StationDefinition,
)
from sim.flow import FLOW
from sim.spec import Kind, Port
from sim.tag import INTEGER_RANGE, DataType, Direction
from sim.tags import ALARM_STATUS, LINE, LINE_STATUS, component_signals, station_ports
from sim.text import Text

_MICROMETRE = 10**9  # fm
_BLOCK = 32  # addresses of one group of signals (docs/decisions/address-map.md)
_DIRECTIONS = {"inputs": Direction.INPUT, "outputs": Direction.OUTPUT, "status": Direction.STATUS,
           "parameters": Direction.PARAMETER}  # fmt: skip


def load(path: Path, kinds: Mapping[str, Kind] = KINDS) -> LineDefinition:
    """The line that a file describes. Raises FileErrors."""
    return build(read(path), kinds)


def parse(text: str, path: Path, kinds: Mapping[str, Kind] = KINDS) -> LineDefinition:
    """Like `load`, of a text; `path` is what errors say."""
    return build(parse_yaml(text, path), kinds)


def build(source: Source, kinds: Mapping[str, Kind] = KINDS) -> LineDefinition:
    """Like `load`, of a file that is read already."""
    return LineReader(source, kinds, validate(LineFile, source, STAND_INS)).read()


class LineReader:
    """Reads one line file whose shape is good as far as it goes."""

    def __init__(self, source: Source, kinds: Mapping[str, Kind], given: LineFile) -> None:
        self._source, self._kinds, self._given = source, kinds, given
        components = {
            f"{station}.{name}": component.kind
            for station, stated in given.stations.items()
            for name, component in stated.components.items()
        }
        components |= {f"{FLOW}.{name}": component.kind for name, component in given.flow.items()}
        self._plant = Plant(kinds, components)

    def read(self) -> LineDefinition:
        given = self._given
        part = self._part(given.part) if given.part else self._no_part()
        plain = [self._station(name, station) for name, station in given.stations.items()]
        self._neighbours(plain)
        check_places(self._source, plain, part)
        check_pairs(self._source, plain)
        check_connections(self._source, plain)
        check_tracks(self._source, plain)
        signals = {station.name: self._signals(station) for station in plain}
        signals[LINE] = {port.name: port for port in LINE_STATUS}
        for name in [name for name, station in given.stations.items() if station.alarms] + [LINE] * bool(given.alarms):
            self._alarm_counts(name, signals[name])
        for station in plain:
            self._slots(station, signals[station.name])
        stations = [
            replace(
                station,
                program=self._program(station.name, signals),
                alarms=self._alarms(station.name, given.stations[station.name].alarms, signals),
            )
            for station in plain
        ]
        alarms = self._alarms(LINE, given.alarms, signals)
        flow = self._flow()
        self._source.check()
        return LineDefinition(
            name=given.line,
            title=given.title.text(),
            part=part,
            stations=stations,
            autostart=given.autostart,
            ideal_cycle_ns=given.production.ideal_cycle or 0,
            planned_time_ns=given.production.planned_time or 0,
            flow=flow,
            alarms=alarms,
        )

    # ---- the line --------------------------------------------------------------------------------------------

    def _part(self, given: PartFile) -> PartDefinition:
        weights = [colour.weight for colour in given.colours]
        if not any(weights):
            self._source.add(("part", "colours"), "no colour has a weight above 0")
        for field, value in (("nominal", given.nominal), ("tolerance", given.tolerance)):
            if value % _MICROMETRE:
                self._source.add(("part", field), "must be whole micrometres")
        kinds = [PartKind(Text(k.zh, k.en), k.colour, k.height, k.mass, k.material, k.weight) for k in given.kinds]
        if kinds and not any(kind.weight for kind in kinds):
            self._source.add(("part", "kinds"), "no kind has a weight above 0")
        for number, kind in enumerate(kinds):
            if kind.colour > len(given.colours):
                self._source.add(
                    ("part", "kinds", number, "colour"), f"{kind.colour}: there are {len(given.colours)} colours"
                )
        return PartDefinition(
            length_fm=given.length,
            gap_fm=given.gap,
            colours=[Text(colour.zh, colour.en) for colour in given.colours],
            weights=weights,
            nominal_um=given.nominal // _MICROMETRE,
            tolerance_um=given.tolerance // _MICROMETRE,
            kinds=kinds,
        )

    def _no_part(self) -> PartDefinition:
        """Parts of a flow line have no size."""
        if self._given.stations:
            self._source.add(("part",), "is missing")
        elif not self._given.flow:
            self._source.add(("stations",), "is missing: a line has stations, or a flow")
        return PartDefinition(MM, 0, [Text("工件", "part")], [1], 1, 0)

    def _flow(self) -> list[ComponentDefinition]:
        reader = ComponentReader(self._source, self._plant)
        found = []
        for name, stated in self._given.flow.items():
            self._kind_here(stated.kind, (FLOW, name, "kind"), flow=True)
            found.append(reader.read(FLOW, name, stated, (FLOW, name)))
        check_flow(self._source, found)
        return found

    def _kind_here(self, name: str, at: Field, *, flow: bool) -> None:
        """Flow components stand under `flow`, all others in stations."""
        kind = self._kinds.get(name)
        if kind is not None and kind.flow is not flow:
            place = "under `flow` of the line, without a station" if kind.flow else "in a station"
            self._source.add(at, f"a {name} stands {place}")

    def _neighbours(self, stations: list[StationDefinition]) -> None:
        """What one station says of its neighbour, the neighbour must say too."""
        by_name = {station.name: station for station in stations}
        for station in stations:
            for side, other_side in (("upstream", "downstream"), ("downstream", "upstream")):
                name = getattr(station, side)
                at = ("stations", station.name, side)
                if not name:
                    continue
                if name == station.name:
                    self._source.add(at, "a station is not its own neighbour")
                elif name not in by_name:
                    self._source.add(at, unknown("station", name, by_name))
                elif getattr(by_name[name], other_side) != station.name:
                    says = getattr(by_name[name], other_side) or "none"
                    self._source.add(at, f"station {name} must say {other_side}: {station.name}, but says {says}")

    # ---- a station -------------------------------------------------------------------------------------------

    def _station(self, name: str, given: StationFile) -> StationDefinition:
        at: Field = ("stations", name)
        if name == LINE:
            self._source.add(at, "is the name of the line's own tags")
        if name == FLOW:
            self._source.add(at, "is the name of what stands under `flow`")
        for component, stated in given.components.items():
            self._kind_here(stated.kind, (*at, "components", component, "kind"), flow=False)
        self._word(name, at)
        reader = ComponentReader(self._source, self._plant)
        components = [
            reader.read(name, component, stated, (*at, "components", component))
            for component, stated in given.components.items()
        ]
        return StationDefinition(
            name=name,
            title=given.title.text(),
            components=components,
            upstream=given.upstream,
            downstream=given.downstream,
            packml=given.packml,
            control=given.control,
            timeout_ns=given.timeout,
            comm_timeout_ns=given.comm_loss.after if given.comm_loss else 0,
            comm_policy=given.comm_loss.then if given.comm_loss else "hold",
            parameters=[self._setpoint(n, s, (*at, "parameters", n)) for n, s in given.parameters.items()],
            slots={group: list(order) for group, order in given.io.items()},
        )

    def _word(self, name: str, at: Field) -> None:
        if keyword.iskeyword(name):
            self._source.add(at, f"{name!r} is a word of the expression language")

    def _setpoint(self, name: str, given: SetPointFile, at: Field) -> SetPointDefinition:
        self._word(name, at)
        low, high = given.range
        least, most = INTEGER_RANGE[DataType.INT]
        if low > high:
            self._source.add((*at, "range"), f"begins at {low}, after its end {high}")
        elif not (least <= low and high <= most):
            self._source.add((*at, "range"), f"must be within {least} to {most}")
        elif not low <= given.initial <= high:
            self._source.add((*at, "initial"), f"{given.initial} is out of range: {low} to {high}")
        return SetPointDefinition(name, given.title.text(), given.initial, low, high, given.unit)

    def _signals(self, station: StationDefinition) -> dict[str, Port]:
        """All signals of a station by name; two of one name are reported where the second comes from."""
        origin: dict[str, Field] = {}
        for component in station.components:
            if component.kind in self._kinds:
                at: Field = ("stations", station.name, "components", component.name)
                for _, signal, _ in component_signals(component, self._kinds[component.kind]):
                    origin[signal] = at
                    self._word(signal, at)
        for setpoint in station.parameters:
            origin[setpoint.name] = ("stations", station.name, "parameters", setpoint.name)
        found: dict[str, Port] = {}
        for port, signal, _ in station_ports(station, self._kinds):
            if signal in found:
                self._source.add(origin.get(signal, ("stations", station.name)), f"there is a signal {signal} already")
            found.setdefault(signal, port)
        return found

    def _alarm_counts(self, station: str, signals: dict[str, Port]) -> None:
        """Whoever has alarms has counts of them among his signals."""
        for port in ALARM_STATUS:
            if port.name in signals:
                self._source.add(("stations", station), f"{port.name} is the name of a count of its alarms")
            signals[port.name] = port

    def _slots(self, station: StationDefinition, signals: Mapping[str, Port]) -> None:
        names = self._names(station.name, {station.name: signals})
        for group in typing.get_args(Group):
            order = station.slots.get(group, [])
            direction, bits = _DIRECTIONS[group.split("_")[0]], group.endswith("_bool")
            fitting = [n for n, p in signals.items() if p.direction is direction and (p.type is DataType.BOOL) is bits]
            at: Field = ("stations", station.name, "io", group)
            for number, name in enumerate(order):
                if name is None:
                    continue
                if name in order[:number]:
                    self._source.add((*at, number), f"{name} is listed twice")
                elif name not in fitting and not names.might_be(name):
                    self._source.add((*at, number), unknown(f"signal in {group}", name, fitting))
            needed = len(order) + sum(name not in order for name in fitting)
            if needed > _BLOCK:
                self._source.add(
                    at,
                    f"needs {needed} addresses, but a station has {_BLOCK} of a group: leave out optional ports "
                    "(`with`), or make two stations of it",
                )

    def _program(self, station: str, signals: Mapping[str, Mapping[str, Port]]) -> ProgramDefinition:
        reader = ProgramReader(self._source, self._names(station, signals))
        return reader.read(self._given.stations[station].program, ("stations", station, "program"))

    def _alarms(
        self, station: str, given: Mapping[str, AlarmFile], signals: Mapping[str, Mapping[str, Port]]
    ) -> list[AlarmDefinition]:
        at: Field = ("alarms",) if station == LINE else ("stations", station, "alarms")
        return AlarmReader(self._source, self._names(station, signals)).read(given, at)

    def _names(self, station: str, signals: Mapping[str, Mapping[str, Port]]) -> Names:
        broken = frozenset(name for name, kind in self._plant.components.items() if kind not in self._kinds)
        return Names(station, signals, broken)
