"""What a connection is made from: URL, options, times; and what a driver's module offers. Opens nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from devices.drivers.discovery import Discovery, ProbeLimits
from devices.drivers.driver import Driver
from devices.drivers.reason import TargetError
from devices.endpoint import Clock

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Target:
    """One device: `modbus-tcp://192.168.0.5:502/1` and what its URL has no place for (user, password, certificates).

    An option in the query of the URL counts unless it is given in `options` too.
    """

    url: str
    options: Mapping[str, Option] = field(default_factory=dict)
    store: Path | None = None  # where a driver that needs certificates keeps them unless an option says where

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0].lower()

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def port(self, default: int) -> int:
        try:
            return urlsplit(self.url).port or default
        except ValueError as error:
            raise TargetError(f"{self.url}: {error}") from None

    def option(self, name: str, default: str = "") -> str:
        if name in self.options:
            return str(self.options[name])
        return dict(parse_qsl(urlsplit(self.url).query)).get(name, default)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """An option that is a number within limits."""
        said = self.option(name, str(default))
        try:
            value = float(said)
        except ValueError:
            raise TargetError(f"{self.url}: {name} is {said!r}, which is no number") from None
        if not low <= value <= high:
            raise TargetError(f"{self.url}: {name} is {said}, allowed is {low:g} to {high:g}")
        return value

    def known(self, *names: str) -> None:
        """Refuses an option that this driver does not have."""
        for name in [*self.options, *dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))]:
            if name not in names:
                raise TargetError(f"{self.url}: there is no option {name!r}; there are {', '.join(sorted(names))}")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds and counts that make up what a device promises.

    A point is `stale` at most `answer_s` after the request that got no answer was sent, and `bad` as soon as the
    connection is known to be gone: at once where the device closes it, after `lost_after` silent requests where it does
    not (a driver that subscribes: after `lost_after` x `answer_s` without a sign of life). A command that could not be
    sent within `command_s` is dropped; one that was sent and not answered ends the connection.
    """

    answer_s: float = 1.0  # time-out of one request
    open_s: float = 3.0  # time-out of connecting, session included
    lost_after: int = 3  # silent requests in a row: the connection counts as lost
    stale_cycles: float = 3.0  # a group that brought nothing for so many cycles (and 2 x `answer_s`) is stale
    command_s: float = 1.0  # how long a command is good for while it waits to be sent
    retry_s: float = 0.5  # before the first attempt to reconnect; doubles
    retry_most_s: float = 10.0
    most_waiting: int = 64  # calls of `write_many` that may wait at once

    def stale_s(self, cycle_s: float) -> float:
        """How long a point may bring nothing."""
        return max(self.stale_cycles * cycle_s, 2 * self.answer_s)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the module of a URL scheme offers, as its `KIND`."""

    scheme: str
    make: Callable[[Target, Timing, Clock], Driver]  # opens nothing; raises `TargetError`
    discover: Callable[[Target, Timing, Clock, ProbeLimits], Awaitable[Discovery]]  # raises `TargetError`, `Lost`
