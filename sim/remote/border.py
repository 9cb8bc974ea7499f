"""The border between two stations: the one place where parts come into a station, or go out of it, by themselves.

It is the entry of the receiving component, and asks the stand-ins of both stations besides. With both stations
simulated it adds nothing.
"""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from sim.kernel import Wakeable

if TYPE_CHECKING:
    from sim.handover import Sink


class Side(Protocol):
    """What a border asks of the station on either side, and tells it."""

    def lets_in(self) -> bool: ...

    def lets_out(self) -> bool: ...

    def comes(self, serial: int) -> None: ...

    def goes(self, serial: int) -> None: ...

    def stays(self) -> None: ...

    def entered(self, serial: int) -> None: ...

    def left(self, serial: int) -> None: ...


@runtime_checkable
class Holder(Protocol):
    """A component that parts are in, the foremost first."""

    def holds(self) -> list[int]: ...


class Border:
    """A `Sink` before another one. `giver` and `taker` are set once all stations stand."""

    def __init__(self, sink: "Sink", giver: str) -> None:
        self.sink, self.giver = sink, giver
        self.station = sink.station
        self.feeders: list[tuple[Wakeable, int]] = []
        self.giving: Side | None = None
        self.taking: Side | None = None

    def room(self) -> bool:
        if not self.sink.room():
            return False
        out = self.giving is None or self.giving.lets_out()
        return out and (self.taking is None or self.taking.lets_in())

    def reserve(self, serial: int) -> None:
        if self.giving is not None:
            self.giving.goes(serial)
        if self.taking is not None:
            self.taking.comes(serial)
        self.sink.reserve(serial)

    def release(self) -> None:
        for side in (self.giving, self.taking):
            if side is not None:
                side.stays()
        self.sink.release()

    def put(self, serial: int) -> None:
        if self.giving is not None:
            self.giving.left(serial)
        if self.taking is not None:
            self.taking.entered(serial)
        self.sink.put(serial)

    def fed_by(self, member: Wakeable, slot: int) -> None:
        self.feeders.append((member, slot))
        self.sink.fed_by(member, slot)

    @property
    def foremost(self) -> int:
        """The part that would come next, 0 where there is none."""
        for member, _ in self.feeders:
            if isinstance(member, Holder):
                for serial in member.holds():
                    return serial
        return 0

    def call(self, now_ns: int) -> None:
        """Those who bring parts may ask again."""
        for member, slot in self.feeders:
            member.wake(slot, now_ns)
