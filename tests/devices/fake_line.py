"""A line without physics for the tests of the wires: a small tag table, values in a list, every call recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from devices.alarms import AlarmAsk, AlarmEvent, Times
from devices.endpoint import Client, Role, Wire
from devices.strangers import Hear
from devices.tag_history import TagHistory
from sim.alarms.definition import AlarmDefinition
from sim.alarms.state import AlarmNow
from sim.link_faults import WELL, LinkState
from sim.refusal import Refusal
from sim.tag import DataType, Direction, Quality, Reading, Tag, TagTable, Value
from sim.text import Text

AMPERE: dict[str, object] = {"unit": "A", "low": 0, "high": 10, "decimals": 2, "computed": True}
SPEED: dict[str, object] = {"unit": "mm/s", "low": 0, "high": 500, "decimals": 1, "owned": True, "initial": 200.0}

B, N, R, U = DataType.BOOL, DataType.INT, DataType.REAL, DataType.UDINT
ROWS: list[tuple[str, str, DataType, Direction, dict[str, object]]] = [
    ("sorting", "eye_1", B, Direction.INPUT, {}),
    ("sorting", "eye_2", B, Direction.INPUT, {"initial": True}),
    ("sorting", "colour", N, Direction.INPUT, {"low": 0, "high": 3}),
    ("sorting", "belt_current", R, Direction.INPUT, AMPERE),
    ("sorting", "belt_run", B, Direction.OUTPUT, {"owned": True, "powered": True}),
    ("sorting", "ejector_1_extend", B, Direction.OUTPUT, {"owned": True, "powered": True}),
    ("sorting", "belt_speed", R, Direction.OUTPUT, SPEED),
    ("sorting", "target", N, Direction.OUTPUT, {"low": -5, "high": 5, "owned": True}),
    ("sorting", "state", DataType.UINT, Direction.STATUS, {"low": 1, "high": 17, "initial": 2}),
    ("sorting", "parts_out", U, Direction.STATUS, {"initial": 70000}),
    ("sorting", "blocked", B, Direction.STATUS, {}),
    ("sorting", "ejector_2_colour", N, Direction.PARAMETER, {"low": 1, "high": 3, "initial": 2}),
    ("sorting", "cmd_start", B, Direction.PARAMETER, {"momentary": True}),
    ("sorting", "cmd_reset", B, Direction.PARAMETER, {"momentary": True}),
    ("sorting", "sc_done", B, Direction.PARAMETER, {"momentary": True, "owned": True}),
    ("storage", "eye_pick", B, Direction.INPUT, {}),
    ("storage", "crane_x", R, Direction.INPUT, {"unit": "mm", "low": 0, "high": 1000, "decimals": 1, "computed": True}),
    ("storage", "fork_extend", B, Direction.OUTPUT, {"owned": True, "powered": True}),
    ("storage", "crane_x_target", N, Direction.OUTPUT, {"low": 0, "high": 4, "owned": True}),
    ("storage", "state", DataType.UINT, Direction.STATUS, {"low": 1, "high": 17, "initial": 2}),
]  # fmt: skip


def table() -> TagTable:
    return TagTable(
        [
            Tag(index=i, station=s, signal=n, type=t, direction=d, title=Text(f"测试 {n}", f"test {n}"), **extra)  # type: ignore[arg-type]
            for i, (s, n, t, d, extra) in enumerate(ROWS)
        ]
    )


class FakeClock:
    """A clock that a test moves by hand. Real waiting on a wire uses the loop's own time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.now)


@dataclass
class FakeLink:
    state: LinkState = WELL
    seed: int = 1

    def be(self, **levels: int | str) -> None:
        """From now on the link is like this; with nothing said it is well."""
        self.state = replace(WELL, **levels) if levels else WELL  # type: ignore[arg-type]


class FakeChanges:
    def __init__(self, size: int) -> None:
        self.dirty = set(range(size))

    def take(self) -> Sequence[int]:
        dirty, self.dirty = sorted(self.dirty), set()
        return dirty


class FakeEvents:
    def __init__(self) -> None:
        self.waiting: list[AlarmEvent] = []
        self.torn = False

    def take(self) -> list[AlarmEvent]:
        taken, self.waiting = self.waiting, []
        return taken


class FakeAlarms:
    """`devices.alarms.Alarms`: none, unless a test puts them in; `refuse` scripts answers by (alarm, do)."""

    def __init__(self) -> None:
        self.definitions: dict[str, AlarmDefinition] = {}
        self.state: dict[str, AlarmNow] = {}
        self.asked: list[tuple[Client, AlarmAsk]] = []
        self.refuse: dict[tuple[str, str], Refusal] = {}
        self.heard: list[FakeEvents] = []

    def now(self, name: str) -> AlarmNow:
        return self.state[name]

    def times(self, name: str) -> Times:
        return Times()

    def events(self) -> FakeEvents:
        self.heard.append(FakeEvents())
        return self.heard[-1]

    def operate(self, client: Client, ask: AlarmAsk) -> Refusal | None:
        self.asked.append((client, ask))
        return self.refuse.get((ask.alarm, ask.do))


@dataclass
class FakeLine:
    """Implements `devices.endpoint.LineView`; `set` is the plant's side, `refuse` scripts refusals by tag name."""

    line: str = "smart-factory"
    bench: int = 1
    tags: TagTable = field(default_factory=table)
    clock: FakeClock = field(default_factory=FakeClock)
    refuse: dict[str, Refusal] = field(default_factory=dict)
    requests: list[tuple[Client, list[tuple[str, object]]]] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    rejects: list[tuple[Wire, str, str]] = field(default_factory=list)
    gone: list[Client] = field(default_factory=list)
    board: FakeAlarms = field(default_factory=FakeAlarms)

    def __post_init__(self) -> None:
        self.values: list[Value] = [tag.initial if tag.type is not B else bool(tag.initial) for tag in self.tags]
        self.quality: dict[int, Quality] = {}
        self.reason: dict[int, str] = {}
        self.links = {wire: FakeLink() for wire in Wire}
        self.hearers: dict[Wire, Hear] = {}
        self._listeners: list[FakeChanges] = []
        self.history = TagHistory(self.tags)
        for tag in self.tags:
            self.history.record(tag.index, self.read(tag.index), self.clock.utc())

    def strangers(self, wire: Wire, hear: Hear) -> None:
        self.hearers[wire] = hear

    def link(self, wire: Wire) -> FakeLink:
        return self.links[wire]

    def read(self, index: int) -> Reading:
        return Reading(self.values[index], self.quality.get(index, Quality.GOOD), self.reason.get(index, ""))

    def changes(self) -> FakeChanges:
        self._listeners.append(FakeChanges(len(self.tags)))
        return self._listeners[-1]

    def set(self, name: str, value: Value) -> None:
        tag = self.tags.find(name)
        assert tag is not None
        self.values[tag.index] = value
        self.history.record(tag.index, self.read(tag.index), self.clock.utc())
        for listener in self._listeners:
            listener.dirty.add(tag.index)

    def request(self, client: Client, writes: Sequence[tuple[int, object]]) -> tuple[Refusal | None, ...]:
        self.requests.append((client, [(self.tags[i].name, value) for i, value in writes]))
        answers: list[Refusal | None] = []
        accepted: list[tuple[str, Value]] = []
        for i, value in writes:
            tag = self.tags[i]
            typed = tag.accept(value)
            if client.role is Role.OBSERVER:
                typed = Refusal.FORBIDDEN
            typed = self.refuse.get(tag.name, typed)
            answers.append(typed if isinstance(typed, Refusal) else None)
            if not isinstance(typed, Refusal):
                accepted.append((tag.name, False if tag.momentary else typed))
        if not any(answers):
            for name, value in accepted:
                self.set(name, value)
        return tuple(answers)

    @property
    def alarms(self) -> FakeAlarms:
        return self.board

    def closed(self, client: Client) -> None:
        self.gone.append(client)

    def note(self, client: Client, verb: str, subject: str) -> None:
        self.notes.append((client.name, verb, subject))

    def reject(self, wire: Wire, peer: str, why: str) -> None:
        self.rejects.append((wire, peer, why))


class FakeCredentials:
    """Every role's password is `<role>-token`."""

    def role(self, user: str, password: str) -> Role | None:
        return Role(user) if user in Role.__members__.values() and password == f"{user}-token" else None
