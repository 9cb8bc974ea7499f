"""The listening side of a device for a driver that subscribes: deaf as soon as its connection is over."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from devices.drivers.driver import Heard
from devices.drivers.point import Point


@dataclass(frozen=True, slots=True)
class Ear:
    """Implements `Sink` for one connection."""

    of_now: Callable[[], bool]
    hear: Callable[[Iterable[tuple[Point, Heard]]], None]
    live: Callable[[], None]
    end: Callable[[str], None]

    def heard(self, point: Point, heard: Heard) -> None:
        if self.of_now():
            self.hear(((point, heard),))

    def alive(self) -> None:
        if self.of_now():
            self.live()

    def lost(self, why: str) -> None:
        if self.of_now():
            self.end(why)
