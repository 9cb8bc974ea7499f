"""What the controller asks of a line: the part of `sim.line.Line` that it uses. Tests put a small one in its place."""

from collections.abc import Callable, Mapping
from typing import Protocol

from sim.alarms.state import AlarmNow
from sim.definition import LineDefinition
from sim.inputs import Input
from sim.link_faults import LinkState
from sim.maintenance.workshop import Workshop
from sim.refusal import Refusal
from sim.report import ComponentReport
from sim.state import JsonValue
from sim.tag import Reading, TagTable

Listener = Callable[[int, str, str | int, object], None]  # time in ns, kind, subject, what


class PacedLine(Protocol):
    """A line as its pacer sees it."""

    @property
    def now_ns(self) -> int: ...

    def next_due_ns(self) -> int | None: ...

    def advance(self, until_ns: int, more: Callable[[], bool] | None = None) -> bool: ...


class LiveLine(PacedLine, Protocol):
    """A line as a bench runs it."""

    @property
    def definition(self) -> LineDefinition: ...

    @property
    def tags(self) -> TagTable: ...

    @property
    def digest(self) -> str: ...

    @property
    def events(self) -> int: ...

    @property
    def faults(self) -> Mapping[str, Mapping[str, JsonValue]]: ...

    @property
    def operator_on(self) -> bool: ...

    def alarms(self) -> dict[str, AlarmNow]: ...

    def alarm(self, name: str) -> AlarmNow: ...

    def check(self, given: Input) -> tuple[Refusal | None, ...]: ...

    def apply(self, given: Input) -> None: ...

    def read(self, index: int) -> Reading: ...

    def control(self, station: str) -> str: ...

    @property
    def seed(self) -> int: ...

    def link(self, wire: str) -> LinkState: ...

    def listen(self, listener: Listener) -> None: ...

    def unlisten(self, listener: Listener) -> None: ...

    def announce(self, listener: Listener) -> None: ...

    def checkpoint(self) -> dict[str, JsonValue]: ...

    def layout(self) -> dict[str, JsonValue]: ...

    def components(self) -> list[ComponentReport]: ...

    @property
    def maintenance(self) -> Workshop: ...
