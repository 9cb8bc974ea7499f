"""One run of a line: the line, its pace and its record, from the start or a resume to a reset or the end.

All that a line hears passes `give`: brought to the present, checked, journaled, applied, settled, in this order and
without a wait between. Knows no wire, no role and no page.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from controller.line import LiveLine
from controller.pacer import NS, Pacer
from controller.recorder import Recorder, RecordError
from controller.traffic import Traffic
from devices.endpoint import Clock
from devices.tasks import begin, end
from sim import journal
from sim.inputs import Input
from sim.refusal import Refusal

logger = logging.getLogger(__name__)
CHECKPOINT_S = 60.0
MIL, SIL, HIL = LABELS = ("MIL", "SIL", "HIL")  # VDI/VDE 3693: model, software or hardware in the loop
FLUSH_S = 1.0


class Run:
    """Alive from `start` to `stop`. `error` says why it does not go on: it is frozen then or, if broken, offline."""

    def __init__(
        self,
        line: LiveLine,
        recorder: Recorder,
        clock: Clock,
        speed: float = 1.0,
        frozen: bool = False,
        why: str = "start",
        branch: str = "",
    ) -> None:
        self.line, self._recorder, self._clock = line, recorder, clock
        self._why = why  # it begins: `start`, `resume`, or a `controller.beginning.Kind`
        self.branch = branch  # of an earlier run, empty where it is none
        self.pacer = Pacer(line, clock, speed, frozen, on_slip=self._slipped)
        self.error = ""
        self.broken = False  # the line itself failed: nothing can be asked of it
        self._started = False
        self._traffic = Traffic(branch)
        self._tasks: list[asyncio.Task[None]] = []
        self.acting = ""  # who gave the input that is being applied
        self.label = MIL
        self._checkpoint_s = clock.monotonic()

    @property
    def folder_name(self) -> str:
        return self._recorder.folder.name

    @property
    def folder(self) -> Path:
        """Where the record of the run is."""
        return self._recorder.folder

    # ---- inputs ----------------------------------------------------------------------------------------------

    def settle(self) -> bool:
        """Bring the line to the present, by one slice at most, and finish that instant. False: it is broken."""
        if self.broken or not self._started:
            return not self.broken
        try:
            self.pacer.catch_up()
            self.line.advance(self.line.now_ns)
        except RecordError as error:
            self._unrecorded(error)
        except Exception as error:  # noqa: BLE001  the border to the models
            self._broke(error)
        return not self.broken

    def give(self, given: Input, by: str) -> tuple[Refusal | None, ...]:
        """One input at the present instant. It is applied only if every answer is None."""
        if not self.settle():
            return (Refusal.OFFLINE,)
        answers = self.line.check(given)
        if any(answers):
            return answers
        return () if self.apply(given, by) else (self.refusal,)

    @property
    def refusal(self) -> Refusal:
        """What an input is answered that the run cannot take."""
        return Refusal.OFFLINE if self.broken else Refusal.PAUSED

    def apply(self, given: Input, by: str) -> bool:
        """Journal and apply an input that was checked at this settled instant. False: it could not be recorded."""
        try:
            self._recorder.journal(journal.input_record(self.line.now_ns, given, by))
        except RecordError as error:
            self._unrecorded(error)
            return False
        self.acting = by
        try:
            self.line.apply(given)
            self.line.advance(self.line.now_ns)
        except Exception as error:  # noqa: BLE001  the border to the models
            self._broke(error)
            return False
        finally:
            self.acting = ""
        if given.op in ("key", "source"):
            self._label()
        self.pacer.replan()
        return True

    def _label(self) -> None:
        """What was in the loop so far, at its most; each change is in the journal."""
        line = self.line
        found = MIL
        if any(line.control(station.name) != "builtin" for station in line.definition.stations):
            found = SIL
        if any(line.source(tag.index) == "real" for tag in line.tags):
            found = HIL
        if LABELS.index(found) > LABELS.index(self.label):
            self.label = found
            self._clock_record(found, self.acting)

    def note(self, wire: str, client: str, verb: str, subject: str) -> None:
        """Traffic."""
        now_s = self._clock.monotonic()
        self._traffic.note(wire, client, verb, subject, now_s, self._utc, self.line.now_ns)

    # ---- time ------------------------------------------------------------------------------------------------

    def freeze(self, by: str) -> None:
        """Stand still at the present instant."""
        if not self.pacer.frozen and self.settle():
            self.pacer.freeze()
            self._clock_record("freeze", by)

    def go_on(self, by: str) -> None:
        """From frozen to running. Raises `RecordError` while the run cannot be recorded."""
        if self.pacer.frozen and not self.broken:
            self._recorder.journal(self._clock_line("run", by, rate=self.pacer.speed))
            self.error = ""
            self.pacer.run()

    def set_speed(self, speed: float, by: str) -> None:
        self.pacer.set_speed(speed)
        self._clock_record("speed", by)

    async def step(self, seconds: float | None, by: str) -> None:
        """Frozen: on to the next event, or by some simulated seconds."""
        await (self.pacer.step_event() if seconds is None else self.pacer.step_time(seconds))
        self._clock_record("step", by)

    def _slipped(self, lost_s: float) -> None:
        logger.warning("%s: %.3f s behind, time re-anchored", self.folder_name, lost_s)
        self._recorder.journal(self._clock_line("slip", "", rate=self.pacer.speed))

    def _clock_record(self, why: str, by: str) -> None:
        try:
            self._recorder.journal(self._clock_line(why, by, 0.0 if self.pacer.frozen else self.pacer.speed))
        except RecordError as error:
            self._unrecorded(error)

    def _clock_line(self, why: str, by: str, rate: float) -> str:
        return journal.clock_record(self.line.now_ns, self._utc(), rate, by, why)

    def _utc(self) -> str:
        return stamp(self._clock.utc())

    # ---- what goes wrong -------------------------------------------------------------------------------------

    def _unrecorded(self, error: RecordError) -> None:
        if not self.error:
            logger.error("%s: frozen, the run cannot be recorded: %s", self.folder_name, error)
        self.error = str(error)
        self.pacer.frozen = True
        self.pacer.rouse()

    def _broke(self, error: Exception) -> None:
        logger.error("%s: the line stopped", self.folder_name, exc_info=error)
        self.error = f"{type(error).__name__}: {error}"
        self.broken = self.pacer.frozen = True

    # ---- life ------------------------------------------------------------------------------------------------

    def start(self, by: str = "") -> None:
        """Begin to pace and to keep the record. Raises `RecordError` where nothing can be written."""
        self._recorder.journal(self._clock_line(self._why, by, 0.0 if self.pacer.frozen else self.pacer.speed))
        self._started = True
        self._label()
        self.pacer.begin()
        self._tasks = [begin(self._pace(), f"pace {self.folder_name}"), begin(self._keep(), f"keep {self.folder_name}")]

    async def _pace(self) -> None:
        while not self.broken:
            try:
                await self.pacer.pace()
            except RecordError as error:
                self._unrecorded(error)
            except Exception as error:  # noqa: BLE001  the border to the models
                self._broke(error)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                self._recorder.traffic(self._traffic.due(self._clock.monotonic()))
                if self._clock.monotonic() - self._checkpoint_s >= CHECKPOINT_S:
                    await self.checkpoint()
            except RecordError as error:
                self._unrecorded(error)

    async def checkpoint(self) -> None:
        """Keep the state of this instant, and say its digest in the journal."""
        self._checkpoint_s = self._clock.monotonic()
        if not self.settle() or self.error:
            return
        line = self.line
        self._recorder.journal(journal.digest_record(line.now_ns, line.events, line.digest))
        await asyncio.to_thread(self._recorder.keep, self._recorder.offset, line.checkpoint())

    async def stop(self) -> None:
        """Stand still, close the record: the journal ends with `end`. A run that never started leaves no record."""
        if not self._started:
            self._recorder.abandon()
            return
        for task in self._tasks:
            await end(task)
        self.settle()
        self.pacer.freeze()
        with suppress(RecordError):
            await self.checkpoint()
            self._recorder.traffic(self._traffic.rest())
            self._recorder.journal(journal.end_record(self.line.now_ns, self._utc()))
        self._recorder.close()

    @property
    def sim_s(self) -> float:
        return self.pacer.target_ns() / NS


def stamp(utc: datetime) -> str:
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
