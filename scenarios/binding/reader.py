"""Reads a binding file: every name proven against the line, every expression against what is bound."""

from collections.abc import Mapping
from pathlib import Path

from scenarios.binding.bound import (
    Arming,
    Binding,
    BoundDevice,
    BoundStation,
    BoundTag,
    Place,
    Signal,
    Watchdog,
)  # fmt: skip
from scenarios.binding.model import (
    STAND_INS,
    ArmingFile,
    BindingFile,
    DeviceFile,
    PlaceFile,
    SingleFile,
    StationFile,
    TagFile,
)  # fmt: skip
from scenarios.field_types import words_of
from scenarios.file_error import Field, FileErrors, unknown
from scenarios.structure import validate
from scenarios.yaml_source import Source, read
from sim.components import KINDS
from sim.definition import LineDefinition
from sim.expression import ExpressionError, compile_expression
from sim.remote.terms import Terms
from sim.tag import DataType, Direction, Tag, TagTable, Value
from sim.tags import PANEL, line_tags

S = 10**9
MAIN_S = 0.1
_BUTTONS = frozenset(port.name for port in PANEL)
_BUTTON_KINDS = ("push_button", "selector", "estop_button")
_DEFAULT_TYPE = {DataType.BOOL: "BOOL", DataType.REAL: "REAL"}


def load(path: Path, definition: LineDefinition) -> Binding:
    """The binding in a file for this line. Raises FileErrors."""
    return build(read(path), definition)


def build(source: Source, definition: LineDefinition) -> Binding:
    """Like `load`, of a file that was read. Raises FileErrors."""
    return _Reader(source, validate(BindingFile, source, STAND_INS), definition).read()


class _Reader:
    def __init__(self, source: Source, given: BindingFile, definition: LineDefinition) -> None:
        self._source, self._given, self._definition = source, given, definition
        self._tags: TagTable = line_tags(definition, KINDS)

    def read(self) -> Binding:
        given = self._given
        if given.line != self._definition.name:
            self._source.add(("line",), f"is for the line {given.line!r}, this one is {self._definition.name!r}")
        devices = {name: self._device(name, one) for name, one in given.devices.items()}
        stations = {name: self._station(name, one) for name, one in given.stations.items()}
        singles = {name: self._single(name, one) for name, one in given.tags.items()}
        self._source.check()
        return Binding(
            name=given.binding,
            line=given.line,
            title=words_of(given.title, given.binding),
            devices=devices,
            stations={name: one for name, one in stations.items() if one is not None},
            tags={name: one for name, one in singles.items() if one is not None},
        )

    # ---- devices -----------------------------------------------------------------------------------------------

    def _device(self, name: str, given: DeviceFile) -> BoundDevice:
        at: Field = ("devices", name)
        if name in self._tags.stations:
            self._source.add(at, f"{name!r} is a station of the line; call the device something else")
        if "://" not in given.url:
            self._source.add((*at, "url"), f"{given.url!r} is no URL such as modbus-tcp://192.168.0.5:502/1")
        groups = {"main": MAIN_S, **{group: time / S for group, time in given.groups.items()}}
        signals = []
        for signal, place in given.signals.items():
            where = (*at, "signals", signal)
            self._group(where, place, groups)
            signals.append(Signal(f"{name}.{signal}", place.type, _place(place, place.type)))
        timing = given.timing
        return BoundDevice(
            name, given.url, dict(given.options), groups, timing.answer / S, timing.open / S, timing.lost_after,
            tuple(signals),
        )  # fmt: skip

    def _group(self, at: Field, place: PlaceFile, groups: Mapping[str, float]) -> None:
        if place.group not in groups:
            self._source.add((*at, "group"), unknown("group", place.group, groups))

    def _of_device(self, at: Field, name: str) -> DeviceFile | None:
        found = self._given.devices.get(name)
        if found is None:
            self._source.add((*at, "device"), unknown("device", name, self._given.devices))
        return found

    # ---- stations ----------------------------------------------------------------------------------------------

    def _station(self, name: str, given: StationFile) -> BoundStation | None:
        at: Field = ("stations", name)
        if name not in {station.name for station in self._definition.stations}:
            self._source.add(at, unknown("station", name, (s.name for s in self._definition.stations)))
            return None
        device = self._of_device(at, given.device)
        if device is None:
            return None
        tags = [
            found
            for signal, one in given.tags.items()
            if (found := self._tag((*at, "tags", signal), f"{name}.{signal}", one, device)) is not None
        ]
        self._all_actuators((*at, "tags"), name, tags, given.source)
        readable = {t.tag.name for t in tags if t.tag.direction is not Direction.OUTPUT}
        readable |= {f"{given.device}.{signal}" for signal in device.signals}
        terms = self._terms((*at, "handover"), name, given)
        arming = None if given.arming is None else self._arming((*at, "arming"), name, given.arming, readable, device)
        return BoundStation(name, given.device, given.source, tuple(tags), terms, given.deviation / S, arming)

    def _all_actuators(self, at: Field, station: str, tags: list[BoundTag], mode: str) -> None:
        bound = {one.tag.name for one in tags}
        missing = [tag.signal for tag in self._tags.of(station) if tag.powered and tag.name not in bound]
        if missing and mode == "real":
            self._source.add(at, f"a real station has all its actuators on the device; missing: {', '.join(missing)}")

    def _tag(self, at: Field, name: str, given: TagFile | str, device: DeviceFile) -> BoundTag | None:
        one = TagFile(address=given) if isinstance(given, str) else given
        tag = self._tags.find(name)
        if tag is None:
            known = [t.signal for t in self._tags.of(name.partition(".")[0])]
            self._source.add(at, unknown("signal", name.partition(".")[2], known))
            return None
        if tag.direction is Direction.PARAMETER or tag.signal in ("upstream_part_available", "downstream_ready"):
            self._source.add(at, f"{name} belongs to the line itself and cannot come from a device")
            return None
        self._group(at, one, {"main": 0, **device.groups})
        if tag.direction is not Direction.OUTPUT:
            for key in ("safe", "range", "rate", "slew"):
                if getattr(one, key) is not None:
                    self._source.add((*at, key), f"{name} is read; only outputs are written")
        return self._bound(at, tag, one)

    def _bound(self, at: Field, tag: Tag, one: TagFile) -> BoundTag:
        bool_tag = tag.type is DataType.BOOL
        if bool_tag and (one.scale, one.offset) != (1, 0):
            self._source.add((*at, "scale"), "a BOOL has no scale or offset; there is `invert`")
        if not bool_tag and one.device_type == "BOOL":
            self._source.add((*at, "device_type"), f"{tag.name} is a number ({tag.type.value})")
        kind = one.device_type or _DEFAULT_TYPE.get(tag.type, tag.type.value)
        low, high = one.range if one.range is not None else (tag.range or (None, None))
        safe = self._safe((*at, "safe"), tag, one)
        return BoundTag(
            tag, _place(one, kind), safe,
            None if low is None else float(low), None if high is None else float(high),
            one.rate, one.slew, float(one.tolerance),
        )  # fmt: skip

    def _safe(self, at: Field, tag: Tag, one: TagFile) -> Value | None:
        """BOOL outputs are off in the safe state; a number is left alone unless the file says what is safe."""
        if tag.direction is not Direction.OUTPUT:
            return None
        if one.safe is None:
            return False if tag.type is DataType.BOOL else None
        if isinstance(one.safe, bool) is not (tag.type is DataType.BOOL):
            self._source.add(at, f"{tag.name} is a {tag.type.value}")
            return None
        return float(one.safe) if tag.type is DataType.REAL else one.safe

    def _terms(self, at: Field, station: str, given: StationFile) -> Terms:
        handover = given.handover
        names = {tag.name for tag in self._tags}
        presence = self._expression((*at, "presence"), handover.presence, station, names)
        done = self._expression((*at, "done"), handover.done, station, names)
        return Terms(presence, done, handover.wait_presence, handover.wait_done, handover.twin)

    def _arming(self, at: Field, station: str, given: ArmingFile, readable: set[str], device: DeviceFile) -> Arming:
        dog = given.watchdog
        where = (*at, "watchdog")
        self._group(where, dog, {"main": 0, **device.groups})
        if dog.within <= dog.every:
            self._source.add((*where, "within"), "must be longer than `every`, or the device trips between two counts")
        watchdog = Watchdog(
            _place(dog, dog.device_type or "UINT"), dog.every / S, dog.within / S,
            self._expression((*where, "safe"), dog.safe, station, readable),
        )  # fmt: skip
        interlock = self._expression((*at, "interlock"), given.interlock, station, readable)
        return Arming(interlock, watchdog, given.lease / S)

    def _expression(self, at: Field, text: str | None, station: str, names: set[str]) -> str:
        if text is None:
            return ""
        full = {name if "." in name else f"{station}.{name}" for name in names}

        def place(name: str) -> int | None:
            return 0 if (name if "." in name else f"{station}.{name}") in full else None

        try:
            compile_expression(text, place)
        except ExpressionError as error:
            self._source.add(at, f"{error}; it may read {_few(names)}")
        return text

    # ---- single tags -------------------------------------------------------------------------------------------

    def _single(self, name: str, given: SingleFile) -> tuple[str, str, BoundTag] | None:
        at: Field = ("tags", name)
        device = self._of_device(at, given.device)
        tag = self._tags.find(name)
        if tag is None:
            self._source.add(at, unknown("tag", name, (t.name for t in self._tags)))
            return None
        if device is None:
            return None
        if tag.station in self._given.stations:
            self._source.add(at, f"the station {tag.station} is bound as a whole; put {tag.signal} among its tags")
        if not self._alone(tag):
            self._source.add(at, f"{name} is bound with its whole station only: alone go analogue values, status, "
                                 "buttons and lamps")  # fmt: skip
        one = self._tag(at, name, TagFile(**given.model_dump(exclude={"device", "source"})), device)
        return None if one is None else (given.device, given.source, one)

    def _alone(self, tag: Tag) -> bool:
        """Whether a tag can be bound without its station: nothing that moves, and nothing that a program waits for."""
        if tag.direction is Direction.OUTPUT:
            return not tag.powered and not tag.moves and tag.signal not in ("ready_to_receive", "part_available")
        if tag.direction is Direction.STATUS or tag.type is not DataType.BOOL:
            return True
        kinds = {
            f"{station.name}.{component.name}": component.kind
            for station in self._definition.stations
            for component in station.components
        }
        return tag.signal in _BUTTONS or kinds.get(tag.name) in _BUTTON_KINDS


def _place(one: PlaceFile, kind: str) -> Place:
    low, high = one.plausible if one.plausible is not None else (None, None)
    return Place(
        address=one.address, device_type=one.device_type or kind, write_address=one.write_address or "",
        scale=float(one.scale), offset=float(one.offset), invert=one.invert, word_order=one.word_order,
        deadband=float(one.deadband), low=low, high=high, step_per_s=one.step,
        frozen_s=_seconds(one.frozen), quiet_s=_seconds(one.quiet), behind_s=_seconds(one.behind),
        ahead_s=_seconds(one.ahead), group=one.group,
    )  # fmt: skip


def _seconds(ns: int | None) -> float | None:
    return None if ns is None else ns / S


def _few(names: set[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:8]) + (" ..." if len(listed) > 8 else "") if listed else "nothing that is bound"


__all__ = ["FileErrors", "build", "load"]
