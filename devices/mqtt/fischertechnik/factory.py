"""A line in the layout of matrix production, read through its tags: modules, vehicles, orders, jobs, stock.

Sans-I/O and read only; knows no topic. Words and numbers are those of docs/reference/orders.md. A line of one's own
that uses them is served as well, with the modules that it has.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from devices.endpoint import LineView
from sim.packml import State
from sim.tag import Value

COLOURS = ("WHITE", "RED", "BLUE")  # types 1 to 3
STORE, WAY_OUT, WAY_IN = 1, 6, 7  # numbers of modules and docks
ROUTES = {1: (2, 5), 2: (3, 5), 3: (2, 3, 4, 5)}  # modules between store and way out, by type
QUEUED, RUNNING, DONE, FAILED, CANCELLED = 1, 2, 3, 4, 5  # states of an order
IDS = uuid.UUID("6f1d2c0a-5d0e-4c3a-9a1b-2f8a7c5e9d10")  # name space of all ids: equal orders have equal ids


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """A place where a module takes and gives parts: its port, control's call of it, the number of its dock."""

    port: str
    call: str
    number: int
    commands: dict[int, str]  # number of the action -> the command that it is a part of
    last: frozenset[int]  # actions whose end is the end of their command; else it ends when the port is idle


def _seat(port: str, call: str, number: int, work: str) -> Seat:
    return Seat(port, call, number, {1: "PICK", 2: "DROP", 3: work}, frozenset({1, 3}))


@dataclass(frozen=True, slots=True)
class Module:
    """One module. PICK takes from a vehicle and DROP gives to one, at every module."""

    serial: str
    type: str
    station: str
    seats: tuple[Seat, ...]
    work: str = ""  # what it does beside PICK and DROP


MODULES = (
    # taking in begins with a pick at the dock and ends in the rack; bringing out begins there and ends on a vehicle
    Module(
        "HBW001", "HBW", "store",
        (Seat("port", "store", STORE, {1: "PICK", 3: "PICK", 4: "DROP", 2: "DROP"}, frozenset({3})),),
    ),
    Module("DRILL001", "DRILL", "drill", (_seat("port", "drill", 2, "DRILL"),), "DRILL"),
    Module("MILL001", "MILL", "mill", (_seat("port", "mill", 3, "MILL"),), "MILL"),
    Module("OVEN001", "OVEN", "oven", (_seat("port", "oven", 4, "FIRE"),), "FIRE"),
    Module("AIQS001", "AIQS", "quality", (_seat("port", "quality", 5, "CHECK_QUALITY"),), "CHECK_QUALITY"),
    Module(
        "DPS001", "DPS", "delivery",
        (
            Seat("out_port", "delivery", WAY_OUT, {1: "PICK", 3: "PICK"}, frozenset({3})),
            Seat("in_port", "intake", WAY_IN, {3: "DROP", 2: "DROP"}, frozenset()),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One line of the order desk."""

    number: int
    type: int
    quantity: int
    done: int
    state: int

    @property
    def open(self) -> bool:
        return self.state in (QUEUED, RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece that is being made: for which order, where it is, what its transport does."""

    order: int
    type: int
    stage: int
    at: int
    next: int
    trip: int  # state of its transport
    vehicle: int


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One AGV of the fleet."""

    number: int

    @property
    def serial(self) -> str:
        return f"AGV{self.number:03d}"

    def tag(self, signal: str) -> str:
        return f"fleet.agv_{self.number}_{signal}"


@dataclass(frozen=True, slots=True)
class Factory:
    """The line as the contract sees it."""

    view: LineView
    modules: tuple[Module, ...]
    vehicles: tuple[Vehicle, ...]
    jobs_total: int
    desk_lines: int
    _index: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, view: LineView) -> Self | None:
        """None where the line is none of that layout."""
        index = {tag.name: tag.index for tag in view.tags}
        modules = tuple(m for m in MODULES if all(f"{m.station}.{s.port}_action" in index for s in m.seats))
        if "orders.desk_request" not in index or not modules:
            return None
        return cls(
            view,
            modules,
            tuple(Vehicle(k) for k in _count(index, "fleet.agv_{}_state")),
            len(_count(index, "orders.job_{}_at")),
            len(_count(index, "orders.desk_line_{}_state")),
            index,
        )

    def has(self, name: str) -> bool:
        return name in self._index

    def index(self, name: str) -> int:
        return self._index[name]

    def value(self, name: str, default: Value = 0) -> Value:
        """The value of a tag now; `default` where the line has none of that name."""
        index = self._index.get(name)
        return default if index is None else self.view.read(index).value

    def number(self, name: str) -> int:
        return int(self.value(name))

    def indexes(self, *names: str) -> frozenset[int]:
        """Of those tags that the line has; a name that ends in a dot or underscore stands for all that begin so."""
        found = {self._index[name] for name in names if name in self._index}
        for start in names:
            if start[-1] in "._":
                found |= {index for name, index in self._index.items() if name.startswith(start)}
        return frozenset(found)

    def state(self, station: str) -> State | None:
        """The PackML state of a station, None before it has one."""
        number = self.number(f"{station}.state")
        return State(number) if number in State._value2member_map_ else None

    def serial_at(self, number: int) -> str | None:
        """The module that a dock or node belongs to."""
        for module in self.modules:
            if any(seat.number == number for seat in module.seats):
                return module.serial
        return None

    def module_of(self, number: int) -> Module | None:
        return next((m for m in self.modules for s in m.seats if s.number == number), None)

    def orders(self) -> Iterator[Order]:
        for k in range(1, self.desk_lines + 1):
            words = ("number", "type", "quantity", "done", "state")
            yield Order(*(self.number(f"orders.desk_line_{k}_{word}") for word in words))

    def jobs(self) -> Iterator[Job]:
        for k in range(1, self.jobs_total + 1):
            if not self.value(f"orders.job_{k}_taken"):
                continue
            job = [self.number(f"orders.job_{k}_{word}") for word in ("order", "type", "stage", "at", "next")]
            yield Job(*job, *(self.number(f"orders.trip_{k}_{word}") for word in ("state", "vehicle")))

    def job_at(self, numbers: tuple[int, ...]) -> Job | None:
        return next((job for job in self.jobs() if job.at in numbers and job.stage), None)

    def stock(self) -> Iterator[tuple[str, int]]:
        """Cells as the book has them, `A1` to `C3`, row by row from below, and the type in each; 0: empty."""
        for cell in range(1, 10):
            if self.has(f"store.book_cell_{cell}"):
                name = f"{'ABC'[(cell - 1) // 3]}{(cell - 1) % 3 + 1}"
                yield name, self.number(f"store.book_cell_{cell}")

    def order_id(self, number: int) -> str:
        """The same for the same order in every life of the endpoint; none is kept anywhere."""
        return str(uuid.uuid5(IDS, f"{self.view.bench}/{self.view.line}/{number}"))


def colour(type_: int) -> str | None:
    return COLOURS[type_ - 1] if 1 <= type_ <= len(COLOURS) else None


def _count(index: dict[str, int], pattern: str) -> list[int]:
    return [k for k in range(1, 100) if pattern.format(k) in index]
