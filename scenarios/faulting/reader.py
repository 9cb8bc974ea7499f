"""Reads a fault file: its shape by `model`, its meaning by the tables of `hows` and by the kinds of components."""

from collections.abc import Mapping
from pathlib import Path

from scenarios.faulting import effects
from scenarios.faulting.effect_checks import EffectChecks, check_kinds
from scenarios.faulting.fault import Fault, Figure
from scenarios.faulting.hows import WORD
from scenarios.faulting.model import RANDOM, STAND_INS, FaultFile, ParameterFile, SelectorFile
from scenarios.faulting.resolve import outside
from scenarios.field_types import as_text
from scenarios.file_error import Field, unknown
from scenarios.structure import validate
from scenarios.yaml_source import Source, read
from sim import units
from sim.components import KINDS
from sim.spec import Kind


def load(path: Path, kinds: Mapping[str, Kind] = KINDS) -> Fault:
    """The fault that a file describes. Raises FileErrors."""
    return build(read(path), kinds)


def build(source: Source, kinds: Mapping[str, Kind] = KINDS) -> Fault:
    """Like `load`, of a file that is read already."""
    return _Reader(source, validate(FaultFile, source, STAND_INS), kinds).read()


class _Reader:
    """Reads one fault file whose shape is good as far as it goes."""

    def __init__(self, source: Source, given: FaultFile, kinds: Mapping[str, Kind]) -> None:
        self._source, self._given, self._kinds = source, given, kinds
        self._uses: dict[str, str] = {}  # figure -> its dimension, by where it is used

    def read(self) -> Fault:
        given = self._given
        self._target()
        checks = EffectChecks(self._source, given, self._kinds)
        for number, effect in enumerate(given.effects):
            checks.check(effect, ("effects", number))
        self._uses = checks.uses
        self._duration()
        self._repair()
        figures = {name: self._figure(name, stated) for name, stated in given.parameters.items()}
        self._source.check()
        return Fault(
            name=given.fault,
            number=given.number,
            layer=given.layer,
            seams=tuple(dict.fromkeys(effects.seam_of(effect) for effect in given.effects)),
            title=given.title.text(),
            description=given.description.text(),
            detection=given.detection.text(),
            remedy=given.remedy.text(),
            symptoms={channel: text.text() for channel, text in given.symptoms.items()},
            findings={operation: text.text() for operation, text in given.findings.items()},
            figures=figures,
            level=given.level,
            occupations=tuple(given.occupations),
            sources=tuple(given.sources),
            stated=given,
        )

    # ---- what it is aimed at -------------------------------------------------------------------------------------

    def _target(self) -> None:
        target = self._given.target
        said = [name for name in ("wire", "station", "line") if getattr(target, name)]
        selects = any(getattr(target, name) is not None for name in SelectorFile.model_fields)
        if len(said) > 1 or (selects and said not in ([], ["station"])):
            self._source.add(("target",), "means several things: tags or components, or wire, or station, or line")
        elif not said and not selects:
            self._source.add(("target",), "is empty: kind, wire, station: true, line: true, or type and direction")
        check_kinds(self._source, target, ("target",), self._kinds)

    # ---- how it ends ---------------------------------------------------------------------------------------------

    def _duration(self) -> None:
        given = self._given.duration
        at: Field = ("duration",)
        text = given.removeprefix(RANDOM)
        names = effects.used(text)
        for name in names:
            self._use(name, "time", at)
        if not names and given not in ("until_repaired", "once"):
            try:
                if units.parse(text, "time") <= 0:
                    self._source.add(at, "must be more than 0")
            except units.UnitError as error:
                self._source.add(at, f"{error}; or until_repaired, once, {{random: TIME}}")
        if given == "once" and any(effects.seam_of(e) not in ("input", "disturbance") for e in self._given.effects):
            self._source.add(at, "once is for what is done and over: inputs and disturbances")

    def _repair(self) -> None:
        given = self._given
        if given.duration == "until_repaired" and not given.repair:
            self._source.add(("repair",), "is missing: what ends this fault? an operation, or when: a condition")
        for number, row in enumerate(given.repair):
            at: Field = ("repair", number)
            if (row.operation is None) == (row.when is None):
                self._source.add(at, "needs an operation, or when: a condition")
            elif row.when is not None and row.target is not None:
                self._source.add((*at, "target"), "has no meaning beside a condition")
            for key, text in (("target", row.target), ("when", row.when)):
                for name in effects.used(text):
                    if name not in effects.BUILT_IN:
                        self._use(name, "", (*at, key))

    # ---- figures -------------------------------------------------------------------------------------------------

    def _use(self, name: str, dimension: str, at: Field) -> None:
        if name not in self._given.parameters:
            self._source.add(at, unknown("parameter of this fault", f"${name}", self._given.parameters))
        elif dimension:
            self._uses.setdefault(name, dimension)

    def _figure(self, name: str, stated: ParameterFile) -> Figure:
        at: Field = ("parameters", name)
        if name in effects.BUILT_IN:
            self._source.add(at, f"${name} has a meaning of its own: take another name")
        dimension = self._uses.get(name)
        if dimension is None:
            self._source.add(at, f"is used by no effect: write ${name} where it belongs")
        figure = Figure(
            name, stated.title.text(), dimension or WORD, _plain(stated.default), _limit(stated.low),
            _limit(stated.high), tuple(_plain(choice) for choice in stated.choices or ()),
        )  # fmt: skip
        if dimension is not None:
            self._range(figure, at)
        return figure

    def _range(self, figure: Figure, at: Field) -> None:
        if figure.choices and (figure.low is not None or figure.high is not None):
            self._source.add((*at, "choices"), "and low and high: one or the other")
        if isinstance(figure.default, str) and figure.default.startswith("$"):
            if figure.default[1:] not in effects.BUILT_IN:
                self._source.add((*at, "default"), unknown("word", figure.default, [f"${n}" for n in effects.BUILT_IN]))
            return
        try:
            problem = outside(figure, figure.default)
        except ValueError as error:
            problem = str(error)
        if problem:
            self._source.add((*at, "default"), problem)


def _plain(value: object) -> bool | int | float | str:
    return value if isinstance(value, bool | int | float) else as_text(value)


def _limit(value: object) -> int | float | str | None:
    return None if value is None else _plain(value)
