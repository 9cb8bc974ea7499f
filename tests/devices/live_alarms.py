"""Alarms of a small real line for the tests of the wires: time and set-points move by hand, nothing else does."""

from dataclasses import replace

from devices.alarms import AlarmAsk, AlarmEvent
from devices.endpoint import Client, Role
from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import AlarmNow
from sim.definition import LineDefinition, SetPointDefinition
from sim.inputs import Input
from sim.line import Line
from sim.refusal import Refusal
from sim.text import Text
from tests.devices.fake_line import FakeAlarms, FakeClock
from tests.sim.builders import S, component, definition, station, text

JAM, LEVEL, DOOR = "sorting.jam", "sorting.level", "storage.door"


def _alarm(name: str, **given: object) -> AlarmDefinition:
    title = Text(f"报警 {name}", f"alarm {name}")
    base = AlarmDefinition(name, title, title, "condition", "discrete", when="x > 0", severity={"on": 700})
    return replace(base, **given)  # type: ignore[arg-type]


def small_line() -> LineDefinition:
    """Two stations: a jam to be confirmed, a level with four limits, a door that latches."""
    limits = {"lolo": -100.0, "lo": -50.0, "hi": 50.0, "hihi": 100.0}
    severity = {"lolo": 900, "lo": 500, "hi": 500, "hihi": 900}
    level = _alarm("level", kind="limit", type="exclusive", tag="sorting.y", limits=limits, severity=severity)
    alarms = [[_alarm("jam", confirm=True), level], [_alarm("door", type="trip", latch=True)]]
    made = []
    for name, own in zip(("sorting", "storage"), alarms, strict=True):
        points = [SetPointDefinition(signal, text(signal), 0, -1000, 1000) for signal in ("x", "y")]
        made.append(replace(station(name, component("out", "push_button"), parameters=points), alarms=own))
    return definition(*made)


class LiveAlarms(FakeAlarms):
    """`devices.alarms.Alarms` of that line."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock, self.count = clock, 0
        self.line = Line(small_line(), 1)
        for one in self.line.definition.stations:
            self.definitions |= {f"{one.name}.{alarm.name}": alarm for alarm in one.alarms}
        self.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind == "alarm" and isinstance(data, list):
            self.count += 1
            event = AlarmEvent(
                self.count, self.clock.utc(), t_ns, data[0], self.now(str(subject)), str(data[5]), str(data[6])
            )
            for listener in self.heard:
                listener.waiting.append(event)

    def now(self, name: str) -> AlarmNow:
        return self.line.alarm(name)

    def set(self, name: str, value: int) -> None:
        """Give a set-point a value, and with it perhaps an alarm."""
        self.give(Input("write", {"writes": [[name, value]]}))

    def give(self, given: Input) -> None:
        self.line.apply(given)
        self.line.advance(self.line.now_ns)

    def run(self, seconds: float) -> None:
        self.line.advance(self.line.now_ns + round(seconds * S))

    def operate(self, client: Client, ask: AlarmAsk) -> Refusal | None:
        self.asked.append((client, ask))
        if client.role is Role.OBSERVER:
            return Refusal.FORBIDDEN
        given = Input("alarm", {"alarm": ask.alarm, "do": ask.do, "who": client.name, "comment": ask.comment,
                                "for_ms": ask.for_ms, "once": ask.once})  # fmt: skip
        refusal = self.line.check(given)[0]
        if refusal is None:
            self.give(given)
        return refusal
