"""The faults that an instructor can fire at one line: the catalogue of the scenarios room, aimed at this line."""

from collections.abc import Mapping

from controller.messages import Frame, LabError
from scenarios.fault_file import Fault, FaultError, resolve, targets
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.state import JsonValue
from sim.tag import TagTable


class FaultShelf:
    """Never changes while the line lives."""

    def __init__(self, faults: Mapping[str, Fault], definition: LineDefinition, tags: TagTable) -> None:
        self._faults, self._definition, self._tags = faults, definition, tags

    def rows(self) -> list[JsonValue]:
        """The faults that this line has a target for, as an instructor chooses from them."""
        rows: list[JsonValue] = []
        for fault in self._faults.values():
            aims: list[JsonValue] = list(targets(fault, self._definition, self._tags))
            if aims:
                texts = {"title": fault.title, "symptom": fault.symptom, "remedy": fault.remedy}
                shown: Frame = {name: {"zh": text.zh, "en": text.en} for name, text in texts.items()}
                rows.append({"fault": fault.name, "layer": fault.layer, "seam": fault.seam, "targets": aims, **shown})
        return rows

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
