"""One bound station on its bench: in which of the three modes it is, its outputs, its guard, its deviations."""

import asyncio
import secrets
from collections.abc import Coroutine
from contextlib import suppress

from controller.bindings import reading
from controller.bindings.audit import Audit
from controller.bindings.deviation import Deviation
from controller.bindings.guard import Guard, Lease, Test
from controller.bindings.outputs import Outputs
from controller.messages import LabError
from controller.run import Run
from devices.drivers import Device, Quality, Reason, State, Why
from devices.endpoint import Clock
from devices.tasks import begin, end
from scenarios.binding import BoundStation
from sim.inputs import Input
from sim.packml import State as PackML
from sim.state import JsonValue, dump
from sim.tag import Direction, Value

SIM, SHADOW, REAL = MODES = ("sim", "shadow", "real")
REST = frozenset({PackML.CLEARING, PackML.STOPPED, PackML.STOPPING, PackML.ABORTING, PackML.ABORTED})
NOT_DONE = frozenset({Why.REFUSED, Why.TOO_LATE})  # a command that had to be done, and was not
HELD = frozenset({PackML.ABORTING, PackML.ABORTED})


class Station:
    """Alive as long as its bench. `run` is the one of now; `attach` hands it the next."""

    def __init__(self, bound: BoundStation, device: Device, clock: Clock, run: Run, audit: Audit) -> None:
        self.bound, self.device, self._clock, self.run, self._audit = bound, device, clock, run, audit
        self.name = bound.station
        self.mode = SIM
        self.wanted = bound.mode  # as the file has it, until that was so once
        self.lost = ""  # why the twin took over last
        self.takeover_s: float | None = None  # how long that took
        self.readings = {one.tag.name: one for one in bound.tags if one.tag.direction is not Direction.OUTPUT}
        outputs = {one.tag.name: one for one in bound.tags if one.tag.direction is Direction.OUTPUT}
        self.outputs = Outputs(device, outputs, self._told)
        self.guard = None if bound.arming is None else Guard(self.name, bound.arming, device, clock)
        self.deviations = {name: Deviation(one.tolerance) for name, one in self.readings.items()}
        self._tasks: list[asyncio.Task[None]] = []
        self._disarming: set[asyncio.Task[None]] = set()

    # ---- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Raises nothing; a station that was real before a restart stands still until somebody confirms its parts."""
        if not self._tasks:
            self._tasks = [begin(self.outputs.run(), f"outputs {self.name}")]
            if self.guard is not None:
                self._tasks.append(begin(self._watch(self.guard), f"watchdog {self.name}"))
        before = self.run.line.real(self.name)
        if before is not None and before.real:
            self.mode, self.wanted = REAL, ""
            self.give("lost", {"station": self.name}, "restart")
        elif self.bound.mode == SHADOW:
            self.mode = SHADOW

    async def stop(self) -> None:
        await self.disarm("the lab stops", "lab")
        for task in [*self._tasks, *self._disarming]:
            await end(task)
        self._tasks = []

    def give(self, op: str, args: dict[str, JsonValue], by: str) -> None:
        refusal = next((one for one in self.run.give(Input(op, args), by) if one is not None), None)
        if refusal is not None:
            raise LabError(refusal.value, {"station": self.name})

    # ---- the three modes ---------------------------------------------------------------------------------------

    @property
    def armed(self) -> bool:
        state = self.run.line.real(self.name)
        return state is not None and bool(state.armed)

    async def switch(self, mode: str, by: str) -> None:
        """On the running line. Raises `LabError` with the reason where it cannot be."""
        self.wanted = ""  # what somebody says counts for more than the file
        if mode == self.mode:
            return
        if mode == REAL:
            self._ready()
        if self.mode == REAL:
            await self.disarm(f"switched to {mode}", by)
            self._leave(by)
        if mode == REAL:
            values: list[JsonValue] = [reading.row(one.tag, self.device.latest(name))
                                       for name, one in self.readings.items()]  # fmt: skip
            args: dict[str, JsonValue] = {"station": self.name, "mode": "real", "values": values, "abort": True}
            self.give("source", {**args, "terms": dump(self.bound.terms)}, by)
            self.lost = ""
        self.mode = mode
        self._note(by, f"mode {mode}")

    def _ready(self) -> None:
        pacer = self.run.pacer
        if pacer.frozen or pacer.speed != 1.0:
            raise LabError("pinned", {"station": self.name, "speed": pacer.speed, "frozen": pacer.frozen})
        faults: list[JsonValue] = [*self.run.line.bent(self.name)]
        if faults:
            raise LabError("bent", {"station": self.name, "faults": faults})
        if self.device.state is not State.UP:
            raise LabError("device", {"device": self.device.name, "why": self.device.why})
        bad: list[JsonValue] = []
        for name in self.readings:
            sample = self.device.latest(name)
            if sample is None or sample.value is None or sample.quality is not Quality.GOOD:
                bad.append(name)
        if bad:
            raise LabError("readings", {"station": self.name, "tags": bad})

    def within_limits(self) -> bool:
        """Whether twin and device agree well enough for the twin to go on without a bump."""
        now_s = self._clock.monotonic()
        return all(one.apart_for(now_s) <= self.bound.deviation_s for one in self.deviations.values())

    def _leave(self, by: str) -> None:
        args: dict[str, JsonValue] = {"station": self.name, "mode": "sim", "abort": not self.within_limits()}
        self.give("source", args, by)

    def takeover(self, why: str, since_s: float) -> None:
        """The device is gone: the twin is the station from this instant on."""
        self.outputs.stop()
        if self.guard is not None:
            self.guard.lease = None
        self._leave(f"device {self.device.name} lost")
        self.mode, self.lost = SIM, why
        self.takeover_s = self._clock.monotonic() - since_s
        self._note("lab", "takeover", why=why)

    # ---- arming ------------------------------------------------------------------------------------------------

    def _guarded(self) -> Guard:
        if self.guard is None:
            raise LabError("watchdog", {"station": self.name})
        return self.guard

    async def test(self, by: str) -> Test:
        guard = self._guarded()
        if self.armed or guard.testing:
            raise LabError("state", {"station": self.name, "armed": self.armed})
        self._note(by, "arming test begins")
        found = await guard.prove()
        self._note(by, "arming test", passed=found.passed, took_s=found.took_s, why=found.why)
        return found

    async def arm(self, by: str) -> Lease:
        """From now on outputs move the device, as soon as the station leaves its rest."""
        guard = self._guarded()
        if self.mode != REAL or guard.testing:
            raise LabError("state", {"station": self.name, "mode": self.mode})
        why = guard.refuses()
        if why:
            raise LabError("arming", {"station": self.name, "why": why})
        live = await guard.wake()
        why = guard.refuses() if live and self.mode == REAL else "live"  # much can have happened meanwhile
        if why:
            raise LabError("arming", {"station": self.name, "why": why})
        lease = Lease(secrets.token_hex(8), by, self._clock.monotonic() + guard.arming.lease_s)
        guard.lease = lease
        self._note(by, "armed")
        self.give("arm", {"station": self.name, "armed": True}, by)
        return lease

    def renew(self, id: str) -> None:
        if self.guard is None or not self.guard.renew(id):
            raise LabError("lease", {"station": self.name})

    async def disarm(self, why: str, by: str) -> None:
        """The safe state is written first; then nothing more."""
        if not self.armed:
            return
        self.outputs.stop()
        if self.guard is not None:
            self.guard.lease = None
        state = self.run.line.real(self.name)
        if state is not None and state.real:
            with suppress(LabError):  # a line that is broken takes no input; the device is made safe all the same
                self.give("lost", {"station": self.name}, f"{by}: {why}")
        confirmed = await self.outputs.safe(f"{by}: {why}")
        self._note(by, "disarmed", why=why, confirmed=confirmed)

    def disarm_soon(self, why: str) -> None:
        """Like `disarm`, from where nobody can wait. Outputs stop at once."""
        if self.armed:
            self.outputs.stop()
            self._later(self.disarm(why, "lab"), "disarm")

    async def _watch(self, guard: Guard) -> None:
        """Count while all is well; the first time that it is not, the safe state."""
        while True:
            await asyncio.sleep(guard.arming.watchdog.every_s)
            if not self.armed:
                continue
            pacer = self.run.pacer
            why = guard.trips() or ("line" if pacer.frozen or self.run.broken else "")
            if self._tasks[0].done():  # nobody sends outputs any more, so the device would hold the last
                why = "outputs"
            if why:
                await self.disarm(why, "lab")
            else:
                await guard.count()

    # ---- what happens on the line ------------------------------------------------------------------------------

    def stated(self, state: int) -> None:
        """The PackML state has changed."""
        if self.mode != REAL:
            return
        if state in HELD:
            self.disarm_soon("aborted")
        elif state in REST:
            self._rest()
        elif self.armed and not self.outputs.flowing:
            self.outputs.flowing = True
            for name, one in self.outputs.tags.items():
                self.outputs.put(name, self.run.line.read(one.tag.index).value, self.by())

    def _rest(self) -> None:
        if self.outputs.flowing:
            self.outputs.stop()
            self._later(self._safe_stop(), "safe")

    async def _safe_stop(self) -> None:
        await self.outputs.safe("stop")

    def _later(self, doing: Coroutine[None, None, None], what: str) -> None:
        task = begin(doing, f"{what} {self.name}")
        self._disarming.add(task)
        task.add_done_callback(self._disarming.discard)

    def changed(self, name: str, value: Value) -> None:
        """The field of an output has changed."""
        self.outputs.put(name, value, self.by())

    def by(self) -> str:
        """Who is behind what the line does just now: whoever gave the input, else the program in control."""
        return self.run.acting or f"program ({self.run.line.control(self.name)})"

    def _told(self, tag: str, value: Value, by: str, answer: Reason | None) -> None:
        self._note(by, "write", tag=tag, value=value, answer="done" if answer is None else str(answer))
        if answer is not None and answer.why in NOT_DONE:
            self.disarm_soon("refused")  # the device holds something else than the line says

    def _note(self, by: str, what: str, **more: JsonValue) -> None:
        self._audit.note(self.run.line.now_ns, by, what, self.name, **more)

    # ---- deviations --------------------------------------------------------------------------------------------

    def compare(self, now_s: float) -> None:
        """One sample of all tags that both have."""
        for name, one in self.readings.items():
            sample, deviation = self.device.latest(name), self.deviations[name]
            if self.mode == SIM or sample is None or sample.value is None or sample.quality is not Quality.GOOD:
                deviation.pause()
            else:
                deviation.compare(self.run.line.truth(one.tag.index), sample.value, now_s)

    def compare_anew(self) -> None:
        self.deviations = {name: Deviation(one.tolerance) for name, one in self.readings.items()}
