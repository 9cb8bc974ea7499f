"""The alarms of a bench: hears every transition of the present run, keeps them, and asks the line for what people want.

Implements `devices.alarms.Alarms` for the wires; the page and scripts ask through `controller/operations.py`.
"""

import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from controller.alarms.figures import STALE_H, Figures, figures
from controller.alarms.journal import AlarmJournal, Row, Wanted
from controller.alarms.rights import roles
from controller.run import Run, stamp
from devices.alarms import AlarmAsk, AlarmEvent, Times
from devices.endpoint import Client, Clock, Role
from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import SHOWN_ACTIVE, UNACKED, AlarmNow
from sim.inputs import Input
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tags import LINE

QUEUE = 1000  # transitions that may wait for one listener
_TIMED = {"active": "active", "inactive": "returned", "acknowledged": "acked", "confirmed": "confirmed"}


class Heard:
    """`devices.alarms.AlarmEvents`."""

    def __init__(self) -> None:
        self.waiting: deque[AlarmEvent] = deque()
        self._torn = False

    def add(self, event: AlarmEvent) -> None:
        if len(self.waiting) >= QUEUE:
            self.waiting.popleft()
            self._torn = True
        self.waiting.append(event)

    def take(self) -> Sequence[AlarmEvent]:
        taken, self.waiting = list(self.waiting), deque()
        return taken

    @property
    def torn(self) -> bool:
        torn, self._torn = self._torn, False
        return torn


class AlarmBoard:
    """Outlives the runs of a bench. `trainee_shelves`: whether trainees may put alarms on the shelf."""

    def __init__(self, clock: Clock, run: Run, trainee_shelves: bool = True) -> None:
        self._clock, self._run, self.trainee_shelves = clock, run, trainee_shelves
        self._listeners: weakref.WeakSet[Heard] = weakref.WeakSet()
        self._times: dict[str, Times] = {}
        self._count = 0
        self._start_ns = 0
        self._journal = AlarmJournal(None, 0)
        self._definitions: dict[str, AlarmDefinition] = {}
        self.attach(run)

    def attach(self, run: Run) -> None:
        """The alarms of this run from now on."""
        self._journal.close()
        self._run, line = run, run.line
        self._start_ns = 0
        self._times = {}
        definition = line.definition
        named = [(station.name, station.alarms) for station in definition.stations] + [(LINE, definition.alarms)]
        self._definitions = {f"{name}.{alarm.name}": alarm for name, alarms in named for alarm in alarms}
        self._journal = AlarmJournal(run.folder if self._definitions else None, line.now_ns)
        for row in reversed(list(self._journal.rows())):
            self._remember(row.alarm, row.what, datetime.fromisoformat(row.ts))
        line.listen(self._hear)
        self._catch_up()

    def _catch_up(self) -> None:
        """What happened before anybody listened, as an alarm at the birth of the line."""
        known = {row.alarm for row in self._journal.rows()}
        for name, now in self._run.line.alarms().items():
            if now.number and name not in known:
                self._add(self._run.line.now_ns, now, "active" if now.active else "present", "", "")

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "alarm" and isinstance(data, list):
            self._add(t_ns, self._run.line.alarm(str(subject)), str(data[0]), str(data[5]), str(data[6]))

    def _add(self, t_ns: int, now: AlarmNow, what: str, who: str, comment: str) -> None:
        utc, definition = self._clock.utc(), self._definitions[now.name]
        self._count += 1
        self._remember(now.name, what, utc)
        self._journal.add(
            Row(self._journal.last_id + 1, stamp(utc), t_ns, now.name, what, now.isa.value, now.level, now.severity,
                definition.priority, now.value, who, comment)
        )  # fmt: skip
        event = AlarmEvent(self._count, utc, t_ns, what, now, who, comment)
        for listener in self._listeners:
            listener.add(event)

    def _remember(self, name: str, what: str, utc: datetime) -> None:
        times = replace(self._times.get(name, Times()), changed=utc)
        if what in _TIMED:
            times = replace(times, **{_TIMED[what]: utc})
        self._times[name] = replace(times, commented=utc) if what == "comment" else times

    # ---- for the wires ---------------------------------------------------------------------------------------

    @property
    def definitions(self) -> Mapping[str, AlarmDefinition]:
        return self._definitions

    def now(self, name: str) -> AlarmNow:
        return self._run.line.alarm(name)

    def times(self, name: str) -> Times:
        return self._times.get(name, Times())

    def events(self) -> Heard:
        listener = Heard()
        self._listeners.add(listener)
        return listener

    def operate(self, client: Client, ask: AlarmAsk) -> Refusal | None:
        refusal = self.do(ask, client.role, f"{client.wire.value} {client.name}")
        self._run.note(client.wire.value, client.name, "refused" if refusal else "alarm", f"{ask.do} {ask.alarm}")
        return refusal

    # ---- for everybody ---------------------------------------------------------------------------------------

    def do(self, ask: AlarmAsk, role: Role, by: str) -> Refusal | None:
        """Do it to the line, or say why not. `by` names who in the journal and in the alarm."""
        if ask.alarm not in self._definitions:
            return Refusal.UNKNOWN
        if role not in roles(ask.do, self.trainee_shelves):
            return Refusal.FORBIDDEN
        if self._run.pacer.frozen:
            return self._run.refusal
        args: dict[str, JsonValue] = {"alarm": ask.alarm, "do": ask.do, "who": by[:80], "comment": ask.comment}
        if ask.do == "shelve":
            args |= {"for_ms": ask.for_ms, "once": ask.once}
        return next((answer for answer in self._run.give(Input("alarm", args), by) if answer is not None), None)

    def all_now(self) -> Sequence[AlarmNow]:
        return list(self._run.line.alarms().values())

    def rows(self, wanted: Wanted, most: int) -> list[Row]:
        """The newest rows that fit."""
        found = []
        for row in self._journal.rows(wanted):
            found.append(row)
            if len(found) >= most:
                break
        return found

    def figures(self, hours: float | None = None, stale_h: float = STALE_H) -> Figures:
        """Of the last hours of the run, or of all of it."""
        now_ns, alarms = self._run.line.now_ns, self.all_now()
        start_ns = 0 if hours is None else max(0, now_ns - round(hours * 3.6e12))
        active = {alarm.name: alarm.active_ns for alarm in alarms if alarm.isa in SHOWN_ACTIVE}
        unacknowledged = sum(alarm.isa in UNACKED for alarm in alarms)
        return figures(self._journal.rows(), now_ns, start_ns, active, unacknowledged, stale_h)

    def close(self) -> None:
        self._journal.close()
