"""The contract between `Device`, which owns the loop, and a driver, which does one connection's work.

A driver neither loops, retries, reconnects nor logs: it does what it is asked once, and says how it went. Its library's
own reconnecting and retrying are switched off. It is asked for one thing at a time. `open` and `close` may be
called again and again, `close` in any state. A blocking library is in one worker thread of the driver's own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from devices.drivers.point import Group, Point, Write
from devices.drivers.reason import Reason
from sim.tag import Value


class Raw(NamedTuple):
    """A value as the device holds it: before scale, offset and invert, after type and word order."""

    value: Value
    device_time: datetime | None = None  # UTC
    doubt: str = ""  # the device itself calls the value uncertain, and why


Heard = Raw | Reason  # of one point: a value, or why there is none (REFUSED, TYPE ...)


class Block(Protocol):
    """One request of a plan. Only the driver that made it knows more of it."""

    @property
    def points(self) -> tuple[Point, ...]:
        """Those that the request brings, in the order of `Polled.read`'s answer."""
        ...


class Driver(Protocol):
    """What all drivers do."""

    async def open(self) -> None:
        """Connect, session and log-in included. Raises `Lost` with a reason that a person can act on."""
        ...

    async def close(self) -> None:
        """End the connection and drop what was not sent yet, so that no cable brings it later. Raises nothing."""
        ...

    async def write(self, writes: Sequence[Write]) -> Sequence[Reason | None]:
        """Write in this order, with the fewest requests. One answer each, None: the device has confirmed it.

        Raises `Silent` or `Lost`: then the outcome of all of them counts as unknown.
        """
        ...


@runtime_checkable
class Polled(Driver, Protocol):
    """A driver that is asked for values: Modbus, S7."""

    def plan(self, points: Sequence[Point]) -> Sequence[Block]:
        """The fewest requests that bring these points. Does no I/O. Raises `PointError`."""
        ...

    async def read(self, block: Block) -> Sequence[Heard]:
        """One request. Raises `Silent` or `Lost`."""
        ...


@runtime_checkable
class Examining(Protocol):
    """A driver that can tell without a connection whether addresses have a meaning: all but those that only plan."""

    def examine(self, points: Sequence[Point]) -> None:
        """Raises `PointError`, of reading and of writing places."""
        ...


class Sink(Protocol):
    """Where a driver that subscribes says what it hears. Called in the loop, never after `close` has returned."""

    def heard(self, point: Point, heard: Heard) -> None: ...

    def alive(self) -> None:
        """The connection lives although nothing changed: a keep-alive came, and what is known still holds.

        Between two calls of `heard` or `alive` no more than `Timing.answer_s` may pass while all is well.
        """
        ...

    def lost(self, why: str) -> None:
        """The connection is gone. `close` and later `open` and `subscribe` follow."""
        ...


@runtime_checkable
class Pushed(Driver, Protocol):
    """A driver that is told of changes: OPC UA subscriptions, MQTT."""

    async def subscribe(self, groups: Sequence[Group], sink: Sink) -> None:
        """Ask for all points, each at its group's cycle; called once after each `open`. Raises `PointError`, `Lost`.

        A point that the device refuses is told to the sink as a `Reason`, and the others go on.
        """
        ...
