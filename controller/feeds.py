"""The channels of one bench: what each says whole and what it says of changes. No socket here: frames out.

`seq` counts the `ev` frames of a channel since the host started; a `snap` has the number of the last one.
"""

from collections.abc import Callable
from typing import Protocol

from controller import maintenance
from controller.alarms.answers import alarm_row
from controller.bench import Bench
from controller.messages import Frame
from controller.training.active import active
from sim.state import JsonValue
from sim.tag import DataType

TICK_S = 0.05
CLOCK_S = 1.0  # a clock at least so often, also when nothing moves


class Feed(Protocol):
    """One channel: `every` says how many ticks lie between two looks at it."""

    every: int

    def snap(self) -> Frame:
        """Everything now. What `ev` would have said until now is part of it."""
        ...

    def ev(self) -> Frame | None:
        """What changed since it was asked last, None where nothing did."""
        ...

    @property
    def torn(self) -> bool:
        """Changes were lost: everybody needs a snap."""
        ...


class LineFeed:
    """`line:<n>`: motion as segments, parts, states, with the clock that they are in."""

    every = 1

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._clock_s = 0.0
        self._rate = -1.0

    @property
    def torn(self) -> bool:
        return self._bench.scene.torn

    def _clk(self) -> JsonValue:
        pacer, mono = self._bench.run.pacer, self._bench.clock.monotonic()
        self._clock_s, self._rate = mono, 0.0 if pacer.frozen else pacer.speed
        return {"sim": round(self._bench.run.sim_s, 6), "mono": round(mono, 6), "rate": self._rate}

    def snap(self) -> Frame:
        return {"clk": self._clk(), **self._bench.scene.picture()}

    def ev(self) -> Frame | None:
        pacer = self._bench.run.pacer
        rate = 0.0 if pacer.frozen else pacer.speed
        changes = self._bench.scene.take()
        if not changes and rate == self._rate and self._bench.clock.monotonic() - self._clock_s < CLOCK_S:
            return None
        return {"clk": self._clk(), "ev": changes}


class TagsFeed:
    """`tags:<n>`: values with quality, the newest of each tag, computed tags included."""

    every = 4
    torn = False

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._changes = bench.view.changes()
        self._computed = [tag.index for tag in bench.view.tags if tag.computed]
        self._said: dict[int, JsonValue] = {}

    def snap(self) -> Frame:
        self._changes.take()
        rows: list[JsonValue] = []
        for index in range(len(self._bench.view.tags)):
            self._said[index] = row = self._row(index)
            rows.append(row)
        return {"v": rows}

    def ev(self) -> Frame | None:
        rows: list[JsonValue] = []
        for index in {*self._changes.take(), *self._computed}:
            row = self._row(index)
            if self._said.get(index) != row:
                self._said[index] = row
                rows.append(row)
        return {"v": rows} if rows else None

    def _row(self, index: int) -> JsonValue:
        return value_row(self._bench, index)


class PolledFeed:
    """`wires:<n>` and `faults:<n>`: said again whole whenever it changed."""

    torn = False

    def __init__(self, content: Callable[[], Frame], every: int) -> None:
        self._content, self.every = content, every
        self._said: Frame = {}

    def snap(self) -> Frame:
        self._said = self._content()
        return self._said

    def ev(self) -> Frame | None:
        now = self._content()
        if now == self._said:
            return None
        self._said = now
        return now


class AlarmsFeed:
    """`alarms:<n>`: every alarm, then those of which something happened."""

    every = 4
    torn = False

    def __init__(self, bench: Bench) -> None:
        self._board = bench.alarms
        self._events = self._board.events()
        self._run = ""
        self._bench = bench

    def snap(self) -> Frame:
        self._events.take()
        self._run = self._bench.run.folder_name
        return {"alarms": [alarm_row(self._board, now) for now in self._board.all_now()]}

    def ev(self) -> Frame | None:
        if self._run != self._bench.run.folder_name:  # reset: all of them are new
            return self.snap()
        names = dict.fromkeys(event.now.name for event in self._events.take())
        if not names:
            return None
        return {"alarms": [alarm_row(self._board, self._board.now(name)) for name in names]}


def feeds(bench: Bench) -> dict[str, Feed]:
    """The channels of a bench by the first part of their names."""
    return {
        "line": LineFeed(bench),
        "tags": TagsFeed(bench),
        "wires": PolledFeed(lambda: {"wires": bench.wires()}, 10),
        "alarms": AlarmsFeed(bench),
        "maintenance": PolledFeed(lambda: maintenance.progress(bench), 4),
        "faults": PolledFeed(lambda: active(bench), 4),
    }


def value_row(bench: Bench, index: int) -> JsonValue:
    """`[index, value, quality]`; a REAL is rounded to what is shown of it and a little more."""
    reading, tag = bench.view.read(index), bench.view.tags[index]
    value = reading.value
    if tag.type is DataType.REAL:
        value = round(value, tag.decimals + 1)
    return [index, value, reading.quality.value]
