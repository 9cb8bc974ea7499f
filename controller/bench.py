"""One bench: a line with its runs, its wires and its picture, and everything that people do to it.

A refused operation raises `LabError` with the refusal's code. Who may do what is the door's business
(`controller/operations.py`); here `by` only says whom the journal names.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping

from controller.beginning import Beginning
from controller.bindings import RealDevices
from controller.faults import FaultShelf
from controller.messages import Frame, LabError
from controller.recorder import RecordError
from controller.run import Run
from controller.scene import Scene
from controller.view import View, WireState
from devices.alarms import AlarmAsk
from devices.endpoint import Clock, Endpoint, ManyPorts, ManyVoices, Role, Wire
from sim.inputs import Input
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import Direction, Tag, Value
from sim.unit import BUILTIN

logger = logging.getLogger(__name__)
LONGEST_STEP_S = 3600.0
HINDRANCES = {"real": "real_fault", "active": "fault_active", "replaced": "fault_replaced"}  # of `fault_hindrance`


class Bench:
    """Lives as long as its host; a reset replaces the run and nothing else. `new_run` makes a run from the start."""

    def __init__(
        self,
        number: int,
        clock: Clock,
        run: Run,
        new_run: Callable[[Beginning | None], Run],
        faults: FaultShelf,
        trainee_shelves: bool = True,
    ) -> None:
        self.number, self.definition, self.clock = number, run.line.definition, clock
        self.run, self._new_run = run, new_run
        self.shelf = faults
        self.view = View(number, self.definition.name, clock, run)
        self.alarms = self.view.alarms
        self.alarms.trainee_shelves = trainee_shelves
        self.scene = Scene(run.line)
        self.endpoints: Mapping[Wire, Endpoint] = {}
        self.devices: RealDevices | None = None  # where a binding names any
        self._latest = 0  # number of the last fault
        self._turn = asyncio.Lock()  # one run ends before another begins, whoever asks for that
        self._stopped = False

    # ---- what it says of itself ------------------------------------------------------------------------------

    def info(self) -> Frame:
        pacer, stations = self.run.pacer, self.definition.stations
        return {
            "bench": self.number,
            "line": {"name": self.definition.name, "title": _text(self.definition.title)},
            "clock": {
                "state": "frozen" if pacer.frozen else "running",
                "speed": pacer.speed,
                "sim_s": round(self.run.sim_s, 3),
                "slips": pacer.slips,
            },
            "control": {station.name: self.run.line.control(station.name) for station in stations},
            "wires": self.wires(),
            "stations": [{"name": station.name, "title": _text(station.title)} for station in stations],
            "run": self.run.folder_name,
            "error": self.run.error,
            "operator": self.run.line.operator_on,
            "label": self.run.label,
        }

    def wires(self) -> list[JsonValue]:
        """Each wire: where it is, who is on it, what it heard last."""
        return [self._wire(wire, endpoint, self.view.wires[wire]) for wire, endpoint in self.endpoints.items()]

    def _wire(self, wire: Wire, endpoint: Endpoint, state: WireState) -> JsonValue:
        last = state.last
        return {
            "wire": wire.value,
            "url": endpoint.url,
            "more_urls": list(endpoint.more_urls) if isinstance(endpoint, ManyPorts) else [],
            "also": list(endpoint.also) if isinstance(endpoint, ManyVoices) else [],
            "clients": endpoint.clients,
            "last": None
            if last is None
            else {
                "ts": last.ts,
                "client": last.client,
                "tag": last.tag,
                "value": last.value,
                "refusal": last.refusal and last.refusal.value,
            },
            "requests": state.requests,
            "refused": state.refused,
            "rejected": state.rejected,
        }

    # ---- what people do to the line --------------------------------------------------------------------------

    def panel(self, station: str, element: str, pressed: bool | int, by: str) -> None:
        self.by_hand("panel", {"station": station, "element": element, "pressed": pressed}, by, f"{station}.{element}")

    def key(self, station: str, control: str, by: str) -> None:
        self.by_hand("key", {"station": station, "control": control}, by, station)

    def jog(self, tag: str, value: object, by: str) -> None:
        found, typed = self._accepted(tag, value)
        self.by_hand("jog", {"tag": found.name, "value": typed}, by, tag)

    def write(self, tag: str, value: object, by: str) -> None:
        """A parameter or a command. Outputs belong to whoever is in control, and that is no page."""
        found, typed = self._accepted(tag, value)
        if found.owned or found.direction is Direction.OUTPUT:
            raise LabError(Refusal.NOT_OWNER, {"tag": tag})
        self.by_hand("write", {"writes": [[found.name, typed]]}, by, tag)

    def remove_part(self, part: int, by: str) -> None:
        self.by_hand("remove_part", {"part": part}, by, str(part))

    def operator(self, on: bool, by: str) -> None:
        self.give(Input("operator", {"on": on}), by)

    def alarm(self, ask: AlarmAsk, role: Role, by: str) -> None:
        """Acknowledge, shelve ...: see `sim/alarms/operations.py`."""
        refusal = self.alarms.do(ask, role, by)
        if refusal is not None:
            raise LabError(refusal.value, {"alarm": ask.alarm, "do": ask.do})
        self.run.note("page", by, "alarm", f"{ask.do} {ask.alarm}")

    def _accepted(self, name: str, value: object) -> tuple[Tag, Value]:
        tag = self.view.tags.find(name)
        if tag is None:
            raise LabError(Refusal.UNKNOWN, {"tag": name})
        typed = tag.accept(value)
        if isinstance(typed, Refusal):
            raise LabError(typed, {"tag": name})
        return tag, typed

    def by_hand(self, op: str, args: Frame, by: str, subject: str) -> None:
        """What somebody does at the line itself: not while time stands still."""
        if self.run.pacer.frozen:
            raise LabError(self.run.refusal)
        self.give(Input(op, args), by)
        self.run.note("page", by, op, subject)

    def give(self, given: Input, by: str) -> None:
        """One input that belongs to no client. Raises `LabError` where the line refuses it."""
        refusal = next((answer for answer in self.run.give(given, by) if answer is not None), None)
        if refusal is not None:
            raise LabError(refusal.value)

    # ---- what instructors do ---------------------------------------------------------------------------------

    def fault(self, name: str, target: str, own: Frame, by: str) -> str:
        """Begin a fault of the catalogue; returns its id."""
        for ident, args in self.run.line.faults.items():
            if (args.get("fault"), args.get("target")) == (name, target):
                raise LabError("fault_active", {"fault": name, "target": target, "id": ident})
        active = [int(id[1:]) for id in self.run.line.faults if id[1:].isdecimal()]
        number = 1 + max(*active, self._latest, 0)
        id = f"f{number}"
        given = self.shelf.begin(id, name, target, own)
        self.unhindered(given.args)
        self.give(given, by)
        self._latest = number
        return id

    def unhindered(self, fault: Frame, only: str = "") -> None:
        """Raises `LabError` with the reason where a fault cannot begin beside what is there, or for one reason only."""
        why = self.run.line.fault_hindrance(fault)
        if why and only in ("", why):
            raise LabError(HINDRANCES[why], {name: fault.get(name) for name in ("fault", "target")})

    def end_fault(self, id: str, by: str) -> None:
        if id not in self.run.line.faults:
            raise LabError("fault_ended", {"id": id})
        self.give(Input("end_fault", {"id": id}), by)

    def freeze(self, by: str) -> None:
        """Real stations go to their safe state and are disarmed."""
        if self.devices is not None:
            self.devices.freeze()
        self.run.freeze(by)

    def _pinned(self, what: str) -> None:
        """A real station forbids it: raises `LabError` with the reason."""
        if self.devices is not None:
            self.devices.pinned(what)

    def go_on(self, by: str, speed: float | None = None) -> None:
        """Run, from frozen or already running, at this speed."""
        if self.run.broken:
            raise LabError(Refusal.OFFLINE)
        if speed is not None and speed != self.run.pacer.speed:
            self._pinned("speed")
            self.run.set_speed(speed, by)
        try:
            self.run.go_on(by)
        except RecordError as error:
            raise LabError("unrecorded", {"error": str(error)}) from error

    async def step(self, by: str, seconds: float | None) -> None:
        """Frozen: on to the next event, or by some seconds."""
        self._pinned("step")
        if not self.run.pacer.frozen or self.run.error:
            raise LabError("state", {"clock": "running", "error": self.run.error})
        await self.run.step(None if seconds is None else min(seconds, LONGEST_STEP_S), by)

    async def reset(self, by: str) -> None:
        """A new run from the start, with a new journal; the wires stay."""
        await self._replace_run(None, by)
        logger.info("bench %d: reset by %s", self.number, by)

    async def begin_with(self, beginning: Beginning, by: str, frozen: bool = False) -> None:
        """A new run with a state. From the past, it is to all who are connected as if the controller lost its power."""
        self._pinned("branch")
        await self._replace_run(beginning, by, frozen)
        if beginning.from_the_past:
            self._power_cycle(by)
        logger.info("bench %d: %s loaded by %s", self.number, beginning.kind, by)

    async def _replace_run(self, beginning: Beginning | None, by: str, frozen: bool = False) -> None:
        async with self._turn:
            if self._stopped:
                raise LabError(Refusal.OFFLINE)
            try:
                run = self._new_run(beginning)
                await self._begin_anew(run, by, frozen)
            except RecordError as error:
                raise LabError("unrecorded", {"error": str(error)}) from error
            except ValueError as error:  # a state that is not this line's
                raise LabError("training", {"why": str(error)}) from error

    async def _begin_anew(self, run: Run, by: str, frozen: bool) -> None:
        try:
            if [tag.name for tag in run.line.tags] != [tag.name for tag in self.view.tags]:
                raise ValueError("the line has other tags than this bench")
            if self.devices is not None:
                await self.devices.leave()
            await self.run.stop()
            run.pacer.speed, run.pacer.frozen = self.run.pacer.speed, frozen
            run.start(by)
        except (RecordError, ValueError):
            await run.stop()
            raise
        self.run = run
        self.view.attach(run)
        self.scene.attach(run.line)
        if self.devices is not None:
            self.devices.attach(run)

    def _power_cycle(self, by: str) -> None:
        """Remote stations: outputs safe, Aborted until Clear and Reset, the key where it was. Wires: away and back."""
        line = self.run.line
        for station in self.definition.stations:
            control = line.control(station.name)
            for turned in (BUILTIN, control) if control != BUILTIN else ():
                self.give(Input("key", {"station": station.name, "control": turned}), f"power cycle, {by}")
        self.view.power_cycle()

    # ---- life ------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Wires first, so that nothing more is acknowledged, then the run."""
        for endpoint in self.endpoints.values():
            await endpoint.stop()
        async with self._turn:
            self._stopped = True
            if self.devices is not None:
                await self.devices.stop()
            await self.run.stop()
            self.alarms.close()
            self.view.stop()


def _text(text: object) -> Frame:
    return {"zh": getattr(text, "zh", ""), "en": getattr(text, "en", "")}
