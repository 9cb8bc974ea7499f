"""One tag alone on a device: an analogue value, a status, a button or a lamp."""

from controller.bindings import reading
from controller.bindings.deviation import Deviation
from controller.messages import LabError
from controller.run import Run
from devices.drivers import Device, Quality, State
from scenarios.binding import BoundTag
from sim.inputs import Input
from sim.tag import Direction, Value


class Single:
    """In which of the three modes it is. An output here moves nothing: it is a lamp or a display."""

    def __init__(self, one: BoundTag, mode: str, device: Device, run: Run) -> None:
        self.one, self.mode, self.device, self.run = one, "shadow" if mode == "shadow" else "sim", device, run
        self.wanted = mode  # as the file has it
        self.deviation = Deviation(one.tolerance)

    def start(self, run: Run) -> None:
        """Serve this run. What was real in it before a restart still is; its device speaks again by itself."""
        self.run = run
        if not self.output and run.line.source(self.one.tag.index) == "real":
            self.mode, self.wanted = "real", ""
        elif self.mode == "real":
            self.mode = "sim"

    @property
    def output(self) -> bool:
        return self.one.tag.direction is Direction.OUTPUT

    def switch(self, mode: str, by: str) -> None:
        """On the running line. Raises `LabError`."""
        self.wanted = ""  # what somebody says counts for more than the file
        if mode == self.mode:
            return
        if mode == "real" and self.device.state is not State.UP:
            raise LabError("device", {"device": self.device.name, "why": self.device.why})
        if not self.output and "real" in (mode, self.mode):
            name = self.one.tag.name
            if mode == "real":
                row = reading.row(self.one.tag, self.device.latest(name))
                given = Input("source", {"mode": "real", "values": [row]})
            else:
                given = Input("source", {"mode": "sim", "tags": [name]})
            refusal = next((answer for answer in self.run.give(given, by) if answer is not None), None)
            if refusal is not None:
                raise LabError(refusal.value, {"tag": name})
        self.mode = mode

    def compare(self, now_s: float) -> None:
        sample = self.device.latest(self.one.tag.name)
        if self.output or self.mode == "sim" or sample is None or sample.value is None:
            self.deviation.pause()
        elif sample.quality is Quality.GOOD:
            self.deviation.compare(self.run.line.truth(self.one.tag.index), sample.value, now_s)

    def value(self) -> Value:
        return self.run.line.read(self.one.tag.index).value
