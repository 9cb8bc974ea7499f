"""The faults that an instructor can fire at one line: the catalogue of the scenarios room, aimed at this line."""

from collections.abc import Mapping

from controller.messages import Frame, LabError
from scenarios.faulting import Fault, FaultError, Figure, resolve, targets
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue
from sim.tag import TagTable
from sim.text import Text


class FaultShelf:
    """Never changes while the line lives."""

    def __init__(self, faults: Mapping[str, Fault], definition: LineDefinition, tags: TagTable) -> None:
        self._faults, self._definition, self._tags = faults, definition, tags
        self._rows: list[JsonValue] | None = None  # made when somebody asks first

    def rows(self) -> list[JsonValue]:
        """The faults that this line has a target for, as an instructor chooses from them."""
        if self._rows is None:
            aims = ((fault, targets(fault, self._definition, self._tags)) for fault in self._faults.values())
            self._rows = [_row(fault, found) for fault, found in aims if found]
        return self._rows

    def begin(self, id: str, name: str, target: str, own: Frame) -> Input:
        """The input that begins a fault. Raises `LabError` where there is no such fault or it does not fit."""
        fault = self._faults.get(name)
        if fault is None:
            raise LabError("unknown", {"fault": name})
        try:
            args = resolve(fault, target, own, self._definition, self._tags)
        except FaultError as error:
            raise LabError("fault", {"fault": name, "why": str(error)}) from error
        return Input("fault", {"id": id, **args})


def _row(fault: Fault, aims: list[str]) -> JsonValue:
    texts = {
        "title": fault.title,
        "description": fault.description,
        "symptom": fault.symptoms.get("line", fault.description),
        "detection": fault.detection,
        "remedy": fault.remedy,
    }
    shown: Frame = {name: _text(text) for name, text in texts.items()}
    return {
        "fault": fault.name,
        "number": fault.number,
        "layer": fault.layer,
        "seams": [*fault.seams],
        "level": fault.level,
        "targets": [*aims],
        "parameters": [_figure(figure) for figure in fault.figures.values()],
        "symptoms": {channel: _text(text) for channel, text in fault.symptoms.items()},
        **shown,
    }


def _figure(figure: Figure) -> JsonValue:
    return {
        "name": figure.name,
        "title": _text(figure.title),
        "dimension": figure.dimension,
        "default": figure.default,
        "low": figure.low,
        "high": figure.high,
        "choices": [*figure.choices],
    }


def _text(text: Text) -> JsonValue:
    return {"zh": text.zh, "en": text.en}
