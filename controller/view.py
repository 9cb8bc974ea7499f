"""A bench as its endpoints see it: `devices.endpoint.LineView` on the present run of the line.

Admission of a write, in this order: the tag is known, the role may write, the tag accepts the value, the line is not
frozen, the client is in control of the station, the line agrees. Then one input for the whole request.
"""

import asyncio
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.alarms.board import AlarmBoard
from controller.comm_watch import CommWatch
from controller.ownership import Ownership
from controller.run import Run, stamp
from controller.strangers import refusal_of, writes_of
from devices.endpoint import Client, Clock, Link, Role, Wire
from devices.strangers import Hear
from devices.tag_history import TagHistory
from sim.inputs import Input
from sim.link_faults import LinkState
from sim.refusal import Refusal
from sim.state import JsonValue
from sim.tag import Direction, Reading, Tag, TagTable, Value

FRESH_S = 0.001  # what is read within so long is read at one instant
BOOT_S = 0.5  # the wires of a controller are away so long when its power comes back; longer than all look at them
WATCH_S = 0.05  # how often silent clients are looked for


@dataclass(frozen=True, slots=True)
class LastWrite:
    """The last write that came in on a wire."""

    ts: str
    client: str
    tag: str
    value: JsonValue
    refusal: Refusal | None


@dataclass(slots=True)
class WireState:
    """What a page shows of a wire: its last write, and counters since the bench started."""

    last: LastWrite | None = None
    requests: int = 0
    refused: int = 0
    rejected: int = 0
    version: int = 0  # goes up with every change of `last`, `refused` and `rejected`


class DirtyTags:
    """`devices.endpoint.Changes`: the tags that changed since the last `take`, at most all of them."""

    def __init__(self, view: "View") -> None:
        self._view = view
        self.dirty = set(range(len(view.tags)))

    def take(self) -> Sequence[int]:
        dirty, self.dirty = sorted(self.dirty), set()
        return dirty


class ViewLink:
    """The link of one wire: as bad as the line's link faults say. Asked for every message, so it is kept."""

    def __init__(self, view: "View", wire: Wire) -> None:
        self._view, self._wire = view, wire.value
        self._state: LinkState | None = None

    @property
    def state(self) -> LinkState:
        if self._state is None:
            found = self._view.run.line.link(self._wire)
            self._state = replace(found, restarting=True) if self._view.booting else found
        return self._state

    @property
    def seed(self) -> int:
        return self._view.run.line.seed

    def look(self) -> None:
        """A fault came or went: what is known is old."""
        self._state = None


class View:
    """Outlives the runs of a bench: a reset hands it the next one, and every tag counts as changed."""

    def __init__(self, bench: int, line: str, clock: Clock, run: Run) -> None:
        self._bench, self._line, self._clock = bench, line, clock
        self.run = run
        self.ownership = Ownership()
        self._comm = CommWatch()
        self._comm_timeouts = {tag.station: tag.index for tag in run.line.tags if tag.signal == "comm_timeout"}
        self._watching: asyncio.TimerHandle | None = None
        self._booted: asyncio.TimerHandle | None = None  # while the controller boots
        self.wires = {wire: WireState() for wire in Wire}
        self._links = {wire: ViewLink(self, wire) for wire in Wire}
        self._hearers: dict[Wire, list[Hear]] = {wire: [] for wire in Wire}
        self._listeners: weakref.WeakSet[DirtyTags] = weakref.WeakSet()
        self._read_s = float("-inf")
        self.alarms = AlarmBoard(clock, run)
        self.history = TagHistory(run.line.tags)
        self._serve(run)

    def attach(self, run: Run) -> None:
        """Serve this run from now on."""
        self.alarms.attach(run)
        self._serve(run)

    def _serve(self, run: Run) -> None:
        self.run = run
        self._look_at_links()
        self.ownership.clear()
        self._comm.clear()
        for listener in self._listeners:
            listener.dirty = set(range(len(run.line.tags)))
        now = self._clock.utc()
        for tag in run.line.tags:
            if not tag.computed:
                self.history.record(tag.index, run.line.read(tag.index), now)
        run.line.listen(self._hear)

    def _hear(self, t_ns: int, kind: str, subject: str | int, data: object) -> None:
        if kind in ("tag", "quality") and isinstance(subject, int):
            self.history.record(subject, self.run.line.read(subject), self._clock.utc())
            for listener in self._listeners:
                listener.dirty.add(subject)
        elif kind in ("fault", "link", "maintenance"):
            self._look_at_links()
        elif kind == "stranger" and isinstance(data, dict):
            self._stranger(Wire(str(subject)), data)
        elif kind == "control":  # the key switch was turned: whoever was in control is not any more
            self.ownership.release(str(subject))
            self._comm.forget(str(subject))

    def power_cycle(self) -> None:
        """The controller was without power: who is connected loses the connection, and all is said anew afterwards."""
        if self._booted is not None:
            self._booted.cancel()
        self._booted = asyncio.get_running_loop().call_later(BOOT_S, self._boot)
        self._look_at_links()

    @property
    def booting(self) -> bool:
        return self._booted is not None

    def _boot(self) -> None:
        self._booted = None
        self._look_at_links()

    def _stranger(self, wire: Wire, data: dict[str, JsonValue]) -> None:
        """Somebody else did something on this wire: a request like any in what is shown of it."""
        state, refusal, peer = self.wires[wire], refusal_of(data), str(data["peer"])
        state.requests += 1
        state.refused += refusal is not None
        state.version += 1
        writes = list(writes_of(data, self.tags))
        for write in writes:
            name, value = write.tag.name, write.value
            self.run.note(wire.value, peer, refusal or "write", f"{name}={_say(value)}")
            state.last = LastWrite(stamp(self._clock.utc()), peer, name, _plain(value), refusal)
            for hear in self._hearers[wire]:
                hear(write)
        if not writes:
            self.run.note(wire.value, peer, refusal or str(data["op"]), _say(data.get("args")))

    def _look_at_links(self) -> None:
        for link in self._links.values():
            link.look()

    # ---- what an endpoint reads -------------------------------------------------------------------------------

    @property
    def line(self) -> str:
        return self._line

    @property
    def bench(self) -> int:
        return self._bench

    @property
    def tags(self) -> TagTable:
        return self.run.line.tags

    @property
    def clock(self) -> Clock:
        return self._clock

    def link(self, wire: Wire) -> Link:
        return self._links[wire]

    def strangers(self, wire: Wire, hear: Hear) -> None:
        self._hearers[wire].append(hear)

    def read(self, index: int) -> Reading:
        if self.tags[index].computed:
            self._advance_for_reading()
        return self.run.line.read(index)

    def _advance_for_reading(self) -> None:
        """A computed tag is a function of time, and the line's time stands between events."""
        now_s = self._clock.monotonic()
        if now_s - self._read_s >= FRESH_S:
            self._read_s = now_s
            self.run.settle()

    def changes(self) -> DirtyTags:
        listener = DirtyTags(self)
        self._listeners.add(listener)
        return listener

    # ---- what an endpoint asks --------------------------------------------------------------------------------

    def request(self, client: Client, writes: Sequence[tuple[int, object]]) -> tuple[Refusal | None, ...]:
        answers = self._answer(client, writes)
        self._heard(client)
        self._remember(client, writes, answers)
        return answers

    def _answer(self, client: Client, writes: Sequence[tuple[int, object]]) -> tuple[Refusal | None, ...]:
        if not self.run.settle():
            return (Refusal.OFFLINE,) * len(writes)
        now_s = self._clock.monotonic()
        admitted = [self._admit(client, index, value, now_s) for index, value in writes]
        stations = {self.tags[i].station for i, _ in writes if 0 <= i < len(self.tags) and self.tags[i].owned}
        for station in stations:
            self.ownership.heard(station, client, now_s)
        changing = [
            (n, index, value)
            for n, ((index, _), value) in enumerate(zip(writes, admitted, strict=True))
            if not isinstance(value, Refusal) and self._changes(index, value)
        ]
        given = Input("write", {"writes": [[self.tags[index].name, value] for _, index, value in changing]})
        answers = [value if isinstance(value, Refusal) else None for value in admitted]
        if changing:
            for (n, _, _), said in zip(changing, self.run.line.check(given), strict=True):
                answers[n] = said
        if any(answers):
            return tuple(answers)
        if changing and not self.run.apply(given, f"{client.wire.value} {client.name}"):
            return (self.run.refusal,) * len(writes)
        for station in stations:
            self.ownership.claim(station, client, now_s)
            if self._comm.controls(station, client, now_s):
                self._say_comm(station, lost=False)
        return tuple(answers)

    def _admit(self, client: Client, index: int, value: object, now_s: float) -> Value | Refusal:
        if not 0 <= index < len(self.tags):
            return Refusal.UNKNOWN
        if client.role is Role.OBSERVER:
            return Refusal.FORBIDDEN
        tag = self.tags[index]
        typed = tag.accept(value)
        if isinstance(typed, Refusal):
            return typed
        if self.run.pacer.frozen:
            return Refusal.PAUSED
        if tag.owned and not self._in_control(tag, client, now_s):
            return Refusal.NOT_OWNER
        return typed

    def _in_control(self, tag: Tag, client: Client, now_s: float) -> bool:
        return self.ownership.permits(tag.station, self.run.line.control(tag.station), client, now_s)

    def _changes(self, index: int, value: Value) -> bool:
        """A write that changes nothing is traffic, not an input; a command is an input each time.

        Set points are compared with what they are, not with what a faulty reading of them says.
        """
        tag, line = self.tags[index], self.run.line
        if tag.momentary:
            return bool(value)
        return (line.read(index).value if tag.direction is Direction.OUTPUT else line.truth(index)) != value

    # ---- the client in control --------------------------------------------------------------------------------

    def _heard(self, client: Client) -> None:
        """Any request: whoever asks is not silent."""
        if not self._comm:
            return
        for station in self._comm.heard(client, self._clock.monotonic()):
            self._say_comm(station, lost=False)
        if self._watching is None and any(self._comm_timeout_s(station) > 0 for station in self._comm.stations):
            self._watching = asyncio.get_running_loop().call_later(WATCH_S, self._watch)

    def _watch(self) -> None:
        """Look for clients that have been silent for too long. While the line is frozen nobody is."""
        now_s, self._watching = self._clock.monotonic(), None
        if not self._comm:
            return
        if self.run.pacer.frozen:
            self._comm.pardon(now_s)
        for station in self._comm.overdue(now_s, self._comm_timeout_s):
            self._say_comm(station, lost=True)
        self._watching = asyncio.get_running_loop().call_later(WATCH_S, self._watch)

    def stop(self) -> None:
        """Watch no more."""
        if self._booted is not None:
            self._booted.cancel()
            self._booted = None
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    def _comm_timeout_s(self, station: str) -> float:
        return self.run.line.read(self._comm_timeouts[station]).value / 1000

    def _say_comm(self, station: str, *, lost: bool) -> None:
        self.run.give(Input("comm", {"station": station, "lost": lost}), "comm watch")

    def closed(self, client: Client) -> None:
        self.ownership.closed(client)
        self.run.note(client.wire.value, client.name, "closed", "")

    def note(self, client: Client, verb: str, subject: str) -> None:
        self.wires[client.wire].requests += 1
        self._heard(client)
        self.run.note(client.wire.value, client.name, verb, subject)

    def reject(self, wire: Wire, peer: str, why: str) -> None:
        state = self.wires[wire]
        state.rejected += 1
        state.version += 1
        self.run.note(wire.value, peer, "rejected", why)

    def _remember(
        self, client: Client, writes: Sequence[tuple[int, object]], answers: Sequence[Refusal | None]
    ) -> None:
        state = self.wires[client.wire]
        state.requests += 1
        for (index, value), answer in zip(writes, answers, strict=True):
            name = self.tags[index].name if 0 <= index < len(self.tags) else f"#{index}"
            self.run.note(client.wire.value, client.name, answer or "write", f"{name}={_say(value)}")
        if not writes:
            return
        refused = next((n for n, answer in enumerate(answers) if answer is not None), None)
        shown = len(writes) - 1 if refused is None else refused
        index, value = writes[shown]
        name = self.tags[index].name if 0 <= index < len(self.tags) else f"#{index}"
        state.refused += refused is not None
        state.version += 1
        state.last = LastWrite(stamp(self._clock.utc()), client.name, name, _plain(value), answers[shown])


def _plain(value: object) -> JsonValue:
    return value if isinstance(value, bool | int | float) else str(value)[:40]


def _say(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)[:40]
