"""All real devices of one bench: their connections, what they say into the line, what the line says to them.

A switch of a station or a tag touches neither the wires of the trainees nor the run.
"""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from controller.bindings import points, reading
from controller.bindings.audit import Audit
from controller.bindings.single import Single
from controller.bindings.station import REAL, SIM, Station
from controller.messages import LabError
from controller.run import Run
from devices.drivers import Device, Sample, State, Transition, make_driver
from devices.endpoint import Clock
from devices.tasks import begin, end
from scenarios.binding import Binding
from sim.inputs import Input
from sim.packml import State as PackML
from sim.state import JsonValue
from sim.tag import Value

logger = logging.getLogger(__name__)
INPUTS_PER_S = 50  # readings of all devices of a bench enter the line in at most so many inputs
SAMPLE_S = 0.05  # how often twin and device are compared


class RealDevices:
    """Lives as long as its bench. `start` it with the run; `attach` hands it the next one."""

    def __init__(self, binding: Binding, clock: Clock, run: Run, store: Path | None = None) -> None:
        """`store`: the certificates of drivers whose options name no folder.

        Raises `TargetError` and `PointError` for addresses that the driver does not understand.
        """
        self.binding, self._clock, self.run = binding, clock, run
        self.audit = Audit(clock)
        self.devices: dict[str, Device] = {}
        for name, bound in binding.devices.items():
            driver = make_driver(points.target(bound, store), points.timing(bound), clock)
            self.devices[name] = Device(name, driver, points.groups(binding, name), clock, points.timing(bound))
        self.stations = {
            name: Station(bound, self.devices[bound.device], clock, run, self.audit)
            for name, bound in binding.stations.items()
        }
        self.singles = {
            name: Single(one, mode, self.devices[device], run) for name, (device, mode, one) in binding.tags.items()
        }
        self._pending: dict[str, Sample] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._flushed_s = float("-inf")
        self._sampling: asyncio.Task[None] | None = None
        self._outputs: Mapping[int, tuple[Station, str]] = {
            one.tag.index: (station, name) for station in self.stations.values()
            for name, one in station.outputs.tags.items()
        }  # fmt: skip
        self._lamps: dict[str, tuple[Single, Value]] = {}
        self._lamp_ready = asyncio.Event()
        self._lamp_task: asyncio.Task[None] | None = None

    # ---- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._listen(self.run)
        for device in self.devices.values():
            device.listen(self._heard)
            device.watch(self._turned)
            device.start()
        for station in self.stations.values():
            station.start()
        for single in self.singles.values():
            single.start(self.run)
        self._drop_unbound()
        self._sampling = begin(self._sample(), "deviations")
        self._lamp_task = begin(self._light(), "lamps")

    async def stop(self) -> None:
        """Safe states first, then the connections."""
        for station in self.stations.values():
            await station.stop()
        for task in (self._sampling, self._lamp_task):
            if task is not None:
                await end(task)
        if self._flush is not None:
            self._flush.cancel()
        for device in self.devices.values():
            await device.stop()
        self.audit.close()

    async def leave(self) -> None:
        """Before another run takes the place of this one: everything safe and disarmed."""
        for station in self.stations.values():
            await station.disarm("another run begins", "lab")

    def attach(self, run: Run) -> None:
        """Serve this run: all stations begin simulated, or as shadows where they were."""
        self.run = run
        self._listen(run)
        for station in self.stations.values():
            station.run = run
            station.compare_anew()
            if station.mode == REAL:
                station.mode = SIM
            station.start()
        for single in self.singles.values():
            single.start(run)
        self._drop_unbound()

    def _listen(self, run: Run) -> None:
        self.audit.attach(run.folder)
        run.line.listen(self._happened)

    def _drop_unbound(self) -> None:
        """What was real in the run and is in no binding any more is simulated, and a person looks at it."""
        for station in self.run.line.definition.stations:
            state = self.run.line.real(station.name)
            if state is not None and state.real and station.name not in self.stations:
                self.run.give(Input("source", {"station": station.name, "mode": "sim", "abort": True}), "restart")

    # ---- what people ask ---------------------------------------------------------------------------------------

    def station(self, name: str) -> Station:
        if name not in self.stations:
            raise LabError("unknown", {"station": name})
        return self.stations[name]

    @property
    def real(self) -> list[str]:
        """Stations that are real now: they pin the line to real time."""
        return [name for name, station in self.stations.items() if station.mode == REAL]

    def pinned(self, what: str) -> None:
        """Raises `LabError` with the reason while a real station forbids it."""
        if self.real:
            stations: list[JsonValue] = [*self.real]
            raise LabError("real_station", {"what": what, "stations": stations})

    def freeze(self) -> None:
        """Time stands still: safe state, disarmed."""
        for station in self.stations.values():
            station.disarm_soon("frozen")

    async def switch(self, name: str, mode: str, by: str) -> None:
        """A station, or a single tag by `station.signal`."""
        if name in self.singles:
            changes = self.singles[name].mode != mode
            self.singles[name].switch(mode, by)
            if changes:
                self.audit.note(self.run.line.now_ns, by, f"mode {mode}", name.partition(".")[0], tag=name)
            if mode == REAL and self.singles[name].output:
                self._lamp(self.singles[name])
            return
        await self.station(name).switch(mode, by)

    # ---- from the devices --------------------------------------------------------------------------------------

    def _heard(self, sample: Sample) -> None:
        self._pending[sample.tag] = sample
        if self._flush is None:
            now_s = self._clock.monotonic()
            wait_s = max(0.0, self._flushed_s + 1 / INPUTS_PER_S - now_s)
            self._flush = asyncio.get_running_loop().call_later(wait_s, self._bring)

    def _bring(self) -> None:
        """Everything that has changed of real tags, as one input."""
        self._flush, self._flushed_s = None, self._clock.monotonic()
        pending, self._pending = self._pending, {}
        values: list[JsonValue] = [
            reading.row(tag, sample)
            for name, sample in pending.items()
            if (tag := self.run.line.tags.find(name)) is not None and self.run.line.source(tag.index) == "real"
        ]
        if values:
            self.run.give(Input("reading", {"values": values}), "devices")
        for station in self.stations.values():
            if station.armed and station.guard is not None and station.guard.trips() == "interlock":
                station.disarm_soon("interlock")

    def _turned(self, change: Transition) -> None:
        device = change.device
        if change.after not in (State.LOST, State.CLOSED) or change.before is not State.UP:
            return
        for station in self.stations.values():
            if station.bound.device == device and station.mode == REAL:
                station.takeover(change.why, change.at_s)
        for single in self.singles.values():
            if single.device.name == device and single.mode == REAL:
                single.switch("sim", f"device {device} lost")

    # ---- from the line -----------------------------------------------------------------------------------------

    def _happened(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "tag" and isinstance(subject, int):
            found = self._outputs.get(subject)
            if found is not None and isinstance(data, bool | int | float):
                found[0].changed(found[1], data)
            elif self.singles:
                single = self.singles.get(self.run.line.tags[subject].name)
                if single is not None and single.output and single.mode == REAL:
                    self._lamp(single)
        elif kind == "state" and subject in self.stations and isinstance(data, int):
            self.stations[str(subject)].stated(PackML(data))

    def _lamp(self, single: Single) -> None:
        self._lamps[single.one.tag.name] = (single, single.value())
        self._lamp_ready.set()

    async def _light(self) -> None:
        while True:
            await self._lamp_ready.wait()
            self._lamp_ready.clear()
            lamps, self._lamps = self._lamps, {}
            for name, (single, value) in lamps.items():
                answer = await single.device.write(name, value)
                said = "done" if answer is None else str(answer)
                self.audit.note(self.run.line.now_ns, "line", "write", name.partition(".")[0], tag=name, value=value,
                                answer=said)  # fmt: skip

    async def _begin_as_filed(self) -> None:
        """What the file wants to be real is, as soon as its device answers; disarmed and Aborted like any other."""
        wanted = [name for name, one in self.stations.items() if one.wanted == REAL and one.mode == SIM]
        wanted += [name for name, single in self.singles.items() if single.wanted == REAL and single.mode == SIM]
        for name in wanted:
            one = self.stations.get(name) or self.singles[name]
            try:
                await self.switch(name, REAL, "binding file")
            except LabError:
                one.wanted = REAL  # not yet

    async def _sample(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_S)
            await self._begin_as_filed()
            now_s = self._clock.monotonic()
            for station in self.stations.values():
                station.compare(now_s)
            for single in self.singles.values():
                single.compare(now_s)
